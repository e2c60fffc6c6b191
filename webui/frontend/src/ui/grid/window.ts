/** Which rows of a long list are drawn: those in sight, and a few around them. */

/** Height of every row, in pixels. */
export const ROW = 32;

export interface Range {
  /** The first row that is drawn. */
  first: number;
  /** The row after the last one. */
  end: number;
}

const AROUND = 4;

/**
 * The rows to draw of *count*, scrolled down by *top* pixels in a box *height* pixels high.
 *
 * Where there are enough of them they are always equally many, also at the ends.
 */
export function rangeOf(top: number, height: number, count: number): Range {
  const size = Math.min(count, Math.ceil(height / ROW) + 2 * AROUND);
  const first = Math.max(0, Math.min(Math.floor(top / ROW) - AROUND, count - size));
  return { first, end: first + size };
}

/**
 * The rows from *first* to *end* in the order of the elements that show them.
 *
 * A row that stays in the window stays in its element; one that comes takes the element of one
 * that went.  The order is that of the rows as it was when *base* was the first one.
 */
export function slotsOf({ first, end }: Range, base: number): number[] {
  const size = end - first;
  return Array.from({ length: size }, (_, slot) => {
    const after = (base + slot - first) % size;
    return first + (after < 0 ? after + size : after);
  });
}

/** How far to scroll so that *row* is in sight; *top* where it already is. */
export function scrolledTo(row: number, top: number, height: number): number {
  const start = row * ROW;
  if (start < top) return start;
  return start + ROW > top + height ? start + ROW - height : top;
}

/** The row to which *key* leads from *row* (-1: none) of *count*; null: it means nothing. */
export function rowAfter(key: string, row: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const last = count - 1;
  const to = (next: number) => Math.min(last, Math.max(0, next));
  switch (key) {
    case "ArrowDown":
      return to(row + 1);
    case "ArrowUp":
      return to(row - 1);
    case "PageDown":
      return to(row + page);
    case "PageUp":
      return to(row - page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
