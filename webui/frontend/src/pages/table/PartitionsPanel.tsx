/** The partitions of a table as a grid: filtered, sorted, taken away as a file. */

import { useMemo } from "react";
import { bytes, count, exactBytes } from "../../format";
import { setQuery, usePlace } from "../../router";
import { useLater } from "../../shell/JumpBox";
import type { PartitionRow, Partitions } from "../../types";
import { Button, Empty, Panel, Rows, Select, Stale, TextInput, useNarrow } from "../../ui";
import { type Column, csv, Grid, save, sortFrom, sortText } from "../../ui/grid";
import { placeText } from "../../ui/timeline";
import { FIRST_SORT, filtered, held, inOrder, SAVED, STATES, tenantsOf } from "./choose";

export interface PartitionsPanelProps {
  table: string;
  data: Partitions;
  selected: string | null;
  onSelect: (name: string | null) => void;
  onOpen: (name: string) => void;
}

export function PartitionsPanel({ table, data, selected, onSelect, onOpen }: PartitionsPanelProps) {
  const { query } = usePlace();
  const narrow = useNarrow();
  const [q, state, tenant] = ["q", "state", "tenant"].map((name) => query.get(name) ?? "");
  // The field answers at once; ten thousand rows are looked through when typing pauses.
  const text = useLater(q!, data.items.length > 2000 ? 50 : 0);
  const sort = sortFrom(query.get("sort"), FIRST_SORT);
  const { column, down } = sort;
  const tenants = useMemo(() => tenantsOf(data.items), [data]);
  const found = useMemo(
    () => filtered(data.items, { text, state: state!, tenant: tenant! }),
    [data, text, state, tenant],
  );
  const rows = useMemo(() => inOrder(found, { column, down }), [found, column, down]);
  const columns = useMemo(
    () => columnsOf(data, table, narrow, tenants.length > 0),
    [data, table, narrow, tenants.length],
  );
  return (
    <Panel
      id="partitions"
      title={title(data, rows)}
      flush
      actions={
        <>
          <Stale readAt={data.read_at} stale={data.stale} />
          <Saving table={table} rows={rows} />
        </>
      }
    >
      <Filters q={q!} state={state!} tenant={tenant!} tenants={tenants} />
      {data.total > data.items.length && (
        <p className="px-4 pb-2 text-sm text-warn">
          ▲ Only the first {count(data.items.length)} of {count(data.total)} partitions are here.
        </p>
      )}
      {rows.length === 0 ? (
        <Empty
          title={data.items.length === 0 ? "No partitions yet." : "No partition is like that."}
        >
          {data.items.length > 0 && (
            <Button onClick={() => setQuery({ q: null, state: null, tenant: null })}>
              Show all {count(data.items.length)}
            </Button>
          )}
        </Empty>
      ) : (
        <Grid
          label="Partitions"
          columns={columns}
          rows={rows}
          keyOf={nameOf}
          sort={sort}
          onSort={(next) => setQuery({ sort: sortText(next) })}
          selected={selected}
          onSelect={(row) => onSelect(row.name)}
          onOpen={(row) => onOpen(row.name)}
        />
      )}
    </Panel>
  );
}

const nameOf = (row: PartitionRow): string => row.name;

function title(data: Partitions, rows: readonly PartitionRow[]): string {
  const whole = count(data.total);
  if (rows.length === data.items.length) return `Partitions: ${whole}`;
  const size = rows.reduce((sum, row) => sum + row.bytes, 0);
  return `Partitions: ${count(rows.length)} of ${whole}, ${bytes(size)}`;
}

interface FiltersProps {
  q: string;
  state: string;
  tenant: string;
  tenants: readonly string[];
}

function Filters({ q, state, tenant, tenants }: FiltersProps) {
  const known = tenant === "" || tenants.includes(tenant) ? tenants : [tenant, ...tenants];
  return (
    <search className="no-print flex flex-wrap items-center gap-2 px-4 py-2">
      <TextInput
        type="search"
        aria-label="Filter by name or bounds"
        placeholder="Name or bounds"
        value={q}
        onChange={(event) => setQuery({ q: event.target.value })}
        className="w-52 max-w-full"
      />
      <Select
        aria-label="State"
        options={STATES}
        value={state}
        onChange={(event) => setQuery({ state: event.target.value })}
      />
      {known.length > 0 && (
        <Select
          aria-label="Tenant"
          options={[["", "all tenants"], ...known.map((each) => [each, each] as const)]}
          value={tenant}
          onChange={(event) => setQuery({ tenant: event.target.value })}
          className="max-w-44"
        />
      )}
    </search>
  );
}

