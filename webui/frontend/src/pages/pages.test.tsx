import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pulse } from "../live";
import { MeProvider } from "../me";
import { navigate } from "../router";
import type { Ability, Me, PlannedOperation, PlanShown, TableSummary, Tables } from "../types";
import { OverviewPage } from "./overview/OverviewPage";
import { PlanPage } from "./plan/PlanPage";

type Answer = { status: number; body: unknown };

let answer: (path: string, sent: unknown) => Answer | null;
let sent: { path: string; body: unknown }[];

beforeEach(() => {
  navigate("/", { replace: true });
  sent = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const body = init.body ? JSON.parse(String(init.body)) : null;
    const path = url.replace(/^\/api\/v1\//, "").replace(/\?.*$/, "");
    if (body !== null) sent.push({ path, body });
    const found = answer(path, body);
    if (found === null) return new Promise(() => undefined);
    const type = found.status < 400 ? "application/json" : "application/problem+json";
    return new Response(JSON.stringify(found.body), {
      status: found.status,
      headers: { "Content-Type": type },
    });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const settle = () => act(async () => new Promise((resolve) => setTimeout(resolve, 0)));

const BUSY = {
  title: "The database is busy",
  status: 503,
  code: "db_busy",
  detail: "A lock is held.",
};

function table(id: string, more: Partial<TableSummary> = {}): TableSummary {
  return {
    id,
    schema: "public",
    name: id,
    strategy: "range",
    key: "RANGE (at)",
    interval: "1 day",
    timezone: "UTC",
    origin: "api",
    paused: false,
    health: "ok",
    sentence: "",
    reasons: [],
    runway: { seconds: 10, target_seconds: 10, until: null, text: "", place: null, tenant: null },
    default: { exists: false, name: null, rows: null, bytes: null, empty: null },
    retention: { keep: null, count: null, action: null, grace: null, lag_seconds: null },
    partitions: 3,
    rows: null,
    bytes: 0,
    spark: [],
    tenants: null,
    pending: 0,
    plan_hash: null,
    last_run: null,
    read_at: new Date().toISOString(),
    stale: false,
    ...more,
  };
}

function tables(items: TableSummary[]): Tables {
  const crit = items.filter((each) => each.health === "crit").length;
  return {
    items,
    summary: { ok: items.length - crit, warn: 0, crit, unknown: 0, text: `${crit} need attention` },
    next_cursor: null,
    last_run: null,
    running: [],
  };
}

describe("the overview", () => {
  const reasons = [
    {
      code: "runway-short",
      severity: "error" as const,
      text: "Inserts fail in 9 hours.",
      hint: "`partman maintain` makes what is missing",
      data: {},
      table: null,
    },
  ];
  const bad = table("public.bad", { health: "crit", reasons });
  const ok = (items: TableSummary[]) => () => ({ status: 200, body: tables(items) });

  test("says that it reads", async () => {
    answer = () => null;
    render(<OverviewPage />);
    await settle();
    expect(screen.getByText("Reading …")).toBeTruthy();
  });

  test("shows what is wrong, why, and what to do, and hides what is well", async () => {
    answer = ok([bad, table("public.fine")]);
    render(<OverviewPage />);
    await settle();
    expect(screen.getByText("1 need attention")).toBeTruthy();
    expect(screen.getByText("Inserts fail in 9 hours.")).toBeTruthy();
    expect(screen.getByText("partman maintain").tagName).toBe("CODE");
    expect(screen.queryByText("fine")).toBeNull();
  });

  test("shows all tables where all are well", async () => {
    answer = ok([table("public.fine")]);
    render(<OverviewPage />);
    await settle();
    expect(screen.getByText("fine")).toBeTruthy();
  });

  test("keeps the chosen filter in the address", async () => {
    answer = ok([bad, table("public.fine")]);
    render(<OverviewPage />);
    await settle();
    fireEvent.click(screen.getByText(/^all/));
    expect(window.location.search).toBe("?health=all");
    expect(screen.getByText("fine")).toBeTruthy();
  });

  test("without tables says how to have one", async () => {
    answer = ok([]);
    render(<OverviewPage />);
    await settle();
    expect(screen.getByText(/partman register/)).toBeTruthy();
  });

  test("without an answer says what is wrong, and asks again on request", async () => {
    answer = () => ({ status: 503, body: BUSY });
    render(<OverviewPage />);
    await settle();
    expect(screen.getByText(/A lock is held/)).toBeTruthy();
    answer = ok([bad]);
    fireEvent.click(screen.getByText("Try again"));
    await settle();
    expect(screen.getByText("Inserts fail in 9 hours.")).toBeTruthy();
  });

  test("a failed reading leaves what was read, and says that it is stale", async () => {
    answer = ok([bad]);
    render(<OverviewPage />);
    await settle();
    answer = () => ({ status: 503, body: BUSY });
    act(() => pulse.beat());
    await settle();
    expect(screen.getByText("Inserts fail in 9 hours.")).toBeTruthy();
    expect(screen.getByText(/What is shown is stale/)).toBeTruthy();
  });
});

describe("a plan", () => {
  const operation = (kind: string, n: number): PlannedOperation => ({
    n,
    kind,
    sign: kind === "create" ? "+" : "-",
    parent: null,
    name: `public.p${n}`,
    bounds: null,
    tenant: null,
    reason: "it is due",
    destroys: kind === "drop",
    rows: null,
    bytes: null,
    way: null,
    sql: [],
    locks: [],
    waits: null,
  });
  const CREATE = operation("create", 1);
  const DROP = operation("drop", 2);

  function plan(hash: string, operations: PlannedOperation[]): PlanShown {
    return {
      hash,
      now: new Date().toISOString(),
      text: hash,
      destroys: operations.some((each) => each.destroys),
      bytes_freed: 0,
      tables: [{ table: "public.events", hash, text: "", operations, findings: [] }],
    };
  }

  const planned = (path: string, body: unknown): Answer | null => {
    if (path.endsWith("/plans")) {
      const only = (body as { only: string[] }).only;
      const made = only.length > 0 ? plan("some", [CREATE]) : plan("whole", [CREATE, DROP]);
      return { status: 200, body: made };
    }
    return { status: 202, body: { id: 7 } };
  };

  const shown = async (can: Ability[]) => {
    const me = { actor: "dev", can, features: [] } as unknown as Me;
    render(
      <MeProvider value={me}>
        <PlanPage id="public.events" />
      </MeProvider>,
    );
    await settle();
    await settle();
  };

  const run = () => sent.find((each) => each.path === "runs")?.body;

  beforeEach(() => {
    answer = planned;
    navigate("/tables/public.events/plan", { replace: true });
  });

  test("by default does nothing but create, and names what it leaves out", async () => {
    await shown(["read", "plan", "apply", "destructive"]);
    expect(screen.getByText(/1 operation of the whole plan left out/)).toBeTruthy();
    fireEvent.click(screen.getByText("Apply 1 operation"));
    await settle();
    expect(run()).toEqual({
      table: "public.events",
      hash: "some",
      only: ["create"],
      confirm: null,
      reason: null,
    });
    expect(window.location.pathname).toBe("/runs/7");
  });

  test("destroys only once the name is typed", async () => {
    navigate("/tables/public.events/plan?only=all", { replace: true });
    await shown(["read", "plan", "apply", "destructive"]);
    const button = () => screen.getByText("Apply 2 operations") as HTMLButtonElement;
    expect(button().disabled).toBe(true);
    fireEvent.change(screen.getByLabelText(/To agree/), { target: { value: "public.event" } });
    expect(button().disabled).toBe(true);
    fireEvent.change(screen.getByLabelText(/To agree/), { target: { value: "public.events" } });
    fireEvent.click(button());
    await settle();
    expect(run()).toMatchObject({ hash: "whole", only: [], confirm: "public.events" });
  });

  test("a login that may only read sees everything, and how more is opened", async () => {
    await shown(["read", "plan"]);
    expect(screen.getByText("Whole")).toBeTruthy();
    expect(screen.getByText("partman ui --allow apply")).toBeTruthy();
    expect(screen.queryByText(/^Apply \d/)).toBeNull();
  });

  test("one that is out of date is replaced by the new one, and nothing is done", async () => {
    await shown(["read", "plan", "apply", "destructive"]);
    const next = plan("next", [operation("create", 3)]);
    answer = () => ({
      status: 409,
      body: { ...BUSY, status: 409, code: "plan-stale", plan: next },
    });
    fireEvent.click(screen.getByText("Apply 1 operation"));
    await settle();
    expect(screen.getByText(/out of date, so nothing was done/)).toBeTruthy();
    expect(screen.getByText(/^new:/)).toBeTruthy();
    expect(screen.getByText("Next")).toBeTruthy();
    expect(window.location.pathname).toBe("/tables/public.events/plan");
  });
});
