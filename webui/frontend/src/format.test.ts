// @vitest-environment node
import { describe, expect, test } from "vitest";
import {
  bytes,
  counted,
  duration,
  exactBytes,
  fullTime,
  inZone,
  relative,
  rows,
  rowsInWords,
  sentence,
  shortDuration,
  took,
  utc,
} from "./format";

const GB = 1024 ** 3;

test("a sentence begins with a capital", () => {
  expect(sentence("nothing to do.")).toBe("Nothing to do.");
  expect(sentence("`partman plan` shows it")).toBe("`partman plan` shows it");
  expect(sentence("")).toBe("");
});

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [1, "1 B"],
    [1023, "1,023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [99.9 * 1024, "99.9 KiB"],
    [100 * 1024, "100 KiB"],
    [1024 ** 2 - 1, "1 MiB"],
    [3.1 * GB, "3.1 GiB"],
    [142 * GB, "142 GiB"],
    [1024 ** 6 * 2, "2 EiB"],
    [-1536, "-1.5 KiB"],
  ])("%d bytes read %s", (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  test("what is not known is never zero", () => {
    expect(bytes(null)).toBe("not known");
    expect(bytes(undefined)).toBe("not known");
    expect(exactBytes(null)).toBe("not read");
  });

  test("the exact number has its thousands apart", () => {
    expect(exactBytes(3_328_599_655)).toBe("3,328,599,655 bytes");
    expect(exactBytes(1)).toBe("1 byte");
  });
});

describe("rows", () => {
  test.each([
    [0, "0"],
    [1204, "≈1,204"],
    [99_999, "≈99,999"],
    [100_000, "≈100 k"],
    [41_200_000, "≈41.2 M"],
    [2_500_000_000, "≈2.5 G"],
  ])("%d rows read %s", (value, text) => {
    expect(rows(value)).toBe(text);
  });

  test("a table that was never analysed has no number", () => {
    expect(rows(null)).toBe("not analysed");
    expect(rows(-1)).toBe("not analysed");
    expect(rowsInWords(null)).toBe("not analysed");
  });

  test("one row is not rows", () => {
    expect(rowsInWords(1)).toBe("≈1 row");
    expect(rowsInWords(0)).toBe("0 rows");
  });
});

describe("lengths", () => {
  test.each([
    [0, "0 seconds", "0 s"],
    [1, "1 second", "1 s"],
    [59, "59 seconds", "59 s"],
    [60, "1 minute", "1 min"],
    [3600 * 9 + 59, "9 hours", "9 h"],
    [86_400, "1 day", "1 d"],
    [86_400 * 40, "40 days", "40 d"],
    [86_400 * 89, "89 days", "89 d"],
    [86_400 * 121, "121 days", "121 d"],
    [86_400 * 122, "4 months", "4 mo"],
    [86_400 * 366 * 3, "36 months", "36 mo"],
    [86_400 * 366 * 4, "4 years", "4 y"],
  ])("%d seconds are %s", (seconds, words, short) => {
    expect(duration(seconds)).toBe(words);
    expect(shortDuration(seconds)).toBe(short);
  });

  test("an unknown length says so", () => {
    expect(duration(null)).toBe("not known");
    expect(shortDuration(null)).toBe("?");
  });

  test.each([
    [0.031, "31 ms"],
    [4.24, "4.2 s"],
    [125, "2:05 min"],
    [3600, "1:00 h"],
    [3600 * 2 + 60 * 7, "2:07 h"],
  ])("a step of %d seconds took %s", (seconds, text) => {
    expect(took(seconds)).toBe(text);
  });
});

describe("moments", () => {
  const now = Date.parse("2026-12-01T09:12:30Z");

  test.each([
    ["2026-12-01T09:12:29Z", "just now"],
    ["2026-12-01T09:12:22Z", "8 s ago"],
    ["2026-12-01T07:12:30Z", "2 h ago"],
    ["2026-12-01T09:24:30Z", "in 12 min"],
    ["no moment", "no moment"],
  ])("%s is %s", (iso, text) => {
    expect(relative(iso, now)).toBe(text);
  });

  test("UTC leaves out seconds that are zero", () => {
    expect(utc("2026-12-01T00:00:00+00:00")).toBe("2026-12-01 00:00 UTC");
    expect(utc("2026-12-01T01:02:03+01:00")).toBe("2026-12-01 00:02:03 UTC");
  });

  test("a title has the moment in UTC first", () => {
    expect(fullTime("2026-12-01T09:00:00Z")).toMatch(/^2026-12-01 09:00 UTC, here /);
  });

  test("a table's dates are those of its zone, also where the clocks change", () => {
    expect(inZone("2026-10-24T22:00:00+00:00", "Europe/Berlin")).toBe("2026-10-25");
    expect(inZone("2026-10-25T23:00:00+00:00", "Europe/Berlin")).toBe("2026-10-26");
    expect(inZone("2026-12-01T12:30:00+00:00", "Asia/Kolkata")).toBe("2026-12-01 18:00");
  });

  test("a zone that the browser does not know is shown in UTC", () => {
    expect(inZone("2026-12-01T00:00:00+00:00", "Mars/Olympus")).toBe("2026-12-01");
  });
});

test("a noun follows its number", () => {
  expect(counted(1, "table")).toBe("1 table");
  expect(counted(1204, "row")).toBe("1,204 rows");
  expect(counted(2, "entry", "entries")).toBe("2 entries");
});
