/** The keys, and the switch that turns them off. */

import { useKeysOn } from "../keys";
import { Dialog } from "../ui";

const EVERYWHERE = [
  ["/ or Ctrl K", "jump to a table, a run or a page"],
  ["g t", "tables"],
  ["g r", "runs"],
  ["g b", "bin and holds"],
  ["g a", "actions"],
  ["g p", "plugins"],
  ["j  k", "next and previous row; Enter opens it"],
  ["p", "on the page of a table: preview its plan"],
  ["r", "refresh now"],
  [".", "pause, or go on"],
  ["t", "colours: as the system, light, dark"],
  ["Esc", "close what is open"],
  ["?", "this help"],
] as const;

const TIMELINE = [
  ["← →", "the partition before and after; with Shift ten"],
  ["Home End", "the first and the last partition"],
  ["n", "now"],
  ["g", "the next gap"],
  ["+ −", "nearer and farther"],
  ["Enter", "show the partition in the grid"],
] as const;

const GRID = [
  ["↑ ↓", "the row before and after"],
  ["PgUp PgDn", "a page up and down"],
  ["Home End", "the first and the last row"],
  ["y", "copy the name"],
  ["Enter", "show all of the partition"],
] as const;

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [on, setOn] = useKeysOn();
  return (
    <Dialog title="Keys" open={open} onClose={onClose}>
      <Keys keys={EVERYWHERE} />
      <Keys title="In the timeline of a table" keys={TIMELINE} />
      <Keys title="In the grid of its partitions" keys={GRID} />
      <label className="mt-3 flex min-h-8 items-center gap-2 text-sm">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => setOn(event.target.checked)}
          className="size-4"
        />
        Keys without Ctrl work (kept in this browser)
      </label>
    </Dialog>
  );
}

interface KeysProps {
  title?: string;
  keys: readonly (readonly [key: string, what: string])[];
}

function Keys({ title, keys }: KeysProps) {
  return (
    <table className="mb-3 w-full text-sm">
      <caption className={title ? "text-left font-semibold" : "sr-only"}>{title ?? "Keys"}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Key</th>
          <th scope="col">What it does</th>
        </tr>
      </thead>
      <tbody>
        {keys.map(([key, what]) => (
          <tr key={key}>
            <th
              scope="row"
              className="w-28 py-1 pr-4 text-left font-mono font-normal whitespace-nowrap"
            >
              <kbd>{key}</kbd>
            </th>
            <td className="py-1">{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
