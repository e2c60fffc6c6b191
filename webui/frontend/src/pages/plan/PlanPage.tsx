/** A table's plan: what would be done, with which locks, what goes for good; and the way to do it. */

import { useState } from "react";
import { ApiError, asProblem, send } from "../../api";
import { useKeys } from "../../keys";
import { useCan } from "../../me";
import { runPath, tablePath } from "../../route";
import { navigate, setQuery, usePlace } from "../../router";
import { PageHead } from "../../shell/PageHead";
import type { PlanShown, Problem, RunShown } from "../../types";
import { Button, LinkButton, Name, Notice, ProblemNotice, Skeleton, Time } from "../../ui";
import { rememberPlan } from "../runs/remembered";
import { ApplyForm, type Wish } from "./ApplyForm";
import { asMode, difference, kinds, type Mode, partOf } from "./edit";
import { PlanView } from "./PlanView";
import { usePlan } from "./usePlan";

export function PlanPage({ id }: { id: string }) {
  const { query } = usePlace();
  const mayApply = useCan("apply");
  const chosen = asMode(query.get("only"));
  const whole = usePlan(id, "all");
  // What takes rows away is never the default where something else can be done.
  const part = whole.plan && partOf(whole.plan, id);
  const creates = part?.operations.some((each) => each.kind === "create") ?? false;
  const safe = whole.plan?.destroys && creates && mayApply;
  const mode: Mode = chosen ?? (safe ? "create" : "all");
  const some = usePlan(mode === "create" ? id : null, "create");
  const shown = mode === "create" ? some : whole;
  const refresh = () => {
    whole.refresh();
    some.refresh();
  };
  useKeys({ r: refresh });
  return (
    <>
      <PageHead
        title={`Plan for ${id}`}
        heading={
          <>
            Plan for <Name>{id}</Name>
          </>
        }
        crumbs={[
          ["/", "Tables"],
          [tablePath(id), id],
        ]}
        actions={
          <Button onClick={refresh} busy={shown.busy}>
            Plan again
          </Button>
        }
      >
        {shown.plan && (
          <>
            Made <Time iso={shown.plan.now} />. Nothing is done yet.
          </>
        )}
      </PageHead>
      <ModeChoice mode={mode} whole={whole.plan} />
      {shown.problem && <ProblemNotice problem={shown.problem} onRetry={refresh} />}
      {shown.plan === null && shown.problem === null && <Skeleton lines={6} height={36} />}
      {shown.plan && (
        <Planned id={id} plan={shown.plan} mode={mode} whole={whole.plan} replace={shown.put} />
      )}
    </>
  );
}

interface PlannedProps {
  id: string;
  plan: PlanShown;
  mode: Mode;
  whole: PlanShown | null;
  replace: (plan: PlanShown) => void;
}

function Planned({ id, plan, mode, whole, replace }: PlannedProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [stale, setStale] = useState<PlanShown | null>(null);
  const [busy, setBusy] = useState(false);
  const part = partOf(plan, id);
  const apply = async ({ confirm, reason }: Wish) => {
    if (part === null) return;
    setBusy(true);
    setProblem(null);
    setStale(null);
    try {
      const asked = { table: id, hash: part.hash, only: kinds(mode), confirm, reason };
      const run = await send<RunShown>("POST", "runs", asked);
      rememberPlan(run.id, part.operations);
      navigate(runPath(run.id));
    } catch (error) {
      if (error instanceof ApiError && error.plan !== null) {
        setStale(plan);
        replace(error.plan);
      } else setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <div className="mt-4 flex flex-col gap-4">
      {stale && <Moved before={stale} now={plan} />}
      <PlanView plan={plan} table={id} left={mode === "create" ? whole : null} />
      {problem && <ProblemNotice problem={problem} />}
      {problem?.run && (
        <LinkButton to={runPath(problem.run)} className="self-start">
          Show run {problem.run}
        </LinkButton>
      )}
      {part && part.operations.length > 0 && (
        <ApplyForm
          // A new plan has to be confirmed anew.
          key={part.hash}
          id={id}
          plan={plan}
          operations={part.operations.length}
          busy={busy}
          onApply={apply}
        />
      )}
    </div>
  );
}

/** The plan that was shown no longer held when it was to be done: nothing was done. */
function Moved({ before, now }: { before: PlanShown; now: PlanShown }) {
  const { added, gone } = difference(before, now);
  return (
    <div role="alert">
      <Notice
        tone="warn"
        title="The plan was out of date, so nothing was done. This is the new one."
      >
        <ul className="list-disc pl-5">
          {added.map((each) => (
            <li key={each}>
              new: <Name>{each}</Name>
            </li>
          ))}
          {gone.map((each) => (
            <li key={each}>
              no longer: <Name>{each}</Name>
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

const MODES: readonly (readonly [Mode, string])[] = [
  ["create", "Creations only"],
  ["all", "Everything"],
];

function ModeChoice({ mode, whole }: { mode: Mode; whole: PlanShown | null }) {
  if (!whole?.destroys) return null;
  return (
    <fieldset className="no-print flex gap-1">
      <legend className="sr-only">What the plan may do</legend>
      {MODES.map(([each, text]) => (
        <label
          key={each}
          className={`flex min-h-8 cursor-pointer items-center gap-2 rounded-md border px-3 text-sm ${
            each === mode ? "border-accent bg-accent-tint font-semibold" : "border-edge bg-surface"
          }`}
        >
          <input
            type="radio"
            name="mode"
            checked={each === mode}
            onChange={() => setQuery({ only: each }, { replace: false })}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
