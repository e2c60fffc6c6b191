/** The DEFAULT partition: whether rows landed in it, and how they get out. */

import { useFeature } from "../../me";
import type { TableSummary } from "../../types";
import { Bytes, Code, Name, Notice, Panel, Rows } from "../../ui";

export function DefaultPanel({ table }: { table: TableSummary }) {
  const part = table.default;
  const drains = useFeature("drain");
  // An estimate, also where somebody looked: it says how many, never whether.
  const some = (part.rows ?? 0) > 0;
  return (
    <Panel title="DEFAULT partition">
      {!part.exists && (
        <p className="text-sm">There is none: a row that no partition holds is refused.</p>
      )}
      {part.exists && part.empty && (
        <p className="text-sm">
          <span aria-hidden="true" className="text-ok">
            ●{" "}
          </span>
          <Name>{part.name ?? "DEFAULT"}</Name> is empty.
        </p>
      )}
      {part.exists && part.empty === null && !some && (
        <p className="text-sm">
          <Name>{part.name ?? "DEFAULT"}</Name> was not looked at (<Bytes value={part.bytes} />
          ).
        </p>
      )}
      {part.exists && part.empty !== true && (part.empty === false || some) && (
        <div className="flex flex-col gap-2 text-sm">
          <Notice
            tone="warn"
            title={
              <>
                {part.empty === null && "By an estimate, "}
                {some ? (
                  <>
                    <Rows value={part.rows} /> rows
                  </>
                ) : (
                  "Rows"
                )}
                , <Bytes value={part.bytes} />, lie in <Name>{part.name ?? "DEFAULT"}</Name>
              </>
            }
          >
            A partition for their ranges cannot be made before they are moved.
          </Notice>
          {drains && (
            <>
              <p>This moves them into partitions of their own, a few at a time:</p>
              <Code text={`partman drain ${quoted(table.id)}`} />
            </>
          )}
        </div>
      )}
    </Panel>
  );
}

/** A name of a table for a shell: in quotes where it has more than letters, digits, dot, dash. */
export function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
