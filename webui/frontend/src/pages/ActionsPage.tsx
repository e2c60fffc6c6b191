/** Who did what through the pages, and who was refused. */

import { Fragment, type ReactNode } from "react";
import { useResource } from "../resource";
import { setQuery, usePlace } from "../router";
import { PageHead } from "../shell/PageHead";
import type { ActionShown, Actions } from "../types";
import { Badge, CopyButton, Empty, Name, Ready, Select, Time } from "../ui";
import { Listing, Pages } from "./lists";

const KINDS = [
  ["", "all"],
  ["refused", "refused"],
  ["allowed", "allowed"],
] as const;

export function ActionsPage() {
  const { query } = usePlace();
  const cursor = query.get("cursor") ?? "";
  const only = query.get("only") ?? "";
  const actions = useResource<Actions>("actions", { cursor });
  return (
    <>
      <PageHead title="Actions">
        What was done and refused through these pages, the newest first.
      </PageHead>
      <search className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          aria-label="Which"
          options={KINDS}
          value={only}
          onChange={(event) => setQuery({ only: event.target.value }, { replace: false })}
        />
        {actions.data && <CopyButton text={lines(actions.data.items)} label="Copy as JSON lines" />}
      </search>
      <Ready resource={actions} lines={6}>
        {(data) => <Listed actions={data} only={only} cursor={cursor} />}
      </Ready>
    </>
  );
}

/** One JSON document a line, as logs are read. */
export function lines(items: readonly ActionShown[]): string {
  return items.map((each) => JSON.stringify(each)).join("\n");
}

function Listed({ actions, only, cursor }: { actions: Actions; only: string; cursor: string }) {
  const items = actions.items.filter(
    (each) => only === "" || each.allowed === (only === "allowed"),
  );
  return (
    <>
      {items.length === 0 ? (
        <div className="rounded-lg border border-line bg-surface">
          <Empty title="Nothing of the kind was done or refused." />
        </div>
      ) : (
        <Listing
          label="Actions"
          heads={["What", "When", "Who", "On", "Allowed", "From"]}
          rows={items.map((each) => ({ key: each.id, cells: cells(each) }))}
        />
      )}
      <Pages cursor={cursor} next={actions.next_cursor} />
    </>
  );
}

function cells(action: ActionShown): ReactNode[] {
  return [
    <Fragment key="what">
      <span className="font-semibold">{action.action}</span>
      {action.detail && <p className="max-w-prose text-soft">{action.detail}</p>}
    </Fragment>,
    <Time key="when" iso={action.at} absolute />,
    <Fragment key="who">
      {action.actor} <span className="text-soft">({action.method})</span>
    </Fragment>,
    action.target && <Name key="on">{action.target}</Name>,
    <Allowed key="allowed" yes={action.allowed} />,
    action.address,
  ];
}

function Allowed({ yes }: { yes: boolean }) {
  return yes ? (
    <Badge tone="ok" glyph="✓">
      allowed
    </Badge>
  ) : (
    <Badge tone="crit" glyph="✗">
      refused
    </Badge>
  );
}
