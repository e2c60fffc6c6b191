import { expect, test } from "vitest";
import type { Counted, HealthWord, TableSummary } from "../../types";
import { fill, runwayWords } from "./cells";
import { asShown, chosen, preset, schemas, tally } from "./choose";

const table = (id: string, health: HealthWord): TableSummary =>
  ({ id, schema: id.split(".")[0], health }) as TableSummary;

const TABLES = [
  table("audit.log", "crit"),
  table("app.deliveries", "warn"),
  table("app.events", "ok"),
];
const SUMMARY: Counted = {
  ok: 1,
  warn: 1,
  crit: 1,
  unknown: 0,
  text: "2 of 3 tables need attention",
};
const names = (items: readonly TableSummary[]) => items.map((each) => each.id);

test("what is wrong is shown first where something is, else all", () => {
  expect(preset(SUMMARY)).toBe("not-ok");
  expect(preset({ ...SUMMARY, warn: 0, crit: 0 })).toBe("all");
  expect(preset({ ...SUMMARY, warn: 0, crit: 0, unknown: 1 })).toBe("not-ok");
});

test("filters leave the server's order", () => {
  expect(names(chosen(TABLES, { health: "not-ok", q: "", schema: "" }))).toEqual([
    "audit.log",
    "app.deliveries",
  ]);
  expect(names(chosen(TABLES, { health: "all", q: "EV", schema: "" }))).toEqual(["app.events"]);
  expect(names(chosen(TABLES, { health: "all", q: "", schema: "app" }))).toHaveLength(2);
  expect(names(chosen(TABLES, { health: "ok", q: "log", schema: "" }))).toEqual([]);
});

test("unknown is not ok", () => {
  const items = [table("a.b", "unknown")];
  expect(chosen(items, { health: "not-ok", q: "", schema: "" })).toEqual(items);
  expect(chosen(items, { health: "ok", q: "", schema: "" })).toEqual([]);
});

test("an address with a word that is none takes the preset", () => {
  expect(asShown("crit")).toBe("crit");
  expect(asShown("purple")).toBeNull();
  expect(asShown(null)).toBeNull();
});

test("numbers and schemas of the filters", () => {
  expect(tally(SUMMARY)).toMatchObject({ "not-ok": 2, all: 3, ok: 1 });
  expect(schemas(TABLES)).toEqual(["app", "audit"]);
});

const runway = {
  seconds: null,
  target_seconds: null,
  until: null,
  text: "",
  place: null,
  tenant: null,
};

test("a runway is read against what is wanted", () => {
  expect(runwayWords({ ...runway, seconds: 9 * 3600, target_seconds: 92 * 86_400 })).toBe(
    "9 h of 92 d",
  );
  expect(runwayWords({ ...runway, seconds: 864_000, target_seconds: 864_000 })).toBe("10 d");
  expect(runwayWords({ ...runway, seconds: 0, target_seconds: 864_000 })).toBe("none of 10 d");
  expect(runwayWords({ ...runway, place: "1,200,000" })).toBe("until 1,200,000");
  expect(runwayWords(runway)).toBe("no end");
});

test("a runway without a length has no meter", () => {
  expect(fill(runway)).toBeNull();
  expect(fill({ ...runway, seconds: 5, target_seconds: 10 })).toBe(0.5);
  expect(fill({ ...runway, seconds: 50, target_seconds: 10 })).toBe(1);
});
