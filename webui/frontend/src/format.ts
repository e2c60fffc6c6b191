/** Numbers, sizes, moments and lengths in words.  `null` is always "not known", never zero. */

const NUMBER = new Intl.NumberFormat("en");
const ONE_DIGIT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** *text* with a capital at its beginning: the server's sums and hints have none. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return NUMBER.format(value);
}

/** `1 table`, `3 tables`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in steps of 1024: `3.1 GiB`.  The exact number is in `exactBytes`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "not known";
  let size = Math.abs(value);
  let step = 0;
  while (size >= 1023.95 && step < UNITS.length - 1) {
    size /= 1024;
    step += 1;
  }
  const digits =
    step > 0 && size < 99.95 ? ONE_DIGIT.format(size) : NUMBER.format(Math.round(size));
  return `${value < 0 ? "-" : ""}${digits} ${UNITS[step]}`;
}

/** `3,328,599,655 bytes`, for a title. */
export function exactBytes(value: number | null | undefined): string {
  return value === null || value === undefined ? "not read" : counted(value, "byte");
}

/** Rows are estimates of PostgreSQL: `≈41.2 M`, `not analysed`. */
export function rows(value: number | null | undefined): string {
  if (value === null || value === undefined || value < 0) return "not analysed";
  if (value === 0) return "0";
  return `≈${value < 100_000 ? NUMBER.format(value) : compact(value)}`;
}

/** As `rows`, with the noun: `≈1,204 rows`, `not analysed`. */
export function rowsInWords(value: number | null | undefined): string {
  if (value === null || value === undefined || value < 0) return "not analysed";
  return `${rows(value)} ${value === 1 ? "row" : "rows"}`;
}

/** `41.2 M`, `1.2 G`: a big number with few digits. */
export function compact(value: number): string {
  for (const [size, letter] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (Math.abs(value) >= size) return `${ONE_DIGIT.format(value / size)} ${letter}`;
  }
  return NUMBER.format(value);
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const STEPS = [
  [365.25 * DAY, "year", "y"],
  [30.44 * DAY, "month", "mo"],
  [DAY, "day", "d"],
  [HOUR, "hour", "h"],
  [MINUTE, "minute", "min"],
  [1, "second", "s"],
] as const;

/** The greatest fitting unit: months and years only from 4 on, so that 89 days stay 89 days. */
function step(seconds: number): (typeof STEPS)[number] {
  const fits = STEPS.find(([size]) => seconds >= (size > DAY ? 4 * size : size));
  return fits ?? STEPS[STEPS.length - 1]!;
}

/** A length in words: `9 hours`, `10 days`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "not known";
  const [size, word] = step(Math.abs(seconds));
  return counted(Math.trunc(Math.abs(seconds) / size), word);
}

/** A length, short: `9 h`, `10 d`. */
export function shortDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "?";
  const [size, , short] = step(Math.abs(seconds));
  return `${count(Math.trunc(Math.abs(seconds) / size))} ${short}`;
}

/** How long a step took: `31 ms`, `4.2 s`, `2:05 min`. */
export function took(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < MINUTE) return `${ONE_DIGIT.format(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = String(whole % MINUTE).padStart(2, "0");
  if (seconds < HOUR) return `${Math.floor(whole / MINUTE)}:${rest} min`;
  return `${Math.floor(whole / HOUR)}:${String(Math.floor((whole % HOUR) / MINUTE)).padStart(2, "0")} h`;
}

/** `8 s ago`, `in 12 min`, `just now`. */
export function relative(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return iso;
  if (Math.abs(seconds) < 2) return "just now";
  return seconds > 0 ? `${shortDuration(seconds)} ago` : `in ${shortDuration(seconds)}`;
}

/** `2026-12-01 09:12:30 UTC`; without seconds where they are zero. */
export function utc(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const text = moment.toISOString();
  const seconds = text.slice(17, 19) === "00" ? "" : text.slice(16, 19);
  return `${text.slice(0, 10)} ${text.slice(11, 16)}${seconds} UTC`;
}

/** The moment for a title: in UTC, and in the zone of whoever looks. */
export function fullTime(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const here = new Intl.DateTimeFormat("en", {
    dateStyle: "medium",
    timeStyle: "long",
  }).format(moment);
  return `${utc(iso)}, here ${here}`;
}

/** A moment in the zone of a table: `2026-12-01 00:00`, or the date alone at midnight. */
export function inZone(iso: string, timezone: string): string {
  const parts = zoned(iso, timezone);
  if (parts === null) return iso;
  const time = `${parts.hour}:${parts.minute}${parts.second === "00" ? "" : `:${parts.second}`}`;
  return time === "00:00" ? parts.date : `${parts.date} ${time}`;
}

interface Zoned {
  date: string;
  hour: string;
  minute: string;
  second: string;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function zoned(iso: string, timezone: string): Zoned | null {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return null;
  const found = Object.fromEntries(
    zoneFormat(timezone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${found.year}-${found.month}-${found.day}`;
  return { date, hour: found.hour!, minute: found.minute!, second: found.second! };
}

/** Making a format is slow, and a grid needs thousands of dates: one a zone is kept. */
function zoneFormat(timezone: string): Intl.DateTimeFormat {
  let format = FORMATS.get(timezone);
  if (format === undefined) {
    format = madeFormat(timezone);
    FORMATS.set(timezone, format);
  }
  return format;
}

function madeFormat(timezone: string): Intl.DateTimeFormat {
  const fields = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  } as const;
  try {
    return new Intl.DateTimeFormat("en-CA", { ...fields, timeZone: timezone });
  } catch {
    // The server may know a zone that this browser does not.
    return new Intl.DateTimeFormat("en-CA", { ...fields, timeZone: "UTC" });
  }
}
