/** What lists share: a table, which becomes cards on a phone, and pages by cursor. */

import { Fragment, type ReactNode } from "react";
import { setQuery } from "../router";
import { Button, useNarrow } from "../ui";

export interface ListingRow {
  key: string | number;
  /** One for each head; the first names the row.  Null: there is nothing to say. */
  cells: readonly ReactNode[];
}

export interface ListingProps {
  /** Says what it is, for screen readers. */
  label: string;
  /** An empty one stands above what needs no word, such as buttons. */
  heads: readonly string[];
  rows: readonly ListingRow[];
  /** Without a border of its own, for a panel that has one. */
  flush?: boolean;
}

export function Listing(props: ListingProps) {
  return useNarrow() ? <Cards {...props} /> : <Table {...props} />;
}

const FRAME = "rounded-lg border border-line bg-surface";

function Table({ label, heads, rows, flush = false }: ListingProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it groups no fields of a form
    <div
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
      className={`overflow-x-auto ${flush ? "" : FRAME}`}
    >
      <table className="w-full text-sm [&_td]:px-4 [&_td]:py-2 [&_td]:align-baseline [&_th]:px-4 [&_th]:py-2 [&_th]:text-left [&_th]:align-baseline [&_tr]:border-b [&_tr]:border-line [&_tbody_tr:last-child]:border-b-0">
        <thead>
          <tr className="text-xs text-soft">
            {heads.map((head) => (
              <th key={head} scope="col" className="font-medium whitespace-nowrap">
                {head || <span className="sr-only">What can be done</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [name, ...rest] }) => (
            <tr key={key}>
              <th scope="row" className="font-normal">
                {name}
              </th>
              {rest.map((cell, at) => (
                <td key={heads[at + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards({ label, heads, rows, flush = false }: ListingProps) {
  return (
    <ul aria-label={label} className={`flex flex-col ${flush ? "" : "gap-3"}`}>
      {rows.map(({ key, cells: [name, ...rest] }) => (
        <li
          key={key}
          className={
            flush ? "border-b border-line px-4 py-3 last:border-b-0" : `px-3 py-2.5 ${FRAME}`
          }
        >
          {name}
          <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-sm">
            {rest.map((cell, at) => {
              const head = heads[at + 1];
              if (cell === null || cell === undefined || cell === "" || cell === false) return null;
              return (
                <Fragment key={head}>
                  <dt className="text-soft">
                    {head || <span className="sr-only">What can be done</span>}
                  </dt>
                  <dd className="min-w-0 break-words">{cell}</dd>
                </Fragment>
              );
            })}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** Older ones by their cursor, in the address: Back leads to the newer ones. */
export function Pages({ cursor, next }: { cursor: string; next: string | null }) {
  if (cursor === "" && next === null) return null;
  return (
    <div className="flex justify-center gap-2 p-3">
      {cursor !== "" && (
        <Button onClick={() => setQuery({ cursor: null }, { replace: false })}>Newest</Button>
      )}
      {next !== null && (
        <Button onClick={() => setQuery({ cursor: next }, { replace: false })}>Older</Button>
      )}
    </div>
  );
}
