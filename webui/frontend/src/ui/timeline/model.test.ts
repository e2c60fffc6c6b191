import { expect, test } from "vitest";
import { daily, day, partition, partitions, upTo } from "./fixture";
import { lanesOf } from "./lanes";
import { modelOf } from "./model";

test("a partition stands where its bounds say, whatever the order of the answer", () => {
  const { slots, domain } = modelOf(partitions([daily(2), daily(0), daily(1)]));
  expect(slots.map((slot) => slot.partitions[0]!.name)).toEqual([
    "public.e_0",
    "public.e_1",
    "public.e_2",
  ]);
  expect(domain).toEqual([Date.parse(day(0)), Date.parse(day(3))]);
});

test("past, current and future are told apart by now, the upper bound not included", () => {
  const { slots } = modelOf(
    partitions(
      upTo(3).map((at) => daily(at)),
      { now: day(1) },
    ),
  );
  expect(slots.map(({ when }) => when)).toEqual(["past", "current", "future"]);
});

test("DEFAULT has no place on the axis", () => {
  const { slots } = modelOf(partitions([daily(0), partition("public.e_d", { state: "default" })]));
  expect(slots).toHaveLength(1);
});

test("an open bound ends where the others do", () => {
  const open = partition("public.e_old", { lower: null, upper: day(1) });
  const { slots } = modelOf(partitions([open, daily(1), daily(2)], { now: day(-3) }));
  expect(slots[0]!.from).toBe(Date.parse(day(-3)));
});

test("partitions of one range are one place, with the sum of their sizes", () => {
  const both = ["a", "b"].map((tenant) =>
    daily(0, { name: `public.e_${tenant}`, tenant, bytes: 500 }),
  );
  const { slots } = modelOf(partitions(both));
  expect(slots).toHaveLength(1);
  expect(slots[0]!.bytes).toBe(1000);
});

test("what a partition is partitioned into again are its parts, and no places of their own", () => {
  const whole = daily(0, { bytes: 0, leaf: false });
  const parts = [100, 300].map((bytes, at) =>
    partition(`public.e_0_${at}`, { parent: whole.name, bytes }),
  );
  const { slots } = modelOf(partitions([whole, ...parts]));
  expect(slots).toHaveLength(1);
  expect(slots[0]!.parts).toEqual([100, 300]);
  expect(slots[0]!.bytes).toBe(400);
});

test("on a number axis a place is the number", () => {
  const rows = [partition("p", { lower: "100", upper: "200" })];
  const { slots, now } = modelOf(partitions(rows, { axis: "number", now: "150" }));
  expect([slots[0]!.from, slots[0]!.to, now]).toEqual([100, 200, 150]);
  expect(slots[0]!.when).toBe("current");
});

test("without an axis the partitions stand one after the other", () => {
  const rows = ["de", "fr"].map((name) => partition(name));
  const { slots, domain } = modelOf(partitions(rows, { axis: "none" }));
  expect(slots.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [1, 2],
  ]);
  expect(domain).toEqual([0, 2]);
});

test("gaps widen the axis, so that none lies outside it", () => {
  const { domain, holes } = modelOf(
    partitions([daily(0)], { gaps: [{ lower: day(4), upper: day(5), tenant: null }] }),
  );
  expect(holes).toHaveLength(1);
  expect(domain[1]).toBe(Date.parse(day(5)));
});

test("a table without partitions has an axis all the same", () => {
  const { slots, domain } = modelOf(partitions([]));
  expect(slots).toEqual([]);
  expect(domain[1]).toBeGreaterThan(domain[0]);
});

test("lanes stand with gaps first, then what ends first, then the greatest", () => {
  const of = (tenant: string, days: number[], bytes: number) =>
    days.map((at) => daily(at, { name: `public.${tenant}_${at}`, tenant, bytes }));
  const rows = [
    ...of("small", [0, 1, 2], 10),
    ...of("great", [0, 1, 2], 1000),
    ...of("short", [0, 1], 10),
    ...of("holed", [0, 1, 2], 10),
  ];
  const gaps = [{ lower: day(3), upper: day(4), tenant: "holed" }];
  const lanes = lanesOf(partitions(rows, { now: day(0), gaps }));
  expect(lanes.map(({ tenant }) => tenant)).toEqual(["holed", "short", "great", "small"]);
});

test("a gap ends the chain of a lane, whatever follows it", () => {
  const rows = [0, 1, 3].map((at) => daily(at, { tenant: "a" }));
  const [lane] = lanesOf(partitions(rows, { now: day(0) }));
  expect(lane!.end).toBe(Date.parse(day(2)));
});
