/** Settings with the ETag that saving them needs; read once, so that nothing typed is lost. */

import { useCallback, useEffect, useState } from "react";
import { asProblem, isAbort, readTagged, segment, sendTagged, type Tagged } from "../../api";
import type { Problem, SettingsAsked, SettingsShown } from "../../types";

export interface Settings {
  shown: Tagged<SettingsShown> | null;
  problem: Problem | null;
  /** Reads them anew. */
  reload: () => void;
  /** Saves them; what was refused is thrown. */
  save: (asked: SettingsAsked) => Promise<void>;
}

export function useSettings(table: string): Settings {
  const path = `tables/${segment(table)}/settings`;
  const [turn, setTurn] = useState(0);
  const [shown, setShown] = useState<Tagged<SettingsShown> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn reads again
  useEffect(() => {
    const control = new AbortController();
    readTagged<SettingsShown>(path, {}, control.signal).then(
      (found) => {
        setShown(found);
        setProblem(null);
      },
      (error: unknown) => {
        if (!isAbort(error)) setProblem(asProblem(error));
      },
    );
    return () => control.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const save = async (asked: SettingsAsked) => {
    const ifMatch = shown?.etag ?? null;
    setShown(await sendTagged<SettingsShown>("PUT", path, asked, { ifMatch }));
  };
  return { shown, problem, reload, save };
}
