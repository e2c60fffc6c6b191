/** What stands around every page: header, warnings, keys, and the place for the page itself. */

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useKeys } from "../keys";
import { choosePace, pulse } from "../live";
import { navigate, usePlace } from "../router";
import { nextTheme } from "../theme";
import type { Me } from "../types";
import { Header } from "./Header";
import { JumpBox } from "./JumpBox";
import { KeyHelp } from "./KeyHelp";

type Open = "jump" | "help" | null;

export function Shell({ me, children }: { me: Me | null; children: ReactNode }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  useShellKeys(setOpen);
  useFocusOnTitle();
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it is a link within the page, kept from its hash */}
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
        className="sr-only z-50 rounded bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      {me?.warning && (
        <p
          role="alert"
          className="bg-crit px-4 py-1.5 text-center text-sm font-semibold text-on-crit"
        >
          <span aria-hidden="true">■ </span>
          {me.warning}
        </p>
      )}
      <Header me={me} onJump={() => setOpen("jump")} onHelp={() => setOpen("help")} />
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto max-w-[88rem] px-3 py-4 outline-none sm:px-6"
      >
        {children}
      </main>
      <JumpBox open={open === "jump"} onClose={close} />
      <KeyHelp open={open === "help"} onClose={close} />
    </>
  );
}

let pausedFrom = 0;

/** Pauses reading, or goes on at the pace from before. */
function togglePause(): void {
  if (pulse.pace > 0) pausedFrom = pulse.pace;
  choosePace(pulse.pace > 0 ? 0 : pausedFrom || 15);
}

function useShellKeys(setOpen: (open: Open) => void): void {
  useKeys({
    "?": () => setOpen("help"),
    "/": () => setOpen("jump"),
    r: () => pulse.beat(),
    ".": togglePause,
    t: nextTheme,
    "g t": () => navigate("/"),
    "g o": () => navigate("/"),
    "g r": () => navigate("/runs"),
    "g b": () => navigate("/bin"),
    "g a": () => navigate("/actions"),
    "g p": () => navigate("/plugins"),
  });
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      setOpen("jump");
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, [setOpen]);
}

/** A new view begins at its top, and its title is read out. */
function useFocusOnTitle(): void {
  const { path } = usePlace();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [path]);
}
