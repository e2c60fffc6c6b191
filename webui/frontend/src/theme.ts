/** Light or dark: as the system has it, until somebody chooses. */

import { useSyncExternalStore } from "react";
import { keep, recall } from "./live";

export type Theme = "light" | "dark" | "system";

const KEPT = "partman-theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];
const system = window.matchMedia("(prefers-color-scheme: dark)");
const watchers = new Set<() => void>();

let chosen: Theme = read();

function read(): Theme {
  const kept = recall(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function show(): void {
  const dark = chosen === "system" ? system.matches : chosen === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

system.addEventListener("change", show);

/** The theme that comes after *theme* when the button is pressed. */
export function following(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length]!;
}

/** Chooses *theme*, and keeps the choice in this browser. */
export function chooseTheme(theme: Theme): void {
  chosen = theme;
  keep(KEPT, theme === "system" ? "" : theme);
  show();
  for (const watcher of watchers) watcher();
}

export function nextTheme(): void {
  chooseTheme(following(chosen));
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => chosen,
  );
}
