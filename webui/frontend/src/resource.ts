/** Something that is read from the server, and read again: its state, and the hook that reads. */

import { useCallback, useEffect, useReducer, useRef } from "react";
import { apiUrl, asProblem, isAbort, type Query, read } from "./api";
import { pulse } from "./live";
import type { Problem } from "./types";

export interface ResourceState<T> {
  /** Its address; what belongs to another one is never shown under this one. */
  key: string | null;
  /** The last good answer; a failed reading leaves it. */
  data: T | null;
  /** Why the last reading failed; null after a good one. */
  problem: Problem | null;
  /** Since when readings fail, in milliseconds. */
  failedSince: number | null;
  /** When the last good answer came, in milliseconds. */
  readAt: number | null;
  /** Whether an answer is awaited. */
  busy: boolean;
  /** Number of the reading whose answer is shown. */
  turn: number;
}

export type ResourceEvent<T> =
  | { type: "asked"; key: string | null }
  | { type: "answered"; key: string; turn: number; data: T; at: number }
  | { type: "failed"; key: string; turn: number; problem: Problem; at: number };

export function fresh<T>(key: string | null): ResourceState<T> {
  return {
    key,
    data: null,
    problem: null,
    failedSince: null,
    readAt: null,
    busy: key !== null,
    turn: 0,
  };
}

/** The next state; answers to another address, or older than what is shown, change nothing. */
export function reduce<T>(state: ResourceState<T>, event: ResourceEvent<T>): ResourceState<T> {
  if (event.type === "asked") {
    return event.key === state.key ? { ...state, busy: event.key !== null } : fresh(event.key);
  }
  if (event.key !== state.key || event.turn < state.turn) return state;
  if (event.type === "failed") {
    return {
      ...state,
      problem: event.problem,
      failedSince: state.failedSince ?? event.at,
      busy: false,
      turn: event.turn,
    };
  }
  return {
    ...state,
    data: event.data,
    problem: null,
    failedSince: null,
    readAt: event.at,
    busy: false,
    turn: event.turn,
  };
}

export interface Resource<T> extends ResourceState<T> {
  /** Reads now. */
  refresh: () => void;
  /** Shows *data* without reading: the answer of a change that returns the new value. */
  put: (data: T) => void;
}

export interface Reading {
  /** Whether it is read again at each beat of the pulse; by default it is. */
  live?: boolean;
}

let turns = 0;

/**
 * Reads `/api/v1/{path}`, and again at each beat; with `path` null nothing is read.
 *
 * A new address cancels what is awaited; a beat while an answer is awaited is left out.
 */
export function useResource<T>(
  path: string | null,
  query: Query = {},
  { live = true }: Reading = {},
): Resource<T> {
  const key = path === null ? null : apiUrl(path, query);
  const [kept, dispatch] = useReducer(reduce<T>, key, (first) => fresh<T>(first));
  const asked = useRef<AbortController | null>(null);
  const latest = useRef({ path, query });
  latest.current = { path, query };

  const refresh = useCallback(() => {
    asked.current?.abort();
    const { path: where, query: how } = latest.current;
    dispatch({ type: "asked", key });
    if (where === null || key === null) return;
    const control = new AbortController();
    asked.current = control;
    turns += 1;
    const turn = turns;
    const done = () => {
      if (asked.current === control) asked.current = null;
    };
    read<T>(where, how, control.signal).then(
      (data) => {
        done();
        dispatch({ type: "answered", key, turn, data, at: Date.now() });
      },
      (error: unknown) => {
        done();
        if (isAbort(error)) return;
        dispatch({ type: "failed", key, turn, problem: asProblem(error), at: Date.now() });
      },
    );
  }, [key]);

  useEffect(() => {
    refresh();
    return () => asked.current?.abort();
  }, [refresh]);

  useEffect(() => {
    if (!live || key === null) return undefined;
    return pulse.subscribe(() => {
      if (asked.current === null) refresh();
    });
  }, [live, key, refresh]);

  const put = useCallback(
    (data: T) => {
      if (key === null) return;
      turns += 1;
      dispatch({ type: "answered", key, turn: turns, data, at: Date.now() });
    },
    [key],
  );
  const state = kept.key === key ? kept : fresh<T>(key);
  return { ...state, refresh, put };
}
