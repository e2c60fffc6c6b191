/**
 * The partitions of a table along its axis, with their sizes, gaps and tenants.
 *
 * The grid below it is the same in words; what is selected is one thing for both.
 */

import { type KeyboardEvent, memo, useId, useMemo, useState } from "react";
import { counted } from "../../format";
import type { Partitions } from "../../types";
import { Button } from "../Button";
import { barsOf, labelsOf, peakOf, placeAt, type View } from "./bars";
import { Chart } from "./Chart";
import { Lanes } from "./Lanes";
import { lanesOf } from "./lanes";
import { type Model, modelOf } from "./model";
import {
  moved,
  panned,
  type Stop,
  showing,
  span,
  stopAt,
  stopNamed,
  stopsOf,
  viewFrom,
  viewText,
  zoomed,
} from "./stops";
import { useWidth } from "./useWidth";
import { placeText, stopText } from "./words";

export interface TimelineProps {
  data: Partitions;
  /** The partition that is selected. */
  selected: string | null;
  onSelect: (name: string | null) => void;
  /** To look at it more closely: Enter. */
  onOpen: (name: string) => void;
  /** What is in view, as an address has it; null: everything. */
  zoom: string | null;
  onZoom: (zoom: string | null) => void;
}

const HEIGHT = 150;
const KEYS =
  "Arrow keys go from partition to partition, with Shift by ten; Home and End to the first and " +
  "the last, n to now, g to the next gap; plus and minus zoom; Enter opens it in the grid.";

export const Timeline = memo(function Timeline(props: TimelineProps) {
  const { data, selected, onSelect, onOpen, zoom, onZoom } = props;
  const [element, width] = useWidth<HTMLDivElement>();
  const [linear, setLinear] = useState(false);
  const [hole, setHole] = useState<string | null>(null);
  const help = useId();
  const model = useMemo(() => modelOf(data), [data]);
  const lanes = useMemo(() => lanesOf(data), [data]);
  const stops = useMemo(() => stopsOf(model), [model]);
  const view = viewFrom(zoom, model.domain);
  const at = hole === null ? stopNamed(stops, selected) : holeAt(stops, hole);
  const stop = stops[at] ?? null;
  const look = (next: View) => onZoom(isWhole(next, model) ? null : viewText(next));
  const select = (index: number) => {
    const next = stops[index];
    if (next === undefined) return;
    setHole(next.hole === null ? null : holeKey(next));
    onSelect(next.slot?.partitions[0]?.name ?? null);
    const seen = showing(view, span(next), model.domain);
    if (seen !== view) look(seen);
  };
  const nearer = (factor: number) => {
    const middle = stop === null ? (view.from + view.to) / 2 : centre(span(stop));
    look(zoomed(view, factor, middle, model.domain, least(model)));
  };
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") nearer(0.5);
    else if (event.key === "-") nearer(2);
    else if (event.key === "Enter" && stop?.slot) onOpen(stop.slot.partitions[0]!.name);
    else {
      const next = moved(stops, at, event.key, event.shiftKey, model.now);
      if (next === null && event.key !== "g" && event.key !== "n") return;
      if (next !== null) select(next);
    }
    event.preventDefault();
  };
  const pick = (x: number) => select(stopAt(stops, placeAt(x, view, width)));
  const shared = { view, width, linear, onPick: pick };
  return (
    <div className="flex flex-col gap-1">
      <Tools
        linear={linear}
        onLinear={() => setLinear(!linear)}
        whole={zoom === null}
        onNearer={nearer}
        onPan={(share) => look(panned(view, share, model.domain))}
        onNow={model.now === null ? null : () => select(stopAt(stops, model.now!))}
        onAll={() => onZoom(null)}
      />
      <p id={help} className="sr-only">
        {KEYS}
      </p>
      <div
        ref={element}
        role="application"
        aria-label="Timeline of the partitions"
        aria-describedby={help}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys that its help names
        tabIndex={0}
        onKeyDown={keys}
        className="min-w-0 overflow-hidden"
      >
        {width > 0 && (
          <>
            <Chart
              {...shared}
              model={model}
              height={HEIGHT}
              selected={stop && span(stop)}
              ruled
              label={summary(model, data)}
            />
            <Labels model={model} view={view} width={width} timezone={data.timezone} />
          </>
        )}
        {width === 0 && <div className="h-[170px]" />}
      </div>
      <p aria-live="polite" className="min-h-5 text-sm break-words">
        {stop === null ? (
          <span className="text-soft">{summary(model, data)}</span>
        ) : (
          stopText(stop, data.axis, data.timezone)
        )}
      </p>
      {width > 0 && (
        <Lanes
          {...shared}
          lanes={lanes}
          data={data}
          selected={stop && span(stop)}
          onSelect={onSelect}
        />
      )}
    </div>
  );
});

