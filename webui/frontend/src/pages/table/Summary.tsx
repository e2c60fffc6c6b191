/** What a table is like: its health in a sentence, its numbers, and everything that was found. */

import { counted } from "../../format";
import { tenantsPath } from "../../route";
import { Link } from "../../router";
import type { Reason, RetentionState, TableSummary } from "../../types";
import {
  Badge,
  Bytes,
  Fact,
  Facts,
  Health,
  Hint,
  Name,
  Panel,
  Prose,
  Rows,
  SeverityBadge,
  Stale,
} from "../../ui";
import { DefaultCell, LastRunCell, NextCell, RetentionCell, RunwayMeter } from "../overview/cells";

export function Summary({ table }: { table: TableSummary }) {
  return (
    <Panel title="Table Summary" actions={<Stale readAt={table.read_at} stale={table.stale} />}>
      <p className="mb-3 flex flex-wrap items-center gap-2">
        <Health word={table.health} />
        {table.paused && (
          <Badge tone="warn" glyph="▲">
            paused
          </Badge>
        )}
        <span>
          <Prose text={table.sentence} />
        </span>
      </p>
      <Facts>
        <Fact name="Runway">
          <RunwayMeter runway={table.runway} />
        </Fact>
        <Fact name="DEFAULT">
          <DefaultCell part={table.default} />
        </Fact>
        <Fact name="Retention">
          <RetentionCell retention={table.retention} />
        </Fact>
        <Fact name="Size">
          <Bytes value={table.bytes} />
        </Fact>
        <Fact name="Rows">
          <Rows value={table.rows} />
        </Fact>
        <Fact name="Partitions">{counted(table.partitions, "partition")}</Fact>
        {table.tenants !== null && (
          <Fact name="Tenants">
            <Link to={tenantsPath(table.id)}>{counted(table.tenants, "tenant")}</Link>
          </Fact>
        )}
        <Fact name="Last run">
          <LastRunCell run={table.last_run} />
        </Fact>
        <Fact name="Next run">
          <NextCell table={table} />
        </Fact>
      </Facts>
      <p className="mt-3 text-sm text-soft">{policy(table)}</p>
    </Panel>
  );
}

/** The settings that matter, in one line. */
export function policy(table: TableSummary): string {
  return [
    `${table.strategy}, ${table.key}`,
    table.interval !== null && `a partition every ${table.interval.replace(/^1 (?=[a-z])/, "")}`,
    `zone ${table.timezone}`,
    keeping(table.retention),
    table.origin === "file" ? "settings from a file" : "settings in the registry",
  ]
    .filter(Boolean)
    .join(" · ");
}

function keeping({ keep, count, action, grace }: RetentionState): string {
  const kept = [keep, count !== null && counted(count, "partition")].filter(Boolean);
  if (kept.length === 0) return "keeps everything";
  const then = action === null ? "" : `, then ${action}`;
  return `keeps ${kept.join(", at most ")}${then}${grace === null ? "" : ` after ${grace}`}`;
}

export function Findings({ reasons }: { reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null;
  return (
    <Panel id="findings" title={counted(reasons.length, "finding")}>
      <ul className="flex flex-col gap-3 text-sm">
        {reasons.map((reason) => (
          <li key={`${reason.code} ${reason.text}`} className="min-w-0">
            <SeverityBadge severity={reason.severity} /> <Prose text={reason.text} />
            <Hint text={reason.hint} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The heading: what the seed called the table, with its schema. */
export function Heading({ table }: { table: string }) {
  return <Name>{table}</Name>;
}
