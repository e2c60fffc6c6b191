/** A part of a page with a heading of its own. */

import { type ReactNode, useId } from "react";

export interface PanelProps {
  title: ReactNode;
  /** Beside the heading: buttons, links, a stale mark. */
  actions?: ReactNode;
  /** Without padding, for tables and drawings that go to the edge. */
  flush?: boolean;
  id?: string;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, actions, flush = false, id, className = "", children }: PanelProps) {
  const heading = useId();
  return (
    <section
      id={id}
      aria-labelledby={heading}
      className={`min-w-0 rounded-lg border border-line bg-surface ${className}`}
    >
      <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-1.5">
        <h2 id={heading} className="text-sm font-semibold">
          {title}
        </h2>
        {actions && <div className="flex flex-wrap items-center gap-2 text-sm">{actions}</div>}
      </header>
      <div className={flush ? "" : "p-4"}>{children}</div>
    </section>
  );
}

/** A word and what it stands for, in pairs: `<Facts><Fact name="Interval">1 day</Fact></Facts>`. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="flex flex-wrap gap-x-8 gap-y-3 text-sm">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
