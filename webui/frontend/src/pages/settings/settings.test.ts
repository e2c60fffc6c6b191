import { expect, test } from "vitest";
import type { JsonObject } from "../../types";
import { allFields, differences, draftOf, elsewhere, mistakesAt, typed } from "./draft";
import { sectionsOf } from "./fields";

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    partition_interval: {
      description: "How wide.",
      examples: ["1 month"],
      anyOf: [{ type: "string" }, { type: "integer" }],
    },
    partition_count: { type: "integer", default: 10 },
    default_partition: { type: "boolean", default: false },
    retention_action: { enum: ["detach", "drop"], default: "drop" },
    timezone: { type: "string", default: "UTC" },
    storage: { type: "object", additionalProperties: { type: "integer" } },
    archive: { $ref: "#/$defs/Archive" },
  },
  required: ["partition_interval"],
  $defs: {
    Archive: {
      description: "The archive.",
      type: "object",
      properties: { directory: { type: "string" }, level: { type: "integer" } },
      required: ["directory"],
    },
  },
};
const SETTINGS: JsonObject = {
  partition_interval: "1 day",
  partition_count: 5,
  storage: { fillfactor: 90 },
  archive: { directory: "/srv" },
};
const sections = sectionsOf(SCHEMA, SETTINGS);
const kinds = Object.fromEntries(allFields(sections).map((field) => [field.pointer, field.kind]));

test("each setting is asked for as its schema says", () => {
  expect(kinds).toEqual({
    "/partition_interval": "text-or-number",
    "/partition_count": "number",
    "/default_partition": "flag",
    "/retention_action": "choice",
    "/timezone": "text",
    "/storage": "json",
    "/archive/directory": "text",
    "/archive/level": "number",
  });
});

test("a plugin's settings are a section of their own, without code for it", () => {
  expect(sections.map(({ name }) => name)).toEqual(["", "archive"]);
  expect(sections[1]!.description).toBe("The archive.");
});

test("a setting that the schema does not know is kept", () => {
  const settings = { ...SETTINGS, gone: { a: [1] } };
  const all = sectionsOf(SCHEMA, settings);
  expect(typed(all, draftOf(all, settings)).settings).toEqual(settings);
});

test("settings come back unchanged from the form", () => {
  expect(typed(sections, draftOf(sections, SETTINGS))).toEqual({
    settings: SETTINGS,
    mistakes: [],
  });
});

test("what is emptied is left out and takes its default", () => {
  const draft = {
    ...draftOf(sections, SETTINGS),
    "/partition_count": "",
    "/default_partition": "",
  };
  const { settings } = typed(sections, draft);
  expect("partition_count" in settings).toBe(false);
  expect("default_partition" in settings).toBe(false);
});

test("yes and no are sent as such, also no where the default is yes", () => {
  const draft = { ...draftOf(sections, SETTINGS), "/default_partition": "false" };
  expect(typed(sections, draft).settings.default_partition).toBe(false);
});

test("a number may stand for a length on a number axis", () => {
  const draft = { ...draftOf(sections, SETTINGS), "/partition_interval": "1000000" };
  expect(typed(sections, draft).settings.partition_interval).toBe(1_000_000);
});

test("what cannot be sent is a mistake at its field", () => {
  const draft = {
    ...draftOf(sections, SETTINGS),
    "/partition_interval": "",
    "/partition_count": "ten",
    "/storage": "{",
  };
  expect(typed(sections, draft).mistakes.map(({ pointer }) => pointer)).toEqual([
    "/partition_interval",
    "/partition_count",
    "/storage",
  ]);
});

test("a plugin's needed setting is asked for only where something of the plugin is set", () => {
  const without = { partition_interval: "1 day" };
  expect(typed(sections, draftOf(sections, without))).toEqual({ settings: without, mistakes: [] });
  const half = { ...draftOf(sections, without), "/archive/level": "3" };
  expect(typed(sections, half).mistakes.map(({ pointer }) => pointer)).toEqual([
    "/archive/directory",
  ]);
});

test("mistakes of the server stand at their field, and the others are not lost", () => {
  const mistakes = [
    { pointer: "/storage/fillfactor", text: "Too great.", hint: "at most 100" },
    { pointer: "", text: "Something else.", hint: null },
  ];
  expect(mistakesAt(mistakes, "/storage")).toBe("Too great. (at most 100)");
  expect(mistakesAt(mistakes, "/timezone")).toBeNull();
  expect(elsewhere(mistakes, sections).map(({ text }) => text)).toEqual(["Something else."]);
});

test("only what differs is called changed", () => {
  const before = draftOf(sections, SETTINGS);
  const after = { ...before, "/timezone": "Europe/Berlin", "/partition_count": " 5 " };
  expect(differences(sections, before, after).map(({ name }) => name)).toEqual(["timezone"]);
});
