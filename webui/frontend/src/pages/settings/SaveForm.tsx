/** The last step: what is changed, the table's name where more is retired, and the button. */

import { useState } from "react";
import { asProblem } from "../../api";
import type { Problem } from "../../types";
import { AgreeField, Button, Notice, Panel, ProblemNotice } from "../../ui";
import type { SettingField } from "./fields";

export interface SaveFormProps {
  table: string;
  changed: readonly SettingField[];
  /** Why a confirmation is needed; null: none is. */
  retiresMore: string | null;
  /** Whether what is typed was previewed without a mistake. */
  ready: boolean;
  onSave: (confirm: string | null) => Promise<void>;
  onReset: () => void;
  onReload: () => void;
}

export function SaveForm(props: SaveFormProps) {
  const { table, changed, retiresMore, ready, onSave, onReset, onReload } = props;
  const [confirm, setConfirm] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saved, setSaved] = useState(false);
  const asks = retiresMore !== null || problem?.code === "confirm-needed";
  const may = ready && changed.length > 0 && (!asks || confirm.trim() === table);
  const save = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await onSave(asks ? confirm.trim() : null);
      setSaved(true);
      setConfirm("");
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <Panel title="Save">
      <div className="flex flex-col gap-3 text-sm">
        {problem && <ProblemNotice problem={problem} />}
        {problem?.code === "settings-changed" && (
          <Button onClick={onReload} className="w-fit">
            Read them again; what is typed here stays
          </Button>
        )}
        {saved && changed.length === 0 && (
          <div role="status">
            <Notice tone="ok" title="Saved. The next maintenance works with it." />
          </div>
        )}
        <p>
          {changed.length === 0
            ? "Nothing is changed."
            : `Changed: ${changed.map(({ path }) => path.join(".")).join(", ")}.`}
        </p>
        {asks && (
          <AgreeField
            ask="More is retired than before: type"
            name={table}
            value={confirm}
            onChange={setConfirm}
          />
        )}
        <p className="flex flex-wrap gap-2">
          <Button kind={asks ? "danger" : "primary"} onClick={save} busy={busy} disabled={!may}>
            Save settings
          </Button>
          <Button onClick={onReset} disabled={changed.length === 0}>
            Undo what is typed
          </Button>
        </p>
      </div>
    </Panel>
  );
}
