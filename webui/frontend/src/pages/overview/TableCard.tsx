/** A table as a card, for a phone. */

import type { ReactNode } from "react";
import { tablePath } from "../../route";
import { Link } from "../../router";
import type { TableSummary } from "../../types";
import { Health, Name, Spark, Stale } from "../../ui";
import { DefaultCell, LastRunCell, RetentionCell, RunwayMeter, SizeCell, Why } from "./cells";

export function TableCard({ table }: { table: TableSummary }) {
  return (
    <li className="rounded-lg border border-line bg-surface px-3 py-2.5">
      <div className="flex items-center gap-2">
        <Health word={table.health} />
        <Link
          to={tablePath(table.id)}
          data-row
          className="target min-w-0 font-semibold break-words"
        >
          <Name>{table.id}</Name>
        </Link>
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-x-2 text-sm">
        <span className="text-soft">Runway</span>
        <RunwayMeter runway={table.runway} />
      </p>
      {table.health !== "ok" && (
        <div className="mt-1">
          <Why table={table} />
        </div>
      )}
      <dl className="mt-2 grid grid-cols-2 gap-x-4 gap-y-1 border-t border-line pt-2 text-sm">
        <Pair name="DEFAULT">
          <DefaultCell part={table.default} />
        </Pair>
        <Pair name="Retention">
          <RetentionCell retention={table.retention} />
        </Pair>
        <Pair name="Last run">
          <LastRunCell run={table.last_run} />
        </Pair>
        <Pair name="Size">
          <SizeCell table={table} />
        </Pair>
      </dl>
      <div className="mt-2 flex items-end justify-between">
        <Stale readAt={table.read_at} stale={table.stale} />
        <Spark values={table.spark} what={`Sizes of ${table.id}`} />
      </div>
    </li>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
