/** What a timeline shows, as numbers on its axis: nothing here knows of pixels. */

import type { Axis, Gap, PartitionRow, Partitions } from "../../types";

/** Where a partition stands to the present; on an axis without one all are `past`. */
export type When = "past" | "current" | "future";

/** One place on the axis, with the partitions that lie exactly there (one of each tenant). */
export interface Slot {
  from: number;
  to: number;
  partitions: PartitionRow[];
  bytes: number;
  /** Sizes of what each is partitioned into again; empty: it is not. */
  parts: number[];
  when: When;
}

/** A gap, on the axis. */
export interface Hole {
  from: number;
  to: number;
  gap: Gap;
}

export interface Model {
  axis: Axis;
  /** In order of the axis. */
  slots: Slot[];
  holes: Hole[];
  now: number | null;
  keepsFrom: number | null;
  runwayEnd: number | null;
  domain: readonly [from: number, to: number];
}

/** Where *text* lies on *axis*: milliseconds, or the number; null: nowhere. */
export function point(text: string | null, axis: Axis): number | null {
  if (text === null || axis === "none") return null;
  const value = axis === "time" ? Date.parse(text) : Number(text);
  return Number.isFinite(value) ? value : null;
}

interface Spanned {
  row: PartitionRow;
  from: number | null;
  to: number | null;
}

/** The timeline of *data*, or of its partitions *rows* and its *gaps* only. */
export function modelOf(
  data: Partitions,
  rows: readonly PartitionRow[] = data.items,
  gaps: readonly Gap[] = data.gaps,
): Model {
  const { axis } = data;
  const at = (text: string | null) => point(text, axis);
  const spanned = axis === "none" ? [] : spans(rows, at);
  const holes = gaps
    .map((gap) => ({ from: at(gap.lower), to: at(gap.upper), gap }))
    .filter((hole): hole is Hole => hole.from !== null && hole.to !== null)
    .sort((one, other) => one.from - other.from);
  const [now, keepsFrom, runwayEnd] = [at(data.now), at(data.keeps_from), at(data.runway_end)];
  const marks = [now, runwayEnd, ...holes.flatMap(({ from, to }) => [from, to])];
  const domain = axis === "none" ? null : domainOf(spanned, marks);
  const inside = within(rows, axis);
  const slots = domain === null ? categories(rows, inside) : placed(spanned, domain, now, inside);
  return {
    axis,
    slots,
    holes,
    now,
    keepsFrom,
    runwayEnd,
    domain: domain ?? [0, Math.max(1, slots.length)],
  };
}

/** The partitions that have a place of their own: what lies within another such one has none. */
function spans(rows: readonly PartitionRow[], at: (text: string | null) => number | null) {
  const found = new Map<string, Spanned>();
  for (const row of rows) {
    if (row.state === "default") continue;
    const spanned = { row, from: at(row.lower), to: at(row.upper) };
    if (spanned.from !== null || spanned.to !== null) found.set(row.name, spanned);
  }
  return [...found.values()].filter(({ row }) => row.parent === null || !found.has(row.parent));
}

/** From the first to the last place; one-sided bounds end where the others do. */
function domainOf(
  spanned: readonly Spanned[],
  marks: readonly (number | null)[],
): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const see = (value: number | null) => {
    if (value === null) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const { from, to } of spanned) {
    see(from);
    see(to);
  }
  for (const mark of marks) see(mark);
  if (low > high) return [0, 1];
  return low === high ? [low, low + 1] : [low, high];
}

/** The parts of each partition, by its name, with those of the parts themselves. */
function within(rows: readonly PartitionRow[], axis: Axis): Map<string, PartitionRow[]> {
  const children = new Map<string, PartitionRow[]>();
  for (const row of rows) {
    if (row.parent === null || (axis !== "none" && row.state === "default")) continue;
    const there = children.get(row.parent);
    if (there) there.push(row);
    else children.set(row.parent, [row]);
  }
  return children;
}

type Inside = ReadonlyMap<string, readonly PartitionRow[]>;

/** The leaves below *row*. */
function leaves(row: PartitionRow, inside: Inside): PartitionRow[] {
  return (inside.get(row.name) ?? []).flatMap((part) => {
    const below = leaves(part, inside);
    return below.length > 0 ? below : [part];
  });
}

function add(slot: Slot, row: PartitionRow, inside: Inside): void {
  const parts = leaves(row, inside).map((part) => part.bytes);
  slot.partitions.push(row);
  slot.parts.push(...parts);
  slot.bytes += Math.max(
    row.bytes,
    parts.reduce((sum, part) => sum + part, 0),
  );
}

function placed(
  spanned: readonly Spanned[],
  [low, high]: readonly [number, number],
  now: number | null,
  inside: Inside,
): Slot[] {
  const slots = new Map<string, Slot>();
  for (const { row, from: lower, to: upper } of spanned) {
    const [from, to] = [lower ?? low, upper ?? high];
    const key = `${from} ${to}`;
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = { from, to, partitions: [], bytes: 0, parts: [], when: whenOf(from, to, now) };
      slots.set(key, slot);
    }
    add(slot, row, inside);
  }
  return [...slots.values()].sort((one, other) => one.from - other.from || one.to - other.to);
}

function whenOf(from: number, to: number, now: number | null): When {
  if (now === null || to <= now) return "past";
  return from <= now ? "current" : "future";
}

/** LIST and HASH: one place after the other, in the order in which they came. */
function categories(rows: readonly PartitionRow[], inside: Inside): Slot[] {
  const names = new Set(rows.map((row) => row.name));
  const top = rows.filter(
    (row) => row.state !== "default" && (row.parent === null || !names.has(row.parent)),
  );
  return top.map((row, index) => {
    const slot: Slot = {
      from: index,
      to: index + 1,
      partitions: [],
      bytes: 0,
      parts: [],
      when: "past",
    };
    add(slot, row, inside);
    return slot;
  });
}
