/** What a plan page knows without asking: modes, sums, and what a new plan has changed. */

import { bytes, counted } from "../../format";
import type { LockTaken, PlannedOperation, PlannedTable, PlanShown } from "../../types";

/** `create`: creations only; `all`: everything that maintenance would do. */
export type Mode = "create" | "all";

/** The kinds that a plan is asked for; empty: all. */
export function kinds(mode: Mode): string[] {
  return mode === "create" ? ["create"] : [];
}

export function asMode(text: string | null): Mode | null {
  return text === "create" || text === "all" ? text : null;
}

/** The part of the plan that is about *table*; null where there is none. */
export function partOf(plan: PlanShown, table: string): PlannedTable | null {
  return plan.tables.find((part) => part.table === table) ?? plan.tables[0] ?? null;
}

/** What the plan destroys, in words: `1 operation takes 3.1 GB away for good`. */
export function losses(plan: PlanShown): string {
  const taking = plan.tables.flatMap((part) => part.operations).filter((each) => each.destroys);
  const what = `${counted(taking.length, "operation")} ${taking.length === 1 ? "takes" : "take"} rows out of sight`;
  return plan.bytes_freed > 0 ? `${what}; ${bytes(plan.bytes_freed)} go for good` : what;
}

export const LOCK_ORDER = [
  "AccessShare",
  "RowShare",
  "RowExclusive",
  "ShareUpdateExclusive",
  "Share",
  "ShareRowExclusive",
  "Exclusive",
  "AccessExclusive",
] as const;

/** `ACCESS EXCLUSIVE` and `AccessExclusiveLock` are both `AccessExclusive`. */
export function lockName(mode: string): string {
  if (!/[ _]|^[A-Z]+$/.test(mode)) return mode.replace(/Lock$/, "");
  const words = mode
    .toLowerCase()
    .split(/[ _]+/)
    .filter((word) => word !== "lock");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** How heavy a lock is, from 0; an unknown one is the heaviest. */
export function weight(mode: string): number {
  const at = (LOCK_ORDER as readonly string[]).indexOf(lockName(mode));
  return at < 0 ? LOCK_ORDER.length : at;
}

/** The heaviest lock on each relation: it says all that the lighter ones say. */
export function strongest(locks: readonly LockTaken[]): LockTaken[] {
  const worst = new Map<string, LockTaken>();
  for (const lock of locks) {
    const before = worst.get(lock.relation);
    if (before === undefined || weight(lock.mode) > weight(before.mode)) {
      worst.set(lock.relation, lock);
    }
  }
  return [...worst.values()];
}

/** The heaviest lock that application queries can queue behind, in words; null: there is none. */
export function heaviest(operations: readonly PlannedOperation[]): string | null {
  const waited = operations.flatMap((each) => each.locks).filter((lock) => lock.waits);
  if (waited.length === 0) return null;
  const worst = waited.reduce((a, b) => (weight(b.mode) > weight(a.mode) ? b : a));
  return `${lockName(worst.mode)} on ${worst.relation}`;
}

export interface Difference {
  added: string[];
  gone: string[];
}

const told = (each: PlannedOperation): string => `${each.kind} ${each.name}`;

/** What is in *next* and was not in *before*, and the other way round. */
export function difference(before: PlanShown, next: PlanShown): Difference {
  const was = before.tables.flatMap((part) => part.operations.map(told));
  const is = next.tables.flatMap((part) => part.operations.map(told));
  return {
    added: is.filter((each) => !was.includes(each)),
    gone: was.filter((each) => !is.includes(each)),
  };
}

/** All statements of *operations*, with a line above each that says what it does. */
export function script(operations: readonly PlannedOperation[]): string {
  return operations
    .map((each) =>
      [`-- ${each.n} ${each.kind} ${each.name}: ${each.reason}`, ...each.sql].join("\n"),
    )
    .join("\n\n");
}
