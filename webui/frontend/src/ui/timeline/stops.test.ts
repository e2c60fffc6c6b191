import { expect, test } from "vitest";
import { daily, day, partitions, upTo } from "./fixture";
import { modelOf } from "./model";
import {
  moved,
  panned,
  showing,
  stopAt,
  stopNamed,
  stopsOf,
  viewFrom,
  viewText,
  zoomed,
} from "./stops";

const model = modelOf(
  partitions(
    upTo(30)
      .filter((at) => at !== 12)
      .map((at) => daily(at)),
    {
      now: day(20),
      gaps: [{ lower: day(12), upper: day(13), tenant: null }],
    },
  ),
);
const stops = stopsOf(model);
const go = (at: number, key: string, shift = false) => moved(stops, at, key, shift, model.now);

test("the gap is one of the stops, in its place", () => {
  expect(stops).toHaveLength(30);
  expect(stops[12]!.hole).not.toBeNull();
});

test("arrows go by one, with Shift by ten, and stop at the ends", () => {
  expect(go(5, "ArrowRight")).toBe(6);
  expect(go(5, "ArrowLeft")).toBe(4);
  expect(go(5, "ArrowRight", true)).toBe(15);
  expect(go(5, "ArrowLeft", true)).toBe(0);
  expect(go(29, "ArrowRight")).toBe(29);
});

test("Home, End, n and g lead to the first, the last, now and the next gap", () => {
  expect(go(5, "Home")).toBe(0);
  expect(go(5, "End")).toBe(29);
  expect(go(5, "n")).toBe(20);
  expect(go(5, "g")).toBe(12);
});

test("from the last gap g begins anew", () => {
  expect(go(20, "g")).toBe(12);
});

test("the first arrow begins at now", () => {
  expect(go(-1, "ArrowRight")).toBe(20);
});

test("without gaps g leads nowhere, and other keys mean nothing", () => {
  const whole = stopsOf(modelOf(partitions([daily(0)])));
  expect(moved(whole, 0, "g", false, null)).toBeNull();
  expect(go(0, "x")).toBeNull();
});

test("a partition is found by its name, and none by an unknown one", () => {
  expect(stopNamed(stops, "public.e_13")).toBe(13);
  expect(stopNamed(stops, "public.e_12")).toBe(-1);
  expect(stopNamed(stops, null)).toBe(-1);
});

test("a click between two partitions selects the nearest", () => {
  const far = stopsOf(modelOf(partitions([daily(0), daily(10)])));
  expect(stopAt(far, Date.parse(day(3)))).toBe(0);
  expect(stopAt(far, Date.parse(day(9)))).toBe(1);
});

test("zooming keeps its middle, and never leaves the axis", () => {
  const domain = [0, 1000] as const;
  const near = zoomed({ from: 0, to: 1000 }, 0.5, 500, domain, 10);
  expect(near).toEqual({ from: 250, to: 750 });
  expect(zoomed(near, 4, 500, domain, 10)).toEqual({ from: 0, to: 1000 });
  expect(zoomed({ from: 0, to: 12 }, 0.1, 0, domain, 10)).toEqual({ from: 0, to: 10 });
});

test("moving the view ends at the ends of the axis", () => {
  expect(panned({ from: 0, to: 100 }, -1, [0, 1000])).toEqual({ from: 0, to: 100 });
  expect(panned({ from: 850, to: 950 }, 1, [0, 1000])).toEqual({ from: 900, to: 1000 });
});

test("what is selected out of view comes into view; what is in view moves nothing", () => {
  const view = { from: 0, to: 100 };
  expect(showing(view, { from: 10, to: 20 }, [0, 1000])).toBe(view);
  expect(showing(view, { from: 500, to: 510 }, [0, 1000])).toEqual({ from: 455, to: 555 });
});

test("a view survives the address, and nonsense shows everything", () => {
  const view = { from: 200, to: 300 };
  expect(viewFrom(viewText(view), [0, 1000])).toEqual(view);
  for (const text of [null, "", "x_y", "300_200", "5"]) {
    expect(viewFrom(text, [0, 1000])).toEqual({ from: 0, to: 1000 });
  }
});
