/** The fields of a form, made from the JSON Schema of a table's settings. */

import type { Json, JsonObject } from "../../types";

/** How a setting is typed: by choosing, as a line of text, or as JSON. */
export type Kind = "choice" | "flag" | "number" | "text" | "text-or-number" | "json";

/** One setting. */
export interface SettingField {
  /** JSON pointer into the settings: `/archive/compression`. */
  pointer: string;
  path: readonly string[];
  name: string;
  kind: Kind;
  description: string;
  choices: readonly string[];
  example: string | null;
  /** What it is where nothing is written, as text; null: nothing. */
  fallback: string | null;
  required: boolean;
}

/** A part of the form: the settings of the core, or of one plugin. */
export interface Section {
  /** Empty: the table's own settings. */
  name: string;
  description: string;
  fields: SettingField[];
}

/** The sections of *schema*; settings that it does not know keep their place, as JSON. */
export function sectionsOf(schema: JsonObject, settings: JsonObject): Section[] {
  const own: Section = { name: "", description: "", fields: [] };
  const sections: Section[] = [own];
  const properties = asObject(schema.properties);
  const required = listed(schema.required);
  for (const [name, written] of Object.entries(properties)) {
    const found = resolved(written, schema);
    const inner = asObject(found.properties);
    if (Object.keys(inner).length === 0) {
      own.fields.push(fieldOf([name], found, required.includes(name)));
      continue;
    }
    const needed = listed(found.required);
    sections.push({
      name,
      description: text(found.description),
      fields: Object.entries(inner).map(([key, value]) =>
        fieldOf([name, key], resolved(value, schema), needed.includes(key)),
      ),
    });
  }
  for (const name of Object.keys(settings)) {
    if (name in properties) continue;
    own.fields.push(
      fieldOf([name], { description: "Not in the schema: no plugin knows it." }, false),
    );
  }
  return sections;
}

function fieldOf(path: readonly string[], schema: JsonObject, required: boolean): SettingField {
  const examples = Array.isArray(schema.examples) ? schema.examples : [];
  const kind = kindOf(schema);
  return {
    pointer: pointerOf(path),
    path,
    name: path[path.length - 1]!,
    kind,
    description: text(schema.description),
    choices: kind === "choice" ? (schema.enum as Json[]).map(String) : [],
    example: examples.length > 0 ? asText(examples[0]!, kind) : null,
    fallback: schema.default === undefined ? null : asText(schema.default, kind),
    required,
  };
}

function kindOf(schema: JsonObject): Kind {
  if (Array.isArray(schema.enum)) return "choice";
  const types = typesOf(schema);
  if (types.size === 1) {
    const [only] = types;
    if (only === "boolean") return "flag";
    if (only === "integer" || only === "number") return "number";
    if (only === "string") return "text";
  }
  const simple = [...types].every((type) => ["string", "integer", "number"].includes(type));
  return types.size > 0 && simple ? "text-or-number" : "json";
}

function typesOf(schema: JsonObject): Set<string> {
  const found = new Set<string>();
  const add = (part: JsonObject) => {
    for (const type of Array.isArray(part.type) ? part.type : [part.type]) {
      if (typeof type === "string" && type !== "null") found.add(type);
    }
  };
  add(schema);
  for (const key of ["anyOf", "oneOf"]) {
    const parts = schema[key];
    if (Array.isArray(parts)) for (const part of parts) add(asObject(part));
  }
  return found;
}

/** *value* with what its `$ref` names; the words beside the reference win. */
function resolved(value: Json | undefined, schema: JsonObject): JsonObject {
  const { $ref, ...beside } = asObject(value);
  if (typeof $ref !== "string") return beside;
  const name = $ref.split("/").pop()!;
  return { ...asObject(asObject(schema.$defs)[name]), ...beside };
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

const listed = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/** The JSON pointer (RFC 6901) of *path*. */
export function pointerOf(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** *value* as it is typed. */
export function asText(value: Json, kind: Kind): string {
  if (kind === "json") return JSON.stringify(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
