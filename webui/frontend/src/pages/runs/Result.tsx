/** How a run ended, as glyph and word. */

import { Badge, type Tone } from "../../ui";

const LOOKS: Record<string, readonly [Tone, string]> = {
  running: ["accent", "◌"],
  done: ["ok", "✓"],
  failed: ["crit", "✗"],
  interrupted: ["warn", "▲"],
};

export function Result({ word }: { word: string }) {
  const [tone, glyph] = LOOKS[word] ?? ["unknown", "?"];
  return (
    <Badge tone={tone} glyph={glyph}>
      {word}
    </Badge>
  );
}
