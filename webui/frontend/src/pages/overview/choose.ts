/** Which tables the overview shows.  The order is the server's: the most urgent first. */

import type { Counted, HealthWord, TableSummary } from "../../types";

export type Shown = "not-ok" | "all" | HealthWord;

export const SHOWN: readonly Shown[] = ["not-ok", "crit", "warn", "unknown", "ok", "all"];

/** What is shown when nobody chose: what is wrong, where something is. */
export function preset(summary: Counted): Shown {
  return notOk(summary) > 0 ? "not-ok" : "all";
}

export function notOk(summary: Counted): number {
  return summary.crit + summary.warn + summary.unknown;
}

/** The value of `?health=` as a choice; null where it is none. */
export function asShown(text: string | null): Shown | null {
  return SHOWN.find((each) => each === text) ?? null;
}

export interface Chosen {
  health: Shown;
  q: string;
  schema: string;
}

export function chosen(
  items: readonly TableSummary[],
  { health, q, schema }: Chosen,
): TableSummary[] {
  const wanted = q.trim().toLowerCase();
  return items.filter(
    (table) =>
      (health === "all" ||
        (health === "not-ok" ? table.health !== "ok" : table.health === health)) &&
      (schema === "" || table.schema === schema) &&
      (wanted === "" || table.id.toLowerCase().includes(wanted)),
  );
}

export function schemas(items: readonly TableSummary[]): string[] {
  return [...new Set(items.map((table) => table.schema))].sort();
}

/** How many tables each choice has. */
export function tally(summary: Counted): Record<Shown, number> {
  const { ok, warn, crit, unknown } = summary;
  return { ok, warn, crit, unknown, "not-ok": notOk(summary), all: ok + warn + crit + unknown };
}
