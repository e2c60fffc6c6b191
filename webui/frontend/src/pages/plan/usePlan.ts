/** Asks for a plan.  It is made on request and not again by itself: what is read must not move. */

import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, database, isAbort, segment, send } from "../../api";
import type { PlanShown, Problem } from "../../types";
import { kinds, type Mode } from "./edit";

export interface PlanReading {
  plan: PlanShown | null;
  problem: Problem | null;
  busy: boolean;
  refresh: () => void;
  put: (plan: PlanShown) => void;
}

/** The plan of the table *id* in *mode*; with *id* null nothing is asked. */
export function usePlan(id: string | null, mode: Mode): PlanReading {
  const [plan, setPlan] = useState<PlanShown | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(id !== null);
  const asked = useRef<AbortController | null>(null);
  const there = database();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another database, another plan
  const refresh = useCallback(() => {
    asked.current?.abort();
    if (id === null) return;
    const control = new AbortController();
    asked.current = control;
    setBusy(true);
    const path = `tables/${segment(id)}/plans`;
    send<PlanShown>("POST", path, { only: kinds(mode) }, { signal: control.signal })
      .then((made) => {
        setPlan(made);
        setProblem(null);
        setBusy(false);
      })
      .catch((error: unknown) => {
        if (isAbort(error)) return;
        setProblem(asProblem(error));
        setBusy(false);
      });
  }, [id, mode, there]);

  useEffect(() => {
    setPlan(null);
    setProblem(null);
    refresh();
    return () => asked.current?.abort();
  }, [refresh]);

  return { plan, problem, busy, refresh, put: setPlan };
}
