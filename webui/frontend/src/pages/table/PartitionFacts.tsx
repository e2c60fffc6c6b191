/** The partition that is selected, in full: what does not fit into a row of the grid. */

import { useState } from "react";
import { useCan } from "../../me";
import type { PartitionRow, Partitions } from "../../types";
import { Button, Bytes, CopyButton, Fact, Facts, Name, Panel, Rows, Time } from "../../ui";
import { heldText, spanText } from "../../ui/timeline";
import { HoldDialog } from "../kept/HoldDialog";

export interface PartitionFactsProps {
  row: PartitionRow;
  data: Partitions;
  onClose: () => void;
  /** Something was changed: read again. */
  onChanged: () => void;
}

export function PartitionFacts({ row, data, onClose, onChanged }: PartitionFactsProps) {
  const [holding, setHolding] = useState(false);
  const may = useCan("apply");
  const hold = heldText(row);
  return (
    <Panel
      id="partition"
      title={<Name>{row.name}</Name>}
      actions={
        <span className="no-print flex flex-wrap gap-1">
          <CopyButton text={row.name} label="Copy name" />
          {may && row.state === "attached" && row.hold_reason === null && (
            <Button onClick={() => setHolding(true)}>Hold</Button>
          )}
          <Button kind="quiet" onClick={onClose}>
            Close
          </Button>
        </span>
      }
    >
      <Facts>
        <Fact name="Holds">{spanText(row, data.axis, data.timezone)}</Fact>
        {row.tenant !== null && <Fact name="Tenant">{row.tenant}</Fact>}
        <Fact name="Size">
          <Bytes value={row.bytes} />
        </Fact>
        <Fact name="Rows">
          <Rows value={row.rows} />
        </Fact>
        <Fact name="State">
          {row.state}
          {row.leaf ? "" : ", partitioned again"}
          {row.ours ? "" : ", not made by partman: retention leaves it alone"}
        </Fact>
        {row.created_at !== null && (
          <Fact name="Made or adopted">
            <Time iso={row.created_at} />
          </Fact>
        )}
        {hold !== null && <Fact name="Hold">{hold}</Fact>}
        {row.due !== null && <Fact name="Why it goes next">{row.due}</Fact>}
        {row.parent !== null && (
          <Fact name="Part of">
            <Name>{row.parent}</Name>
          </Fact>
        )}
      </Facts>
      <p className="mt-3 font-mono text-xs break-words text-soft">
        {row.bounds ?? "The bounds could not be read: the relation is locked."}
      </p>
      <HoldDialog
        open={holding}
        partition={row.name}
        onClose={() => setHolding(false)}
        onDone={onChanged}
      />
    </Panel>
  );
}
