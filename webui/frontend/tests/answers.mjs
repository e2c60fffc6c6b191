import { changed, days, partitions, preview, settings, tenants } from "./tableAnswers.mjs";

/** Made-up answers of /api/v1: three tables, one of which is in trouble. */

const now = Date.now();
const at = (seconds) => new Date(now + seconds * 1000).toISOString();
const day = (offset) => new Date(now + offset * 86_400_000).toISOString().slice(0, 10);
const GB = 1024 ** 3;

const ME = {
  actor: "dev",
  method: "link",
  can: ["read", "plan", "apply", "destructive", "settings"],
  features: ["maintain", "apply", "tenants", "bin", "hold", "adopt"],
  version: "0.1.0",
  server: "PostgreSQL 18.1",
  database: "app",
  warning: null,
};

const spark = (seed) =>
  Array.from({ length: 24 }, (_, n) => GB * (2 + Math.sin(n * seed) + n / 12));

function table(id, more) {
  const [schema, name] = id.split(".");
  return {
    id,
    schema,
    name,
    strategy: "range",
    key: "RANGE (created_at)",
    interval: "1 day",
    timezone: "UTC",
    origin: "file",
    paused: false,
    health: "ok",
    sentence: "Inserts have partitions until 2026-12-11.",
    reasons: [],
    runway: {
      seconds: 864_000,
      target_seconds: 864_000,
      until: at(864_000),
      text: "Inserts have partitions for 10 days.",
      place: null,
      tenant: null,
    },
    default: { exists: true, name: `${id}_default`, rows: 0, bytes: 8192, empty: true },
    retention: { keep: "30 days", count: null, action: "drop", grace: "1 day", lag_seconds: 0 },
    partitions: 59,
    rows: 1_230_000_000,
    bytes: 142 * GB,
    spark: spark(1.3),
    tenants: null,
    pending: 0,
    plan_hash: "7d2e",
    last_run: { id: 191, at: at(-7200), result: "done", message: null },
    read_at: at(-8),
    stale: false,
    ...more,
  };
}

const reason = (code, severity, text, hint) => ({
  code,
  severity,
  text,
  hint,
  data: {},
  table: null,
});

export const TABLES = [
  table("audit.log", {
    health: "crit",
    interval: "1 month",
    sentence: "Inserts fail in 9 hours: no partition holds 2027-01-01.",
    reasons: [
      reason(
        "last-run-failed",
        "error",
        "The last run could not attach audit.log_p202701: blocked by pid 4821 (app_rw, idle in transaction for 3 h).",
        "End that transaction, or give a greater max_stall.",
      ),
    ],
    runway: {
      seconds: 9 * 3600,
      target_seconds: 92 * 86_400,
      until: at(9 * 3600),
      text: "Inserts have partitions until 2027-01-01 (9 hours), then they fail.",
      place: "2027-01-01",
      tenant: null,
    },
    default: { exists: false, name: null, rows: null, bytes: null, empty: null },
    bytes: 230 * GB,
    partitions: 24,
    pending: 3,
    last_run: { id: 192, at: at(-7100), result: "failed", message: "blocked by pid 4821" },
  }),
  table("app.deliveries", {
    health: "warn",
    sentence: "1,204 rows are in the DEFAULT partition.",
    reasons: [
      reason(
        "default-rows",
        "warning",
        "1,204 rows are in DEFAULT, from 2026-12-03 to 2026-12-05.",
        "A partition for them cannot be made before they are moved.",
      ),
      reason(
        "late",
        "warning",
        "Retention is 3 days late.",
        "`partman plan app.deliveries` says what is due.",
      ),
      reason("gap", "warning", "No partition holds 2026-11-22 to 2026-11-23.", null),
    ],
    default: {
      exists: true,
      name: "app.deliveries_default",
      rows: 1204,
      bytes: 200_000,
      empty: false,
    },
    retention: {
      keep: "30 days",
      count: null,
      action: "drop",
      grace: null,
      lag_seconds: 3 * 86_400,
    },
    runway: {
      seconds: 86_400,
      target_seconds: 864_000,
      until: at(86_400),
      text: "Inserts of 'globex' have partitions for 1 day.",
      place: null,
      tenant: "globex",
    },
    bytes: 8.5 * GB,
    spark: spark(0.7),
    pending: 5,
    tenants: 41,
    stale: true,
    read_at: at(-240),
  }),
  table("public.events", {}),
  table("public.a_table_with_a_very_long_name_that_goes_on_and_on_for_sixty", { origin: "api" }),
];

const counted = (items) => {
  const number = (word) => items.filter((each) => each.health === word).length;
  const [ok, warn, crit, unknown] = ["ok", "warn", "crit", "unknown"].map(number);
  const bad = warn + crit + unknown;
  const text = bad
    ? `${bad} of ${items.length} tables need attention`
    : `All ${items.length} tables are well`;
  return { ok, warn, crit, unknown, text };
};

