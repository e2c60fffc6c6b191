/** Moments, sizes and rows as the pages show them: short, with the exact value in the title. */

import { Fragment } from "react";
import { bytes, count, exactBytes, fullTime, relative, rows, sentence, utc } from "../format";
import { useMe } from "../me";
import { useNow } from "./clock";

/** A moment: relative by default, in UTC where `absolute`; both stand in its title. */
export function Time({ iso, absolute = false }: { iso: string; absolute?: boolean }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={fullTime(iso)} className="whitespace-nowrap">
      {absolute ? utc(iso) : relative(iso, Math.max(now, 0))}
    </time>
  );
}

export function Bytes({ value }: { value: number | null | undefined }) {
  return (
    <span title={exactBytes(value)} className="whitespace-nowrap digits">
      {bytes(value)}
    </span>
  );
}

export function Rows({ value }: { value: number | null | undefined }) {
  const known = value !== null && value !== undefined && value >= 0;
  const title = known
    ? `${count(value)} rows, as PostgreSQL estimates`
    : "PostgreSQL has no estimate yet: ANALYZE makes one";
  return (
    <span title={title} className={`whitespace-nowrap digits ${known ? "" : "text-soft"}`}>
      {rows(value)}
    </span>
  );
}

/** Sentences of the server, in which commands stand between backticks. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, at) => {
    const key = `${at} ${part}`;
    if (at % 2 === 0) return <Fragment key={key}>{part}</Fragment>;
    return (
      <code key={key} className="rounded bg-raised px-1 font-mono text-[0.9em] break-words">
        {part}
      </code>
    );
  });
}

/** What the engine may learn, and the command of that name. */
const COMING = /\bpartman (drain|convert|simulate)\b/;

/** What to do; nothing where that names a command which this engine does not have. */
export function Hint({ text }: { text: string | null }) {
  const me = useMe();
  const coming = COMING.exec(text ?? "")?.[1];
  if (!text || (coming && !me?.features.includes(coming))) return null;
  return (
    <span className="text-soft">
      {" "}
      <Prose text={sentence(text)} />
    </span>
  );
}

/** A name as SQL writes it; it may break after its dots and underscores, never elsewhere. */
export function Name({ children, className = "" }: { children: string; className?: string }) {
  const parts = children.split(/(?<=[._])/);
  return (
    <span className={`font-mono text-[0.92em] ${className}`}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a name have no other key
        <span key={at}>
          {at > 0 && <wbr />}
          {part}
        </span>
      ))}
    </span>
  );
}
