/** One table: is it well, where are its partitions, what goes next, what was done. */

import { useCallback, useEffect } from "react";
import { segment } from "../../api";
import { useKeys } from "../../keys";
import { type Resource, useResource } from "../../resource";
import { planPath, settingsPath, tenantsPath } from "../../route";
import { navigate, usePlace } from "../../router";
import { PageHead } from "../../shell/PageHead";
import type { Days, DefaultPart, PartitionRow, Partitions, TableSummary } from "../../types";
import { Badge, LinkButton, Panel, Ready } from "../../ui";
import { Timeline } from "../../ui/timeline";
import { BinPanel } from "../kept/BinPanel";
import { DaysPanel } from "./DaysPanel";
import { DefaultPanel } from "./DefaultPanel";
import { PartitionFacts } from "./PartitionFacts";
import { PartitionsPanel } from "./PartitionsPanel";
import { RunsPanel } from "./RunsPanel";
import { Findings, Heading, Summary } from "./Summary";
import { TableHolds } from "./TableHolds";
import { useSettledQuery } from "./useSettledQuery";

/** As many as the server answers at once. */
const MOST = 50_000;

export default function TablePage({ id }: { id: string }) {
  const path = `tables/${segment(id)}`;
  const table = useResource<TableSummary>(path);
  const partitions = useResource<Partitions>(`${path}/partitions`, { limit: MOST });
  const days = useResource<Days>(`${path}/days`);
  useKeys({ p: () => navigate(planPath(id)) });
  useHash(table.data !== null && partitions.data !== null);
  return (
    <>
      <PageHead
        title={id}
        heading={<Heading table={id} />}
        crumbs={[["/", "Tables"]]}
        actions={
          <>
            <LinkButton to={planPath(id)} kind="primary">
              Preview plan
            </LinkButton>
            {table.data?.tenants != null && <LinkButton to={tenantsPath(id)}>Tenants</LinkButton>}
            <LinkButton to={settingsPath(id)}>Settings</LinkButton>
          </>
        }
      />
      <div className="flex flex-col gap-4">
        <Ready resource={table} lines={4}>
          {(data) => (
            <div className="flex flex-col gap-4">
              <Summary table={data} />
              <Findings reasons={data.reasons} />
            </div>
          )}
        </Ready>
        <PartitionsPart id={id} partitions={partitions} part={table.data?.default ?? null} />
        <div className="grid gap-4 lg:grid-cols-2">
          {table.data && <DefaultPanel table={table.data} />}
          <TableHolds table={id} />
          <DaysPanel days={days} />
          <RunsPanel table={id} />
        </div>
        <BinPanel table={id} />
      </div>
    </>
  );
}

/** A link such as `#findings` leads to what is there only after it was read. */
function useHash(there: boolean): void {
  const { hash } = usePlace();
  useEffect(() => {
    if (!there || hash.length < 2) return;
    document.getElementById(hash.slice(1))?.scrollIntoView({ block: "start" });
  }, [there, hash]);
}

interface PartProps {
  id: string;
  partitions: Resource<Partitions>;
  part: DefaultPart | null;
}

/** Timeline, selected partition and grid: one selection, kept in the address. */
function PartitionsPart({ id, partitions, part }: PartProps) {
  const [selected, select] = useSettledQuery("at");
  const [zoom, setZoom] = useSettledQuery("zoom");
  const open = useCallback(
    (name: string) => {
      select(name);
      document.querySelector<HTMLElement>("#partitions [role=grid]")?.focus();
    },
    [select],
  );
  return (
    <Ready resource={partitions} lines={12}>
      {(data) => {
        const row = data.items.find((each) => each.name === selected) ?? null;
        return (
          <div className="flex flex-col gap-4">
            {data.items.length > 0 && (
              <Panel
                title="Timeline"
                actions={<Defaults rows={data.items} part={part} onSelect={select} />}
              >
                <Timeline
                  data={data}
                  selected={selected}
                  onSelect={select}
                  onOpen={open}
                  zoom={zoom}
                  onZoom={setZoom}
                />
              </Panel>
            )}
            <PartitionsPanel
              table={id}
              data={data}
              selected={selected}
              onSelect={select}
              onOpen={() =>
                document.getElementById("partition")?.scrollIntoView({ block: "center" })
              }
            />
            {row !== null && (
              <PartitionFacts
                row={row}
                data={data}
                onClose={() => select(null)}
                onChanged={partitions.refresh}
              />
            )}
          </div>
        );
      }}
    </Ready>
  );
}

interface DefaultsProps {
  rows: readonly PartitionRow[];
  /** Whether it was looked into; null: not yet. */
  part: DefaultPart | null;
  onSelect: (name: string) => void;
}

/** DEFAULT holds no range, so it has no place on the axis: it stands beside it. */
function Defaults({ rows, part, onSelect }: DefaultsProps) {
  const found = rows.filter((row) => row.state === "default");
  const guess = found.find((row) => row.rows !== null && row.rows > 0);
  const first = guess ?? found[0];
  if (first === undefined) return null;
  const what = found.length === 1 ? "DEFAULT" : `${found.length} DEFAULT partitions`;
  // Rows are an estimate: they count only where nobody has looked.
  const empty = part?.empty ?? (guess === undefined ? null : false);
  const looked = part?.empty !== null && part !== null;
  return (
    <button type="button" className="target" onClick={() => onSelect(first.name)}>
      {empty === false ? (
        <Badge tone="warn" glyph="▲">
          {what}: {looked ? "has rows" : "may have rows"}
        </Badge>
      ) : (
        <Badge>{empty ? `${what}: empty` : what}</Badge>
      )}
    </button>
  );
}
