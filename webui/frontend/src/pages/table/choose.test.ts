import { expect, test } from "vitest";
import { csv } from "../../ui/grid";
import { daily, day, partition } from "../../ui/timeline/fixture";
import { FIRST_SORT, filtered, inOrder, SAVED, tenantsOf } from "./choose";

const rows = [
  daily(0, { tenant: "acme", due: "it is older than 30 days" }),
  daily(1, { tenant: "globex", hold_reason: "audit", bounds: "FOR VALUES FROM ('2026-01-02')" }),
  partition("public.e_default", { state: "default", ours: false }),
];
const names = (text: string, state = "", tenant = "") =>
  filtered(rows, { text, state, tenant }).map(({ name }) => name);

test("every word of the filter is somewhere in the name, the bounds or the tenant", () => {
  expect(names("E_ 2026-01-02")).toEqual(["public.e_1"]);
  expect(names("globex")).toEqual(["public.e_1"]);
  expect(names("e_ nothing")).toEqual([]);
});

test("due, held, and made by others can be filtered by, as the states can", () => {
  expect(names("", "due")).toEqual(["public.e_0"]);
  expect(names("", "held")).toEqual(["public.e_1"]);
  expect(names("", "other")).toEqual(["public.e_default"]);
  expect(names("", "default")).toEqual(["public.e_default"]);
});

test("a tenant's filter is exact", () => {
  expect(names("", "", "acme")).toEqual(["public.e_0"]);
  expect(names("", "", "acm")).toEqual([]);
});

test("without a filter the very same rows are shown", () => {
  expect(filtered(rows, { text: " ", state: "", tenant: "" })).toBe(rows);
});

test("the newest stands first and DEFAULT last", () => {
  const order = inOrder(rows, FIRST_SORT).map(({ name }) => name);
  expect(order).toEqual(["public.e_1", "public.e_0", "public.e_default"]);
});

test("an unknown column in the address sorts by place", () => {
  expect(inOrder(rows, { column: "nonsense", down: false })[0]!.name).toBe("public.e_0");
});

test("numbers as bounds sort as numbers", () => {
  const numbers = ["9", "100"].map((lower) => partition(lower, { lower }));
  const order = inOrder(numbers, { column: "from", down: false });
  expect(order.map(({ name }) => name)).toEqual(["9", "100"]);
});

test("the tenants to choose from are named once, in order", () => {
  expect(tenantsOf([...rows, ...rows])).toEqual(["acme", "globex"]);
});

test("the file says what the HTTP API says", () => {
  const [head, first] = csv(SAVED, rows).split("\r\n");
  expect(head!.split(",").slice(0, 5)).toEqual(["name", "parent", "bounds", "lower", "upper"]);
  expect(first).toContain(day(0));
});
