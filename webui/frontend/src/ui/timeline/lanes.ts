/** The lanes of a table whose tenants have partitions of their own, the worst first. */

import type { Gap, PartitionRow, Partitions } from "../../types";
import { type Model, modelOf } from "./model";

export interface Lane {
  tenant: string;
  model: Model;
  /** How far from now on partitions follow each other; null: the axis has no now. */
  end: number | null;
  bytes: number;
}

/** One lane a tenant: gaps first, then what ends first, then the greatest. */
export function lanesOf(data: Partitions): Lane[] {
  if (data.axis === "none") return [];
  const rows = new Map<string, PartitionRow[]>();
  for (const row of data.items) collect(rows, row.tenant, row);
  const gaps = new Map<string, Gap[]>();
  for (const gap of data.gaps) collect(gaps, gap.tenant, gap);
  const tenants = new Set([...rows.keys(), ...gaps.keys()]);
  return [...tenants]
    .map((tenant) => laneOf(data, tenant, rows.get(tenant) ?? [], gaps.get(tenant) ?? []))
    .sort(worse);
}

function collect<T>(groups: Map<string, T[]>, tenant: string | null, item: T): void {
  if (tenant === null) return;
  const there = groups.get(tenant);
  if (there) there.push(item);
  else groups.set(tenant, [item]);
}

function laneOf(
  data: Partitions,
  tenant: string,
  rows: readonly PartitionRow[],
  gaps: readonly Gap[],
): Lane {
  const model = modelOf(data, rows, gaps);
  const bytes = model.slots.reduce((sum, slot) => sum + slot.bytes, 0);
  return { tenant, model, end: chainEnd(model), bytes };
}

/** Where the partitions that follow each other from now on end. */
export function chainEnd({ now, slots }: Model): number | null {
  if (now === null) return null;
  let end = now;
  for (const slot of slots) {
    if (slot.from <= end && slot.to > end) end = slot.to;
  }
  return end;
}

function worse(one: Lane, other: Lane): number {
  const holes = other.model.holes.length - one.model.holes.length;
  if (holes !== 0) return holes;
  const ends = (one.end ?? 0) - (other.end ?? 0);
  if (ends !== 0) return ends;
  return other.bytes - one.bytes || (one.tenant < other.tenant ? -1 : 1);
}
