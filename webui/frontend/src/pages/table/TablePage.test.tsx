import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TABLES } from "../../../tests/answers.mjs";
import { type Answer, refused, serve, settle } from "../../../tests/served";
import { days, partitions } from "../../../tests/tableAnswers.mjs";
import { pulse } from "../../live";
import { MeProvider } from "../../me";
import { navigate } from "../../router";
import type { Me, TableSummary } from "../../types";
import TablePage from "./TablePage";

const ID = "public.events";
const TABLE = TABLES.find((each) => each.id === ID)!;
const BUSY = refused(503, "db-busy", "The database is busy");

/** All answers of the page, with *more* in place of some. */
const usual =
  (more: Record<string, Answer | null> = {}) =>
  ({ path }: { path: string }): Answer | null => {
    const found: Record<string, Answer | null> = {
      [`tables/${ID}`]: { body: TABLE },
      [`tables/${ID}/partitions`]: { body: partitions(ID) },
      [`tables/${ID}/days`]: { body: days(ID) },
      ...more,
    };
    return path in found ? found[path]! : { body: { items: [], next_cursor: null } };
  };

const summary = (more: Partial<TableSummary>) =>
  usual({ [`tables/${ID}`]: { body: { ...TABLE, ...more } } });

async function opened(features: string[] = []): Promise<void> {
  const me = { actor: "dev", can: ["read"], features } as unknown as Me;
  render(
    <MeProvider value={me}>
      <TablePage id={ID} />
    </MeProvider>,
  );
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers();
  navigate(`/tables/${ID}`, { replace: true });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("while it reads, the page has its heading and its ways, and says that it reads", async () => {
  serve(() => null);
  await opened();
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(ID);
  expect(screen.getByText("Preview plan")).toBeTruthy();
  expect(screen.getAllByText("Reading …").length).toBeGreaterThan(1);
  expect(screen.queryByRole("grid")).toBeNull();
});

test("what could not be read says so in its place, and the rest is there", async () => {
  serve(usual({ [`tables/${ID}`]: BUSY }));
  await opened();
  expect(screen.getByText("The database is busy")).toBeTruthy();
  expect(screen.getByRole("grid")).toBeTruthy();
  serve(usual());
  fireEvent.click(screen.getByText("Try again"));
  await settle();
  expect(screen.queryByText("The database is busy")).toBeNull();
  expect(screen.getByText(TABLE.sentence)).toBeTruthy();
});

test("partitions that cannot be read again stay, and are marked", async () => {
  serve(usual());
  await opened();
  serve(usual({ [`tables/${ID}/partitions`]: BUSY }));
  act(() => pulse.beat());
  await settle();
  expect(screen.getByRole("grid")).toBeTruthy();
  expect(screen.getByText(/What is shown is stale/)).toBeTruthy();
});

const finding = (hint: string) => ({
  reasons: [{ code: "x", severity: "error" as const, text: "It is.", hint, data: {}, table: ID }],
});

test("commands in hints are shown as commands", async () => {
  serve(summary(finding("`partman maintain` makes what is missing.")));
  await opened();
  expect(screen.getByText("partman maintain").tagName).toBe("CODE");
});

test("a hint at what this engine cannot do is not shown", async () => {
  serve(summary(finding("`partman drain` moves them.")));
  await opened();
  expect(screen.getByText(/It is\./)).toBeTruthy();
  expect(screen.queryByText("partman drain")).toBeNull();
  cleanup();
  await opened(["drain"]);
  expect(screen.getByText("partman drain")).toBeTruthy();
});

const part = (empty: boolean | null, rows: number) => ({
  default: { exists: true, name: `${ID}_default`, rows, bytes: 8192, empty },
});

test("DEFAULT is said to have rows when somebody looked, whatever the estimate is", async () => {
  serve(summary(part(false, 0)));
  await opened();
  expect(screen.getByText("DEFAULT: has rows")).toBeTruthy();
  cleanup();
  serve(summary(part(true, 0)));
  await opened();
  expect(screen.getByText("DEFAULT: empty")).toBeTruthy();
});
