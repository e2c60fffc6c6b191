// @vitest-environment node
import { describe, expect, test } from "vitest";
import { address, below, changed, match, planPath, tablePath } from "./route";

describe("below the prefix", () => {
  test.each([
    ["/", "", "/"],
    ["/runs", "", "/runs"],
    ["/runs/", "", "/runs"],
    ["/ops/partitions", "/ops/partitions", "/"],
    ["/ops/partitions/", "/ops/partitions", "/"],
    ["/ops/partitions/runs/7", "/ops/partitions", "/runs/7"],
    ["/ops/partitionsish", "/ops/partitions", "/ops/partitionsish"],
  ])("%s under %s is %s", (pathname, prefix, path) => {
    expect(below(pathname, prefix)).toBe(path);
  });
});

describe("patterns", () => {
  test("name the parts that they match", () => {
    expect(match("/tables/:id/plan", "/tables/public.events/plan")).toEqual({
      id: "public.events",
    });
    expect(match("/tables/:id", "/tables/public.events/plan")).toBeNull();
    expect(match("/runs", "/runs")).toEqual({});
  });

  test.each(['"My.Schema"."a/b"', "app.100%", "s.größe", 'q."it""s ?#&"'])(
    "the table %s finds its page",
    (id) => {
      expect(match("/tables/:id", tablePath(id))).toEqual({ id });
      expect(match("/tables/:id/plan", planPath(id))).toEqual({ id });
    },
  );

  test("do not match an empty or a broken part", () => {
    expect(match("/tables/:id", "/tables/")).toBeNull();
    expect(match("/tables/:id", "/tables/%E0%A4%A")).toBeNull();
  });
});

describe("addresses", () => {
  test("keep the prefix and the database", () => {
    expect(address("/runs", "/ops", "eu")).toBe("/ops/runs?database=eu");
    expect(address("/runs?table=a.b#op-3", "", "eu")).toBe("/runs?table=a.b&database=eu#op-3");
    expect(address("/", "", null)).toBe("/");
  });

  test("a database that is named goes before the one that is shown", () => {
    expect(address("/?database=us", "", "eu")).toBe("/?database=us");
  });
});

test("a value that is empty leaves the query", () => {
  const query = new URLSearchParams("q=a&health=crit");
  expect(changed(query, { q: "", schema: "app" }).toString()).toBe("health=crit&schema=app");
  expect(query.toString()).toBe("q=a&health=crit");
});
