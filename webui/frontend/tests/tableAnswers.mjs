/** Made-up answers about one table: its partitions, days, tenants and settings. */

const DAY = 86_400_000;
const GB = 1024 ** 3;
const midnight = Math.floor(Date.now() / DAY) * DAY;
const at = (days) => new Date(midnight + days * DAY).toISOString();
const date = (days) => at(days).slice(0, 10);

function row(name, more) {
  return {
    name,
    parent: null,
    bounds: null,
    lower: null,
    upper: null,
    tenant: null,
    state: "attached",
    rows: null,
    bytes: 8192,
    leaf: true,
    ours: true,
    created_at: at(-60),
    hold_until: null,
    hold_reason: null,
    due: null,
    stale: false,
    ...more,
  };
}

/** A size that looks like a week of business. */
const size = (days) => Math.round(GB * (2 + Math.sin(days * 0.9) + Math.sin(days * 0.13) * 0.6));

function daily(table, days, tenant = null) {
  const past = days <= 0;
  const suffix = `${tenant === null ? "" : `_${tenant}`}_p${date(days).replaceAll("-", "")}`;
  return row(`${table}${suffix}`, {
    bounds: `FOR VALUES FROM ('${date(days)}') TO ('${date(days + 1)}')`,
    lower: at(days),
    upper: at(days + 1),
    tenant,
    rows: past ? 41_200_000 + days * 90_000 : -1,
    bytes: past ? size(days) / (tenant === null ? 1 : 20) : 8192,
    due: days < -30 ? "it ended more than 30 days ago" : null,
    hold_until: days === -32 ? at(30) : null,
    hold_reason: days === -32 ? "audit" : null,
  });
}

const range = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);

function shape(items, more) {
  return {
    items,
    total: items.length,
    axis: "time",
    timezone: "UTC",
    now: new Date().toISOString(),
    keeps_from: at(-30),
    runway_end: at(10),
    gaps: [],
    next_cursor: null,
    read_at: new Date(Date.now() - 8000).toISOString(),
    stale: false,
    ...more,
  };
}

const other = (table, rows) =>
  row(`${table}_default`, { bounds: "DEFAULT", state: "default", rows, bytes: 200_000 });

/** One table with tenants and a gap, one of many partitions, the others of two months. */
export function partitions(table) {
  if (table === "app.deliveries") {
    const tenants = ["globex", "acme", "initech", ...range(0, 38).map((n) => `customer-${n}`)];
    const items = tenants.flatMap((tenant) =>
      range(-33, tenant === "globex" ? 1 : 10)
        .filter((days) => tenant !== "acme" || days !== -9)
        .map((days) => daily(table, days, tenant)),
    );
    const gaps = [{ lower: at(-9), upper: at(-8), tenant: "acme" }];
    return shape([...items, other(table, 1204)], { gaps, stale: true, runway_end: at(1) });
  }
  if (table === "audit.log") {
    return shape(
      range(-12_000, 10).map((days) => daily(table, days)),
      {
        gaps: [{ lower: at(-4000), upper: at(-3999), tenant: null }],
      },
    );
  }
  const days = range(-33, 10).filter((each) => each !== -9);
  return shape([...days.map((each) => daily(table, each)), other(table, 0)], {
    gaps: [{ lower: at(-9), upper: at(-8), tenant: null }],
  });
}

export function days(table) {
  const items = range(0, 7).map((n) => ({
    day: date(n),
    create: n === 3 ? 0 : 1,
    retire: n % 2,
    names: n === 3 ? [] : [`${table}_p${date(n + 10).replaceAll("-", "")}`],
  }));
  return { items };
}

export function tenants() {
  const one = (tenant, more) => ({
    tenant,
    registered: true,
    known: true,
    own: {},
    partitions: 43,
    rows: 1_200_000,
    bytes: GB / 3,
    ...more,
  });
  return {
    items: [
      one("globex", {
        own: { retention_period: "7 days", partition_interval: "1 week" },
        bytes: 3 * GB,
      }),
      one("acme"),
      one("found-in-default", {
        registered: false,
        known: false,
        partitions: 0,
        rows: 12,
        bytes: 0,
      }),
      one("from-a-plugin", { registered: false, rows: null }),
      ...range(0, 36).map((n) => one(`customer-${n}`, { bytes: GB / (n + 4) })),
    ],
  };
}

const text = (description, more) => ({ type: "string", description, ...more });

const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Table_range",
  type: "object",
  properties: {
    partition_by: text("The key column, as in the table's own PARTITION BY; by default as found.", {
      examples: ["created_at"],
    }),
    partition_interval: {
      description: "How wide a partition is: a length of time, or a whole number.",
      examples: ["1 month"],
      anyOf: [{ type: "string" }, { type: "integer" }],
    },
    partition_count: {
      description: "How many periods to keep ready, the current one counted.",
      type: "integer",
      default: 10,
    },
    default_partition: {
      description: "Whether a DEFAULT partition is kept.",
      type: "boolean",
      default: false,
    },
    retention_period: {
      description: "What ended longer ago is no longer kept.",
      examples: ["90 days"],
      anyOf: [{ type: "string" }, { type: "integer" }],
    },
    retention_action: {
      description: "What becomes of the others.",
      enum: ["detach", "drop", "move"],
      default: "drop",
    },
    timezone: text("The zone in whose calendar periods begin.", { default: "UTC" }),
    storage: {
      description: "Storage parameters of new partitions; by default the table's.",
      type: "object",
      examples: [{ fillfactor: 90 }],
    },
    archive: { $ref: "#/$defs/Archive" },
  },
  required: ["partition_interval"],
  $defs: {
    Archive: {
      description: "Exports partitions before they are dropped.",
      type: "object",
      properties: {
        directory: text("Where the files go."),
        compression: { enum: ["zstd", "none"] },
      },
      required: ["directory"],
    },
  },
};

const SETTINGS = {
  partition_interval: "1 day",
  partition_count: 10,
  default_partition: true,
  retention_period: "30 days",
};

export function settings(table, may) {
  const file = !table.startsWith("public.a_");
  const why = file
    ? "This table is declared by a settings file: change it there."
    : "This login may not change settings.";
  const editable = may && !file;
  return {
    table,
    origin: file ? "file" : "api",
    editable,
    why_not: editable ? null : why,
    settings: SETTINGS,
    schema: SCHEMA,
  };
}

export function preview(sent, plan) {
  const { settings: wanted } = sent;
  if (String(wanted.retention_period).includes("x")) {
    const mistake = {
      pointer: "/retention_period",
      text: "is no length of time",
      hint: "as in 90 days",
    };
    return { mistakes: [mistake], changes: [], retires_more: null, plan: null };
  }
  const shorter = wanted.retention_period === "14 days";
  return {
    mistakes: [],
    changes: shorter ? ["retention_period: 30 days -> 14 days"] : [],
    retires_more: shorter ? "retention_period is shorter" : null,
    plan,
  };
}

export function changed(sent, plan) {
  return {
    added: Object.keys(sent.tenants ?? {}),
    changed: [],
    removed: sent.remove ?? [],
    plan,
    dry_run: sent.dry_run ?? false,
  };
}
