-- name: declared
-- The managed tables, under the names that they have now.
SELECT m.id, m.relation::oid, coalesce(n.nspname, m.schema_name),
       coalesce(c.relname, m.table_name), c.oid IS NULL,
       jsonb_strip_nulls(jsonb_build_object(
           'partition_by', m.partition_by,
           'partition_type', m.partition_type,
           'partition_interval', m.partition_interval,
           'partition_count', m.partition_count,
           'retention_period', m.retention_period,
           'timezone', m.timezone,
           'tenant_column', m.tenant_column))::text,
       m.settings::text, m.origin, m.paused, m.requires, m.created_at, m.updated_at,
       (SELECT jsonb_object_agg(t.tenant, jsonb_strip_nulls(jsonb_build_object(
                   'partition_interval', t.partition_interval,
                   'partition_count', t.partition_count,
                   'retention_period', t.retention_period)))::text
          FROM {schema}.managed_tenants t WHERE t.table_id = m.id)
  FROM {schema}.partition_management m
  LEFT JOIN pg_class c ON c.oid = m.relation
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
 ORDER BY 3, 4, 1

-- name: save
-- A declaration replaces the one before.  A row of the same name whose table was
-- dropped since makes way.
WITH gone AS (
    DELETE FROM {schema}.partition_management m
     WHERE m.schema_name = %(schema_name)s AND m.table_name = %(table_name)s
       AND m.relation <> %(oid)s::oid
       AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = m.relation))
INSERT INTO {schema}.partition_management AS m (
       relation, schema_name, table_name, partition_by, partition_type,
       partition_interval, partition_count, retention_period, timezone,
       tenant_column, settings, origin, paused, requires, created_at, updated_at)
VALUES (%(oid)s::oid, %(schema_name)s, %(table_name)s, %(partition_by)s,
        %(partition_type)s, %(partition_interval)s, %(partition_count)s,
        %(retention_period)s, coalesce(%(timezone)s, 'UTC'), %(tenant_column)s,
        %(settings)s::jsonb, %(origin)s, %(paused)s, %(requires)s::text[],
        %(now)s, %(now)s)
    ON CONFLICT (relation) DO UPDATE SET
       schema_name = excluded.schema_name, table_name = excluded.table_name,
       partition_by = excluded.partition_by, partition_type = excluded.partition_type,
       partition_interval = excluded.partition_interval,
       partition_count = excluded.partition_count,
       retention_period = excluded.retention_period, timezone = excluded.timezone,
       tenant_column = excluded.tenant_column, settings = excluded.settings,
       origin = excluded.origin, paused = excluded.paused,
       requires = excluded.requires, updated_at = excluded.updated_at
RETURNING m.id

-- name: remove
DELETE FROM {schema}.partition_management WHERE relation = %(oid)s::oid RETURNING id

-- name: forget_stale
-- What was recorded of relations that are gone, and of partitions that somebody
-- detached by hand.  What was built and not attached stays, and so does the bin, but for
-- what was inside of a partition that is gone: nobody could drop it or bring it back.
-- That is still told of while somebody has it on hold.
WITH gone AS (
    DELETE FROM {schema}.detached_partitions d
     WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = d.relation)
        OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = d.parent)
           AND NOT EXISTS (SELECT FROM {schema}.partition_management t
                            WHERE t.relation = d.parent)
           AND NOT EXISTS (SELECT FROM {schema}.managed_partitions h
                            WHERE h.relation = d.relation
                              AND h.hold_until IS NOT NULL)
    RETURNING d.relation)
DELETE FROM {schema}.managed_partitions m
 WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = m.relation)
    OR m.attached
       AND NOT EXISTS (SELECT FROM pg_inherits i
                        WHERE i.inhrelid = m.relation AND i.inhparent = m.parent)
       AND NOT EXISTS (SELECT FROM {schema}.detached_partitions d
                        WHERE d.relation = m.relation
                          AND d.relation NOT IN (SELECT relation FROM gone))
RETURNING m.relation::oid

-- name: start_run
-- A lock says that the run is on, and goes with the session: 0x70617276 is a class of
-- its own beside those of claims.
WITH made AS (
    INSERT INTO {schema}.maintenance_runs (actor, command, started_at)
    VALUES (%(actor)s, %(command)s, %(now)s)
    RETURNING id)
