/** A small router over the browser's History: every view is an address, and Back works. */

import {
  type AnchorHTMLAttributes,
  type MouseEvent,
  useCallback,
  useSyncExternalStore,
} from "react";
import { boot } from "./boot";
import { address, below, changed, type Place } from "./route";

const MOVED = "partman:moved";

let shown: Place | null = null;
let shownUrl = "";

/** The place that the browser shows; the same value as long as the address is the same. */
function place(): Place {
  const { pathname, search, hash, href } = window.location;
  if (shown === null || href !== shownUrl) {
    shownUrl = href;
    shown = { path: below(pathname, boot.prefix), query: new URLSearchParams(search), hash };
  }
  return shown;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener("hashchange", listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener("hashchange", listener);
    window.removeEventListener(MOVED, listener);
  };
}

/** The address that a link to *to* has, with the prefix and the database. */
export function href(to: string): string {
  return address(to, boot.prefix, place().query.get("database"));
}

/** Goes to *to*, a path below the prefix. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const url = href(to);
  if (replace) window.history.replaceState(null, "", url);
  else window.history.pushState(null, "", url);
  window.dispatchEvent(new Event(MOVED));
}

/** Where the page is. */
export function usePlace(): Place {
  return useSyncExternalStore(subscribe, place);
}

type Setter = (value: string | null, options?: { replace?: boolean }) => void;

/**
 * One value of the query: filters, sorting, a selection.
 *
 * Setting it replaces the address by default: typing into a filter makes no history.
 */
export function useQueryValue(name: string): [string | null, Setter] {
  const value = usePlace().query.get(name);
  const set = useCallback<Setter>(
    (next, { replace = true } = {}) => setQuery({ [name]: next }, { replace }),
    [name],
  );
  return [value, set];
}

/** Changes several values of the query at once; null takes one out. */
export function setQuery(
  changes: Record<string, string | null>,
  { replace = true }: { replace?: boolean } = {},
): void {
  const here = place();
  const text = changed(here.query, changes).toString();
  navigate(`${here.path}${text ? `?${text}` : ""}${here.hash}`, { replace });
}

export interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  /** Path below the prefix. */
  to: string;
}

/** A link to another view; a new tab, a download and the like are left to the browser. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const special = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || special || event.button !== 0 || rest.target) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={href(to)} onClick={follow} />;
}
