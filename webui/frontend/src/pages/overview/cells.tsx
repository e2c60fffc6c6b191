/** What one table is like, in the words that row and card share. */

import { counted, duration, shortDuration } from "../../format";
import { planPath, runPath, tablePath } from "../../route";
import { Link } from "../../router";
import type {
  DefaultPart,
  HealthWord,
  LastRun,
  RetentionState,
  Runway,
  TableSummary,
} from "../../types";
import { Bytes, Hint, Prose, Rows, TEXT_TONES, Time } from "../../ui";

/** How full the runway is, from 0 to 1; null where it has no length. */
export function fill({ seconds, target_seconds: target }: Runway): number | null {
  if (seconds === null || target === null || target <= 0) return null;
  return Math.min(1, Math.max(0, seconds / target));
}

/** The runway as a number: `9 h of 3 mo`. */
export function runwayWords({ seconds, target_seconds: target, place }: Runway): string {
  if (seconds === null) return place === null ? "no end" : `until ${place}`;
  const left = seconds <= 0 ? "none" : shortDuration(seconds);
  return target === null || target <= seconds ? left : `${left} of ${shortDuration(target)}`;
}

function tone(share: number | null, seconds: number | null): HealthWord {
  if (seconds !== null && seconds <= 0) return "crit";
  if (share === null) return "unknown";
  return share < 0.1 ? "crit" : share < 0.5 ? "warn" : "ok";
}

const FILLS: Record<HealthWord, string> = {
  ok: "bg-ok",
  warn: "bg-warn",
  crit: "bg-crit",
  unknown: "bg-unknown",
};

export function RunwayMeter({ runway }: { runway: Runway }) {
  const share = fill(runway);
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap" title={runway.text}>
      {share !== null && (
        <span
          aria-hidden="true"
          className="chip inline-block h-2 w-14 overflow-hidden rounded-full bg-unknown-tint"
        >
          <span
            className={`meter-fill block h-full ${FILLS[tone(share, runway.seconds)]}`}
            style={{ width: `${share > 0 ? Math.max(5, Math.round(share * 100)) : 0}%` }}
          />
        </span>
      )}
      <span
        className={runway.seconds !== null && runway.seconds <= 0 ? "font-semibold text-crit" : ""}
      >
        {runwayWords(runway)}
      </span>
      {runway.tenant !== null && <span className="text-soft">({runway.tenant})</span>}
    </span>
  );
}

export function DefaultCell({ part }: { part: DefaultPart }) {
  if (!part.exists) return <span className="text-soft">none</span>;
  if (part.empty) return <>empty</>;
  const some = (part.rows ?? 0) > 0;
  if (part.empty === null && !some) return <span className="text-soft">not looked at</span>;
  return (
    <span className={`font-semibold ${TEXT_TONES.warn}`}>
      <span aria-hidden="true">▲ </span>
      {some ? <Rows value={part.rows} /> : "has rows"}
    </span>
  );
}

export function RetentionCell({ retention }: { retention: RetentionState }) {
  const keeps =
    retention.keep ?? (retention.count === null ? null : `${retention.count} partitions`);
  if (keeps === null) return <span className="text-soft">keeps all</span>;
  const title = `keeps ${keeps}${retention.action ? `, then ${retention.action}` : ""}`;
  const late = retention.lag_seconds;
  if (late === null) return <span title={title}>keeps {keeps}</span>;
  if (late <= 0) return <span title={title}>on time</span>;
  return (
    <span title={title} className={`font-semibold whitespace-nowrap ${TEXT_TONES.warn}`}>
      <span aria-hidden="true">▲ </span>
      {shortDuration(late)} late
    </span>
  );
}

export const failedRun = (run: LastRun | null): boolean =>
  run !== null && run.result !== "done" && run.result !== "running";

export function LastRunCell({ run }: { run: LastRun | null }) {
  if (run === null) return <span className="text-soft">never</span>;
  const failed = failedRun(run);
  return (
    <Link
      to={runPath(run.id)}
      title={run.message ?? run.result}
      className={`target gap-1 whitespace-nowrap ${failed ? "font-semibold text-crit" : ""}`}
    >
      <span aria-hidden="true">{failed ? "✗" : run.result === "running" ? "◌" : "✓"}</span>
      {run.result === "done" ? "" : `${run.result} `}
      <Time iso={run.at} />
    </Link>
  );
}

export function NextCell({ table }: { table: TableSummary }) {
  if (table.paused) return <span className="font-semibold text-warn">paused</span>;
  if (table.pending === 0) return <span className="text-soft">nothing</span>;
  return (
    <Link to={planPath(table.id)} className="target whitespace-nowrap">
      {counted(table.pending, "operation")}
    </Link>
  );
}

/** Why a table is not ok: what is found first, what its last run said, and where to go. */
export function Why({ table }: { table: TableSummary }) {
  const grave = table.reasons.filter((reason) => reason.severity !== "info");
  const shown = grave.slice(0, 2);
  const late = failedRun(table.last_run) ? table.last_run : null;
  const said = late?.message && !shown.some((reason) => reason.text.includes(late.message!));
  return (
    <div className="flex flex-col gap-1 text-sm">
      {shown.length === 0 && <p>{table.sentence}</p>}
      {shown.map((reason) => (
        <p key={`${reason.code} ${reason.text}`}>
          <Prose text={reason.text} />
          <Hint text={reason.hint} />
        </p>
      ))}
      {late && said && (
        <p>
          The last run {late.result}: {late.message}
        </p>
      )}
      <p className="flex flex-wrap gap-x-4">
        <Link to={`${tablePath(table.id)}#findings`} className="target">
          {grave.length > 2 ? `Why, and ${grave.length - 2} more` : "Why"}
        </Link>
        {late && (
          <Link to={runPath(late.id)} className="target">
            The run
          </Link>
        )}
        <Link to={planPath(table.id)} className="target">
          Preview the plan
        </Link>
      </p>
    </div>
  );
}

/** The runway in a sentence, for the title and for screen readers. */
export function runwaySentence(runway: Runway): string {
  return runway.text || (runway.seconds === null ? "" : `Runway: ${duration(runway.seconds)}`);
}

export function SizeCell({ table }: { table: TableSummary }) {
  return (
    <>
      <Bytes value={table.bytes} />
      <span className="block text-xs text-soft">{counted(table.partitions, "partition")}</span>
    </>
  );
}