SELECT id, pg_try_advisory_lock(1885434486, (id & 2147483647)::int) FROM made

-- name: record_run
INSERT INTO {schema}.maintenance_runs (
       actor, command, started_at, finished_at, result, message)
VALUES (%(actor)s, %(command)s, %(now)s, %(now)s, %(result)s, %(message)s)
RETURNING id

-- name: finish_run
UPDATE {schema}.maintenance_runs
   SET finished_at = %(now)s, result = %(result)s, message = %(message)s
 WHERE id = %(run)s

-- name: request_stop
-- Only a run that is on can be stopped.
UPDATE {schema}.maintenance_runs
   SET stop_requested_at = coalesce(stop_requested_at, %(now)s)
 WHERE id = %(run)s AND finished_at IS NULL
RETURNING id

-- name: is_to_stop
-- Where the run's session was lost and replaced, the one that asks says from now on that
-- the run is on.
SELECT stop_requested_at IS NOT NULL,
       CASE WHEN NOT EXISTS (SELECT FROM pg_locks l
                              WHERE l.locktype = 'advisory'
                                AND l.classid = 1885434486
                                AND l.objid = (id & 2147483647)::oid
                                AND l.database = (SELECT oid FROM pg_database
                                                   WHERE datname = current_database()))
            THEN pg_try_advisory_lock(1885434486, (id & 2147483647)::int)
       END
  FROM {schema}.maintenance_runs
 WHERE id = %(run)s

-- name: runs
-- One that nobody finished, and whose lock nobody holds, has lost its engine or its
-- server.  A standby does not know the primary's locks.
SELECT id, actor, command, started_at, finished_at,
       CASE WHEN gone THEN 'failed' ELSE result END,
       CASE WHEN gone THEN 'its engine or the server went away' ELSE message END
  FROM (SELECT *,
               result = 'running' AND NOT pg_is_in_recovery() AND NOT EXISTS (
               SELECT FROM pg_locks l
                WHERE l.locktype = 'advisory'
                  AND l.classid = 1885434486
                  AND l.objid = (id & 2147483647)::oid
                  AND l.database = (SELECT oid FROM pg_database
                                     WHERE datname = current_database())) AS gone
          FROM {schema}.maintenance_runs r
         WHERE (%(run)s::bigint IS NULL OR r.id = %(run)s)
           AND (%(before)s::bigint IS NULL OR r.id < %(before)s)
           AND (%(table)s::text IS NULL OR EXISTS (
               SELECT FROM {schema}.operation_history h
                WHERE h.run_id = r.id
                  AND h.schema_name = %(table_schema)s AND h.table_name = %(table)s))
         ORDER BY id DESC
         LIMIT %(limit)s) AS last
 ORDER BY id DESC

-- name: last_success
SELECT max(finished_at) FROM {schema}.maintenance_runs WHERE result = 'done'

-- name: history
SELECT run_id, at, schema_name, table_name, kind, partition, bounds, rows, bytes,
       seconds, result, sqlstate, message
  FROM {schema}.operation_history
 WHERE %(everything)s
    OR (schema_name, table_name) IN (
       SELECT * FROM unnest(%(schemas)s::text[], %(tables)s::text[]))
 ORDER BY id DESC
 LIMIT %(limit)s

-- name: happened
-- What a run did, in the order in which it was written down.
SELECT id, run_id, at, schema_name, table_name, kind, partition, bounds, rows, bytes,
       seconds, result, sqlstate, message
  FROM {schema}.operation_history
 WHERE run_id = %(run)s AND id > %(after)s
 ORDER BY id

-- name: tallies
SELECT run_id, schema_name, table_name,
       count(*) FILTER (WHERE result = 'done'),
       count(*) FILTER (WHERE result = 'failed')
  FROM {schema}.operation_history
 WHERE run_id = ANY(%(runs)s::bigint[])
 GROUP BY run_id, schema_name, table_name
 ORDER BY run_id, schema_name, table_name

-- name: at_work
SELECT l.pid
  FROM pg_locks l
 WHERE l.locktype = 'advisory'
   AND l.classid = 1885434486
   AND l.pid IS NOT NULL
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
