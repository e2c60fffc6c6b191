/** States as glyph, word and colour; the colour never says anything alone. */

import type { ReactNode } from "react";
import type { HealthWord, Severity } from "../types";

export type Tone = HealthWord | "neutral" | "accent";

const TONES: Record<Tone, string> = {
  ok: "bg-ok-tint text-ok",
  warn: "bg-warn-tint text-warn",
  crit: "bg-crit-tint text-crit",
  unknown: "bg-unknown-tint text-unknown",
  neutral: "bg-raised text-soft",
  accent: "bg-accent-tint text-accent",
};

export const GLYPHS: Record<HealthWord, string> = {
  ok: "●",
  warn: "▲",
  crit: "■",
  unknown: "?",
};

/** Text colours of the states, for what is no badge. */
export const TEXT_TONES: Record<HealthWord, string> = {
  ok: "text-ok",
  warn: "text-warn",
  crit: "text-crit",
  unknown: "text-unknown",
};

export interface BadgeProps {
  tone?: Tone;
  glyph?: string;
  title?: string;
  children: ReactNode;
}

/** A word with a coloured ground. */
export function Badge({ tone = "neutral", glyph, title, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={`chip inline-flex items-center gap-1.5 rounded px-1.5 py-0.5 text-xs font-semibold whitespace-nowrap ${TONES[tone]}`}
    >
      {glyph && (
        <span aria-hidden="true" className="text-[0.8em] leading-none">
          {glyph}
        </span>
      )}
      {children}
    </span>
  );
}

/** `● ok`, `▲ warn`, `■ crit`, `? unknown`. */
export function Health({ word }: { word: HealthWord }) {
  return (
    <Badge tone={word} glyph={GLYPHS[word]}>
      {word}
    </Badge>
  );
}

export const SEVERITY_TONES: Record<Severity, HealthWord> = {
  error: "crit",
  warning: "warn",
  info: "unknown",
};

/** The gravity of a finding. */
export function SeverityBadge({ severity }: { severity: Severity }) {
  const tone = SEVERITY_TONES[severity];
  return (
    <Badge tone={tone} glyph={severity === "info" ? "i" : GLYPHS[tone]}>
      {severity}
    </Badge>
  );
}
