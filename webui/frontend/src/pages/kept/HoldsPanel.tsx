/** The holds: partitions that a person keeps, whatever retention says. */

import { Fragment, type ReactNode, useState } from "react";
import { asProblem, send } from "../../api";
import { useCan } from "../../me";
import { type Resource, useResource } from "../../resource";
import { tablePath } from "../../route";
import { Link } from "../../router";
import type { Held, Holds, Problem } from "../../types";
import { Badge, Button, Dialog, Empty, Name, Panel, ProblemNotice, Ready, Time } from "../../ui";
import { Listing } from "../lists";
import { HoldDialog } from "./HoldDialog";

export function HoldsPanel() {
  const holds = useResource<Holds>("holds");
  const may = useCan("apply");
  const [adding, setAdding] = useState(false);
  const [releasing, setReleasing] = useState<Held | null>(null);
  return (
    <Panel
      title="Holds"
      flush
      actions={may && <Button onClick={() => setAdding(true)}>Hold a partition</Button>}
    >
      <Ready resource={holds} lines={2}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title="Nothing is held.">
              A partition that is held is never detached, moved or dropped.
            </Empty>
          ) : (
            <Listing
              label="Holds"
              flush
              heads={["Partition", "Of", "Reason", "Until", ""]}
              rows={data.items.map((each) => ({
                key: each.partition,
                cells: cells(each, may, setReleasing),
              }))}
            />
          )
        }
      </Ready>
      <HoldDialog open={adding} onClose={() => setAdding(false)} onDone={holds.put} />
      <ReleaseDialog held={releasing} holds={holds} onClose={() => setReleasing(null)} />
    </Panel>
  );
}

function cells(held: Held, may: boolean, onRelease: (held: Held) => void): ReactNode[] {
  return [
    <Name key="name">{held.partition}</Name>,
    held.table && (
      <Link key="of" to={tablePath(held.table)} className="target">
        <Name>{held.table}</Name>
      </Link>
    ),
    held.reason,
    <Fragment key="until">
      {held.until === null ? "released by hand" : <Time iso={held.until} absolute />}{" "}
      {held.overdue && (
        <Badge tone="warn" glyph="▲">
          over
        </Badge>
      )}
    </Fragment>,
    may ? (
      <Button
        key="release"
        onClick={() => onRelease(held)}
        aria-label={`Release ${held.partition}`}
      >
        Release
      </Button>
    ) : (
      <span key="release" className="text-xs text-soft">
        read only
      </span>
    ),
  ];
}

interface ReleaseProps {
  held: Held | null;
  holds: Resource<Holds>;
  onClose: () => void;
}

function ReleaseDialog({ held, holds, onClose }: ReleaseProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = () => {
    setProblem(null);
    onClose();
  };
  const release = async () => {
    if (held === null) return;
    setBusy(true);
    try {
      holds.put(await send<Holds>("DELETE", "holds", {}, { query: { partition: held.partition } }));
      close();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title="Release the hold"
      open={held !== null}
      onClose={close}
      foot={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="danger" onClick={release} busy={busy}>
            Release
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 text-sm">
        {problem && <ProblemNotice problem={problem} />}
        <p>
          Retention takes <Name>{held?.partition ?? ""}</Name> out as soon as it is due. It was held
          for: {held?.reason ?? "no reason given"}.
        </p>
      </div>
    </Dialog>
  );
}
