/** A modal dialog: the browser's own, so that focus, Esc and what lies behind are its duty. */

import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./Button";

export interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** Buttons at its foot; "Close" where there are none. */
  foot?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ title, open, onClose, foot, wide = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog === null) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={element}
      aria-labelledby={heading}
      onClose={onClose}
      className={`m-auto max-h-[85vh] w-full ${wide ? "max-w-3xl" : "max-w-lg"} rounded-lg border border-line bg-surface p-0 text-ink [box-shadow:0_20px_40px_#0006]`}
    >
      {open && (
        <div className="flex max-h-[85vh] flex-col">
          <h2 id={heading} className="border-b border-line px-5 py-3 font-semibold">
            {title}
          </h2>
          <div className="overflow-auto px-5 py-4">{children}</div>
          <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
            {foot ?? <Button onClick={onClose}>Close</Button>}
          </footer>
        </div>
      )}
    </dialog>
  );
}
