/** The next seven days: what maintenance would create and retire on each. */

import { counted } from "../../format";
import type { Resource } from "../../resource";
import type { Day, Days } from "../../types";
import { Name, Panel, Ready } from "../../ui";

export function DaysPanel({ days }: { days: Resource<Days> }) {
  return (
    <Panel title="Next seven days">
      <Ready resource={days} lines={4}>
        {({ items }) =>
          items.every((day) => day.create === 0 && day.retire === 0) ? (
            <p className="text-sm">Nothing becomes due.</p>
          ) : (
            <ol className="flex flex-col text-sm">
              {items.map((day) => (
                <DayLine key={day.day} day={day} />
              ))}
            </ol>
          )
        }
      </Ready>
    </Panel>
  );
}

function DayLine({ day }: { day: Day }) {
  const { create, retire, names } = day;
  const quiet = create === 0 && retire === 0;
  const sum = (
    <>
      <time dateTime={day.day} className="w-24 shrink-0 digits">
        {day.day}
      </time>
      {quiet && <span className="text-soft">nothing</span>}
      {create > 0 && <span className="text-ok">+ {counted(create, "partition")}</span>}
      {retire > 0 && <span className="text-crit">− {counted(retire, "partition")}</span>}
    </>
  );
  return (
    <li className="border-b border-line last:border-b-0">
      {names.length === 0 ? (
        <p className="flex min-h-8 flex-wrap items-center gap-x-3">{sum}</p>
      ) : (
        <details>
          <summary className="flex min-h-8 flex-wrap items-center gap-x-3">
            {sum}
            <span aria-hidden="true" className="text-soft">
              ▾
            </span>
          </summary>
          <ul className="pb-2 pl-4 text-xs break-words">
            {names.map((name) => (
              <li key={name}>
                <Name>{name}</Name>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
