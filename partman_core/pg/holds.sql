-- name: bin
-- What retention took out and is still there, attached to nothing; with the managed
-- table that it was in, at whatever level.
SELECT c.oid::bigint, n.nspname, c.relname, d.parent::oid::bigint, pn.nspname,
       pc.relname, top.relation IS NOT NULL, d.bounds, d.action, d.retired_at, d.due,
       coalesce(d.bytes, 0), d.rows, d.bound_check, d.target_schema,
       CASE WHEN m.hold_until < '9999-12-31' THEN m.hold_until
            WHEN m.hold_until IS NOT NULL THEN '9999-12-31 UTC' END, m.hold_reason
  FROM {schema}.detached_partitions d
  JOIN pg_class c ON c.oid = d.relation
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
       SELECT t.relation
         FROM pg_partition_ancestors(d.parent) AS a
         JOIN {schema}.partition_management t ON t.relation = a.relid
        LIMIT 1) AS top ON true
  LEFT JOIN pg_class pc ON pc.oid = coalesce(top.relation, d.parent)
  LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
  LEFT JOIN {schema}.managed_partitions m ON m.relation = d.relation
 WHERE NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = d.relation)
 ORDER BY pn.nspname, pc.relname, d.retired_at, n.nspname, c.relname

-- name: guard
-- The CHECK that says the same as the bounds that a partition had, and whether all of
-- its rows are known to keep to it; the best one, where there are several.
SELECT k.conname, k.convalidated
  FROM {schema}.detached_partitions d
  JOIN pg_constraint k ON k.conrelid = d.relation AND k.contype = 'c'
 WHERE d.relation = %(oid)s::oid
   AND pg_get_expr(k.conbin, k.conrelid) = d.bound_check
 ORDER BY k.convalidated DESC, k.conname
 LIMIT 1

-- name: lately
-- What last became of moves and drops of these tables, by partition.
SELECT DISTINCT ON (schema_name, table_name, partition)
       schema_name, table_name, partition, result, message
  FROM {schema}.operation_history
 WHERE kind IN ('move', 'drop')
   AND (schema_name, table_name) IN (
       SELECT * FROM unnest(%(schemas)s::text[], %(tables)s::text[]))
 ORDER BY schema_name, table_name, partition, id DESC

-- name: candidates
-- All that may be meant by the name of a partition: those of managed tables, at all
-- levels, and what is in the bin.
WITH RECURSIVE within(oid, top) AS (
    SELECT i.inhrelid, t.relation::oid
      FROM {schema}.partition_management t
      JOIN pg_inherits i ON i.inhparent = t.relation
     UNION
    SELECT i.inhrelid, w.top FROM within w JOIN pg_inherits i ON i.inhparent = w.oid)
SELECT c.oid::bigint, n.nspname, c.relname, pn.nspname, pc.relname,
       m.relation IS NOT NULL, p.partdefid IS NOT DISTINCT FROM c.oid,
       i.inhrelid IS NULL,
       CASE WHEN m.hold_until < '9999-12-31' THEN m.hold_until
            WHEN m.hold_until IS NOT NULL THEN '9999-12-31 UTC' END, m.hold_reason
  FROM (SELECT oid FROM within
         UNION
        SELECT relation::oid FROM {schema}.detached_partitions) AS known
  JOIN pg_class c ON c.oid = known.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN {schema}.detached_partitions d ON d.relation = c.oid
  LEFT JOIN {schema}.managed_partitions m
         ON m.relation = c.oid AND m.parent = coalesce(i.inhparent, d.parent)
  LEFT JOIN LATERAL (
       SELECT w.top FROM within w
        WHERE w.oid IN (c.oid, d.parent) ORDER BY w.oid = c.oid DESC LIMIT 1) AS inside
    ON true
  LEFT JOIN pg_class pc ON pc.oid = coalesce(inside.top, i.inhparent, d.parent)
  LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
  LEFT JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
 ORDER BY n.nspname, c.relname

-- name: set
UPDATE {schema}.managed_partitions
   SET hold_until = coalesce(%(until)s::timestamptz, 'infinity'),
       hold_reason = %(reason)s
 WHERE relation = %(oid)s::oid
RETURNING relation::oid::bigint

-- name: unset
UPDATE {schema}.managed_partitions
   SET hold_until = NULL, hold_reason = NULL
 WHERE relation = %(oid)s::oid
RETURNING relation::oid::bigint

-- name: held
-- Which of these are on hold, until when and why.
SELECT relation::oid::bigint, least(hold_until, '9999-12-31 UTC'), hold_reason
  FROM {schema}.managed_partitions
 WHERE relation = ANY(%(oids)s::oid[]) AND hold_until > %(now)s::timestamptz
