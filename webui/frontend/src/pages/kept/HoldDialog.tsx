/** Asks for what a partition is held for, and until when. */

import { type FormEvent, useId, useState } from "react";
import { asProblem, send } from "../../api";
import type { Holds, Problem } from "../../types";
import { Button, Dialog, Field, ProblemNotice, TextInput } from "../../ui";

export interface HoldDialogProps {
  open: boolean;
  /** The partition, where it is known already. */
  partition?: string;
  onClose: () => void;
  onDone: (holds: Holds) => void;
}

export function HoldDialog({ open, partition, onClose, onDone }: HoldDialogProps) {
  const form = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = () => {
    setProblem(null);
    onClose();
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const until = String(typed.get("until") ?? "");
    setBusy(true);
    try {
      const asked = {
        partition: partition ?? String(typed.get("partition")).trim(),
        reason: String(typed.get("reason")).trim(),
        until: until === "" ? null : `${until}T00:00:00+00:00`,
      };
      onDone(await send<Holds>("POST", "holds", asked));
      close();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={partition === undefined ? "Hold a partition" : `Hold ${partition}`}
      open={open}
      onClose={close}
      foot={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={form} kind="primary" busy={busy}>
            Hold
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3">
        {problem && <ProblemNotice problem={problem} />}
        {partition === undefined && (
          <Field label="Partition" hint="As SQL writes it: schema.name">
            {(ties) => <TextInput {...ties} name="partition" required spellCheck={false} />}
          </Field>
        )}
        <Field label="Reason" hint="Plans and the history show it.">
          {(ties) => <TextInput {...ties} name="reason" required />}
        </Field>
        <Field
          label="Until (optional)"
          hint="The day, in UTC, on which the hold is over. Without it, it lasts until it is released."
        >
          {(ties) => <TextInput {...ties} name="until" type="date" className="w-fit" />}
        </Field>
      </form>
    </Dialog>
  );
}
