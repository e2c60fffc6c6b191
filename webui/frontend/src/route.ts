/** Addresses of the pages: the part below the prefix, its query, and patterns that match it. */

export interface Place {
  /** Path below the prefix, beginning with a slash, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  hash: string;
}

export type Params = Record<string, string>;

/** Where *pathname* is below *prefix*. */
export function below(pathname: string, prefix: string): string {
  const inside = pathname === prefix || pathname.startsWith(`${prefix}/`);
  const rest = inside ? pathname.slice(prefix.length) : pathname;
  return rest.length > 1 ? rest.replace(/\/+$/, "") || "/" : rest || "/";
}

/**
 * The parts that *pattern* names in *path*, decoded; null where it does not match.
 *
 * @param pattern such as `/tables/:id/plan`.  A part is matched before it is decoded, so that a
 *   name with a slash (`%2F`) stays one part.
 */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/");
  const there = path.split("/");
  if (wanted.length !== there.length) return null;
  const params: Params = {};
  for (const [at, part] of wanted.entries()) {
    const value = there[at]!;
    if (!part.startsWith(":")) {
      if (part !== value) return null;
      continue;
    }
    const decoded = decodedPart(value);
    if (!decoded) return null;
    params[part.slice(1)] = decoded;
  }
  return params;
}

function decodedPart(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * The address that a link to *to* has in the page.
 *
 * @param to path below the prefix, with a query and a hash where wanted.
 * @param database which stays in every address of the pages, so that a link in a chat shows
 *   what its sender saw.
 */
export function address(to: string, prefix: string, database: string | null): string {
  const [rest, hash] = cut(to, "#");
  const [path, search] = cut(rest, "?");
  const query = new URLSearchParams(search);
  if (database !== null && !query.has("database")) query.set("database", database);
  const text = query.toString();
  return `${prefix}${path}${text ? `?${text}` : ""}${hash ? `#${hash}` : ""}`;
}

function cut(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

/** *query* with *changes*; an empty value or null takes a name out. */
export function changed(
  query: URLSearchParams,
  changes: Record<string, string | null>,
): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** Paths of the pages that belong to the table *id*. */
export const tablePath = (id: string): string => `/tables/${encodeURIComponent(id)}`;
export const planPath = (id: string): string => `${tablePath(id)}/plan`;
export const tenantsPath = (id: string): string => `${tablePath(id)}/tenants`;
export const settingsPath = (id: string): string => `${tablePath(id)}/settings`;
export const runPath = (run: number): string => `/runs/${run}`;
