/** A run, live while it goes on: its steps, who blocks it, and the way to stop it in good order. */

import { useState } from "react";
import { asProblem, send } from "../../api";
import { counted, took } from "../../format";
import { useCan } from "../../me";
import { planPath, tablePath } from "../../route";
import { Link, useQueryValue } from "../../router";
import { PageHead } from "../../shell/PageHead";
import type { Problem, RunShown } from "../../types";
import {
  Button,
  Code,
  CopyButton,
  LinkButton,
  Name,
  Notice,
  Panel,
  ProblemNotice,
  Skeleton,
  Time,
  useNow,
} from "../../ui";
import { type RunReading, useRun } from "../../useRun";
import { NotFoundPage } from "../NotFoundPage";
import { Result } from "./Result";
import { rememberedPlan } from "./remembered";
import { Steps } from "./Steps";
import { progress, type Step, steps, type Waiting, waiting } from "./steps";

export function RunPage({ run }: { run: string }) {
  return /^\d{1,15}$/.test(run) ? <Run number={Number(run)} /> : <NotFoundPage />;
}

function Run({ number }: { number: number }) {
  const reading = useRun(number);
  const { run, problem } = reading;
  return (
    <>
      <PageHead
        title={`Run ${number}`}
        crumbs={[["/runs", "Runs"]]}
        actions={run?.result === "running" && <Stop run={run} onStopped={reading.refresh} />}
      >
        {run && <About run={run} />}
      </PageHead>
      {problem && (
        <div className="mb-4">
          <ProblemNotice problem={problem} onRetry={reading.refresh} />
        </div>
      )}
      {run === null && problem === null && <Skeleton lines={6} height={32} />}
      {run && <Body number={number} run={run} reading={reading} />}
    </>
  );
}

function About({ run }: { run: RunShown }) {
  const now = useNow();
  const until = run.finished_at === null ? now : Date.parse(run.finished_at);
  const lasted = Math.max(0, (until - Date.parse(run.started_at)) / 1000);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Result word={run.result} />
      <span>
        {run.command} by {run.actor}
      </span>
      <span>
        began <Time iso={run.started_at} />
        {lasted > 0 && `, ${run.finished_at ? "took" : "for"} ${took(lasted)}`}
      </span>
      {run.reason && <span>for: {run.reason}</span>}
      {run.tables.map((table) => (
        <Link key={table} to={tablePath(table)} className="target">
          <Name>{table}</Name>
        </Link>
      ))}
    </div>
  );
}

function Body({ number, run, reading }: { number: number; run: RunShown; reading: RunReading }) {
  const [view, setView] = useQueryValue("view");
  const over = run.result !== "running";
  const planned = rememberedPlan(number);
  const all = steps(planned, reading.events, run.result);
  return (
    <div className="flex flex-col gap-4">
      <Bar steps={all} planned={planned !== null} run={run} />
      {!over && <Blocked what={waiting(all, reading.events)} />}
      <Outcome run={run} />
      <Panel
        title="Steps"
        flush
        actions={
          <>
            <Way reading={reading} />
            <Button
              kind="quiet"
              aria-pressed={view === "json"}
              onClick={() => setView(view === "json" ? null : "json", { replace: false })}
            >
              JSON
            </Button>
            <CopyButton
              text={JSON.stringify({ run, items: reading.events }, null, 2)}
              label="Copy JSON"
            />
          </>
        }
      >
        {view === "json" ? (
          <div className="p-4">
            <Code text={JSON.stringify(reading.events, null, 2)} />
          </div>
        ) : (
          <Steps steps={all} over={over} />
        )}
      </Panel>
    </div>
  );
}

function Bar({
  steps: all,
  planned,
  run,
}: {
  steps: readonly Step[];
  planned: boolean;
  run: RunShown;
}) {
  const far = progress(all, planned, run.planned);
  const words = far
    ? `${far.done} of ${counted(far.total, "step")}`
    : `${counted(run.done, "operation")} done${run.failed > 0 ? `, ${run.failed} failed` : ""}`;
  return (
    <div className="flex items-center gap-3 text-sm">
      {far && (
        <progress
          aria-label="Progress"
          value={far.done}
          max={far.total}
          className="h-3 max-w-md flex-1"
        />
      )}
      <span role="status" className="font-semibold digits">
        {words}
      </span>
    </div>
  );
}

function Blocked({ what }: { what: Waiting | null }) {
  if (what === null) return null;
  return (
    <div role="alert">
      <Notice
        tone="warn"
        title={
          <>
            {what.kind} <Name>{what.name}</Name> waits
          </>
        }
      >
        <p>{what.message ?? "It waits for a lock."}</p>
        <p className="mt-1 text-soft">
          It is tried again by itself. Ending the session that holds the lock is for whoever owns
          it; partman ends no session of others.
        </p>
      </Notice>
    </div>
  );
}

function Outcome({ run }: { run: RunShown }) {
  if (run.result === "running") return null;
  const table = run.tables[0];
  const again = table && (
    <LinkButton to={planPath(table)} className="mt-2">
      Plan what is left
    </LinkButton>
  );
  if (run.result === "done" && run.failed === 0) {
    return <Notice tone="ok" title={run.message ?? `Done: ${counted(run.done, "operation")}.`} />;
  }
  const tone = run.result === "interrupted" ? "warn" : "crit";
  const title = `${run.result}: ${run.done} done, ${run.failed} failed`;
  return (
    <Notice tone={tone} title={title}>
      {run.message && <p>{run.message}</p>}
      {again}
    </Notice>
  );
}

function Stop({ run, onStopped }: { run: RunShown; onStopped: () => void }) {
  const may = useCan("apply");
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const stop = async () => {
    setAsked(true);
    setProblem(null);
    try {
      await send<RunShown>("POST", `runs/${run.id}/stop`);
      onStopped();
    } catch (error) {
      setAsked(false);
      setProblem(asProblem(error));
    }
  };
  if (!may) return <span className="text-sm text-soft">This login may not stop it.</span>;
  return (
    <>
      {problem && <span className="text-sm font-semibold text-crit">{problem.detail}</span>}
      <Button kind="danger" onClick={stop} busy={asked}>
        {asked ? "Stops after this operation" : "Stop after this operation"}
      </Button>
    </>
  );
}

const WAYS: Record<RunReading["way"], string> = {
  stream: "live",
  shared: "live, by another tab",
  polling: "live, asking every second or so",
  still: "paused",
};

function Way({ reading }: { reading: RunReading }) {
  if (reading.run?.result !== "running") return null;
  return <span className="text-xs text-soft">{WAYS[reading.way]}</span>;
}
