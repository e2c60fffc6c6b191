/** One setting of the form, as its kind asks for. */

import { Field, Select, TextInput } from "../../ui";
import type { SettingField } from "./fields";

export interface SettingControlProps {
  field: SettingField;
  value: string;
  error: string | null;
  changed: boolean;
  disabled: boolean;
  onChange: (value: string) => void;
}

export function SettingControl(props: SettingControlProps) {
  const { field, value, error, changed } = props;
  return (
    <Field
      label={
        <>
          <span className="font-mono text-[0.92em] break-words">{field.name}</span>
          {field.required && <span className="ml-2 text-xs font-normal text-soft">needed</span>}
          {changed && <span className="ml-2 text-xs font-semibold text-accent">changed</span>}
        </>
      }
      hint={hint(field, value)}
      error={error}
      className="min-w-0"
    >
      {(ties) => <Control {...props} ties={ties} />}
    </Field>
  );
}

/** What it is for; and what holds where nothing is written. */
function hint({ description, fallback, example }: SettingField, value: string): string {
  const rest =
    value !== "" || (fallback === null && example === null)
      ? ""
      : fallback !== null
        ? ` By default: ${fallback}.`
        : ` Such as: ${example}.`;
  return `${description}${rest}`.trim();
}

type Ties = Record<string, unknown> & { id: string };

function Control({
  field,
  value,
  disabled,
  onChange,
  ties,
}: SettingControlProps & { ties: Ties | { id: string } }) {
  const { kind, choices, fallback, required } = field;
  if (kind === "choice" || kind === "flag") {
    const values = kind === "flag" ? ["true", "false"] : choices;
    const strange = value !== "" && !values.includes(value) ? [value] : [];
    const empty = fallback === null ? "not set" : `default (${fallback})`;
    return (
      <Select
        {...ties}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        options={[
          ...(required && value !== "" ? [] : [["", empty] as const]),
          ...[...values, ...strange].map((each) => [each, yesNo(kind, each)] as const),
        ]}
        className="w-fit max-w-full"
      />
    );
  }
  if (kind === "json") {
    return (
      <textarea
        {...ties}
        value={value}
        rows={value.length > 60 ? 4 : 2}
        spellCheck={false}
        readOnly={disabled}
        onChange={(event) => onChange(event.target.value)}
        className="w-full rounded-md border border-edge bg-surface px-2 py-1 font-mono text-xs text-ink read-only:bg-raised aria-[invalid=true]:border-crit"
      />
    );
  }
  return (
    <TextInput
      {...ties}
      value={value}
      readOnly={disabled}
      inputMode={kind === "number" ? "numeric" : undefined}
      placeholder={fallback ?? undefined}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
      className="w-full max-w-sm read-only:bg-raised"
    />
  );
}

const yesNo = (kind: SettingField["kind"], text: string): string =>
  kind === "flag" ? (text === "true" ? "yes" : "no") : text;
