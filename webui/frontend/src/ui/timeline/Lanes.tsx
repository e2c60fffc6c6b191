/** A lane for each tenant below the whole: the eight worst, the others on demand. */

import { useState } from "react";
import { bytes, counted, inZone } from "../../format";
import type { Partitions } from "../../types";
import { Button } from "../Button";
import { placeAt, type View } from "./bars";
import { Chart } from "./Chart";
import type { Lane } from "./lanes";
import { stopAt, stopsOf } from "./stops";

export interface LanesProps {
  lanes: readonly Lane[];
  data: Partitions;
  view: View;
  width: number;
  linear: boolean;
  selected: View | null;
  onSelect: (name: string) => void;
}

const FIRST = 8;
const MORE = 50;
const HEIGHT = 34;

export function Lanes({ lanes, data, selected, onSelect, ...shared }: LanesProps) {
  const [shown, setShown] = useState(FIRST);
  if (lanes.length === 0) return null;
  const rest = lanes.length - shown;
  return (
    <div className="mt-2 flex flex-col gap-2">
      <h3 className="text-xs font-medium text-soft">Tenants, the worst first</h3>
      <ul className="flex flex-col gap-2">
        {lanes.slice(0, shown).map((lane) => (
          <li key={lane.tenant}>
            <p className="flex flex-wrap gap-x-3 text-xs">
              <span className="font-semibold break-all">{lane.tenant}</span>
              <span className="text-soft">{laneText(lane, data)}</span>
              {lane.model.holes.length > 0 && (
                <span className="font-semibold text-crit">
                  ■ {counted(lane.model.holes.length, "gap")}
                </span>
              )}
            </p>
            <Chart
              {...shared}
              model={lane.model}
              height={HEIGHT}
              selected={selected}
              label={`Tenant ${lane.tenant}: ${laneText(lane, data)}`}
              onPick={(x) => {
                const stops = stopsOf(lane.model);
                const at = stopAt(stops, placeAt(x, shared.view, shared.width));
                const name = stops[at]?.slot?.partitions[0]?.name;
                if (name !== undefined) onSelect(name);
              }}
            />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button kind="quiet" className="w-fit" onClick={() => setShown(shown + MORE)}>
          {rest > MORE ? `Show ${MORE} of ${rest} more tenants` : `Show ${rest} more`}
        </Button>
      )}
      {shown > FIRST && (
        <Button kind="quiet" className="w-fit" onClick={() => setShown(FIRST)}>
          Only the {FIRST} worst
        </Button>
      )}
    </div>
  );
}

function laneText({ model, end, bytes: size }: Lane, { axis, timezone }: Partitions): string {
  const sum = `${counted(model.slots.length, "partition")}, ${bytes(size)}`;
  if (end === null) return sum;
  if (end === model.now) return `${sum}, none holds now`;
  const place = axis === "time" ? inZone(new Date(end).toISOString(), timezone) : String(end);
  return `${sum}, until ${place}`;
}
