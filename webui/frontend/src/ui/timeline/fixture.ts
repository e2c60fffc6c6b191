/** Partitions for the tests of the timeline. */

import type { PartitionRow, Partitions } from "../../types";

const DAY = 86_400_000;
const START = Date.parse("2026-01-01T00:00:00Z");

/** The moment *days* after 2026-01-01. */
export const day = (days: number): string => new Date(START + days * DAY).toISOString();

export function partition(name: string, more: Partial<PartitionRow> = {}): PartitionRow {
  return {
    name,
    parent: null,
    bounds: null,
    lower: null,
    upper: null,
    tenant: null,
    state: "attached",
    rows: null,
    bytes: 1000,
    leaf: true,
    ours: true,
    created_at: null,
    hold_until: null,
    hold_reason: null,
    due: null,
    stale: false,
    ...more,
  };
}

/** The partition of day *at*. */
export const daily = (at: number, more: Partial<PartitionRow> = {}): PartitionRow =>
  partition(`public.e_${at}`, { lower: day(at), upper: day(at + 1), ...more });

export function partitions(items: PartitionRow[], more: Partial<Partitions> = {}): Partitions {
  return {
    items,
    total: items.length,
    axis: "time",
    timezone: "UTC",
    now: null,
    keeps_from: null,
    runway_end: null,
    gaps: [],
    next_cursor: null,
    read_at: day(0),
    stale: false,
    ...more,
  };
}

/** Numbers from 0 up to, without, *end*. */
export const upTo = (end: number): number[] => Array.from({ length: end }, (_, at) => at);
