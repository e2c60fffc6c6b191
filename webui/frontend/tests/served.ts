/** A server for tests of pages: what it answers, and what was sent to it. */

import { act } from "@testing-library/react";
import { vi } from "vitest";

export interface Sent {
  method: string;
  /** Below /api/v1, without its query. */
  path: string;
  body: unknown;
  ifMatch: string | null;
}

export interface Answer {
  status?: number;
  body: unknown;
  etag?: string;
}

/**
 * Has *answer* answer everything that pages ask from now on; null: no answer comes.
 *
 * @returns what was sent, in order; the readings are left out.
 */
export function serve(answer: (asked: Sent) => Answer | null): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const asked = {
      method: init.method ?? "GET",
      path: decodeURIComponent(url.replace(/^\/api\/v1\//, "").replace(/\?.*$/, "")),
      body: init.body ? JSON.parse(String(init.body)) : null,
      ifMatch: new Headers(init.headers).get("If-Match"),
    };
    if (asked.method !== "GET") sent.push(asked);
    const found = answer(asked);
    if (found === null) return new Promise(() => undefined);
    const { status = 200, body, etag } = found;
    const headers = new Headers({
      "Content-Type": status < 400 ? "application/json" : "application/problem+json",
    });
    if (etag) headers.set("ETag", etag);
    return new Response(JSON.stringify(body), { status, headers });
  });
  return sent;
}

/** A refusal. */
export function refused(status: number, code: string, title: string): Answer {
  return { status, body: { title, status, code, detail: "It says why.", hint: null } };
}

/** Lets answers come in, and half a second of made-up time pass. */
export async function settle(): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(500);
  });
}
