/**
 * What /api/v1 answers, in TypeScript: the same names and fields as partman_webui/shapes.
 *
 * Moments are ISO 8601 in UTC, lengths are seconds, sizes are bytes.  `null` means "not
 * known" or "there is none", never zero.
 */

export type HealthWord = "ok" | "warn" | "crit" | "unknown";
export type Axis = "time" | "number" | "none";
export type Severity = "info" | "warning" | "error";
export type Ability = "read" | "plan" | "apply" | "destructive" | "settings";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Reason {
  code: string;
  severity: Severity;
  text: string;
  hint: string | null;
  data: JsonObject;
  table: string | null;
}

export interface Findings {
  items: Reason[];
  read_at: string;
  stale: boolean;
}

export interface Runway {
  seconds: number | null;
  target_seconds: number | null;
  until: string | null;
  text: string;
  place: string | null;
  tenant: string | null;
}

export interface DefaultPart {
  exists: boolean;
  name: string | null;
  rows: number | null;
  bytes: number | null;
  empty: boolean | null;
}

export interface RetentionState {
  keep: string | null;
  count: number | null;
  action: string | null;
  grace: string | null;
  lag_seconds: number | null;
}

export interface LastRun {
  id: number;
  at: string;
  result: string;
  message: string | null;
}

export interface TableSummary {
  id: string;
  schema: string;
  name: string;
  strategy: string;
  key: string;
  interval: string | null;
  timezone: string;
  origin: "api" | "file";
  paused: boolean;
  health: HealthWord;
  sentence: string;
  reasons: Reason[];
  runway: Runway;
  default: DefaultPart;
  retention: RetentionState;
  partitions: number;
  rows: number | null;
  bytes: number;
  spark: number[];
  tenants: number | null;
  pending: number;
  plan_hash: string | null;
  last_run: LastRun | null;
  read_at: string;
  stale: boolean;
}

export interface Counted {
  ok: number;
  warn: number;
  crit: number;
  unknown: number;
  text: string;
}

export interface Tables {
  items: TableSummary[];
  summary: Counted;
  next_cursor: string | null;
  last_run: LastRun | null;
  running: number[];
}

export interface PartitionRow {
  name: string;
  parent: string | null;
  bounds: string | null;
  lower: string | null;
  upper: string | null;
  tenant: string | null;
  state: "attached" | "default" | "detaching" | "foreign";
  rows: number | null;
  bytes: number;
  leaf: boolean;
  ours: boolean;
  created_at: string | null;
  hold_until: string | null;
  hold_reason: string | null;
  due: string | null;
  stale: boolean;
}

export interface Gap {
  lower: string;
  upper: string;
  tenant: string | null;
}

export interface Partitions {
  items: PartitionRow[];
  total: number;
  axis: Axis;
  timezone: string;
  now: string | null;
  keeps_from: string | null;
  runway_end: string | null;
  gaps: Gap[];
  next_cursor: string | null;
  read_at: string;
  stale: boolean;
}

export interface Binned {
  name: string;
  table: string;
  bounds: string;
  action: string;
  retired_at: string;
  due: string | null;
  rows: number | null;
  bytes: number;
  hold_until: string | null;
  hold_reason: string | null;
}

export interface Bin {
  items: Binned[];
}

export interface Held {
  partition: string;
  table: string | null;
  until: string | null;
  reason: string | null;
  overdue: boolean;
}

export interface Holds {
  items: Held[];
}

export interface AttachAsked {
  partition: string;
  hold?: boolean;
}

export interface HoldAsked {
  partition: string;
  reason: string;
  until?: string | null;
}

export interface TenantRow {
  tenant: string;
  registered: boolean;
  known: boolean;
  own: JsonObject;
  partitions: number;
  rows: number | null;
  bytes: number;
}

export interface Tenants {
  items: TenantRow[];
}

export interface TenantsAsked {
  tenants?: { [tenant: string]: JsonObject };
  remove?: string[];
  confirm?: string | null;
  dry_run?: boolean;
}

export interface TenantsChanged {
  added: string[];
  changed: string[];
  removed: string[];
  plan: PlanShown;
  dry_run: boolean;
}

export interface LockTaken {
  relation: string;
  mode: string;
  waits: boolean;
}

export interface PlannedOperation {
  n: number;
  kind: string;
  sign: string;
  parent: string | null;
  name: string;
  bounds: string | null;
  tenant: string | null;
  reason: string;
  destroys: boolean;
  rows: number | null;
  bytes: number | null;
  way: string | null;
  sql: string[];
  locks: LockTaken[];
  waits: string | null;
}

export interface PlannedTable {
  table: string;
  hash: string;
  text: string;
  operations: PlannedOperation[];
  findings: Reason[];
}

export interface PlanShown {
  hash: string;
  now: string;
  text: string;
  destroys: boolean;
  bytes_freed: number;
  tables: PlannedTable[];
}

export interface PlanAsked {
  at?: string | null;
  only?: string[];
}

export interface Day {
  day: string;
  create: number;
  retire: number;
  names: string[];
}

export interface Days {
  items: Day[];
}

export interface RunAsked {
  table: string;
  hash: string;
  only?: string[];
  confirm?: string | null;
  reason?: string | null;
}

export interface RunShown {
  id: number;
  actor: string;
  command: string;
  started_at: string;
  finished_at: string | null;
  result: string;
  message: string | null;
  tables: string[];
  done: number;
  failed: number;
  reason: string | null;
  planned: number | null;
}

export interface Runs {
  items: RunShown[];
  next_cursor: string | null;
}

export interface RunEvent {
  id: number;
  kind: string;
  at: string;
  table: string | null;
  partition: string | null;
  bounds: string | null;
  rows: number | null;
  bytes: number | null;
  seconds: number | null;
  message: string | null;
}

export interface RunEvents {
  run: RunShown;
  items: RunEvent[];
}

export interface ActionShown {
  id: number;
  at: string;
  actor: string;
  method: string;
  action: string;
  target: string | null;
  allowed: boolean;
  detail: string | null;
  address: string | null;
}

export interface Actions {
  items: ActionShown[];
  next_cursor: string | null;
}

export interface SettingsShown {
  table: string;
  origin: "api" | "file";
  editable: boolean;
  why_not: string | null;
  settings: JsonObject;
  schema: JsonObject;
}

export interface SettingsAsked {
  settings: JsonObject;
  confirm?: string | null;
}

export interface Mistake {
  pointer: string;
  text: string;
  hint: string | null;
}

export interface SettingsPreview {
  mistakes: Mistake[];
  changes: string[];
  retires_more: string | null;
  plan: PlanShown | null;
}

export interface PluginShown {
  name: string;
  version: string | null;
  source: string;
  hooks: string[];
  error: string | null;
}

export interface Plugins {
  items: PluginShown[];
}

export interface DatabaseShown {
  name: string;
  label: string;
  server: string | null;
  reachable: boolean;
}

export interface Databases {
  items: DatabaseShown[];
}

export interface Me {
  actor: string;
  method: string;
  can: Ability[];
  features: string[];
  version: string;
  server: string | null;
  database: string;
  warning: string | null;
}

export interface FieldProblem {
  pointer: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  hint: string | null;
  request_id: string | null;
  errors: FieldProblem[];
  plan: PlanShown | null;
  run: number | null;
}
