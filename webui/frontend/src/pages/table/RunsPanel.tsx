/** The last runs that touched a table. */

import { counted } from "../../format";
import { useResource } from "../../resource";
import { runPath } from "../../route";
import { Link } from "../../router";
import type { RunShown, Runs } from "../../types";
import { Panel, Ready, Time } from "../../ui";
import { Result } from "../runs/Result";

export function RunsPanel({ table }: { table: string }) {
  const runs = useResource<Runs>("runs", { table, limit: 5 });
  return (
    <Panel
      title="Recent runs"
      actions={
        <Link to={`/runs?table=${encodeURIComponent(table)}`} className="target">
          All of them
        </Link>
      }
    >
      <Ready resource={runs} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-sm">None yet.</p>
          ) : (
            <ul className="flex flex-col text-sm">
              {items.slice(0, 5).map((run) => (
                <Line key={run.id} run={run} />
              ))}
            </ul>
          )
        }
      </Ready>
    </Panel>
  );
}

function Line({ run }: { run: RunShown }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line py-1.5 last:border-b-0">
      <Link to={runPath(run.id)} className="target">
        Run {run.id}
      </Link>
      <Result word={run.result} />
      <span className="text-soft">
        <Time iso={run.started_at} />, {run.command} by {run.actor},{" "}
        {counted(run.done, "operation")}
      </span>
      {run.message && <span className="w-full break-words text-soft">{run.message}</span>}
    </li>
  );
}
