/** The real width of an element in pixels: what is drawn for another width stands wrong. */

import { type RefObject, useEffect, useRef, useState } from "react";

/** @returns the element's ref, and its width; 0 until it is known. */
export function useWidth<T extends HTMLElement>(): [RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const there = element.current;
    if (there === null) return undefined;
    const measure = () => setWidth(Math.floor(there.getBoundingClientRect().width));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(there);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
