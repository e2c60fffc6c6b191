/** The history of runs: when, what, by whom, how it ended, how long it took. */

import { Fragment, type ReactNode } from "react";
import { took } from "../../format";
import { useRowKeys } from "../../keys";
import { useResource } from "../../resource";
import { runPath, tablePath } from "../../route";
import { Link, setQuery, usePlace } from "../../router";
import { PageHead } from "../../shell/PageHead";
import type { RunShown, Runs } from "../../types";
import { Button, Empty, Name, Ready, Select, TextInput, Time, useNow } from "../../ui";
import { Listing, Pages } from "../lists";
import { Result } from "./Result";

const RESULTS = [
  ["", "all results"],
  ["running", "running"],
  ["done", "done"],
  ["failed", "failed"],
  ["interrupted", "interrupted"],
] as const;

export function RunsPage() {
  useRowKeys("[data-row]");
  const { query } = usePlace();
  const table = query.get("table") ?? "";
  const cursor = query.get("cursor") ?? "";
  const result = query.get("result") ?? "";
  const runs = useResource<Runs>("runs", { table, cursor, limit: 50 });
  return (
    <>
      <PageHead title="Runs" />
      <search className="mb-3 flex flex-wrap items-center gap-2">
        <TableFilter key={table} table={table} />
        <Select
          aria-label="Result"
          options={RESULTS}
          value={result}
          onChange={(event) => setQuery({ result: event.target.value }, { replace: false })}
        />
      </search>
      <Ready resource={runs} lines={8}>
        {(data) => <Listed runs={data} result={result} cursor={cursor} />}
      </Ready>
    </>
  );
}

/** The table is sent when it is complete: by Enter, or by leaving the field. */
function TableFilter({ table }: { table: string }) {
  const filter = (value: string) => {
    if (value.trim() !== table) setQuery({ table: value.trim(), cursor: null }, { replace: false });
  };
  return (
    <>
      <TextInput
        type="search"
        aria-label="Of table"
        placeholder="Table, as schema.name"
        defaultValue={table}
        onBlur={(event) => filter(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && filter(event.currentTarget.value)}
        className="w-56"
      />
      {table && (
        <Button
          kind="quiet"
          onClick={() => setQuery({ table: null, cursor: null }, { replace: false })}
        >
          All tables
        </Button>
      )}
    </>
  );
}

function Listed({ runs, result, cursor }: { runs: Runs; result: string; cursor: string }) {
  const now = useNow();
  const items = runs.items.filter((run) => result === "" || run.result === result);
  const longest = Math.max(1, ...items.map((run) => lasted(run, now)));
  if (items.length === 0) {
    const narrowed = result !== "" || cursor !== "";
    return (
      <div className="rounded-lg border border-line bg-surface">
        <Empty title={narrowed ? "No run here fits." : "There was no run yet."}>
          {!narrowed && "Maintenance records each of its runs here, whoever started it."}
        </Empty>
        <Pages cursor={cursor} next={runs.next_cursor} />
      </div>
    );
  }
  return (
    <>
      <Listing
        label="Runs"
        heads={["Run", "Result", "Began", "Took", "Done", "Failed", "Tables", "Command", "By"]}
        rows={items.map((run) => ({ key: run.id, cells: cells(run, now, longest) }))}
      />
      <Pages cursor={cursor} next={runs.next_cursor} />
    </>
  );
}

/** Seconds that *run* took, or has taken until *now*. */
export function lasted(run: RunShown, now: number): number {
  const until = run.finished_at === null ? now : Date.parse(run.finished_at);
  return Math.max(0, (until - Date.parse(run.started_at)) / 1000);
}

function cells(run: RunShown, now: number, longest: number): ReactNode[] {
  return [
    <Link key="run" to={runPath(run.id)} data-row className="target font-semibold digits">
      <span className="sm:hidden">Run&nbsp;</span>
      {run.id}
    </Link>,
    <Fragment key="result">
      <Result word={run.result} />
      {run.message && <p className="mt-0.5 max-w-96 text-xs text-soft">{run.message}</p>}
    </Fragment>,
    <Time key="began" iso={run.started_at} />,
    lasted(run, now) > 0 && (
      <Lasted key="took" run={run} seconds={lasted(run, now)} longest={longest} />
    ),
    <span key="done" className="digits">
      {run.done}
    </span>,
    <span key="failed" className={`digits ${run.failed > 0 ? "font-semibold text-crit" : ""}`}>
      {run.failed}
    </span>,
    <TablesOf key="tables" run={run} />,
    run.command,
    run.actor,
  ];
}

function Lasted({ run, seconds, longest }: { run: RunShown; seconds: number; longest: number }) {
  const bad = run.result === "failed" || run.failed > 0;
  return (
    <span className="whitespace-nowrap digits">
      <span
        aria-hidden="true"
        className={`meter-fill mr-2 inline-block h-2 rounded-full align-middle ${bad ? "bg-crit" : "bg-bar"}`}
        style={{ width: Math.max(3, Math.round((seconds / longest) * 60)) }}
      />
      {took(seconds)}
    </span>
  );
}

function TablesOf({ run: { tables } }: { run: RunShown }) {
  return (
    <div className="flex max-w-80 flex-wrap gap-x-2">
      {tables.slice(0, 3).map((table) => (
        <Link key={table} to={tablePath(table)} className="target">
          <Name>{table}</Name>
        </Link>
      ))}
      {tables.length > 3 && <span className="text-soft">and {tables.length - 3} more</span>}
    </div>
  );
}
