import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pulse } from "./live";
import { fresh, type ResourceState, reduce, useResource } from "./resource";
import type { Problem } from "./types";

const problem: Problem = {
  type: "about:blank",
  title: "Busy",
  status: 503,
  code: "db_busy",
  detail: "The database is busy.",
  hint: null,
  request_id: null,
  errors: [],
  plan: null,
  run: null,
};

describe("the state of a reading", () => {
  const key = "/api/v1/tables";
  const begun: ResourceState<string> = fresh(key);

  test("an answer is shown", () => {
    const next = reduce(begun, { type: "answered", key, turn: 1, data: "a", at: 5 });
    expect(next).toMatchObject({ data: "a", readAt: 5, busy: false, problem: null });
  });

  test("a late answer never overwrites a newer one", () => {
    const newer = reduce(begun, { type: "answered", key, turn: 2, data: "new", at: 5 });
    expect(reduce(newer, { type: "answered", key, turn: 1, data: "old", at: 6 })).toBe(newer);
    expect(reduce(newer, { type: "failed", key, turn: 1, problem, at: 6 })).toBe(newer);
  });

  test("the answer of another address is never shown under this one", () => {
    const other = "/api/v1/runs";
    expect(reduce(begun, { type: "answered", key: other, turn: 9, data: "x", at: 5 })).toBe(begun);
    const moved = reduce({ ...begun, data: "a" }, { type: "asked", key: other });
    expect(moved).toEqual(fresh(other));
  });

  test("a failure leaves what was read, and remembers since when readings fail", () => {
    let state = reduce(begun, { type: "answered", key, turn: 1, data: "a", at: 5 });
    state = reduce(state, { type: "failed", key, turn: 2, problem, at: 10 });
    state = reduce(state, { type: "failed", key, turn: 3, problem, at: 20 });
    expect(state).toMatchObject({ data: "a", readAt: 5, failedSince: 10, problem });
    state = reduce(state, { type: "answered", key, turn: 4, data: "b", at: 30 });
    expect(state).toMatchObject({ data: "b", failedSince: null, problem: null });
  });
});

function Reader({ path }: { path: string }) {
  const { data } = useResource<string>(path);
  return <p>{`shows ${data}`}</p>;
}

describe("a component that reads", () => {
  let answers: Map<string, (text: string) => void>;
  let asked: string[];
  let aborted: string[];

  beforeEach(() => {
    answers = new Map();
    asked = [];
    aborted = [];
    vi.stubGlobal("fetch", (url: string, { signal }: RequestInit) => {
      asked.push(url);
      return new Promise((resolve, reject) => {
        answers.set(url, (text) => resolve(new Response(JSON.stringify(text))));
        signal?.addEventListener("abort", () => {
          aborted.push(url);
          reject(new DOMException("aborted", "AbortError"));
        });
      });
    });
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
  });

  const answer = (url: string, text: string) =>
    act(async () => {
      answers.get(url)!(text);
    });

  test("goes over to another address and forgets the first", async () => {
    const { rerender } = render(<Reader path="tables/a" />);
    rerender(<Reader path="tables/b" />);
    expect(aborted).toEqual(["/api/v1/tables/a"]);
    await answer("/api/v1/tables/b", "b");
    await answer("/api/v1/tables/a", "a");
    expect(screen.getByText("shows b")).toBeTruthy();
  });

  test("does not show the old table under the new name while it waits", async () => {
    const { rerender } = render(<Reader path="tables/a" />);
    await answer("/api/v1/tables/a", "a");
    rerender(<Reader path="tables/b" />);
    expect(screen.getByText("shows null")).toBeTruthy();
  });

  test("reads again at a beat, but not while an answer is awaited", async () => {
    render(<Reader path="tables" />);
    act(() => pulse.beat());
    expect(asked).toHaveLength(1);
    await answer("/api/v1/tables", "first");
    act(() => pulse.beat());
    expect(asked).toHaveLength(2);
    expect(screen.getByText("shows first")).toBeTruthy();
  });

  test("reads no more once it is gone", async () => {
    const { unmount } = render(<Reader path="tables" />);
    unmount();
    act(() => pulse.beat());
    expect(asked).toHaveLength(1);
    expect(aborted).toHaveLength(1);
  });
});
