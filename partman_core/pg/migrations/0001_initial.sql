CREATE TABLE {schema}.schema_version (
    version integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now(),
    partman_version text NOT NULL
);
COMMENT ON TABLE {schema}.schema_version IS
    'partman: the migrations of this schema';

-- Relations are regclass columns: they follow renames, and a dump restores them by
-- name.  The names beside them are for people, and for what has been dropped.
CREATE TABLE {schema}.partition_management (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation regclass NOT NULL UNIQUE,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    tenant_column text,
    partition_by text,
    partition_type text,
    partition_interval text,
    retention_period text,
    partition_count integer,
    timezone text NOT NULL DEFAULT 'UTC',
    settings jsonb NOT NULL DEFAULT '{{}}' CHECK (jsonb_typeof(settings) = 'object'),
    origin text NOT NULL CHECK (origin IN ('api', 'file')),
    paused boolean NOT NULL DEFAULT false,
    requires text[] NOT NULL DEFAULT '{{}}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE {schema}.partition_management IS
    'partman: the managed tables and their settings; NULL means the default';

CREATE TABLE {schema}.managed_tenants (
    table_id bigint NOT NULL
        REFERENCES {schema}.partition_management ON DELETE CASCADE,
    tenant text NOT NULL,
    partition_count integer,
    partition_interval text,
    retention_period text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (table_id, tenant)
);
COMMENT ON TABLE {schema}.managed_tenants IS
    'partman: tenants of managed tables; NULL means as the table has it';

CREATE TABLE {schema}.managed_partitions (
    relation regclass PRIMARY KEY,
    parent regclass NOT NULL,
    bounds text NOT NULL,
    attached boolean NOT NULL,
    origin text NOT NULL CHECK (origin IN ('made', 'adopted')),
    created_at timestamptz NOT NULL,
    run_id bigint,
    hold_until timestamptz,
    hold_reason text
);
CREATE INDEX ON {schema}.managed_partitions (parent) WHERE NOT attached;
COMMENT ON TABLE {schema}.managed_partitions IS
    'partman: what it made or adopted; only partitions listed here are ever retired';

CREATE TABLE {schema}.detached_partitions (
    relation regclass PRIMARY KEY,
    parent regclass NOT NULL,
    bounds text NOT NULL,
    action text NOT NULL CHECK (action IN ('drop', 'detach', 'move')),
    target_schema text,
    retired_at timestamptz NOT NULL,
    due timestamptz,
    run_id bigint,
    bound_check text,
    rows bigint,
    bytes bigint,
    CHECK ((action = 'move') = (target_schema IS NOT NULL))
);
CREATE INDEX ON {schema}.detached_partitions (parent);
COMMENT ON TABLE {schema}.detached_partitions IS
    'partman: the bin: what retention takes out, until it is gone';

CREATE TABLE {schema}.maintenance_runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor text NOT NULL,
    command text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    result text NOT NULL DEFAULT 'running',
    message text,
    stop_requested_at timestamptz
);
COMMENT ON TABLE {schema}.maintenance_runs IS 'partman: one row for each run';

-- No foreign key to the runs: either may be pruned without the other.
CREATE TABLE {schema}.operation_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL,
    at timestamptz NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    kind text NOT NULL,
    partition text NOT NULL,
    bounds text,
    rows bigint,
    bytes bigint,
    seconds double precision NOT NULL,
    result text NOT NULL,
    sqlstate text,
    message text
);
CREATE INDEX ON {schema}.operation_history (schema_name, table_name, id);
CREATE INDEX ON {schema}.operation_history (run_id);
COMMENT ON TABLE {schema}.operation_history IS
    'partman: one row for each operation of a run';
