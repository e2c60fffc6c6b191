/** What the tenants page knows without asking: filtering, and what its form asks for. */

import type { JsonObject, TenantRow } from "../../types";

/** What a tenant can have of its own. */
export const OWN = [
  ["partition_interval", "Interval", "How wide its partitions are, such as 1 week."],
  ["partition_count", "Count", "How many periods are kept ready."],
  ["retention_period", "Retention", "What ended longer ago goes, such as 90 days."],
] as const;

/** What is typed for a tenant, by name of the setting. */
export type OwnDraft = Readonly<Record<string, string>>;

/** *own* as it is typed. */
export function ownDraft(own: JsonObject): OwnDraft {
  const draft: Record<string, string> = {};
  for (const [name] of OWN) {
    const value = own[name];
    draft[name] = value === undefined || value === null ? "" : String(value);
  }
  return draft;
}

/** The settings that *draft* makes: what is empty is the table's. */
export function ownOf(draft: OwnDraft): JsonObject {
  const own: JsonObject = {};
  for (const [name] of OWN) {
    const text = (draft[name] ?? "").trim();
    if (text !== "") own[name] = /^\d{1,15}$/.test(text) ? Number(text) : text;
  }
  return own;
}

/** What a tenant has of its own, in words; empty: nothing. */
export function ownText(own: JsonObject): string {
  return Object.entries(own)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const word = OWN.find(([key]) => key === name)?.[1].toLowerCase() ?? name;
      return `${word} ${typeof value === "object" ? JSON.stringify(value) : value}`;
    })
    .join(", ");
}

/** Whether somebody has to look: it has partitions, but nobody registered it. */
export const unregistered = (row: TenantRow): boolean => !row.registered && !row.known;

/** The tenants whose name has *text* in it; those to look at first, then the greatest. */
export function shownTenants(rows: readonly TenantRow[], text: string): TenantRow[] {
  const wanted = text.trim().toLowerCase();
  return rows
    .filter((row) => row.tenant.toLowerCase().includes(wanted))
    .sort(
      (one, other) =>
        Number(unregistered(other)) - Number(unregistered(one)) ||
        other.bytes - one.bytes ||
        (one.tenant < other.tenant ? -1 : 1),
    );
}
