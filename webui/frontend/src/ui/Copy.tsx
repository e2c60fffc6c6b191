/** Copying text, also where the browser has no clipboard (plain HTTP on a name of the LAN). */

import { useState } from "react";
import { Button } from "./Button";

/** Copies *text*; whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async () => {
    setSaid((await copyText(text)) ? "Copied" : "Not copied: select it by hand");
    window.setTimeout(() => setSaid(null), 2000);
  };
  return (
    <Button kind="quiet" onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}

/** A command or SQL to take away. */
export function Code({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <div className="flex items-start justify-between gap-2 rounded-md border border-line bg-raised">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto px-3 py-2 font-mono text-xs">
        {text}
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}