function tables(kind, query) {
  let items = kind === "empty" ? [] : kind === "quiet" ? TABLES.slice(2) : TABLES;
  items = items.filter((each) => each.id.includes(query.get("q") ?? ""));
  return { items, summary: counted(items), next_cursor: null, last_run: null, running: [193] };
}

const lock = (relation, mode, waits) => ({ relation, mode, waits });

function operation(n, kind, sign, name, more) {
  return {
    n,
    kind,
    sign,
    parent: "public.events",
    name,
    bounds: `FOR VALUES FROM ('${day(n)}') TO ('${day(n + 1)}')`,
    tenant: null,
    reason: "partition_count 10: it is wanted and not there.",
    destroys: false,
    rows: null,
    bytes: null,
    way: "built apart, then attached",
    sql: [
      `CREATE TABLE ${name} (LIKE public.events INCLUDING ALL EXCLUDING IDENTITY)`,
      `ALTER TABLE ONLY public.events ATTACH PARTITION ${name} FOR VALUES FROM ('${day(n)}') TO ('${day(n + 1)}')`,
    ],
    locks: [
      lock("public.events", "SHARE UPDATE EXCLUSIVE", false),
      lock("public.events_default", "ACCESS EXCLUSIVE", true),
    ],
    waits: "inserts into DEFAULT can wait for as long as the attach takes",
    ...more,
  };
}

const OPERATIONS = [
  operation(1, "create", "+", "public.events_p20261211"),
  operation(2, "create", "+", "public.events_p20261212", { tenant: "globex" }),
  operation(3, "detach", "~", "public.events_p20261031", {
    reason: "All of it is older than 30 days.",
    destroys: true,
    rows: 41_200_000,
    bytes: 3.1 * GB,
    way: "with DEFAULT, so in one short transaction",
    locks: [
      lock("public.events", "ACCESS EXCLUSIVE", true),
      lock("public.events_default", "ACCESS EXCLUSIVE", true),
    ],
  }),
  operation(4, "drop", "-", "public.events_p20261030", {
    reason: "Its grace of 1 day is over.",
    destroys: true,
    rows: 40_000_000,
    bytes: 3 * GB,
    way: null,
    sql: ["DROP TABLE public.events_p20261030"],
    locks: [lock("public.events_p20261030", "ACCESS EXCLUSIVE", false)],
  }),
];

function plan(id, creations) {
  const operations = creations ? OPERATIONS.slice(0, 2) : OPERATIONS;
  const text = creations ? "2 to create" : "2 to create, 1 to detach, 1 to drop";
  const findings = [
    reason(
      "foreign-key",
      "warning",
      "public.bills refers to public.events_p20261031.",
      "The detach takes a lock there too.",
    ),
  ];
  return {
    hash: creations ? "c1" : "a1",
    now: at(-2),
    text,
    destroys: !creations,
    bytes_freed: creations ? 0 : 3 * GB,
    tables: [{ table: id, hash: creations ? "c1" : "a1", text, operations, findings }],
  };
}

const run = (id, more) => ({
  id,
  actor: "dev",
  command: "apply",
  started_at: at(-41),
  finished_at: null,
  result: "running",
  message: null,
  tables: ["public.events"],
  done: 2,
  failed: 0,
  reason: null,
  planned: null,
  ...more,
});

const RUNS = [
  run(193),
  run(192, {
    command: "maintain",
    actor: "cron@pod-3",
    started_at: at(-7100),
    finished_at: at(-7000),
    result: "failed",
    message: "blocked by pid 4821",
    tables: ["audit.log"],
    done: 0,
    failed: 1,
  }),
  run(191, {
    command: "maintain",
    actor: "cron@pod-3",
    started_at: at(-7200),
    finished_at: at(-7198),
    result: "done",
    tables: ["public.events", "app.deliveries", "a.b", "c.d"],
    done: 5,
  }),
  run(190, {
    started_at: at(-90_000),
    finished_at: at(-89_980),
    result: "interrupted",
    message: "stopped by dev",
  }),
];

const event = (id, kind, partition, more) => ({
  id,
  kind,
  at: at(-40 + id),
  table: "public.events",
  partition,
  bounds: null,
  rows: null,
  bytes: null,
  seconds: null,
  message: null,
  ...more,
});

const EVENTS = [
  event(1, "created", "public.events_p20261211", { seconds: 0.031 }),
  event(2, "created", "public.events_p20261212", { seconds: 0.028 }),
  event(3, "attached", "public.events_p20261211", { seconds: 0.012 }),
  event(4, "attached", "public.events_p20261212", { seconds: 0.012 }),
  event(5, "blocked", "public.events_p20261031", {
    message:
      "Blocked by pid 4821 (app_rw, idle in transaction for 3 h): UPDATE events SET seen = true",
  }),
];

