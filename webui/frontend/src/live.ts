/**
 * When the pages read again: one pulse for all of them, which can be slowed and paused.
 *
 * Paused means paused: neither coming back to the tab, nor a network that is back, nor a run
 * reads anything then; only the person's own "Refresh now".  A hidden tab reads nothing.
 */

import { useSyncExternalStore } from "react";
import { boot } from "./boot";

/** Seconds between two readings; 0: paused. */
export type Pace = number;

export const PACES: readonly Pace[] = [5, 15, 60, 0];

/** What a pulse needs of its surroundings. */
export interface World {
  now(): number;
  hidden(): boolean;
  later(call: () => void, milliseconds: number): number;
  never(timer: number): void;
}

export class Pulse {
  readonly #world: World;
  readonly #hearts = new Set<() => void>();
  readonly #watchers = new Set<() => void>();
  #pace: Pace;
  #timer: number | null = null;
  #last: number;

  constructor(world: World, pace: Pace) {
    this.#world = world;
    this.#pace = pace;
    this.#last = world.now();
  }

  get pace(): Pace {
    return this.#pace;
  }

  /** Whether anything is read by itself now. */
  get beating(): boolean {
    return this.#pace > 0 && !this.#world.hidden();
  }

  /** Changes the pace; 0 stops what was about to come. */
  setPace(pace: Pace): void {
    this.#pace = pace;
    this.#arrange();
    for (const watcher of this.#watchers) watcher();
  }

  /** Calls *heart* at each beat. */
  subscribe(heart: () => void): () => void {
    this.#hearts.add(heart);
    this.#arrange();
    return () => {
      this.#hearts.delete(heart);
      this.#arrange();
    };
  }

  /** Calls *watcher* when the pace, or whether it beats, has changed. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** To be called when the tab was hidden or shown. */
  visibilityChanged(): void {
    this.#arrange();
    for (const watcher of this.#watchers) watcher();
  }

  /** Reads now, whatever the pace. */
  beat(): void {
    this.#last = this.#world.now();
    for (const heart of [...this.#hearts]) heart();
    this.#arrange();
  }

  #arrange(): void {
    if (this.#timer !== null) this.#world.never(this.#timer);
    this.#timer = null;
    if (!this.beating || this.#hearts.size === 0) return;
    const wait = Math.max(0, this.#last + this.#pace * 1000 - this.#world.now());
    this.#timer = this.#world.later(() => {
      this.#timer = null;
      this.beat();
    }, wait);
  }
}

const KEPT = "partman-pace";

const browser: World = {
  now: () => Date.now(),
  hidden: () => document.hidden,
  later: (call, milliseconds) => window.setTimeout(call, milliseconds),
  never: (timer) => window.clearTimeout(timer),
};

function keptPace(): Pace {
  const kept = Number(recall(KEPT) ?? Number.NaN);
  return PACES.includes(kept) ? kept : boot.poll;
}

/** A value that this browser keeps; null where it keeps none or may not. */
export function recall(name: string): string | null {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a value in this browser, where it may. */
export function keep(name: string, value: string): void {
  try {
    window.localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}

/** The pulse of all pages. */
export const pulse = new Pulse(browser, keptPace());

document.addEventListener("visibilitychange", () => pulse.visibilityChanged());

/** Changes the pace of all pages, and keeps it. */
export function choosePace(pace: Pace): void {
  keep(KEPT, String(pace));
  pulse.setPace(pace);
}

/** The pace, as a value that a component follows. */
export function usePace(): Pace {
  return useSyncExternalStore(
    (changed) => pulse.watch(changed),
    () => pulse.pace,
  );
}

/** Whether the pages read by themselves now, as a value that a component follows. */
export function useBeating(): boolean {
  return useSyncExternalStore(
    (changed) => pulse.watch(changed),
    () => pulse.beating,
  );
}
