/** The tenants of a table: their partitions, what is their own, and how to add one. */

import { Fragment, type ReactNode, useState } from "react";
import { segment } from "../../api";
import { bytes, count, counted } from "../../format";
import { useCan } from "../../me";
import { useResource } from "../../resource";
import { planPath, tablePath } from "../../route";
import { Link, setQuery, usePlace } from "../../router";
import { PageHead } from "../../shell/PageHead";
import type { TenantRow, Tenants, TenantsChanged } from "../../types";
import { Badge, Button, Bytes, Empty, Notice, Ready, Rows, TextInput } from "../../ui";
import { Listing } from "../lists";
import { type Deed, TenantDialog } from "./TenantDialog";
import { ownText, shownTenants, unregistered } from "./tenants";

/** More are found by the filter: a list of a thousand is read by nobody. */
const MOST = 200;

export default function TenantsPage({ id }: { id: string }) {
  const tenants = useResource<Tenants>(`tables/${segment(id)}/tenants`);
  const q = usePlace().query.get("q") ?? "";
  const may = useCan("settings");
  const [deed, setDeed] = useState<Deed | null>(null);
  const [done, setDone] = useState<TenantsChanged | null>(null);
  return (
    <>
      <PageHead
        title={`Tenants of ${id}`}
        heading="Tenants"
        crumbs={[
          ["/", "Tables"],
          [tablePath(id), id],
        ]}
        actions={
          may && (
            <Button kind="primary" onClick={() => setDeed({ kind: "add" })}>
              Add a tenant
            </Button>
          )
        }
      >
        {!may && "Read only: this login may not change tenants (`partman ui --allow settings`)."}
      </PageHead>
      {done && <Done table={id} changed={done} />}
      <Ready resource={tenants} lines={8}>
        {({ items }) => <Listed id={id} items={items} q={q} onDeed={may ? setDeed : null} />}
      </Ready>
      {deed && (
        <TenantDialog
          table={id}
          deed={deed}
          onClose={() => setDeed(null)}
          onDone={(changed) => {
            setDone(changed);
            setDeed(null);
            tenants.refresh();
          }}
        />
      )}
    </>
  );
}

function Done({ table, changed }: { table: string; changed: TenantsChanged }) {
  const said = [
    ["added", changed.added],
    ["changed", changed.changed],
    ["let go", changed.removed],
  ] as const;
  const text = said
    .filter(([, names]) => names.length > 0)
    .map(([word, names]) => `${word}: ${names.join(", ")}`)
    .join("; ");
  return (
    <div role="status" className="mb-3">
      <Notice tone="ok" title={text === "" ? "Nothing was changed" : `Done, ${text}`}>
        The next maintenance makes and retires what follows from it.{" "}
        <Link to={planPath(table)}>Preview the plan</Link>
      </Notice>
    </div>
  );
}

interface ListedProps {
  id: string;
  items: readonly TenantRow[];
  q: string;
  onDeed: ((deed: Deed) => void) | null;
}

function Listed({ id, items, q, onDeed }: ListedProps) {
  if (items.length === 0) {
    return (
      <Empty title="No tenants.">
        Either nobody was added yet, or the partitions of this table are not made by tenant.
      </Empty>
    );
  }
  const found = shownTenants(items, q);
  const shown = found.slice(0, MOST);
  const size = found.reduce((sum, row) => sum + row.bytes, 0);
  const strange = items.filter(unregistered).length;
  return (
    <>
      <search className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <TextInput
          type="search"
          aria-label="Filter tenants"
          placeholder="Tenant"
          value={q}
          onChange={(event) => setQuery({ q: event.target.value })}
          className="w-56"
        />
        <span aria-live="polite" className="text-sm text-soft">
          {found.length === items.length
            ? counted(items.length, "tenant")
            : `${count(found.length)} of ${counted(items.length, "tenant")}`}
          , {bytes(size)}
          {strange > 0 && `, ${counted(strange, "tenant")} not registered`}
        </span>
      </search>
      {found.length === 0 ? (
        <Empty title="No tenant has that in its name." />
      ) : (
        <Listing
          label="Tenants"
          heads={[
            "Tenant",
            "Partitions",
            "Size",
            "Rows",
            "Of its own",
            ...(onDeed === null ? [] : [""]),
          ]}
          rows={shown.map((row) => ({ key: row.tenant, cells: cells(id, row, onDeed) }))}
        />
      )}
      {found.length > MOST && (
        <p className="mt-2 text-sm text-soft">
          The first {MOST} of {count(found.length)}: the filter finds the others.
        </p>
      )}
    </>
  );
}

function cells(id: string, row: TenantRow, onDeed: ListedProps["onDeed"]): ReactNode[] {
  const all = [
    <Fragment key="tenant">
      <span className="font-semibold break-all">{row.tenant}</span> <Standing row={row} />
    </Fragment>,
    <Link
      key="partitions"
      to={`${tablePath(id)}?tenant=${encodeURIComponent(row.tenant)}#partitions`}
      className="target"
    >
      {counted(row.partitions, "partition")}
    </Link>,
    <Bytes key="bytes" value={row.bytes} />,
    <Rows key="rows" value={row.rows} />,
    <Own key="own" text={ownText(row.own)} />,
  ];
  if (onDeed === null) return all;
  return [...all, <Deeds key="deeds" row={row} onDeed={onDeed} />];
}

function Own({ text }: { text: string }) {
  return text === "" ? <span className="text-soft">as the table</span> : text;
}

function Standing({ row }: { row: TenantRow }) {
  if (unregistered(row)) {
    return (
      <Badge tone="warn" glyph="▲">
        not registered
      </Badge>
    );
  }
  return row.registered ? null : <Badge title="A plugin names it.">by a plugin</Badge>;
}

function Deeds({ row, onDeed }: { row: TenantRow; onDeed: (deed: Deed) => void }) {
  if (!row.registered) return null;
  return (
    <span className="flex flex-wrap gap-1">
      <Button aria-label={`Change ${row.tenant}`} onClick={() => onDeed({ kind: "change", row })}>
        Change
      </Button>
      <Button
        kind="quiet"
        aria-label={`Let go: ${row.tenant}`}
        onClick={() => onDeed({ kind: "remove", row })}
      >
        Let go
      </Button>
    </span>
  );
}
