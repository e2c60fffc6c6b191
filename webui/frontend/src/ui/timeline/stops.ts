/** Moving on a timeline by keys: what can be selected, and where each key leads. */

import type { View } from "./bars";
import type { Hole, Model, Slot } from "./model";

/** Something that can be selected: a slot, or a gap. */
export type Stop = { slot: Slot; hole: null } | { slot: null; hole: Hole };

/** Everything that can be selected, in order of the axis. */
export function stopsOf(model: Model): Stop[] {
  const stops: Stop[] = [
    ...model.slots.map((slot) => ({ slot, hole: null })),
    ...model.holes.map((hole) => ({ slot: null, hole })),
  ];
  return stops.sort((one, other) => span(one).from - span(other).from);
}

/** From where to where *stop* reaches. */
export function span(stop: Stop): View {
  const { from, to } = stop.slot ?? stop.hole;
  return { from, to };
}

/** The stop of the partition *name*; -1: there is none. */
export function stopNamed(stops: readonly Stop[], name: string | null): number {
  if (name === null) return -1;
  return stops.findIndex(({ slot }) => slot?.partitions.some((row) => row.name === name) ?? false);
}

/** The stop at *place*; where there is none, the nearest one. */
export function stopAt(stops: readonly Stop[], place: number): number {
  let best = -1;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [index, stop] of stops.entries()) {
    const { from, to } = span(stop);
    if (from <= place && place < to) return index;
    const far = place < from ? from - place : place - to;
    if (far < nearest) [best, nearest] = [index, far];
  }
  return best;
}

/**
 * The stop to which *key* leads from the stop *at* (-1: none is selected).
 *
 * @returns null where the key means nothing here.
 */
export function moved(
  stops: readonly Stop[],
  at: number,
  key: string,
  shift: boolean,
  now: number | null,
): number | null {
  if (stops.length === 0) return null;
  const last = stops.length - 1;
  const start = at >= 0 ? at : now === null ? -1 : stopAt(stops, now);
  const by = shift ? 10 : 1;
  if (key === "ArrowRight") return at < 0 ? Math.max(0, start) : Math.min(last, at + by);
  if (key === "ArrowLeft") return at < 0 ? Math.max(0, start) : Math.max(0, at - by);
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "n") return now === null ? null : stopAt(stops, now);
  if (key === "g") return nextHole(stops, at);
  return null;
}

/** The next gap after *at*, and from the last one the first again; null: there is none. */
function nextHole(stops: readonly Stop[], at: number): number | null {
  const after = stops.findIndex((stop, index) => index > at && stop.hole !== null);
  if (after >= 0) return after;
  const first = stops.findIndex((stop) => stop.hole !== null);
  return first >= 0 ? first : null;
}

/**
 * *view* nearer (*factor* below 1) or farther, around *middle*, never beyond *domain*.
 *
 * @param least the smallest part of the axis that can be shown.
 */
export function zoomed(
  view: View,
  factor: number,
  middle: number,
  domain: readonly [number, number],
  least: number,
): View {
  const whole = domain[1] - domain[0];
  const long = Math.min(whole, Math.max(Math.min(least, whole), (view.to - view.from) * factor));
  const share = (middle - view.from) / (view.to - view.from);
  const inside = Math.min(1, Math.max(0, share));
  return kept({ from: middle - long * inside, to: middle + long * (1 - inside) }, domain);
}

/** *view* moved by *share* of its length. */
export function panned(view: View, share: number, domain: readonly [number, number]): View {
  const by = (view.to - view.from) * share;
  return kept({ from: view.from + by, to: view.to + by }, domain);
}

/** *view* moved so that *wanted* is seen; the same one where it is seen already. */
export function showing(view: View, wanted: View, domain: readonly [number, number]): View {
  if (wanted.from >= view.from && wanted.to <= view.to) return view;
  const long = Math.max(view.to - view.from, wanted.to - wanted.from);
  const middle = (wanted.from + wanted.to) / 2;
  return kept({ from: middle - long / 2, to: middle + long / 2 }, domain);
}

/** *view* moved back into *domain*. */
export function kept(view: View, [low, high]: readonly [number, number]): View {
  const long = view.to - view.from;
  if (!(long > 0) || long >= high - low) return { from: low, to: high };
  const from = Math.min(Math.max(view.from, low), high - long);
  return { from, to: from + long };
}

/** A view as an address has it. */
export function viewText({ from, to }: View): string {
  return `${Math.round(from)}_${Math.round(to)}`;
}

/** The view that an address names; the whole *domain* where it names none. */
export function viewFrom(text: string | null, domain: readonly [number, number]): View {
  const [from, to] = (text ?? "").split("_").map(Number);
  const given = Number.isFinite(from) && Number.isFinite(to) && to! > from!;
  return kept(given ? { from: from!, to: to! } : { from: 0, to: 0 }, domain);
}
