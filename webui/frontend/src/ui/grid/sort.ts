/** Sorting rows by a column, as an address names it. */

/** What a column is sorted by; null: not known, and always last. */
export type SortValue = string | number | null;

export interface Sort {
  column: string;
  down: boolean;
}

/** `bytes` sorts up, `-bytes` down; *otherwise* where the address names nothing. */
export function sortFrom(text: string | null, otherwise: Sort): Sort {
  if (!text) return otherwise;
  return text.startsWith("-")
    ? { column: text.slice(1), down: true }
    : { column: text, down: false };
}

export function sortText({ column, down }: Sort): string {
  return `${down ? "-" : ""}${column}`;
}

/** The sort after a click at the head of *column*: numbers begin with the greatest. */
export function sortAfter(sort: Sort, column: string, numeric: boolean): Sort {
  if (sort.column !== column) return { column, down: numeric };
  return { column, down: !sort.down };
}

const WORDS = new Intl.Collator("en", { numeric: true });

/** *rows* in the order of what *sortedBy* says; equal ones stay as they were. */
export function sorted<T>(
  rows: readonly T[],
  sortedBy: (row: T) => SortValue,
  down: boolean,
): readonly T[] {
  const keyed = rows.map((row) => ({ row, value: sortedBy(row) }));
  keyed.sort((one, other) => compared(one.value, other.value, down));
  return keyed.map(({ row }) => row);
}

function compared(one: SortValue, other: SortValue, down: boolean): number {
  if (one === null || other === null) {
    return Number(one === null) - Number(other === null);
  }
  const order =
    typeof one === "number" && typeof other === "number"
      ? one - other
      : WORDS.compare(String(one), String(other));
  return down ? -order : order;
}
