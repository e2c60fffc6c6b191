/** Which partitions the grid shows, in which order, and what a file of them says. */

import type { PartitionRow } from "../../types";
import type { Cell, Saved, Sort, SortValue } from "../../ui/grid";
import { sorted } from "../../ui/grid";

/** What a partition is filtered by, as the address names it; empty: nothing. */
export interface Chosen {
  text: string;
  state: string;
  tenant: string;
}

/** The states to choose from: those of PostgreSQL, and those of partman. */
export const STATES = [
  ["", "all states"],
  ["attached", "attached"],
  ["due", "due to go"],
  ["held", "held"],
  ["default", "default"],
  ["detaching", "detaching"],
  ["foreign", "foreign"],
  ["other", "not made by partman"],
] as const;

export const held = (row: PartitionRow): boolean =>
  row.hold_until !== null || row.hold_reason !== null;

function isIn(row: PartitionRow, state: string): boolean {
  if (state === "") return true;
  if (state === "due") return row.due !== null;
  if (state === "held") return held(row);
  if (state === "other") return !row.ours;
  return row.state === state;
}

/** The partitions that *chosen* leaves, each word of its text somewhere in name or bounds. */
export function filtered(rows: readonly PartitionRow[], chosen: Chosen): readonly PartitionRow[] {
  const words = chosen.text.toLowerCase().split(/\s+/).filter(Boolean);
  const { state, tenant } = chosen;
  if (words.length === 0 && state === "" && tenant === "") return rows;
  return rows.filter((row) => {
    if (!isIn(row, state) || (tenant !== "" && row.tenant !== tenant)) return false;
    if (words.length === 0) return true;
    const text = textOf(row);
    return words.every((word) => text.includes(word));
  });
}

const TEXTS = new WeakMap<PartitionRow, string>();

/** What is looked through, kept from letter to letter. */
function textOf(row: PartitionRow): string {
  const known = TEXTS.get(row);
  if (known !== undefined) return known;
  const text = `${row.name} ${row.bounds ?? ""} ${row.tenant ?? ""}`.toLowerCase();
  TEXTS.set(row, text);
  return text;
}

/** The tenants of *rows*, in order. */
export function tenantsOf(rows: readonly PartitionRow[]): string[] {
  const found = new Set<string>();
  for (const row of rows) if (row.tenant !== null) found.add(row.tenant);
  return [...found].sort();
}

/** A bound as something to sort by: a moment in milliseconds, or a number. */
export function place(text: string | null): number | null {
  if (text === null) return null;
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(value) ? null : value;
}

export const VALUES: Record<string, (row: PartitionRow) => SortValue> = {
  name: (row) => row.name,
  tenant: (row) => row.tenant,
  from: (row) => place(row.lower),
  to: (row) => place(row.upper),
  bytes: (row) => row.bytes,
  rows: (row) => (row.rows !== null && row.rows >= 0 ? row.rows : null),
  state: (row) => row.state,
  due: (row) => row.due,
};

/** The newest first; what has no place, such as DEFAULT, last. */
export const FIRST_SORT: Sort = { column: "from", down: true };

export function inOrder(rows: readonly PartitionRow[], sort: Sort): readonly PartitionRow[] {
  return sorted(rows, VALUES[sort.column] ?? VALUES.from!, sort.down);
}

const FIELDS = [
  "name",
  "parent",
  "bounds",
  "lower",
  "upper",
  "tenant",
  "state",
  "rows",
  "bytes",
  "leaf",
  "ours",
  "created_at",
  "hold_until",
  "hold_reason",
  "due",
] as const satisfies readonly (keyof PartitionRow)[];

/** What a file of partitions has: the names and values of the HTTP API. */
export const SAVED: readonly Saved<PartitionRow>[] = FIELDS.map((name) => ({
  name,
  value: (row): Cell => row[name],
}));
