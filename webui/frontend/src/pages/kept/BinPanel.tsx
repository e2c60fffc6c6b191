/** The bin: partitions that retention took out and that are not dropped yet. */

import { Fragment, type ReactNode, useState } from "react";
import { asProblem, send } from "../../api";
import { bytes, counted } from "../../format";
import { useCan } from "../../me";
import { useResource } from "../../resource";
import { runPath, tablePath } from "../../route";
import { Link, navigate } from "../../router";
import type { Bin, Binned, Problem, RunShown } from "../../types";
import {
  Button,
  Bytes,
  Dialog,
  Empty,
  Name,
  Panel,
  ProblemNotice,
  Ready,
  Rows,
  Time,
} from "../../ui";
import { Listing } from "../lists";

export interface BinPanelProps {
  /** Of this table only; by default of all. */
  table?: string;
}

export function BinPanel({ table }: BinPanelProps) {
  const bin = useResource<Bin>("bin");
  const [chosen, setChosen] = useState<Binned | null>(null);
  const mine = (bin.data?.items ?? []).filter(
    (each) => table === undefined || each.table === table,
  );
  const size = mine.reduce((sum, each) => sum + each.bytes, 0);
  return (
    <Panel
      title={
        mine.length === 0 ? "Bin" : `Bin: ${counted(mine.length, "partition")}, ${bytes(size)}`
      }
      flush
    >
      <Ready resource={bin} lines={2}>
        {() =>
          mine.length === 0 ? (
            <Empty title="The bin is empty.">
              Detached partitions wait here until their grace is over, and can be attached again.
            </Empty>
          ) : (
            <Listing
              label="Bin"
              flush
              heads={["Partition", "Of", "Size", "Rows", "Taken out", "Then", "Hold", ""]}
              rows={mine.map((each) => ({ key: each.name, cells: cells(each, setChosen) }))}
            />
          )
        }
      </Ready>
      <AttachDialog item={chosen} onClose={() => setChosen(null)} />
    </Panel>
  );
}

function cells(item: Binned, onAttach: (item: Binned) => void): ReactNode[] {
  return [
    <Fragment key="name">
      <Name>{item.name}</Name>
      <p className="font-mono text-xs break-words text-soft">{item.bounds}</p>
    </Fragment>,
    <Link key="of" to={tablePath(item.table)} className="target">
      <Name>{item.table}</Name>
    </Link>,
    <Bytes key="size" value={item.bytes} />,
    <Rows key="rows" value={item.rows} />,
    <Time key="out" iso={item.retired_at} />,
    <span key="then" className="whitespace-nowrap">
      {item.action} {item.due && <Time iso={item.due} />}
    </span>,
    item.hold_reason && (
      <Fragment key="hold">
        {item.hold_reason}
        {item.hold_until && (
          <>
            {" "}
            until <Time iso={item.hold_until} absolute />
          </>
        )}
      </Fragment>
    ),
    <AttachButton key="attach" item={item} onAttach={onAttach} />,
  ];
}

function AttachButton({ item, onAttach }: { item: Binned; onAttach: (item: Binned) => void }) {
  if (!useCan("apply")) return <span className="text-xs text-soft">read only</span>;
  return (
    <Button onClick={() => onAttach(item)} aria-label={`Attach again: ${item.name}`}>
      Attach again
    </Button>
  );
}

function AttachDialog({ item, onClose }: { item: Binned | null; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = () => {
    setProblem(null);
    onClose();
  };
  const attach = async () => {
    if (item === null) return;
    setBusy(true);
    try {
      const run = await send<RunShown>("POST", "bin/attach", { partition: item.name });
      navigate(runPath(run.id));
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title="Attach again"
      open={item !== null}
      onClose={close}
      foot={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" onClick={attach} busy={busy}>
            Attach again
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 text-sm">
        {problem && <ProblemNotice problem={problem} />}
        <p>
          <Name>{item?.name ?? ""}</Name> becomes a partition of <Name>{item?.table ?? ""}</Name>{" "}
          again, and its rows can be seen through the table. The next maintenance takes it out once
          more unless it is held or the settings keep it.
        </p>
      </div>
    </Dialog>
  );
}
