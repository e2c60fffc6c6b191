/** Adds a tenant, changes its own settings, or lets it go: previewed first, then done. */

import { useState } from "react";
import { asProblem, segment, send } from "../../api";
import type { Problem, TenantRow, TenantsAsked, TenantsChanged } from "../../types";
import { AgreeField, Button, Dialog, Field, ProblemNotice, TextInput } from "../../ui";
import { PlanView } from "../plan/PlanView";
import { OWN, type OwnDraft, ownDraft, ownOf } from "./tenants";

/** What the dialog is for. */
export type Deed =
  | { kind: "add" }
  | { kind: "change"; row: TenantRow }
  | { kind: "remove"; row: TenantRow };

export interface TenantDialogProps {
  table: string;
  deed: Deed;
  onClose: () => void;
  onDone: (changed: TenantsChanged) => void;
}

const TITLES = { add: "Add a tenant", change: "Settings of", remove: "Let go" } as const;

export function TenantDialog({ table, deed, onClose, onDone }: TenantDialogProps) {
  const row = deed.kind === "add" ? null : deed.row;
  const [name, setName] = useState(row?.tenant ?? "");
  const [own, setOwn] = useState<OwnDraft>(ownDraft(row?.own ?? {}));
  const [confirm, setConfirm] = useState("");
  const asked: TenantsAsked =
    deed.kind === "remove" ? { remove: [name] } : { tenants: { [name]: ownOf(own) } };
  const change = useChange(table, asked, onDone);
  const { preview, problem, busy } = change;
  const asks = deed.kind === "remove" || problem?.code === "confirm-needed";
  const ready = name !== "" && (!asks || confirm.trim() === table);
  const edit = (key: string, value: string) => {
    setOwn({ ...own, [key]: value });
    change.forget();
  };
  return (
    <Dialog
      title={row === null ? TITLES.add : `${TITLES[deed.kind]} ${row.tenant}`}
      open
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button onClick={() => change.ask(true, confirm)} busy={busy} disabled={name === ""}>
            Preview
          </Button>
          <Button
            kind={deed.kind === "remove" ? "danger" : "primary"}
            onClick={() => change.ask(false, confirm)}
            busy={busy}
            disabled={!ready || preview === null}
          >
            {deed.kind === "remove" ? "Let go" : deed.kind === "add" ? "Add" : "Save"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {problem && <ProblemNotice problem={problem} />}
        {deed.kind === "add" && (
          <Field label="Tenant" hint="The value of the tenant column, letter for letter.">
            {(ties) => (
              <TextInput
                {...ties}
                value={name}
                required
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => {
                  setName(event.target.value);
                  change.forget();
                }}
                className="max-w-sm"
              />
            )}
          </Field>
        )}
        {deed.kind !== "remove" && <OwnFields draft={own} onChange={edit} problem={problem} />}
        {deed.kind === "remove" && (
          <p>No new partitions are made for it. What becomes of those that there are:</p>
        )}
        {asks && (
          <AgreeField ask="To confirm, type" name={table} value={confirm} onChange={setConfirm} />
        )}
        {preview === null ? (
          <p className="text-soft">Preview it first: it shows what the next run would do.</p>
        ) : (
          <PlanView plan={preview.plan} table={table} />
        )}
      </div>
    </Dialog>
  );
}

interface OwnFieldsProps {
  draft: OwnDraft;
  problem: Problem | null;
  onChange: (name: string, value: string) => void;
}

function OwnFields({ draft, problem, onChange }: OwnFieldsProps) {
  return (
    <>
      {OWN.map(([name, label, hint]) => (
        <Field
          key={name}
          label={label}
          hint={`${hint} Empty: as the table has it.`}
          error={problem?.errors.find((each) => each.pointer.endsWith(`/${name}`))?.detail ?? null}
        >
          {(ties) => (
            <TextInput
              {...ties}
              value={draft[name] ?? ""}
              onChange={(event) => onChange(name, event.target.value)}
              spellCheck={false}
              autoComplete="off"
              className="max-w-48"
            />
          )}
        </Field>
      ))}
    </>
  );
}

interface Change {
  preview: TenantsChanged | null;
  problem: Problem | null;
  busy: boolean;
  ask: (dryRun: boolean, confirm: string) => Promise<void>;
  /** What was previewed is no longer what is typed. */
  forget: () => void;
}

function useChange(
  table: string,
  asked: TenantsAsked,
  onDone: (changed: TenantsChanged) => void,
): Change {
  const [preview, setPreview] = useState<TenantsChanged | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async (dryRun: boolean, confirm: string) => {
    setBusy(true);
    setProblem(null);
    const body = { ...asked, confirm: confirm.trim() || null, dry_run: dryRun };
    try {
      const made = await send<TenantsChanged>("POST", `tables/${segment(table)}/tenants`, body);
      if (dryRun) setPreview(made);
      else onDone(made);
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return { preview, problem, busy, ask, forget: () => setPreview(null) };
}
