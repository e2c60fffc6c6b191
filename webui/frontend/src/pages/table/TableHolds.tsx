/** The holds on partitions of one table; nothing where there are none. */

import { useResource } from "../../resource";
import { Link } from "../../router";
import type { Holds } from "../../types";
import { Badge, Name, Panel, Ready, Time } from "../../ui";

export function TableHolds({ table }: { table: string }) {
  const holds = useResource<Holds>("holds");
  const mine = (holds.data?.items ?? []).filter((each) => each.table === table);
  return (
    <Panel
      title="Holds"
      actions={
        <Link to="/bin" className="target">
          All holds
        </Link>
      }
    >
      <Ready resource={holds} lines={2}>
        {() =>
          mine.length === 0 ? (
            <p className="text-sm">No partition of this table is held.</p>
          ) : (
            <ul className="flex flex-col gap-2 text-sm">
              {mine.map((each) => (
                <li key={each.partition} className="break-words">
                  <Name>{each.partition}</Name>
                  {": "}
                  {each.reason ?? "no reason given"}
                  {each.until !== null && (
                    <>
                      , until <Time iso={each.until} absolute />
                    </>
                  )}{" "}
                  {each.overdue && (
                    <Badge tone="warn" glyph="▲">
                      over
                    </Badge>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Ready>
    </Panel>
  );
}
