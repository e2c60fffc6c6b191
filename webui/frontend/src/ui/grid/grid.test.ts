import { expect, test } from "vitest";
import { csv } from "./save";
import { sortAfter, sorted, sortFrom, sortText } from "./sort";
import { ROW, rangeOf, rowAfter, scrolledTo, slotsOf } from "./window";

test("of fifty thousand rows only those in sight are drawn, and a few around them", () => {
  const { first, end } = rangeOf(20_000 * ROW, 15 * ROW, 50_000);
  expect(first).toBeLessThanOrEqual(20_000);
  expect(end).toBeGreaterThanOrEqual(20_015);
  expect(end - first).toBeLessThan(40);
});

test("the window never leaves the rows, also when a filter has left few of them", () => {
  expect(rangeOf(0, 480, 3)).toEqual({ first: 0, end: 3 });
  const late = rangeOf(9000 * ROW, 480, 3);
  expect(late.end).toBe(3);
  expect(late.first).toBeLessThan(3);
  expect(rangeOf(0, 480, 0)).toEqual({ first: 0, end: 0 });
});

test("as many rows are drawn at the ends as in between", () => {
  const drawn = [0, 3200, 100 * ROW - 480].map((top) => {
    const { first, end } = rangeOf(top, 480, 100);
    return end - first;
  });
  expect(new Set(drawn).size).toBe(1);
});

test("a row that stays in sight stays in its element, and at rest the elements are in order", () => {
  const before = slotsOf({ first: 10, end: 15 }, 10);
  expect(before).toEqual([10, 11, 12, 13, 14]);
  const after = slotsOf({ first: 12, end: 17 }, 10);
  expect(after).toEqual([15, 16, 12, 13, 14]);
  expect(slotsOf({ first: 3, end: 8 }, 10)).toEqual([5, 6, 7, 3, 4]);
  expect(slotsOf({ first: 12, end: 17 }, 12)).toEqual([12, 13, 14, 15, 16]);
  expect(slotsOf({ first: 0, end: 0 }, 0)).toEqual([]);
});

test("scrolling brings a row just into sight", () => {
  expect(scrolledTo(0, 320, 320)).toBe(0);
  expect(scrolledTo(12, 320, 320)).toBe(320);
  expect(scrolledTo(20, 0, 320)).toBe(21 * ROW - 320);
});

test("keys lead from row to row and page to page, and stop at the ends", () => {
  expect(rowAfter("ArrowDown", -1, 100, 10)).toBe(0);
  expect(rowAfter("PageDown", 5, 100, 10)).toBe(15);
  expect(rowAfter("PageUp", 5, 100, 10)).toBe(0);
  expect(rowAfter("End", 5, 100, 10)).toBe(99);
  expect(rowAfter("ArrowDown", 99, 100, 10)).toBe(99);
  expect(rowAfter("a", 5, 100, 10)).toBeNull();
  expect(rowAfter("Home", -1, 0, 10)).toBeNull();
});

test("what is not known stands last, in both directions", () => {
  const rows = [3, null, 1, 2];
  expect(sorted(rows, (row) => row, false)).toEqual([1, 2, 3, null]);
  expect(sorted(rows, (row) => row, true)).toEqual([3, 2, 1, null]);
});

test("names with numbers stand in the order of the numbers", () => {
  expect(sorted(["p10", "p9"], (row) => row, false)).toEqual(["p9", "p10"]);
});

test("equal rows stay as they were", () => {
  const rows = ["b1", "a1", "c1"];
  expect(sorted(rows, () => 0, true)).toEqual(rows);
});

test("a sort survives the address", () => {
  const otherwise = { column: "from", down: true };
  for (const sort of [otherwise, { column: "bytes", down: false }]) {
    expect(sortFrom(sortText(sort), { column: "x", down: false })).toEqual(sort);
  }
  expect(sortFrom(null, otherwise)).toBe(otherwise);
});

test("a click sorts numbers from the greatest, words from the first, and the next one turns it", () => {
  const before = { column: "name", down: false };
  expect(sortAfter(before, "bytes", true)).toEqual({ column: "bytes", down: true });
  expect(sortAfter(before, "state", false)).toEqual({ column: "state", down: false });
  expect(sortAfter(before, "name", false)).toEqual({ column: "name", down: true });
});

const columns = [
  { name: "name", value: (row: { name: string; size: number | null }) => row.name },
  { name: "size", value: (row: { name: string; size: number | null }) => row.size },
];

test("CSV quotes what needs it, and leaves empty what is not known", () => {
  const text = csv(columns, [
    { name: 'a "b", c', size: 5 },
    { name: "two\nlines", size: null },
  ]);
  expect(text).toBe('name,size\r\n"a ""b"", c",5\r\n"two\nlines",\r\n');
});

test("a spreadsheet does not run a name as a formula, and numbers stay numbers", () => {
  expect(csv(columns, [{ name: "=cmd()", size: -5 }])).toContain("'=cmd(),-5");
  expect(csv(columns, [{ name: "-12", size: 0 }])).toContain("\r\n-12,0");
});
