import type { Days, Partitions } from "../src/types";

export function partitions(table: string): Partitions;
export function days(table: string): Days;
