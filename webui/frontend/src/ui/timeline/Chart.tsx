/** One drawing of a timeline: its bars, its gaps, its rules and what is selected. */

import { type MouseEvent, memo, useId } from "react";
import { type Bar, barsOf, peakOf, rulesOf, type Sizes, stripesOf, type View, xOf } from "./bars";
import type { Model } from "./model";

export interface ChartProps {
  model: Model;
  view: View;
  width: number;
  height: number;
  linear: boolean;
  /** What is selected, on the axis. */
  selected: View | null;
  /** Labels at the rules; a lane only shows the lines. */
  ruled?: boolean;
  /** Says what it is, for screen readers. */
  label: string;
  onPick: (x: number) => void;
}

const LOOKS: Record<Bar["when"], string> = {
  past: "draw text-bar",
  current: "draw text-bar stroke-ink",
  future: "draw-future text-bar-future",
};

const RULE_LOOKS = {
  keeps: "text-warn",
  now: "text-ink",
  runway: "text-crit",
} as const;

const HEAD = 14;

export const Chart = memo(function Chart({
  model,
  view,
  width,
  height,
  linear,
  selected,
  ruled = false,
  label,
  onPick,
}: ChartProps) {
  const hatch = useId();
  const rules = rulesOf(model, view, width);
  const head = ruled ? HEAD * Math.max(1, ...rules.map(({ row }) => row + 1)) + 4 : 2;
  const sizes: Sizes = { width, height: height - head, linear };
  const bars = barsOf(model.slots, view, peakOf(model.slots, view), sizes);
  const pick = (event: MouseEvent<SVGSVGElement>) =>
    onPick(event.clientX - event.currentTarget.getBoundingClientRect().left);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the timeline around it
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={label}
      onClick={pick}
      className="block cursor-pointer"
    >
      <Hatch id={hatch} />
      {bars.map((bar) => (
        <Rect key={bar.first} bar={bar} height={height} />
      ))}
      {stripesOf(model.holes, view, width).map(({ x, width: wide, hole }) => (
        <rect
          key={`${hole.gap.lower} ${hole.gap.tenant}`}
          data-part="gap"
          x={x}
          y={head}
          width={wide}
          height={height - head}
          fill={`url(#${hatch})`}
          className="stroke-crit"
        />
      ))}
      {rules.map(({ kind, x, text, anchor, row }) => (
        <g key={kind} className={`rule ${RULE_LOOKS[kind]}`} data-part={kind}>
          <line
            x1={x}
            x2={x}
            y1={ruled ? row * HEAD : 0}
            y2={height}
            stroke="currentColor"
            strokeDasharray={kind === "now" ? undefined : "4 3"}
          />
          {ruled && (
            <text
              x={anchor === "end" ? x - 4 : x + 4}
              y={row * HEAD + 11}
              textAnchor={anchor}
              fill="currentColor"
              fontSize="11"
            >
              {text}
            </text>
          )}
        </g>
      ))}
      {selected && <Mark selected={selected} view={view} width={width} top={head} foot={height} />}
    </svg>
  );
});

function Rect({ bar, height }: { bar: Bar; height: number }) {
  const { x, width, when } = bar;
  // The outline of the current one lies inside its own place.
  const inset = when === "current" && width > 4 ? 0.75 : 0;
  const rect = (
    <rect
      data-part="bar"
      data-when={when}
      data-slot={bar.first}
      className={LOOKS[when]}
      fill="currentColor"
      strokeWidth={when === "current" ? 1.5 : undefined}
      x={x + inset}
      y={height - bar.height + inset}
      width={Math.max(1, width - 2 * inset)}
      height={Math.max(1, bar.height - 2 * inset)}
    />
  );
  if (bar.cuts.length === 0 || width < 4) return rect;
  return (
    <g>
      {rect}
      {bar.cuts.map((cut, at) => (
        <line
          // biome-ignore lint/suspicious/noArrayIndexKey: a cut is its place
          key={at}
          x1={x}
          x2={x + width}
          y1={height - cut}
          y2={height - cut}
          className="stroke-surface"
        />
      ))}
    </g>
  );
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={id}
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
        className="text-crit"
      >
        <line x1="1.5" x2="1.5" y1="0" y2="6" stroke="currentColor" strokeWidth="2.5" />
      </pattern>
    </defs>
  );
}

interface MarkProps {
  selected: View;
  view: View;
  width: number;
  top: number;
  foot: number;
}

function Mark({ selected, view, width, top, foot }: MarkProps) {
  const x = Math.max(0, xOf(selected.from, view, width));
  const end = Math.min(width, xOf(selected.to, view, width));
  if (end <= 0 || x >= width) return null;
  return (
    <rect
      data-part="selected"
      x={x + 1}
      y={top + 1}
      width={Math.max(3, end - x - 2)}
      height={Math.max(2, foot - top - 2)}
      fill="none"
      className="stroke-accent"
      strokeWidth="2"
    />
  );
}
