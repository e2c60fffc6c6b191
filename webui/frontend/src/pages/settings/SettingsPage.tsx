/** The settings of a table: drawn from their JSON Schema, with what a change would do. */

import { useMemo, useState } from "react";
import { tablePath } from "../../route";
import { PageHead } from "../../shell/PageHead";
import type { Mistake, SettingsShown } from "../../types";
import { CopyButton, Notice, Panel, ProblemNotice, Skeleton } from "../../ui";
import { type Draft, differences, draftOf, elsewhere, mistakesAt, typed } from "./draft";
import { Effect } from "./Effect";
import { type Section, sectionsOf } from "./fields";
import { SaveForm } from "./SaveForm";
import { SettingControl } from "./SettingControl";
import { usePreview } from "./usePreview";
import { type Settings, useSettings } from "./useSettings";

export default function SettingsPage({ id }: { id: string }) {
  const settings = useSettings(id);
  const { shown, problem, reload } = settings;
  return (
    <>
      <PageHead
        title={`Settings of ${id}`}
        heading="Settings"
        crumbs={[
          ["/", "Tables"],
          [tablePath(id), id],
        ]}
        actions={
          shown && (
            <CopyButton text={JSON.stringify(shown.value.settings, null, 2)} label="Copy JSON" />
          )
        }
      >
        {shown?.value.origin === "file" ? "They come from a settings file." : null}
      </PageHead>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {shown === null && problem === null && <Skeleton lines={10} />}
      {shown !== null && <Editor id={id} shown={shown.value} settings={settings} />}
    </>
  );
}

interface EditorProps {
  id: string;
  shown: SettingsShown;
  settings: Settings;
}

function Editor({ id, shown, settings }: EditorProps) {
  const sections = useMemo(() => sectionsOf(shown.schema, shown.settings), [shown]);
  const before = useMemo(() => draftOf(sections, shown.settings), [sections, shown]);
  // Only what was typed is kept, so that settings that were read again show through.
  const [own, setOwn] = useState<Draft>({});
  const draft = { ...before, ...own };
  const { settings: wanted, mistakes } = typed(sections, draft);
  const changed = differences(sections, before, draft);
  const wrong = mistakes.length > 0;
  const previewed = usePreview(id, shown.editable && !wrong ? wanted : null);
  const said: Mistake[] = [...mistakes, ...(wrong ? [] : (previewed.preview?.mistakes ?? []))];
  const save = async (confirm: string | null) => {
    await settings.save({ settings: wanted, confirm });
    setOwn({});
  };
  return (
    <div className={`grid items-start gap-4 ${shown.editable ? "lg:grid-cols-2" : ""}`}>
      <div className="flex min-w-0 flex-col gap-4">
        {!shown.editable && <ReadOnly shown={shown} />}
        {sections.map((section) => (
          <Fields
            key={section.name}
            section={section}
            before={before}
            draft={draft}
            mistakes={said}
            disabled={!shown.editable}
            onChange={(pointer, value) => setOwn({ ...own, [pointer]: value })}
          />
        ))}
      </div>
      {shown.editable && (
        <div className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-16">
          <SaveForm
            table={id}
            changed={changed}
            retiresMore={previewed.current ? (previewed.preview?.retires_more ?? null) : null}
            ready={previewed.current && said.length === 0 && previewed.problem === null}
            onSave={save}
            onReset={() => setOwn({})}
            onReload={settings.reload}
          />
          <Effect
            table={id}
            previewed={previewed}
            strays={elsewhere(said, sections)}
            changed={changed.length > 0}
            wrong={said.length > 0}
          />
        </div>
      )}
    </div>
  );
}

function ReadOnly({ shown }: { shown: SettingsShown }) {
  return (
    <Notice title="Read only">
      {shown.why_not ?? "These settings cannot be changed here."}
      {shown.origin === "file" && " After that, `partman sync` writes it into the registry."}
    </Notice>
  );
}

interface FieldsProps {
  section: Section;
  before: Draft;
  draft: Draft;
  mistakes: readonly Mistake[];
  disabled: boolean;
  onChange: (pointer: string, value: string) => void;
}

function Fields({ section, before, draft, mistakes, disabled, onChange }: FieldsProps) {
  const { name, description, fields } = section;
  return (
    <Panel title={name === "" ? "Table" : `Plugin: ${name}`}>
      {description && <p className="mb-3 text-sm text-soft">{description}</p>}
      <div className="flex flex-col gap-4">
        {fields.map((field) => {
          const value = draft[field.pointer] ?? "";
          return (
            <SettingControl
              key={field.pointer}
              field={field}
              value={value}
              error={mistakesAt(mistakes, field.pointer)}
              changed={value.trim() !== (before[field.pointer] ?? "").trim()}
              disabled={disabled}
              onChange={(next) => onChange(field.pointer, next)}
            />
          );
        })}
      </div>
    </Panel>
  );
}
