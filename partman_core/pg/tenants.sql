-- name: save
-- What is another for a tenant than for its table; NULL: nothing is.
INSERT INTO {schema}.managed_tenants AS t
       (table_id, tenant, partition_interval, partition_count, retention_period,
        created_at)
SELECT %(table)s, * FROM unnest(
       %(tenants)s::text[], %(intervals)s::text[], %(counts)s::int[],
       %(periods)s::text[], %(moments)s::timestamptz[])
    ON CONFLICT (table_id, tenant) DO UPDATE SET
       partition_interval = excluded.partition_interval,
       partition_count = excluded.partition_count,
       retention_period = excluded.retention_period
RETURNING t.tenant

-- name: remove
DELETE FROM {schema}.managed_tenants
 WHERE table_id = %(table)s AND tenant = ANY(%(tenants)s::text[])
RETURNING tenant

-- name: canonical
-- Values as the server itself writes them.
SELECT value::{type}::text FROM unnest(%(values)s::text[]) AS given(value)
