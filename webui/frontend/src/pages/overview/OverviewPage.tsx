/** The overview: will inserts fail soon, is anything failing, and where; without a click. */

import { useState } from "react";
import { counted } from "../../format";
import { useRowKeys } from "../../keys";
import { type Resource, useResource } from "../../resource";
import { runPath } from "../../route";
import { Link, setQuery, usePlace } from "../../router";
import { useLater } from "../../shell/JumpBox";
import { useTitle } from "../../shell/PageHead";
import type { TableSummary, Tables } from "../../types";
import { Button, Code, Empty, Ready, Select, Stale, TextInput, useNarrow } from "../../ui";
import { asShown, type Chosen, chosen, preset, SHOWN, type Shown, schemas, tally } from "./choose";
import { TableCard } from "./TableCard";
import { TableRow } from "./TableRow";

const PAGE = 500;
/** As many as the server gives at once; a filter finds the others. */
const MOST = 1000;

export function OverviewPage() {
  useTitle("Tables");
  useRowKeys("[data-row]");
  const { query } = usePlace();
  const q = query.get("q") ?? "";
  const [limit, setLimit] = useState(PAGE);
  // A filter asks the server only where one answer does not hold all tables.
  const [many, setMany] = useState(false);
  const asked = useLater(q, 250);
  const tables = useResource<Tables>("tables", { limit, q: many ? asked : "" });
  if (!many && tables.data?.next_cursor) setMany(true);
  return (
    <>
      <h1 tabIndex={-1} className="sr-only">
        Tables
      </h1>
      <Ready resource={tables} lines={8}>
        {(data) =>
          data.items.length === 0 && q === "" ? (
            <NoTables />
          ) : (
            <Found
              data={data}
              resource={tables}
              q={q}
              onMore={data.next_cursor && limit < MOST ? () => setLimit(MOST) : null}
            />
          )
        }
      </Ready>
    </>
  );
}

interface FoundProps {
  data: Tables;
  resource: Resource<Tables>;
  q: string;
  onMore: (() => void) | null;
}

function Found({ data, resource, q, onMore }: FoundProps) {
  const { query } = usePlace();
  const health = asShown(query.get("health")) ?? preset(data.summary);
  const schema = query.get("schema") ?? "";
  const choice: Chosen = { health, q, schema };
  const items = chosen(data.items, choice);
  return (
    <div className="flex flex-col gap-3">
      <Summary data={data} resource={resource} />
      <Filters data={data} choice={choice} />
      {items.length === 0 ? <NoneChosen choice={choice} /> : <Listed items={items} />}
      {data.next_cursor && !onMore && (
        <p className="text-center text-sm text-soft">
          These are the {counted(data.items.length, "most urgent table")}. The filter by name finds
          the others.
        </p>
      )}
      {onMore && (
        <Button onClick={onMore} busy={resource.busy} className="self-center">
          Show more tables
        </Button>
      )}
    </div>
  );
}

function Summary({ data, resource }: { data: Tables; resource: Resource<Tables> }) {
  const stale = data.items.filter((table) => table.stale).length;
  const readAt = resource.readAt === null ? null : new Date(resource.readAt).toISOString();
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 text-sm">
      <p role="status" className="text-base font-semibold">
        {data.summary.text}
      </p>
      <p className="flex flex-wrap gap-x-3 text-soft">
        {data.running.map((run) => (
          <Link key={run} to={runPath(run)} className="font-semibold">
            Run {run} is going on
          </Link>
        ))}
        {stale > 0 && (
          <span className="font-semibold text-warn">
            {counted(stale, "table")} could not be read anew
          </span>
        )}
        {readAt && <Stale readAt={readAt} stale={resource.problem !== null} />}
      </p>
    </div>
  );
}

const WORDS: Record<Shown, string> = {
  "not-ok": "not ok",
  crit: "crit",
  warn: "warn",
  unknown: "unknown",
  ok: "ok",
  all: "all",
};

function Filters({ data, choice }: { data: Tables; choice: Chosen }) {
  const numbers = tally(data.summary);
  const there = schemas(data.items);
  const offered = SHOWN.filter(
    (each) => numbers[each] > 0 || each === "all" || each === choice.health,
  );
  return (
    <search className="flex flex-wrap items-center gap-2">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Health</legend>
        {offered.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === choice.health}
            onClick={() => setQuery({ health: each }, { replace: false })}
            className={`min-h-8 rounded-md border px-2.5 text-sm ${
              each === choice.health
                ? "border-accent bg-accent-tint font-semibold text-accent"
                : "border-edge bg-surface text-soft hover:bg-raised"
            }`}
          >
            {WORDS[each]} <span className="digits">{numbers[each]}</span>
          </button>
        ))}
      </fieldset>
      <TextInput
        type="search"
        aria-label="Filter by name"
        placeholder="Filter by name"
        value={choice.q}
        onChange={(event) => setQuery({ q: event.target.value })}
        className="w-40 flex-1 sm:max-w-64"
      />
      {there.length > 1 && (
        <Select
          aria-label="Schema"
          value={choice.schema}
          options={[["", "all schemas"], ...there.map((name) => [name, name] as const)]}
          onChange={(event) => setQuery({ schema: event.target.value }, { replace: false })}
        />
      )}
    </search>
  );
}

const HEADS = [
  "Health",
  "Table",
  "Every",
  "Runway",
  "DEFAULT",
  "Retention",
  "Size",
  "Last run",
  "Next run",
];

function Listed({ items }: { items: readonly TableSummary[] }) {
  const narrow = useNarrow();
  if (narrow) {
    return (
      <ul className="flex flex-col gap-3">
        {items.map((table) => (
          <TableCard key={table.id} table={table} />
        ))}
      </ul>
    );
  }
  return (
    <section
      aria-label="Tables"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line bg-surface"
    >
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-soft">
            {HEADS.map((head) => (
              <th key={head} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        {items.map((table) => (
          <TableRow key={table.id} table={table} columns={HEADS.length} />
        ))}
      </table>
    </section>
  );
}

function NoneChosen({ choice }: { choice: Chosen }) {
  const narrowed = choice.q !== "" || choice.schema !== "";
  const title = narrowed ? "No table fits these filters." : `No table is ${WORDS[choice.health]}.`;
  return (
    <div className="rounded-lg border border-line bg-surface">
      <Empty title={title}>
        <Button
          onClick={() => setQuery({ health: "all", q: null, schema: null }, { replace: false })}
          className="mt-2"
        >
          Show all tables
        </Button>
      </Empty>
    </div>
  );
}

function NoTables() {
  return (
    <div className="rounded-lg border border-line bg-surface">
      <Empty title="No managed tables yet.">
        <p>
          A table that PostgreSQL partitions is managed once it is registered. This shows what would
          happen, and changes nothing:
        </p>
        <div className="mx-auto mt-3 max-w-xl text-left text-ink">
          <Code text={'partman register public.events --partition-interval "1 day" --dry-run'} />
        </div>
      </Empty>
    </div>
  );
}
