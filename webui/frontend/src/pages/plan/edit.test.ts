// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { LockTaken, PlannedOperation, PlanShown } from "../../types";
import {
  asMode,
  difference,
  heaviest,
  kinds,
  lockName,
  losses,
  partOf,
  script,
  strongest,
} from "./edit";

function operation(
  n: number,
  kind: string,
  more: Partial<PlannedOperation> = {},
): PlannedOperation {
  return {
    n,
    kind,
    sign: "+",
    parent: "public.events",
    name: `public.p${n}`,
    bounds: null,
    tenant: null,
    reason: "it is wanted",
    destroys: kind === "drop",
    rows: null,
    bytes: null,
    way: null,
    sql: [`-- ${kind}`],
    locks: [],
    waits: null,
    ...more,
  };
}

function plan(operations: PlannedOperation[], bytesFreed = 0): PlanShown {
  return {
    hash: "h",
    now: "2026-12-01T00:00:00+00:00",
    text: "",
    destroys: operations.some((each) => each.destroys),
    bytes_freed: bytesFreed,
    tables: [{ table: "public.events", hash: "t", text: "", operations, findings: [] }],
  };
}

const lock = (relation: string, mode: string, waits: boolean): LockTaken => ({
  relation,
  mode,
  waits,
});

test("what is lost is said in operations and in bytes", () => {
  expect(losses(plan([operation(1, "drop")], 3 * 1024 ** 3))).toBe(
    "1 operation takes rows out of sight; 3 GiB go for good",
  );
  expect(losses(plan([operation(1, "drop"), operation(2, "drop")]))).toBe(
    "2 operations take rows out of sight",
  );
});

describe("locks", () => {
  test.each([
    ["ACCESS EXCLUSIVE", "AccessExclusive"],
    ["AccessExclusiveLock", "AccessExclusive"],
    ["SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusive"],
    ["share", "share"],
  ])("%s is called %s", (mode, name) => {
    expect(lockName(mode)).toBe(name);
  });

  test("the heaviest one that queries can wait behind is named", () => {
    const locks = [
      lock("public.events", "SHARE UPDATE EXCLUSIVE", true),
      lock("public.events_default", "ACCESS EXCLUSIVE", true),
      lock("public.p1", "ACCESS EXCLUSIVE", false),
    ];
    expect(heaviest([operation(1, "create", { locks })])).toBe(
      "AccessExclusive on public.events_default",
    );
  });

  test("only the heaviest on each relation is shown", () => {
    const light = lock("public.events", "ACCESS SHARE", false);
    const heavy = lock("public.events", "ACCESS EXCLUSIVE", true);
    const other = lock("public.p1", "SHARE", false);
    expect(strongest([light, other, heavy])).toEqual([heavy, other]);
  });

  test("a lock that nobody waits behind is none", () => {
    const locks = [lock("public.p1", "ACCESS EXCLUSIVE", false)];
    expect(heaviest([operation(1, "create", { locks })])).toBeNull();
  });
});

test("a new plan is compared with the one that was seen", () => {
  const before = plan([operation(1, "create"), operation(2, "drop")]);
  const next = plan([operation(1, "create"), operation(3, "create")]);
  expect(difference(before, next)).toEqual({
    added: ["create public.p3"],
    gone: ["drop public.p2"],
  });
});

test("the script says above each statement what it is for", () => {
  expect(script([operation(1, "create"), operation(2, "drop")])).toBe(
    "-- 1 create public.p1: it is wanted\n-- create\n\n-- 2 drop public.p2: it is wanted\n-- drop",
  );
});

test("only what is creation is asked for in the mode of creations", () => {
  expect(kinds("create")).toEqual(["create"]);
  expect(kinds("all")).toEqual([]);
  expect(asMode("drop")).toBeNull();
});

test("a table without a part in the plan has none", () => {
  expect(partOf({ ...plan([]), tables: [] }, "public.events")).toBeNull();
  expect(partOf(plan([]), "public.events")?.hash).toBe("t");
});
