/** Rows as a file to take away: CSV (RFC 4180) and JSON. */

export type Cell = string | number | boolean | null;

/** A column of a file: its name, and what stands in it. */
export interface Saved<T> {
  name: string;
  value: (row: T) => Cell;
}

/** The rows as CSV, with a line of names. */
export function csv<T>(columns: readonly Saved<T>[], rows: readonly T[]): string {
  const lines = [columns.map(({ name }) => cellText(name))];
  for (const row of rows) lines.push(columns.map(({ value }) => cellText(value(row))));
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function cellText(value: Cell): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const text = isFormula(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet would run it: a tenant can be named `=cmd()`.  Numbers are left alone. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text));
}

/** Gives the browser a file of *text*. */
export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the file after the click: taking its address back at once may be too early.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
