/** The last step before a run: typed where rows go away, explained where the login may not. */

import { type FormEvent, useState } from "react";
import { counted } from "../../format";
import { useCan, useMe } from "../../me";
import type { PlanShown } from "../../types";
import { AgreeField, Button, Code, Field, Panel, TextInput } from "../../ui";
import { losses } from "./edit";

export interface Wish {
  confirm: string | null;
  reason: string | null;
}

export interface ApplyFormProps {
  id: string;
  plan: PlanShown;
  operations: number;
  busy: boolean;
  onApply: (wish: Wish) => void;
}

export function ApplyForm(props: ApplyFormProps) {
  const may = useCan("apply");
  const mayDestroy = useCan("destructive");
  if (!may) return <MayNot id={props.id} ability="apply" />;
  if (props.plan.destroys && !mayDestroy) return <MayNot id={props.id} ability="destructive" />;
  return <Form {...props} />;
}

function Form({ id, plan, operations, busy, onApply }: ApplyFormProps) {
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const agreed = !plan.destroys || typed.trim() === id;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!agreed || busy) return;
    onApply({ confirm: plan.destroys ? typed.trim() : null, reason: reason.trim() || null });
  };
  return (
    <Panel title="Apply" className="no-print">
      <form onSubmit={submit} className="flex flex-col gap-3">
        {plan.destroys && (
          <AgreeField
            ask={`${losses(plan)}. To agree, type`}
            name={id}
            value={typed}
            onChange={setTyped}
          />
        )}
        <Field label="Reason (optional)" hint="Kept in the history, with your name.">
          {(ties) => (
            <TextInput
              {...ties}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              className="max-w-96"
            />
          )}
        </Field>
        <div>
          <Button
            type="submit"
            kind={plan.destroys ? "danger" : "primary"}
            disabled={!agreed}
            busy={busy}
          >
            Apply {counted(operations, "operation")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function MayNot({ id, ability }: { id: string; ability: "apply" | "destructive" }) {
  const me = useMe();
  const what =
    ability === "apply"
      ? "This login may read and plan, but not apply."
      : "This login may apply creations, but nothing that takes rows away.";
  return (
    <Panel title="Apply" className="no-print">
      <div className="flex flex-col gap-2 text-sm">
        <p>
          {me === null ? "What this login may do is not known yet." : what} Whoever started these
          pages can open more:
        </p>
        <Code text={`partman ui --allow ${ability === "apply" ? "apply" : "apply,destructive"}`} />
        <p>On the command line the same plan is applied with:</p>
        <Code text={`partman apply ${quoted(id)}`} />
      </div>
    </Panel>
  );
}

/** *id* as a word of a shell. */
function quoted(id: string): string {
  return /^[\w.]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
}
