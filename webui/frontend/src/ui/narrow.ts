/** Whether the page is as narrow as a phone, where tables become cards. */

import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(max-width: 639.98px)");

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      narrow.addEventListener("change", changed);
      return () => narrow.removeEventListener("change", changed);
    },
    () => narrow.matches,
  );
}
