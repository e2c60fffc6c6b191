import { expect, test } from "vitest";
import { pressed, takesKeys } from "./keys";
import { targets } from "./shell/JumpBox";

const call = () => undefined;
const other = () => undefined;
const BINDINGS = { r: call, "g r": other };

test("a key alone and a key after another one are two things", () => {
  expect(pressed(BINDINGS, "", "r").call).toBe(call);
  expect(pressed(BINDINGS, "", "g")).toEqual({ call: null, begun: "g" });
  expect(pressed(BINDINGS, "g", "r").call).toBe(other);
});

test("a key that nothing is bound to ends what was begun", () => {
  expect(pressed(BINDINGS, "g", "x")).toEqual({ call: null, begun: "" });
});

test("a field keeps its keys", () => {
  document.body.innerHTML = '<input id="a" /><p id="b"></p><dialog open><p id="c"></p></dialog>';
  const at = (id: string) => document.getElementById(id);
  expect(takesKeys(at("a"))).toBe(true);
  expect(takesKeys(at("b"))).toBe(false);
  expect(takesKeys(at("c"))).toBe(true);
});

test("the jump box finds tables, their plan, runs and pages", () => {
  expect(targets("ev", ["app.events", "app.log"]).map((each) => each.text)).toEqual([
    "app.events",
    "Plan for app.events",
  ]);
  expect(targets("run 12", []).map((each) => each.to)).toEqual(["/runs/12"]);
  expect(targets("plug", []).map((each) => each.to)).toEqual(["/plugins"]);
});
