/** A labelled field of a form, with its hint and its mistake tied to it. */

import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  useId,
} from "react";
import { Name } from "./values";

const BOX =
  "min-h-8 rounded-md border border-edge bg-surface px-2 py-1 text-sm text-ink " +
  "disabled:bg-raised disabled:text-soft aria-[invalid=true]:border-crit";

export interface FieldTies {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
}

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  className?: string;
  /** Draws the control with the attributes that tie it to its label, hint and mistake. */
  children: (ties: FieldTies) => ReactNode;
}

export function Field({ label, hint, error, className = "", children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const ties: FieldTies = { id };
  if (described) ties["aria-describedby"] = described;
  if (error) ties["aria-invalid"] = true;
  return (
    <div className={`flex flex-col gap-1 ${className}`}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children(ties)}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-xs font-medium text-crit">
          <span aria-hidden="true">■ </span>
          {error}
        </p>
      )}
    </div>
  );
}

export interface TextInputProps extends InputHTMLAttributes<HTMLInputElement> {
  ref?: Ref<HTMLInputElement>;
}

/** A line of text; inside a `Field`, or with an `aria-label` of its own. */
export function TextInput({ className = "", type = "text", ...rest }: TextInputProps) {
  return <input {...rest} type={type} className={`${BOX} ${className}`} />;
}

export interface SelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  options: readonly (readonly [value: string, text: string])[];
}

export function Select({ options, className = "", ...rest }: SelectProps) {
  return (
    <select {...rest} className={`${BOX} ${className}`}>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

export interface AgreeFieldProps {
  /** Why the name is asked for: `To confirm, type`. */
  ask: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
}

/** A name to type before something goes for good. */
export function AgreeField({ ask, name, value, onChange }: AgreeFieldProps) {
  const label = (
    <>
      {ask} <Name>{name}</Name>
    </>
  );
  const other = !name.startsWith(value) && value.trim() !== name;
  return (
    <Field label={label} error={other ? `That is not ${name}` : null}>
      {(ties) => (
        <TextInput
          {...ties}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          className="max-w-sm"
        />
      )}
    </Field>
  );
}
