/**
 * Asking the server: every address is relative to the prefix, every failure is a Problem.
 *
 * The ETags of readings are left to the browser's cache, which revalidates by itself.  Only
 * settings hand theirs out, as saving them needs it (`readTagged`, `send` with `ifMatch`).
 */

import { boot } from "./boot";
import type { PlanShown, Problem } from "./types";

/** Sent to the window where an answer says that nobody is logged in. */
export const SIGNED_OUT = "partman:signed-out";

export type Query = Record<string, string | number | null | undefined>;

/** What the server, or the way to it, refused. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** With `plan-stale`: what would be done now. */
  get plan(): PlanShown | null {
    return this.problem.plan;
  }
}

/** The path segment of a table, from its name as SQL writes it. */
export function segment(id: string): string {
  return encodeURIComponent(id);
}

/** The database that the address of the page names; null: the server's first one. */
export function database(): string | null {
  return new URLSearchParams(window.location.search).get("database");
}

/**
 * The address of something in /api/v1.
 *
 * @param path such as `tables/public.events/partitions`, its parts encoded by `segment`.
 */
export function apiUrl(path: string, query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ database: database(), ...query })) {
    if (value !== null && value !== undefined && value !== "") asked.set(name, String(value));
  }
  const text = asked.toString();
  return `${boot.prefix}/api/v1/${path}${text ? `?${text}` : ""}`;
}

export interface Tagged<T> {
  value: T;
  etag: string | null;
}

/** Reads something. */
export async function read<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await readTagged<T>(path, query, signal)).value;
}

/** Reads something together with its ETag. */
export async function readTagged<T>(
  path: string,
  query?: Query,
  signal?: AbortSignal,
): Promise<Tagged<T>> {
  const answer = await ask(apiUrl(path, query), { signal: signal ?? null });
  return { value: (await answer.json()) as T, etag: answer.headers.get("ETag") };
}

export interface Sending {
  query?: Query;
  ifMatch?: string | null;
  signal?: AbortSignal;
}

/** Sends *body* as JSON; an answer without a body is `null`. */
export async function send<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: unknown = {},
  { query, ifMatch, signal }: Sending = {},
): Promise<T> {
  return (await sendTagged<T>(method, path, body, { query, ifMatch, signal })).value;
}

/** As `send`, with the ETag of the answer. */
export async function sendTagged<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: unknown = {},
  { query, ifMatch, signal }: Sending = {},
): Promise<Tagged<T>> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (ifMatch) headers["If-Match"] = ifMatch;
  const answer = await ask(apiUrl(path, query), {
    method,
    headers,
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const text = await answer.text();
  const value = (text ? JSON.parse(text) : null) as T;
  return { value, etag: answer.headers.get("ETag") };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const headers = { Accept: "application/json, application/problem+json", ...init.headers };
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(unreachable());
  }
  if (answer.ok) return answer;
  if (answer.status === 401) window.dispatchEvent(new Event(SIGNED_OUT));
  throw new ApiError(await problemOf(answer));
}

async function problemOf(answer: Response): Promise<Problem> {
  const bare = plainProblem(answer.status, answer.statusText);
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) return bare;
  try {
    return { ...bare, ...((await answer.json()) as Partial<Problem>) };
  } catch (error) {
    if (isAbort(error)) throw error;
    return bare;
  }
}

function plainProblem(status: number, words: string): Problem {
  return {
    type: "about:blank",
    title: words || `The server answered ${status}`,
    status,
    code: `http-${status}`,
    detail: `The server answered ${status}${words ? ` ${words}` : ""}, without saying why.`,
    hint: "A proxy on the way may have answered in its place. Its log says more.",
    request_id: null,
    errors: [],
    plan: null,
    run: null,
  };
}

function unreachable(): Problem {
  return {
    ...plainProblem(0, "The server cannot be reached"),
    code: "unreachable",
    detail: "The page got no answer: the server is not running, or the network is away.",
    hint: "Check that `partman ui` is running. The page tries again by itself.",
  };
}

/** Whether *error* only says that an answer is no longer wanted. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** *error* as a Problem, whatever it is. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const text = error instanceof Error ? error.message : String(error);
  return {
    ...plainProblem(0, "The page made a mistake"),
    code: "page",
    detail: text,
    hint: "Reload the page. If it comes again, it is a defect of partman-webui.",
  };
}
