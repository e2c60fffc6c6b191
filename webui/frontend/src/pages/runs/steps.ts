/** What happened in a run, as steps: one an operation, the planned ones in their order. */

import type { RunEvent } from "../../types";
import type { Remembered } from "./remembered";

export type StepState = "to-do" | "under-way" | "blocked" | "done" | "failed" | "skipped";

export interface Step {
  n: number;
  /** Of the operation; empty while only what hinders it is known. */
  kind: string;
  name: string;
  table: string | null;
  state: StepState;
  message: string | null;
  seconds: number | null;
  rows: number | null;
  bytes: number | null;
  /** What happened to it, the oldest first. */
  events: readonly RunEvent[];
}

/** The operation that an event belongs to, and whether it is done with it. */
const MEANS: Record<string, readonly [kinds: readonly string[], state: StepState]> = {
  created: [["create"], "under-way"],
  attached: [["create", "attach"], "done"],
  detached: [["detach", "finalize"], "done"],
  settled: [["settle"], "done"],
  moved: [["move"], "done"],
  dropped: [["drop"], "done"],
  discarded: [["discard"], "done"],
  reopened: [["reopen"], "done"],
  blocked: [[], "blocked"],
  failed: [[], "failed"],
  skipped: [[], "skipped"],
};

function begun(kind: string, name: string, bytes: number | null = null): Step {
  return {
    n: 0,
    kind,
    name,
    table: null,
    state: "to-do",
    message: null,
    seconds: null,
    rows: null,
    bytes,
    events: [],
  };
}

/**
 * The steps of a run.
 *
 * @param planned what was to be done; null: only what happened is known.
 * @param result of the run: while it is "running" all may yet come about; after it is "done"
 *   what was begun was done; else it was not.
 */
export function steps(
  planned: readonly Remembered[] | null,
  events: readonly RunEvent[],
  result: string,
): Step[] {
  const all = (planned ?? []).map(({ kind, name, bytes }) => begun(kind, name, bytes));
  for (const event of events) {
    if (event.partition !== null) place(all, event);
  }
  return all.map((step, at) => ({ ...settled(step, result), n: at + 1 }));
}

function place(all: Step[], event: RunEvent): void {
  const [kinds, state] = MEANS[event.kind] ?? [[], "done"];
  const fits = (step: Step) =>
    step.name === event.partition &&
    step.state !== "done" &&
    (kinds.length === 0 || step.kind === "" || kinds.includes(step.kind));
  let at = all.findIndex(fits);
  if (at < 0) at = all.push(begun(kinds[0] ?? "", event.partition!)) - 1;
  const step = all[at]!;
  all[at] = {
    ...step,
    kind: step.kind || (kinds[0] ?? ""),
    state,
    table: event.table,
    message: event.message,
    seconds: event.seconds ?? step.seconds,
    rows: event.rows ?? step.rows,
    bytes: event.bytes ?? step.bytes,
    events: [...step.events, event],
  };
}

function settled(step: Step, result: string): Step {
  if (result === "running" || step.state === "done" || step.state === "failed") return step;
  if (step.state === "under-way") return { ...step, state: result === "done" ? "done" : "skipped" };
  return step.state === "blocked" ? { ...step, state: "failed" } : { ...step, state: "skipped" };
}

export interface Progress {
  done: number;
  total: number;
}

const SETTLED: readonly StepState[] = ["done", "failed"];

/**
 * How far a run is; null where it is not known how much there is to do.
 *
 * @param planned whether *all* holds what was planned, too.
 * @param total how many operations the run was started for; null: that is not known.
 */
export function progress(
  all: readonly Step[],
  planned: boolean,
  total: number | null,
): Progress | null {
  const settledSteps = all.filter((step) => SETTLED.includes(step.state)).length;
  const whole = planned ? Math.max(all.length, total ?? 0) : total;
  if (whole === null || whole === 0) return null;
  return { done: Math.min(settledSteps, whole), total: Math.max(whole, settledSteps) };
}

export interface Waiting {
  /** What waits: a step's kind and partition, or a table. */
  kind: string;
  name: string;
  message: string | null;
}

/** What waits for somebody now, with who it is; null: nothing does. */
export function waiting(all: readonly Step[], events: readonly RunEvent[]): Waiting | null {
  // Who is in the way is told of the table; whatever happens next says that it goes on.
  // Only building does not: it goes on beside what waits to attach.
  const last = events.findLast(({ kind }) => kind !== "created");
  if (last?.kind === "blocked" && last.partition === null && last.table !== null) {
    return { kind: "", name: last.table, message: last.message };
  }
  return all.findLast((step) => step.state === "blocked") ?? null;
}
