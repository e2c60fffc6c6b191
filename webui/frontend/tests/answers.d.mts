import type { TableSummary } from "../src/types";

export const TABLES: TableSummary[];