const BIN = {
  items: [
    {
      name: "public.events_p20261029",
      table: "public.events",
      bounds: "FOR VALUES FROM ('2026-10-29') TO ('2026-10-30')",
      action: "drop",
      retired_at: at(-50_000),
      due: at(36_400),
      rows: 40_000_000,
      bytes: 3 * GB,
      hold_until: null,
      hold_reason: null,
    },
  ],
};
const HOLDS = {
  items: [
    {
      partition: "public.events_p20261020",
      table: "public.events",
      until: "2027-01-01T00:00:00+00:00",
      reason: "audit",
      overdue: false,
    },
    {
      partition: "public.events_p20261001",
      table: "public.events",
      until: "2026-11-01T00:00:00+00:00",
      reason: "law suit 12",
      overdue: true,
    },
  ],
};
const PLUGINS = {
  items: [
    {
      name: "archive",
      version: "0.1.0",
      source: "partman-archive",
      hooks: ["partman_pre_drop", "partman_sections"],
      error: null,
    },
    {
      name: "range",
      version: "0.1.0",
      source: "partman",
      hooks: ["partman_strategies"],
      error: null,
    },
    {
      name: "broken",
      version: null,
      source: "broken-plugin",
      hooks: [],
      error: "import failed: ModuleNotFoundError: No module named 'boto3'",
    },
  ],
};
const ACTIONS = {
  items: [
    {
      id: 3,
      at: at(-60),
      actor: "dev",
      method: "link",
      action: "run.start",
      target: "public.events",
      allowed: true,
      detail: "4 operations, plan a1",
      address: "10.0.0.7",
    },
    {
      id: 2,
      at: at(-600),
      actor: "eve",
      method: "token",
      action: "settings.change",
      target: "audit.log",
      allowed: false,
      detail: "This login may not change settings.",
      address: "10.0.0.9",
    },
    {
      id: 1,
      at: at(-900),
      actor: "nobody",
      method: "token",
      action: "login",
      target: null,
      allowed: false,
      detail: "wrong token",
      address: "10.0.0.9",
    },
  ],
  next_cursor: "x",
};

const problem = (status, code, title, detail, hint = null) => ({
  status,
  body: {
    type: "about:blank",
    title,
    status,
    code,
    detail,
    hint,
    request_id: "01JA",
    errors: [],
    plan: null,
    run: null,
  },
});

export function answer(kind, { method, path, query, sent }) {
  if (kind === "out" && path !== "login")
    return problem(401, "auth_required", "Log in first", "Nobody is logged in.");
  const me =
    kind === "reader"
      ? {
          ...ME,
          can: ["read", "plan"],
          warning: "These pages are open to everybody: no login is asked.",
        }
      : ME;
  const ok = (body, status = 200) => ({ status, body });
  const parts = path.split("/").map(decodeURIComponent);
  if (path === "me") return ok(me);
  if (kind === "down")
    return problem(
      503,
      "db_unreachable",
      "The database cannot be reached",
      "Connection refused.",
      "Check that the server runs.",
    );
  if (path === "login")
    return problem(401, "auth_required", "Not logged in", "The token is not right.");
  if (path === "databases")
    return ok({
      items: [{ name: "app", label: "prod-eu / app", server: "PostgreSQL 18.1", reachable: true }],
    });
  if (path === "tables") return ok(tables(kind, query));
  if (parts[0] === "tables" && parts[2] === "plans")
    return ok(plan(parts[1], sent?.only?.length > 0));
  if (parts[0] === "tables" && parts.length > 2) {
    const [, id, what, more] = parts;
    if (what === "partitions")
      return ok(kind === "empty" ? { ...partitions(id), items: [], total: 0 } : partitions(id));
    if (what === "days") return ok(days(id));
    if (what === "tenants") return ok(method === "GET" ? tenants() : changed(sent, plan(id, true)));
    if (more === "preview") return ok(preview(sent, plan(id, false)));
    if (what === "settings") return ok(settings(id, me.can.includes("settings")));
  }
  if (parts[0] === "tables" && parts.length === 2)
    return ok(TABLES.find((each) => each.id === parts[1]));
  if (path === "runs" && method === "POST") return ok(RUNS[0], 202);
  if (path === "runs") return ok({ items: RUNS, next_cursor: "older" });
  if (parts[0] === "runs" && parts[2] === "events") {
    const after = Number(query.get("after") ?? 0);
    const found = RUNS.find((each) => each.id === Number(parts[1]));
    if (!found) return problem(404, "run_unknown", "No such run", `There is no run ${parts[1]}.`);
    return ok({ run: found, items: EVENTS.filter((each) => each.id > after) });
  }
  if (path === "bin") return ok(BIN);
  if (path === "holds") return ok(HOLDS);
  if (path === "plugins") return ok(PLUGINS);
  if (path === "actions") return ok(ACTIONS);
  return problem(404, "unknown", "No such thing", `Nothing is at ${path}.`);
}
