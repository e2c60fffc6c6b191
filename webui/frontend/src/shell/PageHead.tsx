/** The head of a page: its way up, its title (which names the tab too), and what can be done. */

import { Fragment, type ReactNode, useEffect } from "react";
import { Link } from "../router";
import { Name } from "../ui";

export interface PageHeadProps {
  /** Names the tab, and the page unless `heading` does. */
  title: string;
  heading?: ReactNode;
  /** Pages above this one: address and text. */
  crumbs?: readonly (readonly [to: string, text: string])[];
  actions?: ReactNode;
  /** Lines below the title. */
  children?: ReactNode;
}

export function PageHead({ title, heading, crumbs = [], actions, children }: PageHeadProps) {
  useTitle(title);
  return (
    <div className="mb-4">
      {crumbs.length > 0 && (
        <nav aria-label="Way up" className="mb-1 text-sm text-soft">
          {crumbs.map(([to, text]) => (
            <Fragment key={to}>
              <Link to={to} className="inline-block py-0.5">
                {text.includes(".") ? <Name>{text}</Name> : text}
              </Link>
              <span aria-hidden="true" className="mx-1.5">
                /
              </span>
            </Fragment>
          ))}
        </nav>
      )}
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 tabIndex={-1} className="min-w-0 text-xl font-semibold break-words outline-none">
          {heading ?? title}
        </h1>
        {actions && <div className="no-print flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children && <div className="mt-1 text-sm text-soft">{children}</div>}
    </div>
  );
}

/** Names the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - Partitions`;
  }, [title]);
}
