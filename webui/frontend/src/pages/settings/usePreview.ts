/** What settings would change, asked of the server when typing pauses. */

import { useEffect, useState } from "react";
import { asProblem, isAbort, segment, send } from "../../api";
import { useLater } from "../../shell/JumpBox";
import type { JsonObject, Problem, SettingsPreview } from "../../types";

export interface Previewed {
  /** The last answer; null: none yet. */
  preview: SettingsPreview | null;
  problem: Problem | null;
  /** Whether the answer is about what is typed now. */
  current: boolean;
}

const PAUSE = 400;

/** @param settings what is typed; null: it cannot be asked about. */
export function usePreview(table: string, settings: JsonObject | null): Previewed {
  const wanted = settings === null ? null : JSON.stringify(settings);
  const asked = useLater(wanted, PAUSE);
  const [answer, setAnswer] = useState<{
    of: string | null;
    preview: SettingsPreview | null;
    problem: Problem | null;
  }>({ of: null, preview: null, problem: null });
  useEffect(() => {
    if (asked === null) return undefined;
    const control = new AbortController();
    const body = { settings: JSON.parse(asked) as JsonObject };
    send<SettingsPreview>("POST", `tables/${segment(table)}/settings/preview`, body, {
      signal: control.signal,
    }).then(
      (preview) => setAnswer({ of: asked, preview, problem: null }),
      (error: unknown) => {
        if (!isAbort(error)) setAnswer({ of: asked, preview: null, problem: asProblem(error) });
      },
    );
    return () => control.abort();
  }, [table, asked]);
  const { of, preview, problem } = answer;
  return { preview, problem, current: of !== null && of === wanted };
}
