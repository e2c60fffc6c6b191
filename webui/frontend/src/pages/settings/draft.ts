/** What is typed into the form, and the settings that it makes. */

import type { Json, JsonObject, Mistake } from "../../types";
import { asText, type Section, type SettingField } from "./fields";

/** What is typed, by JSON pointer; empty: the setting is left out and takes its default. */
export type Draft = Readonly<Record<string, string>>;

/** The form of *settings*. */
export function draftOf(sections: readonly Section[], settings: JsonObject): Draft {
  const draft: Record<string, string> = {};
  for (const field of allFields(sections)) {
    const value = valueAt(settings, field.path);
    draft[field.pointer] = value === undefined || value === null ? "" : asText(value, field.kind);
  }
  return draft;
}

export function allFields(sections: readonly Section[]): SettingField[] {
  return sections.flatMap(({ fields }) => fields);
}

function valueAt(settings: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = settings;
  for (const part of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = value[part];
  }
  return value;
}

export interface Typed {
  settings: JsonObject;
  /** What cannot be sent at all; the server finds the rest. */
  mistakes: Mistake[];
}

/** The settings that *draft* makes. */
export function typed(sections: readonly Section[], draft: Draft): Typed {
  const settings: JsonObject = {};
  const mistakes: Mistake[] = [];
  const used = usedSections(sections, draft);
  for (const field of allFields(sections)) {
    const text = (draft[field.pointer] ?? "").trim();
    if (text === "") {
      const asked = field.path.length === 1 || used.has(field.path[0]!);
      if (field.required && asked) mistakes.push(mistake(field, "This has to be given."));
      continue;
    }
    const value = parsed(field, text);
    if (value === undefined) mistakes.push(mistake(field, WRONG[field.kind] ?? "Not a value."));
    else put(settings, field.path, value);
  }
  return { settings, mistakes };
}

/** The plugins of which something is set: only then what they need has to be given. */
function usedSections(sections: readonly Section[], draft: Draft): Set<string> {
  const set = allFields(sections).filter(({ pointer }) => (draft[pointer] ?? "").trim() !== "");
  return new Set(set.filter(({ path }) => path.length > 1).map(({ path }) => path[0]!));
}

const WRONG: Partial<Record<SettingField["kind"], string>> = {
  number: "This has to be a number.",
  json: "This is not valid JSON.",
};

const mistake = ({ pointer }: SettingField, text: string): Mistake => ({
  pointer,
  text,
  hint: null,
});

function parsed({ kind }: SettingField, text: string): Json | undefined {
  if (kind === "flag") return text === "true";
  if (kind === "number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (kind === "text-or-number") return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (kind !== "json") return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function put(settings: JsonObject, [head, ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    settings[head!] = value;
    return;
  }
  const inner = (settings[head!] ?? {}) as JsonObject;
  settings[head!] = inner;
  put(inner, rest, value);
}

/** The names of the fields in which two drafts differ. */
export function differences(
  sections: readonly Section[],
  before: Draft,
  after: Draft,
): SettingField[] {
  return allFields(sections).filter(
    ({ pointer }) => (before[pointer] ?? "").trim() !== (after[pointer] ?? "").trim(),
  );
}

/** The mistakes of the field at *pointer*, also those deeper inside it. */
export function mistakesAt(mistakes: readonly Mistake[], pointer: string): string | null {
  const found = mistakes.filter(
    (each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`),
  );
  if (found.length === 0) return null;
  return found.map(({ text, hint }) => (hint === null ? text : `${text} (${hint})`)).join(" ");
}

/** The mistakes that belong to no field of the form. */
export function elsewhere(mistakes: readonly Mistake[], sections: readonly Section[]): Mistake[] {
  const pointers = allFields(sections).map(({ pointer }) => pointer);
  return mistakes.filter(
    (each) => !pointers.some((at) => each.pointer === at || each.pointer.startsWith(`${at}/`)),
  );
}