/** Files of what is filtered, in the order in which it stands. */
function Saving({ table, rows }: { table: string; rows: readonly PartitionRow[] }) {
  const name = `${table.replaceAll(/[^\w.-]+/g, "_")}-partitions`;
  return (
    <span className="no-print">
      <Button
        kind="quiet"
        aria-label="Save as CSV"
        onClick={() => save(`${name}.csv`, "text/csv", csv(SAVED, rows))}
      >
        CSV
      </Button>
      <Button
        kind="quiet"
        aria-label="Save as JSON"
        onClick={() => save(`${name}.json`, "application/json", JSON.stringify(rows, null, 2))}
      >
        JSON
      </Button>
    </span>
  );
}

function columnsOf(
  data: Partitions,
  table: string,
  narrow: boolean,
  tenants: boolean,
): Column<PartitionRow>[] {
  const { axis, timezone } = data;
  const where = (text: string | null) => (text === null ? "" : placeText(text, axis, timezone));
  const name: Column<PartitionRow> = {
    key: "name",
    head: "Partition",
    width: narrow ? 150 : 240,
    grows: true,
    cell: (row) => (
      <span title={row.name} className="font-mono text-[0.92em]">
        {narrow ? shortName(row.name, table) : withoutSchema(row.name, table)}
      </span>
    ),
  };
  const size: Column<PartitionRow> = {
    key: "bytes",
    head: "Size",
    width: narrow ? 76 : 96,
    numeric: true,
    cell: (row) => bytes(row.bytes),
    title: (row) => exactBytes(row.bytes),
  };
  const state: Column<PartitionRow> = {
    key: "state",
    head: "State",
    width: narrow ? 92 : 150,
    cell: (row) => <State row={row} />,
  };
  if (narrow) return [name, size, state];
  const bound = (key: string, head: string, text: (row: PartitionRow) => string) => ({
    key,
    head,
    width: axis === "time" ? 142 : 150,
    fits: axis === "time",
    cell: text,
    title: (row: PartitionRow) => row.bounds ?? undefined,
  });
  const bounds =
    axis === "none"
      ? [{ ...bound("from", "Bounds", (row) => row.bounds ?? ""), width: 260 }]
      : [
          bound("from", "From", (row) => where(row.lower)),
          bound("to", "To", (row) => where(row.upper)),
        ];
  return [
    name,
    ...(tenants ? [{ key: "tenant", head: "Tenant", width: 120, cell: tenantCell }] : []),
    ...bounds,
    size,
    { key: "rows", head: "Rows", width: 110, numeric: true, cell: rowsCell },
    state,
    { key: "due", head: "Why it goes", width: 220, cell: dueOf, title: dueOf },
  ];
}

const tenantCell = (row: PartitionRow) => row.tenant ?? "";
const rowsCell = (row: PartitionRow) => <Rows value={row.rows} />;
const dueOf = (row: PartitionRow) => row.due ?? undefined;

/** What lies in the schema of the table is named without it. */
export function withoutSchema(name: string, table: string): string {
  const schema = table.slice(0, table.indexOf(".") + 1);
  return schema !== "" && name.startsWith(schema) ? name.slice(schema.length) : name;
}

/** On a phone the table's name goes: what tells partitions apart is the end of theirs. */
export function shortName(name: string, table: string): string {
  const rest = name.startsWith(`${table}_`) ? name.slice(table.length + 1) : null;
  return rest ? `…${rest}` : name.slice(name.indexOf(".") + 1);
}

function State({ row }: { row: PartitionRow }) {
  const odd = row.state !== "attached";
  return (
    <span className="flex items-center gap-1.5">
      <span className={odd ? "font-semibold" : ""}>{row.state}</span>
      {held(row) && <span className="text-xs font-semibold text-accent">held</span>}
      {row.due !== null && <span className="text-xs font-semibold text-warn">▲ due</span>}
      {row.stale && <span className="text-xs text-warn">stale</span>}
    </span>
  );
}
