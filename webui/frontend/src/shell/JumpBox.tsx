/** The box that goes anywhere: a table by a part of its name, a run by its number, a page. */

import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useResource } from "../resource";
import { planPath, runPath, tablePath } from "../route";
import { navigate } from "../router";
import type { Tables } from "../types";
import { Dialog, TextInput } from "../ui";

interface Target {
  to: string;
  text: string;
  kind: string;
}

const PAGES: readonly Target[] = [
  { to: "/", text: "Tables", kind: "page" },
  { to: "/runs", text: "Runs", kind: "page" },
  { to: "/bin", text: "Bin and holds", kind: "page" },
  { to: "/actions", text: "Actions", kind: "page" },
  { to: "/plugins", text: "Plugins", kind: "page" },
  { to: "/about", text: "About", kind: "page" },
];

/** Where *text* may want to go, the tables first. */
export function targets(text: string, tables: readonly string[]): Target[] {
  const wanted = text.trim().toLowerCase();
  const holds = (name: string) => name.toLowerCase().includes(wanted);
  const found = tables.filter(holds).slice(0, 8);
  const run = /^(?:run\s*)?#?(\d+)$/.exec(wanted)?.[1];
  return [
    ...(run ? [{ to: runPath(Number(run)), text: `Run ${run}`, kind: "run" }] : []),
    ...found.map((id) => ({ to: tablePath(id), text: id, kind: "table" })),
    ...found.slice(0, 1).map((id) => ({ to: planPath(id), text: `Plan for ${id}`, kind: "plan" })),
    ...PAGES.filter((each) => holds(each.text)),
  ];
}

export function JumpBox({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title="Jump to" open={open} onClose={onClose}>
      <Finder onClose={onClose} />
    </Dialog>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const list = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = useLater(text, 150);
  const { data } = useResource<Tables>("tables", { q: asked, limit: 20 }, { live: false });
  const found = targets(text, data?.items.map((table) => table.id) ?? []);
  const go = (target: Target | undefined) => {
    if (target === undefined) return;
    onClose();
    navigate(target.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") go(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        role="combobox"
        aria-label="Table, run or page"
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-activedescendant={found[at] ? `${list}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="Table, run number or page"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        className="w-full"
      />
      <div role="listbox" id={list} aria-label="Places" className="mt-2 max-h-80 overflow-auto">
        {found.map((target, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
          <div
            key={target.to}
            role="option"
            id={`${list}-${index}`}
            aria-selected={index === at}
            onClick={() => go(target)}
            className={`flex min-h-9 cursor-pointer items-center justify-between gap-3 rounded px-2 text-sm ${
              index === at ? "bg-accent-tint outline outline-accent" : "hover:bg-raised"
            }`}
          >
            <span className="min-w-0 break-words">{target.text}</span>
            <span className="text-xs text-soft">{target.kind}</span>
          </div>
        ))}
      </div>
      <p role="status" className="mt-2 text-xs text-soft">
        {found.length === 0
          ? "Nothing is called so."
          : `${found.length} found. ↑ ↓ choose, Enter goes.`}
      </p>
    </>
  );
}

/** *value* once it has rested for *milliseconds*. */
export function useLater<T>(value: T, milliseconds: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setLater(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return later;
}
