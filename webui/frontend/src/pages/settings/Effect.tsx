/** What the settings that are typed would change: in words, and as a plan. */

import { useMe } from "../../me";
import type { Mistake } from "../../types";
import { Notice, Panel, ProblemNotice } from "../../ui";
import { PlanView } from "../plan/PlanView";
import type { Previewed } from "./usePreview";

export interface EffectProps {
  table: string;
  previewed: Previewed;
  /** Mistakes that stand at no field. */
  strays: readonly Mistake[];
  /** Whether anything is typed that differs from what is set. */
  changed: boolean;
  /** Whether something stands in the way of asking. */
  wrong: boolean;
}

export function Effect({ table, previewed, strays, changed, wrong }: EffectProps) {
  const { preview, problem, current } = previewed;
  const plans = useMe()?.can.includes("plan") ?? true;
  return (
    <Panel title="What it would change">
      <div className="flex flex-col gap-3 text-sm" aria-live="polite" aria-busy={!current}>
        {!plans && <p>This login may not see plans.</p>}
        {wrong && <p className="text-crit">■ Mend what is marked in the form first.</p>}
        {problem && <ProblemNotice problem={problem} />}
        {strays.map((mistake) => (
          <Notice key={`${mistake.pointer} ${mistake.text}`} tone="crit" title={mistake.text}>
            {mistake.hint}
          </Notice>
        ))}
        {!wrong && preview === null && problem === null && plans && <p>Reading …</p>}
        {preview && !wrong && (
          <div className={current ? "flex flex-col gap-3" : "flex flex-col gap-3 opacity-60"}>
            {!changed && <p>Nothing is changed yet. The next run as it is set now:</p>}
            {preview.changes.length > 0 && (
              <ul className="list-disc pl-5 break-words">
                {preview.changes.map((change) => (
                  <li key={change}>{change}</li>
                ))}
              </ul>
            )}
            {preview.retires_more && (
              <Notice tone="crit" title="More is retired than before">
                {preview.retires_more}
              </Notice>
            )}
            {preview.plan && <PlanView plan={preview.plan} table={table} />}
          </div>
        )}
      </div>
    </Panel>
  );
}
