/** A plan to be read: its sum, its operations with reason, locks and SQL, and its findings. */

import { useState } from "react";
import { counted, sentence } from "../../format";
import { setQuery } from "../../router";
import type { PlannedOperation, PlanShown, Reason } from "../../types";
import {
  Badge,
  Button,
  Bytes,
  Code,
  CopyButton,
  Empty,
  Hint,
  Name,
  Notice,
  Panel,
  Prose,
  Rows,
  SeverityBadge,
} from "../../ui";
import { heaviest, lockName, losses, partOf, script, strongest } from "./edit";

export interface PlanViewProps {
  plan: PlanShown;
  table: string;
  /** The whole plan, where only a part of it is shown: what is left out is named. */
  left?: PlanShown | null;
}

export function PlanView({ plan, table, left = null }: PlanViewProps) {
  const part = partOf(plan, table);
  const operations = part?.operations ?? [];
  const [sql, setSql] = useState(false);
  return (
    <>
      <Sum plan={plan} operations={operations} left={left} />
      {part && part.findings.length > 0 && <Findings findings={part.findings} />}
      <Panel
        title={counted(operations.length, "operation")}
        flush
        actions={
          operations.length > 0 && (
            <span className="no-print flex flex-wrap gap-1">
              <Button kind="quiet" aria-pressed={sql} onClick={() => setSql(!sql)}>
                {sql ? "Hide all SQL" : "Show all SQL"}
              </Button>
              <CopyButton text={script(operations)} label="Copy SQL" />
              <CopyButton text={JSON.stringify(plan, null, 2)} label="Copy JSON" />
            </span>
          )
        }
      >
        {operations.length === 0 ? (
          <Empty title="Nothing to do: everything that is wanted is there." />
        ) : (
          <ol>
            {operations.map((operation) => (
              <Operation key={operation.n} operation={operation} sql={sql} />
            ))}
          </ol>
        )}
      </Panel>
    </>
  );
}

function Sum({
  plan,
  operations,
  left,
}: {
  plan: PlanShown;
  operations: readonly PlannedOperation[];
  left: PlanShown | null;
}) {
  const lock = heaviest(operations);
  const rest = left === null ? 0 : count(left) - operations.length;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-base font-semibold">{sentence(plan.text)}</p>
      {operations.length > 0 && (
        <p className="text-sm">
          {lock === null ? (
            "No query of the application waits behind it."
          ) : (
            <>
              Heaviest lock that queries can wait behind: <strong>{lock}</strong>.
            </>
          )}
        </p>
      )}
      {plan.destroys && <Notice tone="crit" title={`${losses(plan)}.`} />}
      {left !== null && rest > 0 && (
        <Notice
          title={`${counted(rest, "operation")} of the whole plan left out: ${losses(left)}.`}
        >
          <Button onClick={() => setQuery({ only: "all" }, { replace: false })} className="mt-1">
            Show everything
          </Button>
        </Notice>
      )}
    </div>
  );
}

const count = (plan: PlanShown): number =>
  plan.tables.reduce((sum, part) => sum + part.operations.length, 0);

function Findings({ findings }: { findings: readonly Reason[] }) {
  return (
    <Panel title="Findings">
      <ul className="flex flex-col gap-2 text-sm">
        {findings.map((found) => (
          <li key={`${found.code} ${found.text}`}>
            <SeverityBadge severity={found.severity} /> <Prose text={found.text} />
            <Hint text={found.hint} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const SIGN_TONES: Record<string, string> = {
  "+": "text-ok",
  "~": "text-warn",
  "-": "text-crit",
};

function Operation({ operation, sql }: { operation: PlannedOperation; sql: boolean }) {
  const { sign, kind, name, bounds, tenant, reason, way } = operation;
  return (
    <li id={`op-${operation.n}`} className="border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex gap-3">
        <span
          aria-hidden="true"
          className={`w-3 shrink-0 font-mono text-lg leading-6 font-bold ${SIGN_TONES[sign] ?? ""}`}
        >
          {sign === "-" ? "−" : sign}
        </span>
        <div className="min-w-0 flex-1 text-sm">
          <p className="flex flex-wrap items-baseline gap-x-3">
            <span>
              <span className="font-semibold">{kind}</span>{" "}
              <Name className="break-words">{name}</Name>
            </span>
            {tenant !== null && <Badge>tenant {tenant}</Badge>}
            {operation.destroys && (
              <span className="font-semibold text-crit">
                <Bytes value={operation.bytes} />, <Rows value={operation.rows} /> rows
              </span>
            )}
          </p>
          {bounds && <p className="font-mono text-xs break-words text-soft">{bounds}</p>}
          <p className="mt-1">
            <span className="text-soft">why</span> {reason}
            {way && (
              <>
                {" "}
                <span className="ml-2 text-soft">how</span> {way}
              </>
            )}
          </p>
          <Locks operation={operation} />
          {operation.waits && (
            <p className="mt-1 text-xs font-semibold text-warn">
              <span aria-hidden="true">▲ </span>
              {operation.waits}
            </p>
          )}
          <Statements operation={operation} open={sql} />
        </div>
      </div>
    </li>
  );
}

function Locks({ operation }: { operation: PlannedOperation }) {
  if (operation.locks.length === 0) return null;
  return (
    <p className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs">
      <span className="text-soft">Locks</span>
      {strongest(operation.locks).map((lock) => (
        <span
          key={`${lock.relation} ${lock.mode}`}
          className={lock.waits ? "font-semibold" : "text-soft"}
        >
          {lockName(lock.mode)} on <Name>{lock.relation}</Name>
          {lock.waits && !operation.waits && <span className="text-warn"> ▲ queries can wait</span>}
        </span>
      ))}
    </p>
  );
}

function Statements({ operation, open }: { operation: PlannedOperation; open: boolean }) {
  if (operation.sql.length === 0) return null;
  return (
    <details key={String(open)} open={open} className="mt-1">
      <summary className="min-h-6 w-fit text-xs text-accent">
        SQL ({counted(operation.sql.length, "statement")})
      </summary>
      <div className="mt-1">
        <Code text={operation.sql.join("\n\n")} />
      </div>
    </details>
  );
}
