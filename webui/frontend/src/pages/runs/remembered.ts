/**
 * The plan that a run was started with, as long as the tab lives: the history keeps what was done,
 * so only whoever started a run can see what is still to come.
 */

import type { PlannedOperation } from "../../types";

const key = (run: number): string => `partman-run-${run}`;

export interface Remembered {
  kind: string;
  name: string;
  bytes: number | null;
}

export function rememberPlan(run: number, operations: readonly PlannedOperation[]): void {
  const short: Remembered[] = operations.map(({ kind, name, bytes }) => ({ kind, name, bytes }));
  try {
    window.sessionStorage.setItem(key(run), JSON.stringify(short));
  } catch {
    // Without it the run's page shows what happened, and no bar.
  }
}

export function rememberedPlan(run: number): Remembered[] | null {
  try {
    const text = window.sessionStorage.getItem(key(run));
    return text === null ? null : (JSON.parse(text) as Remembered[]);
  } catch {
    return null;
  }
}
