/** Where everything on a timeline stands, in pixels: bars, hatched gaps, labels, rules. */

import type { Hole, Model, Slot, When } from "./model";

/** The part of the axis that is shown. */
export interface View {
  from: number;
  to: number;
}

/** One rectangle: a slot, or all slots of one pixel. */
export interface Bar {
  x: number;
  width: number;
  height: number;
  /** Numbers of the first and the last slot that it stands for. */
  first: number;
  last: number;
  /** Bytes of the greatest of them. */
  bytes: number;
  when: When;
  /** Heights at which its parts lie upon each other, from below. */
  cuts: number[];
}

export interface Stripe {
  x: number;
  width: number;
  hole: Hole;
}

export interface Sizes {
  width: number;
  height: number;
  linear: boolean;
}

const LEAST_HEIGHT = 3;
/** What is empty because it lies in the future is seen as a strip. */
const LEAST_FUTURE = 8;
/** Pixels that slots thinner than two share. */
const COLUMN = 3;
const LEAST_STRIPE = 3;
const SEAM = 1;

/** The pixel at which *place* lies. */
export function xOf(place: number, view: View, width: number): number {
  return ((place - view.from) / (view.to - view.from)) * width;
}

/** The place at pixel *x*. */
export function placeAt(x: number, view: View, width: number): number {
  return view.from + (x / Math.max(1, width)) * (view.to - view.from);
}

/** How high *bytes* stand where *peak* bytes fill *height*; never invisible. */
export function heightOf(bytes: number, peak: number, { height, linear }: Sizes): number {
  if (bytes <= 0 || peak <= 0) return LEAST_HEIGHT;
  const share = Math.min(1, bytes / peak);
  return Math.max(LEAST_HEIGHT, (linear ? share : Math.sqrt(share)) * height);
}

/** The greatest size of what is in view. */
export function peakOf(slots: readonly Slot[], view: View): number {
  let peak = 0;
  for (const slot of slots) {
    if (slot.to > view.from && slot.from < view.to) peak = Math.max(peak, slot.bytes);
  }
  return peak;
}

const RANK: Record<When, number> = { future: 0, past: 1, current: 2 };

/**
 * The bars of *slots*, which are in order.  Slots that are hardly wider than a pixel share a bar
 * with their neighbours; it keeps the greatest size, and the current one's look.  So there are
 * never more bars than half of the pixels, however many slots there are.
 */
export function barsOf(slots: readonly Slot[], view: View, peak: number, sizes: Sizes): Bar[] {
  const bars: Bar[] = [];
  let column = Number.NaN;
  for (const [index, slot] of slots.entries()) {
    if (slot.to <= view.from || slot.from >= view.to) continue;
    const bar = barOf(slot, index, view, peak, sizes);
    const open = bars[bars.length - 1];
    const thin = bar.width < 2;
    if (open && thin && Math.floor(bar.x / COLUMN) === column) join(open, bar);
    else bars.push(bar);
    column = thin ? Math.floor(bars[bars.length - 1]!.x / COLUMN) : Number.NaN;
  }
  return bars;
}

function barOf(slot: Slot, index: number, view: View, peak: number, sizes: Sizes): Bar {
  const x = Math.max(0, xOf(slot.from, view, sizes.width));
  const end = Math.min(sizes.width, xOf(slot.to, view, sizes.width));
  const whole = end - x;
  const width = Math.max(1, whole > 4 ? whole - SEAM : whole);
  const least = slot.when === "future" ? LEAST_FUTURE : LEAST_HEIGHT;
  const height = Math.min(sizes.height, Math.max(least, heightOf(slot.bytes, peak, sizes)));
  const { bytes, when } = slot;
  return { x, width, height, first: index, last: index, bytes, when, cuts: cuts(slot, height) };
}

function cuts({ parts, bytes }: Slot, height: number): number[] {
  if (parts.length < 2 || parts.length > 64 || bytes <= 0) return [];
  let sum = 0;
  return parts.slice(0, -1).map((part) => {
    sum += part;
    return (sum / bytes) * height;
  });
}

function join(open: Bar, bar: Bar): void {
  open.last = bar.last;
  open.width = Math.max(open.width, bar.x + bar.width - open.x);
  open.height = Math.max(open.height, bar.height);
  open.bytes = Math.max(open.bytes, bar.bytes);
  open.cuts = [];
  if (RANK[bar.when] > RANK[open.when]) open.when = bar.when;
}

/** The gaps in view, each wide enough to be seen however far away one looks. */
export function stripesOf(holes: readonly Hole[], view: View, width: number): Stripe[] {
  return holes
    .filter((hole) => hole.to > view.from && hole.from < view.to)
    .map((hole) => {
      const x = Math.max(0, xOf(hole.from, view, width));
      const end = Math.min(width, xOf(hole.to, view, width));
      const wide = Math.max(LEAST_STRIPE, end - x);
      return { x: Math.min(x, width - wide), width: wide, hole };
    });
}

export interface Label {
  /** Where it begins: the left edge of its bar. */
  x: number;
  text: string;
  slot: number;
}

const LETTER = 6.7;
const APART = 14;

/** Labels of as many bars as have room, each beginning at the left edge of its bar. */
export function labelsOf(
  bars: readonly Bar[],
  textOf: (slot: number) => string,
  width: number,
): Label[] {
  const labels: Label[] = [];
  let free = 0;
  for (const bar of bars) {
    if (bar.x < free) continue;
    const text = textOf(bar.first);
    const end = bar.x + text.length * LETTER;
    if (end > width) break;
    labels.push({ x: bar.x, text, slot: bar.first });
    free = end + APART;
  }
  return labels;
}

export interface Rule {
  kind: "now" | "keeps" | "runway";
  x: number;
  text: string;
  /** On which side of its line the text stands. */
  anchor: "start" | "end";
  /** The line of text that it stands on, from 0. */
  row: number;
}

const RULE_WORDS = { keeps: "kept from here", now: "now", runway: "runway end" } as const;

/** The labelled lines in view; texts that would touch stand below each other. */
export function rulesOf(model: Model, view: View, width: number): Rule[] {
  const places = [
    ["keeps", model.keepsFrom],
    ["now", model.now],
    ["runway", model.runwayEnd],
  ] as const;
  const ends: number[] = [];
  const rules: Rule[] = [];
  for (const [kind, place] of places) {
    if (place === null || place < view.from || place > view.to) continue;
    const x = xOf(place, view, width);
    const text = RULE_WORDS[kind];
    const long = text.length * LETTER + 14;
    const anchor = x + long > width ? "end" : "start";
    const [start, end] = anchor === "end" ? [x - long, x] : [x, x + long];
    let row = ends.findIndex((taken) => start >= taken);
    if (row < 0) row = ends.length;
    ends[row] = end;
    rules.push({ kind, x, text, anchor, row });
  }
  return rules;
}
