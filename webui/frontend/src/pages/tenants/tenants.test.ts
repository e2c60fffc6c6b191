import { expect, test } from "vitest";
import type { TenantRow } from "../../types";
import { ownDraft, ownOf, ownText, shownTenants, unregistered } from "./tenants";

const tenant = (name: string, more: Partial<TenantRow> = {}): TenantRow => ({
  tenant: name,
  registered: true,
  known: true,
  own: {},
  partitions: 1,
  rows: null,
  bytes: 1,
  ...more,
});

test("what is typed becomes the tenant's own, numbers as numbers, and empty is the table's", () => {
  const draft = {
    partition_interval: " 1 week ",
    partition_count: "5",
    retention_period: "",
  };
  expect(ownOf(draft)).toEqual({ partition_interval: "1 week", partition_count: 5 });
});

test("what a tenant has comes back unchanged from the form", () => {
  const own = { partition_count: 3, retention_period: "90 days" };
  expect(ownOf(ownDraft(own))).toEqual(own);
});

test("its own settings read as words", () => {
  expect(ownText({ partition_interval: "1 week", partition_count: null })).toBe("interval 1 week");
  expect(ownText({})).toBe("");
});

test("tenants that nobody registered stand first, then the greatest", () => {
  const rows = [
    tenant("small"),
    tenant("great", { bytes: 9 }),
    tenant("found", { registered: false, known: false }),
    tenant("plugged", { registered: false, bytes: 5 }),
  ];
  const order = shownTenants(rows, "").map((row) => row.tenant);
  expect(order).toEqual(["found", "great", "plugged", "small"]);
  expect(unregistered(rows[3]!)).toBe(false);
});

test("the filter finds a part of the name, in any case", () => {
  expect(shownTenants([tenant("ACME"), tenant("globex")], "cm").map((row) => row.tenant)).toEqual([
    "ACME",
  ]);
});
