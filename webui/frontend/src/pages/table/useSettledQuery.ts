/** A value of the address that changes faster than an address may: a held arrow key. */

import { useCallback, useEffect, useRef, useState } from "react";
import { setQuery, usePlace } from "../../router";

const WAIT = 250;

/**
 * The value of *name* in the query.  Setting it is seen at once, and written into the address
 * when it has settled: browsers refuse hundreds of addresses in a few seconds.
 */
export function useSettledQuery(name: string): [string | null, (value: string | null) => void] {
  const there = usePlace().query.get(name);
  const [value, setValue] = useState(there);
  const written = useRef(there);
  useEffect(() => {
    // Back, or a link, has changed the address.
    if (there === written.current) return;
    written.current = there;
    setValue(there);
  }, [there]);
  useEffect(() => {
    if (value === written.current) return undefined;
    const timer = window.setTimeout(() => {
      written.current = value;
      setQuery({ [name]: value });
    }, WAIT);
    return () => window.clearTimeout(timer);
  }, [name, value]);
  return [value, useCallback((next: string | null) => setValue(next), [])];
}
