// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../types";
import { progress, steps, waiting } from "./steps";

let number = 0;

function event(kind: string, partition: string | null, more: Partial<RunEvent> = {}): RunEvent {
  number += 1;
  return {
    id: number,
    kind,
    at: "2026-12-01T00:00:00+00:00",
    table: "public.events",
    partition,
    bounds: null,
    rows: null,
    bytes: null,
    seconds: null,
    message: null,
    ...more,
  };
}

const PLANNED = [
  { kind: "create", name: "public.p3", bytes: null },
  { kind: "detach", name: "public.p1", bytes: 10 },
  { kind: "drop", name: "public.p1", bytes: 10 },
];

const states = (events: RunEvent[], result = "running") =>
  steps(PLANNED, events, result).map((step) => step.state);

describe("steps of a planned run", () => {
  test("are all to do at first", () => {
    expect(states([event("run-started", null)])).toEqual(["to-do", "to-do", "to-do"]);
  });

  test("a creation is done once it is attached", () => {
    expect(states([event("created", "public.p3")])).toEqual(["under-way", "to-do", "to-do"]);
    const both = [event("created", "public.p3"), event("attached", "public.p3")];
    expect(states(both)).toEqual(["done", "to-do", "to-do"]);
  });

  test("a partition that is detached and then dropped has two steps", () => {
    expect(states([event("detached", "public.p1")])).toEqual(["to-do", "done", "to-do"]);
    const both = [event("detached", "public.p1"), event("dropped", "public.p1")];
    expect(states(both)).toEqual(["to-do", "done", "done"]);
  });

  test("who blocks a step is named while it waits, and not any more when it is done", () => {
    const waits = event("blocked", "public.p3", { message: "blocked by pid 4821" });
    const all = steps(PLANNED, [waits], "running");
    expect(waiting(all, [waits])).toMatchObject({
      name: "public.p3",
      message: "blocked by pid 4821",
    });
    const after = steps(PLANNED, [waits, event("attached", "public.p3")], "running");
    expect(waiting(after, [waits])).toBeNull();
    expect(after[0]?.events).toHaveLength(2);
  });

  test("what was not done when the run is over was skipped or failed", () => {
    const events = [event("attached", "public.p3"), event("blocked", "public.p1")];
    expect(states(events, "failed")).toEqual(["done", "failed", "skipped"]);
  });

  test("what was only built when the run was stopped is not done, nor counted", () => {
    const built = [event("created", "public.p3")];
    expect(states(built, "interrupted")).toEqual(["skipped", "skipped", "skipped"]);
    expect(states(built, "done")[0]).toBe("done");
    const all = steps(PLANNED, built, "interrupted");
    expect(progress(all, true, 3)).toEqual({ done: 0, total: 3 });
  });

  test("progress counts what is settled", () => {
    const all = steps(
      PLANNED,
      [event("attached", "public.p3"), event("failed", "public.p1")],
      "running",
    );
    expect(progress(all, true, 3)).toEqual({ done: 2, total: 3 });
  });
});

describe("steps of somebody else's run", () => {
  test("are what happened, in its order", () => {
    const all = steps(
      null,
      [event("created", "a"), event("dropped", "b"), event("attached", "a")],
      "running",
    );
    expect(all.map((step) => [step.n, step.kind, step.name, step.state])).toEqual([
      [1, "create", "a", "done"],
      [2, "drop", "b", "done"],
    ]);
  });

  test("have no progress where nobody knows how many will come", () => {
    const all = steps(null, [event("dropped", "b")], "running");
    expect(progress(all, false, null)).toBeNull();
    expect(progress(all, false, 4)).toEqual({ done: 1, total: 4 });
  });

  test("who is in the way of a table is told until something goes on", () => {
    const told = event("blocked", null, { message: "waiting for pid 4821" });
    expect(waiting([], [told])).toEqual({
      kind: "",
      name: "public.events",
      message: "waiting for pid 4821",
    });
    expect(waiting([], [told, event("created", "b")])).not.toBeNull();
    expect(waiting([], [told, event("attached", "a")])).toBeNull();
  });

  test("take on their kind when it is known what they are", () => {
    const waits = event("blocked", "a");
    expect(steps(null, [waits], "running")[0]).toMatchObject({ kind: "", state: "blocked" });
    const done = steps(null, [waits, event("detached", "a")], "running");
    expect(done).toHaveLength(1);
    expect(done[0]).toMatchObject({ kind: "detach", state: "done" });
  });

  test("keep their sizes and how long they took", () => {
    const [step] = steps(
      null,
      [event("dropped", "b", { rows: 5, bytes: 80, seconds: 0.25 })],
      "done",
    );
    expect(step).toMatchObject({ rows: 5, bytes: 80, seconds: 0.25 });
  });
});
