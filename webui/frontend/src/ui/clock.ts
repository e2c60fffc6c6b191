/** The present, for everything that says "8 s ago": one timer for all of them. */

import { useSyncExternalStore } from "react";

const STEP = 5000;

let now = Date.now();
let timer: number | null = null;
const watchers = new Set<() => void>();

function step(): void {
  now = Date.now();
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === null) {
    now = Date.now();
    timer = window.setInterval(step, STEP);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    window.clearInterval(timer);
    timer = null;
  };
}

/** Milliseconds since 1970, moving on every five seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
