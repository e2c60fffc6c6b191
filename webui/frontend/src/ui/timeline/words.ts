/** What a timeline says: places on its axis, and what is selected, in words. */

import { bytes, counted, inZone, rowsInWords } from "../../format";
import type { Axis, PartitionRow } from "../../types";
import type { Stop } from "./stops";

/** A place as people read it, such as `2026-12-01`; nothing for a bound that is open. */
export function placeText(text: string | null, axis: Axis, timezone: string): string {
  if (text === null) return "…";
  return axis === "time" ? inZone(text, timezone) : text;
}

/** `2026-12-01 … 2026-12-02`; the bounds as PostgreSQL spells them where it has no place. */
export function spanText(row: PartitionRow, axis: Axis, timezone: string): string {
  if (row.lower === null && row.upper === null) return row.bounds ?? "bounds not read";
  const [from, to] = [row.lower, row.upper].map((each) => placeText(each, axis, timezone));
  return `${from} … ${to}`;
}

/** What is known of a partition, in one line. */
export function partitionText(row: PartitionRow, axis: Axis, timezone: string): string {
  return [
    row.name,
    spanText(row, axis, timezone),
    row.tenant !== null && `tenant ${row.tenant}`,
    bytes(row.bytes),
    rowsInWords(row.rows),
    row.state,
    heldText(row),
    row.due,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** `held until 2027-01-01: audit`; null where nobody holds it. */
export function heldText(row: PartitionRow): string | null {
  if (row.hold_until === null && row.hold_reason === null) return null;
  const until = row.hold_until === null ? "" : ` until ${row.hold_until.slice(0, 10)}`;
  return `held${until}${row.hold_reason === null ? "" : `: ${row.hold_reason}`}`;
}

/** What is selected, for the line below the drawing and for screen readers. */
export function stopText(stop: Stop, axis: Axis, timezone: string): string {
  if (stop.hole !== null) {
    const { lower, upper, tenant } = stop.hole.gap;
    const [from, to] = [lower, upper].map((each) => placeText(each, axis, timezone));
    return `Gap: no partition holds ${from} … ${to}${tenant === null ? "" : ` of tenant ${tenant}`}`;
  }
  const { partitions, bytes: size } = stop.slot;
  if (partitions.length === 1) return partitionText(partitions[0]!, axis, timezone);
  const where = spanText(partitions[0]!, axis, timezone);
  return `${where} · ${counted(partitions.length, "partition")} · ${bytes(size)}`;
}
