import { expect, test } from "vitest";
import { barsOf, heightOf, labelsOf, peakOf, rulesOf, stripesOf, xOf } from "./bars";
import { daily, day, partitions, upTo } from "./fixture";
import { modelOf } from "./model";
import { viewFrom } from "./stops";

const sizes = { width: 900, height: 100, linear: false };

function drawn(count: number, width = sizes.width, zoom: string | null = null) {
  const model = modelOf(partitions(upTo(count).map((at) => daily(at, { bytes: 1000 + at }))));
  const view = viewFrom(zoom, model.domain);
  const bars = barsOf(model.slots, view, peakOf(model.slots, view), { ...sizes, width });
  return { model, view, bars };
}

test.each([
  [10, 900],
  [59, 900],
  [59, 390],
  [400, 342],
  [12_000, 1232],
])("a label stands under its bar: %i partitions on %i pixels", (count, width) => {
  const { model, view, bars } = drawn(count, width);
  const labels = labelsOf(
    bars,
    (slot) => model.slots[slot]!.partitions[0]!.lower!.slice(0, 10),
    width,
  );
  expect(labels.length).toBeGreaterThan(1);
  for (const label of labels) {
    const bar = bars.find(({ first }) => first === label.slot)!;
    expect(Math.abs(label.x - bar.x)).toBeLessThanOrEqual(2);
    expect(Math.abs(label.x - xOf(model.slots[label.slot]!.from, view, width))).toBeLessThanOrEqual(
      2,
    );
  }
});

test("labels never touch, nor leave the drawing", () => {
  const { bars } = drawn(59, 390);
  const labels = labelsOf(bars, () => "2026-01-01", 390);
  for (const [at, label] of labels.entries()) {
    const next = labels[at + 1];
    if (next) expect(next.x - label.x).toBeGreaterThan(66);
    else expect(label.x + 60).toBeLessThanOrEqual(390);
  }
});

test("12,000 partitions are drawn with few bars, and none is left out", () => {
  const { bars } = drawn(12_000);
  expect(bars.length).toBeLessThanOrEqual(450);
  expect(bars[0]!.first).toBe(0);
  expect(bars[bars.length - 1]!.last).toBe(11_999);
  for (const [at, bar] of bars.slice(1).entries()) expect(bar.first).toBe(bars[at]!.last + 1);
});

test("a bar of many keeps the greatest size among them", () => {
  const rows = upTo(3000).map((at) => daily(at, { bytes: at === 1501 ? 9999 : 10 }));
  const model = modelOf(partitions(rows));
  const view = viewFrom(null, model.domain);
  const bars = barsOf(model.slots, view, 9999, sizes);
  const bar = bars.find(({ first, last }) => first <= 1501 && 1501 <= last)!;
  expect(bar.bytes).toBe(9999);
  expect(bar.height).toBe(100);
});

test("a bar of many is current where one of them is", () => {
  const model = modelOf(
    partitions(
      upTo(12_000).map((at) => daily(at)),
      { now: day(6000) },
    ),
  );
  const view = viewFrom(null, model.domain);
  const bars = barsOf(model.slots, view, 1000, sizes);
  expect(bars.filter(({ when }) => when === "current")).toHaveLength(1);
});

test("a gap of one day among 12,000 is still seen", () => {
  const gaps = [{ lower: day(7000), upper: day(7001), tenant: null }];
  const rows = upTo(12_000)
    .filter((at) => at !== 7000)
    .map((at) => daily(at));
  const model = modelOf(partitions(rows, { gaps }));
  const [stripe] = stripesOf(model.holes, viewFrom(null, model.domain), 900);
  expect(stripe!.width).toBeGreaterThanOrEqual(3);
  expect(Math.abs(stripe!.x - 525)).toBeLessThanOrEqual(2);
});

test("what is out of view is not drawn", () => {
  const zoom = `${Date.parse(day(10))}_${Date.parse(day(20))}`;
  const { bars } = drawn(59, 900, zoom);
  expect(bars).toHaveLength(10);
  expect(bars[0]!.first).toBe(10);
  expect(bars[0]!.x).toBe(0);
});

test("a small partition is higher on the square-root scale than on the linear one", () => {
  expect(heightOf(100, 10_000, sizes)).toBeCloseTo(10);
  expect(heightOf(1000, 10_000, { ...sizes, linear: true })).toBeCloseTo(10);
});

test("an empty partition is seen too", () => {
  expect(heightOf(0, 1000, sizes)).toBeGreaterThan(0);
});

test("parts cut a bar at their share of its height", () => {
  const model = modelOf(
    partitions([
      daily(0, { bytes: 400 }),
      ...[100, 300].map((bytes, at) =>
        daily(0, { name: `p${at}`, parent: "public.e_0", lower: null, upper: null, bytes }),
      ),
    ]),
  );
  const [bar] = barsOf(model.slots, viewFrom(null, model.domain), 400, sizes);
  expect(bar!.cuts).toEqual([25]);
});

test("the texts of rules that are near each other stand below each other", () => {
  const model = modelOf(
    partitions(
      upTo(100).map((at) => daily(at)),
      {
        now: day(50),
        keeps_from: day(49),
        runway_end: day(99),
      },
    ),
  );
  const rules = rulesOf(model, viewFrom(null, model.domain), 900);
  expect(rules.map(({ kind, row }) => [kind, row])).toEqual([
    ["keeps", 0],
    ["now", 1],
    ["runway", 0],
  ]);
  expect(rules[2]!.anchor).toBe("end");
});