const centre = ({ from, to }: View): number => (from + to) / 2;

const isWhole = (view: View, { domain: [low, high] }: Model): boolean =>
  view.from <= low && view.to >= high;

const holeKey = (stop: Stop): string => `${stop.hole!.gap.lower} ${stop.hole!.gap.tenant}`;

const holeAt = (stops: readonly Stop[], key: string): number =>
  stops.findIndex((stop) => stop.hole !== null && holeKey(stop) === key);

/** The nearest that one can look: three partitions of middle length. */
function least({ slots, domain: [low, high] }: Model): number {
  const lengths = slots.map(({ from, to }) => to - from).sort((one, other) => one - other);
  const middle = lengths[lengths.length >> 1] ?? high - low;
  return Math.max(middle * 3, (high - low) / 1e6);
}

/** What is drawn, in a sentence. */
function summary({ slots, holes, axis }: Model, { timezone, total }: Partitions): string {
  const gaps = holes.length === 0 ? "no gap" : counted(holes.length, "gap");
  const sum = `${counted(total, "partition")}, ${gaps}`;
  const [first, last] = [slots[0]?.partitions[0], slots[slots.length - 1]?.partitions[0]];
  if (axis === "none" || !first || !last) return `${sum}.`;
  const [from, to] = [first.lower, last.upper].map((text) => placeText(text, axis, timezone));
  return `${from} … ${to}: ${sum}.`;
}

interface LabelsProps {
  model: Model;
  view: View;
  width: number;
  timezone: string;
}

const TICK = 5;

/** Dates, each under the left edge of its bar. */
function Labels({ model, view, width, timezone }: LabelsProps) {
  const sizes = { width, height: 1, linear: true };
  const bars = barsOf(model.slots, view, peakOf(model.slots, view), sizes);
  const labels = labelsOf(bars, (slot) => text(model, slot, timezone), width);
  return (
    <svg width={width} height={20} aria-hidden="true" className="block text-soft">
      <line x1={0} x2={width} y1={0.5} y2={0.5} className="stroke-edge" />
      {labels.map(({ x, text: words, slot }) => (
        <g key={slot}>
          <line x1={x + 0.5} x2={x + 0.5} y1={0} y2={TICK} stroke="currentColor" />
          <text data-part="label" data-slot={slot} x={x} y={16} fill="currentColor" fontSize="11">
            {words}
          </text>
        </g>
      ))}
    </svg>
  );
}

function text({ slots, axis }: Model, slot: number, timezone: string): string {
  const row = slots[slot]!.partitions[0]!;
  if (row.lower !== null) return placeText(row.lower, axis, timezone);
  if (axis !== "none") return "…";
  const name = row.tenant ?? row.name.slice(row.name.indexOf(".") + 1);
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

interface ToolsProps {
  linear: boolean;
  onLinear: () => void;
  whole: boolean;
  onNearer: (factor: number) => void;
  onPan: (share: number) => void;
  onNow: (() => void) | null;
  onAll: () => void;
}

function Tools({ linear, onLinear, whole, onNearer, onPan, onNow, onAll }: ToolsProps) {
  return (
    <div className="no-print flex flex-wrap items-center justify-end gap-1">
      <Button kind="quiet" aria-pressed={linear} onClick={onLinear} className="mr-auto">
        {linear ? "Sizes: linear" : "Sizes: square root"}
      </Button>
      {!whole && (
        <>
          <Button kind="quiet" aria-label="Earlier" onClick={() => onPan(-0.5)}>
            ◀
          </Button>
          <Button kind="quiet" aria-label="Later" onClick={() => onPan(0.5)}>
            ▶
          </Button>
        </>
      )}
      <Button aria-label="Zoom out" onClick={() => onNearer(2)} disabled={whole}>
        −
      </Button>
      <Button aria-label="Zoom in" onClick={() => onNearer(0.5)}>
        +
      </Button>
      {onNow && <Button onClick={onNow}>Now</Button>}
      <Button onClick={onAll} disabled={whole}>
        All
      </Button>
    </div>
  );
}
