/** Keys without Ctrl or Alt: `r`, or one after another: `g t`.  They can all be switched off. */

import { useEffect, useRef, useSyncExternalStore } from "react";
import { keep, recall } from "./live";

export type Bindings = Record<string, () => void>;

const KEPT = "partman-keys";
const PATIENCE = 1500;

const layers: { current: Bindings }[] = [];
const watchers = new Set<() => void>();
let on = recall(KEPT) !== "off";
let begun = { key: "", at: 0 };

export interface Pressed {
  /** What to call; null: nothing is bound to it. */
  call: (() => void) | null;
  /** What a second key would follow. */
  begun: string;
}

/**
 * What pressing *key* after *before* means in *bindings*.
 *
 * @param before the first key of a pair that was begun; empty: none was.
 */
export function pressed(bindings: Bindings, before: string, key: string): Pressed {
  const pair = before && bindings[`${before} ${key}`];
  if (pair) return { call: pair, begun: "" };
  const single = bindings[key];
  if (single) return { call: single, begun: "" };
  const begins = Object.keys(bindings).some((name) => name.startsWith(`${key} `));
  return { call: null, begun: begins ? key : "" };
}

/** Whether *target* takes keys itself, so that a shortcut must not. */
export function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || target.closest("input, textarea, select, dialog[open]") !== null
  );
}

function listen(event: KeyboardEvent): void {
  if (!on || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (takesKeys(event.target) || document.querySelector("dialog[open]") !== null) return;
  const all = Object.assign({}, ...layers.map((layer) => layer.current)) as Bindings;
  const before = Date.now() - begun.at < PATIENCE ? begun.key : "";
  const found = pressed(all, before, event.key);
  begun = { key: found.begun, at: Date.now() };
  if (found.call === null) return;
  event.preventDefault();
  found.call();
}

document.addEventListener("keydown", listen);

/** Binds keys while the component is there; a later component's bindings go before. */
export function useKeys(bindings: Bindings): void {
  const layer = useRef(bindings);
  layer.current = bindings;
  useEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}

/** Whether keys work, and how to change it. */
export function useKeysOn(): [boolean, (value: boolean) => void] {
  const value = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => on,
  );
  const set = (next: boolean) => {
    on = next;
    keep(KEPT, next ? "on" : "off");
    for (const watcher of watchers) watcher();
  };
  return [value, set];
}

/** `j` and `k` go to the next and the previous element that *selector* finds. */
export function useRowKeys(selector: string): void {
  const go = (by: number) => {
    const there = [...document.querySelectorAll<HTMLElement>(selector)];
    const at = there.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? (by > 0 ? 0 : there.length - 1) : at + by;
    there[next]?.focus();
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
}
