/** A run as a component follows it: the browser's stream, locks and channel behind a `Follower`. */

import { useEffect, useState } from "react";
import { apiUrl, asProblem, database, read } from "./api";
import { boot } from "./boot";
import {
  type Followed,
  Follower,
  type FollowWorld,
  type Stream,
  type StreamEars,
  type Told,
} from "./follow";
import { pulse } from "./live";
import type { Problem, RunEvent, RunEvents } from "./types";

const NAME = `partman-stream:${boot.prefix}`;

function openStream(run: number, after: number, ears: StreamEars): Stream {
  const source = new EventSource(apiUrl(`runs/${run}/events`, { after }));
  source.addEventListener("run", ({ data }: MessageEvent<string>) => {
    ears.event(JSON.parse(data) as RunEvent);
  });
  // The server ends each stream after a while and says so; the browser then connects again by
  // itself.  Only a refusal (too many streams, no such run) closes it for good.
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) ears.broken();
  };
  return { open: () => source.readyState === EventSource.OPEN, close: () => source.close() };
}

function lead(holder: () => void): () => void {
  const control = new AbortController();
  const held = new Promise<void>((resolve) => {
    control.signal.addEventListener("abort", () => resolve());
  });
  navigator.locks
    .request(NAME, { signal: control.signal }, () => {
      holder();
      return held;
    })
    .catch(() => undefined);
  return () => control.abort();
}

function browserWorld(
  run: number,
  channel: BroadcastChannel | null,
  failed: (error: unknown) => void,
): FollowWorld {
  const shared = channel !== null && "locks" in navigator && "EventSource" in window;
  return {
    now: () => Date.now(),
    later: (call, milliseconds) => window.setTimeout(call, milliseconds),
    never: (timer) => window.clearTimeout(timer),
    beating: () => pulse.beating,
    read: (after) => read<RunEvents>(`runs/${run}/events`, { after }),
    stream: shared ? (after, ears) => openStream(run, after, ears) : null,
    lead: shared ? lead : null,
    tell: (told) => channel?.postMessage({ ...told, database: database() }),
    failed,
  };
}

export interface RunReading extends Followed {
  problem: Problem | null;
  refresh: () => void;
}

const NOTHING: Followed = { run: null, events: [], way: "still" };

/** Follows run number *run* as long as the component is there. */
export function useRun(run: number): RunReading {
  const [followed, setFollowed] = useState<Followed>(NOTHING);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [refresh, setRefresh] = useState<() => void>(() => () => undefined);
  useEffect(() => {
    setFollowed(NOTHING);
    setProblem(null);
    const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
    const world = browserWorld(run, channel, (error) => setProblem(asProblem(error)));
    const follower = new Follower(run, world, (next) => {
      setFollowed(next);
      if (next.run !== null) setProblem((before) => (before?.status === 404 ? before : null));
    });
    if (channel) {
      channel.onmessage = ({ data }: MessageEvent<Told & { database: string | null }>) => {
        if (data.database === database()) follower.hear(data);
      };
    }
    setRefresh(() => () => follower.refresh());
    const unwatch = pulse.watch(() => follower.arrange());
    const unsubscribe = pulse.subscribe(() => follower.refresh());
    follower.refresh();
    return () => {
      unwatch();
      unsubscribe();
      follower.stop();
      channel?.close();
    };
  }, [run]);
  return { ...followed, problem, refresh };
}
