-- name: registry
-- What partman has recorded about relations.
managed AS NOT MATERIALIZED (
    SELECT relation::oid AS oid, parent::oid AS parent, bounds, attached,
           created_at, CASE WHEN hold_until < '9999-12-31' THEN hold_until
                            WHEN hold_until IS NOT NULL THEN '9999-12-31 UTC'
                       END AS hold_until,
           hold_reason
      FROM {schema}.managed_partitions),
retired AS NOT MATERIALIZED (
    SELECT relation::oid AS oid, parent::oid AS parent, bounds, action,
           target_schema, retired_at, due, bound_check, rows, bytes,
           run_id IS NOT NULL AS settled
      FROM {schema}.detached_partitions)

-- name: no_registry
-- The same where nothing is recorded, as there is no schema of ours.
managed AS NOT MATERIALIZED (
    SELECT 0::oid AS oid, 0::oid AS parent, '' AS bounds, false AS attached,
           now() AS created_at, now() AS hold_until, '' AS hold_reason
     WHERE false),
retired AS NOT MATERIALIZED (
    SELECT 0::oid AS oid, 0::oid AS parent, '' AS bounds, '' AS action,
           '' AS target_schema, now() AS retired_at, now() AS due,
           '' AS bound_check, 0::bigint AS rows, 0::bigint AS bytes,
           true AS settled
     WHERE false)

-- name: managed_tables
SELECT relation::oid AS oid FROM {schema}.partition_management

-- name: these_tables
SELECT oid FROM unnest(%(oids)s::oid[]) AS oid

-- name: trees
-- Rows of four kinds: p, a parent (as JSON); c, its child; b, a table built for it and
-- not attached; d, one taken out of it (as JSON).
--
-- Bounds are read with relation 0: they have no column references, so PostgreSQL need
-- not open and lock the partition for them, and answers twice as fast.  An expression
-- key has such references, so it is left out where the parent is locked.  pg_inherits
-- rather than pg_partition_tree: that one waits for locks.  What is partitioned again
-- is a parent as well, attached or not yet.
WITH RECURSIVE asked AS MATERIALIZED ({wanted}),
{registry},
down(oid) AS (
    SELECT oid FROM asked
     UNION
    SELECT p.partrelid FROM down d
      JOIN pg_inherits i ON i.inhparent = d.oid
      JOIN pg_partitioned_table p ON p.partrelid = i.inhrelid),
inside(oid) AS (
    SELECT p.partrelid
      FROM managed m
      JOIN pg_partitioned_table p ON p.partrelid = m.oid
     WHERE NOT m.attached AND m.parent IN (SELECT oid FROM down)
     UNION
    SELECT p.partrelid FROM inside d
      JOIN pg_inherits i ON i.inhparent = d.oid
      JOIN pg_partitioned_table p ON p.partrelid = i.inhrelid),
wanted AS MATERIALIZED (SELECT oid FROM down UNION SELECT oid FROM inside),
locked AS MATERIALIZED (
    SELECT DISTINCT l.relation AS oid
      FROM pg_locks l
     WHERE l.locktype = 'relation'
       AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_database d
                          WHERE d.datname = current_database())
       AND l.pid IS DISTINCT FROM pg_backend_pid())
SELECT c.oid AS parent, 'p' AS sort, c.oid AS oid, json_build_object(
           'schema', n.nspname,
           'relation', c.relname,
           'owner', pg_get_userbyid(c.relowner),
           'rows', c.reltuples,
           'asked', c.oid IN (SELECT oid FROM asked),
           'locked', w.locked,
           'default', p.partdefid::bigint,
           'window', EXISTS (SELECT FROM pg_constraint k
                              WHERE k.conrelid = p.partdefid
                                AND k.conname = 'partman_window'),
           'linked', c.relhastriggers AND EXISTS (
               SELECT FROM pg_trigger t
                WHERE t.tgrelid = c.oid AND t.tgconstrrelid <> 0)
               OR EXISTS (SELECT FROM pg_constraint k
                           WHERE k.conrelid = c.oid AND k.contype = 'f'),
           'method', p.partstrat,
           'block_size', current_setting('block_size')::int,
           'expressions',
           CASE WHEN NOT w.locked THEN pg_get_expr(p.partexprs, c.oid) END,
           'columns', array(
               SELECT json_build_object(
                          'name', a.attname,
                          'not_null', coalesce(a.attnotnull, false),
                          'type', format_type(
                              CASE WHEN a.attname IS NULL
                                   THEN (SELECT o.opcintype FROM pg_opclass o
                                          WHERE o.oid = k.opclass)
                                   ELSE ({base_type})
                              END, NULL),
                          'collation',
                          CASE WHEN k.coll <> 0 THEN ({collation}) END)
                 FROM unnest(p.partattrs::int2[], p.partclass::oid[],
                             p.partcollation::oid[])
                      WITH ORDINALITY AS k(attnum, opclass, coll, place)
                 LEFT JOIN pg_attribute a
                   ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum <> 0
                ORDER BY k.place),
           'publications',
           CASE WHEN EXISTS (SELECT FROM pg_publication)
                THEN ({publications}) END)::text AS document,
       NULL::name AS relname, NULL::"char" AS relkind, NULL::real AS reltuples,
       NULL::int AS relpages, NULL::bool AS pending, NULL::bool AS locked,
       NULL::text AS bounds, NULL::text AS recorded, NULL::timestamptz AS created_at,
       NULL::timestamptz AS hold_until, NULL::text AS hold_reason
  FROM (SELECT w.oid, %(cautious)s OR l.oid IS NOT NULL AS locked
          FROM wanted w LEFT JOIN locked l ON l.oid = w.oid) w
  JOIN pg_class c ON c.oid = w.oid
  JOIN pg_partitioned_table p ON p.partrelid = c.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 UNION ALL
SELECT i.inhparent, 'c', c.oid, n.nspname::text, c.relname, c.relkind, c.reltuples,
       c.relpages, i.inhdetachpending, l.oid IS NOT NULL,
       CASE WHEN NOT %(cautious)s THEN pg_get_expr(c.relpartbound, 0) END,
       m.bounds, m.created_at, m.hold_until, m.hold_reason
  FROM wanted w
  JOIN pg_inherits i ON i.inhparent = w.oid
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN locked l ON l.oid = c.oid
  LEFT JOIN managed m ON m.oid = c.oid AND m.parent = i.inhparent
 UNION ALL
SELECT m.parent, 'b', c.oid, n.nspname::text, c.relname, c.relkind, c.reltuples,
       c.relpages, false, l.oid IS NOT NULL, m.bounds,
       m.bounds, m.created_at, m.hold_until, m.hold_reason
  FROM wanted w
  JOIN managed m ON m.parent = w.oid AND NOT m.attached
  JOIN pg_class c ON c.oid = m.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN locked l ON l.oid = c.oid
 WHERE NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
 UNION ALL
SELECT r.parent, 'd', c.oid, json_build_object(
           'schema', n.nspname,
           'relation', c.relname,
           'bounds', r.bounds,
           'parent', i.inhparent::bigint,
           'parent_bounds',
           CASE WHEN NOT %(cautious)s THEN pg_get_expr(c.relpartbound, 0) END,
           'kind', c.relkind,
           'action', r.action,
           'target_schema', r.target_schema,
           'retired_at', r.retired_at,
           'due', r.due,
           'bound_check', r.bound_check,
           'settled', r.settled,
           'rows', r.rows,
           'bytes', coalesce(r.bytes, 0),
           'hold_until', m.hold_until,
           'hold_reason', m.hold_reason)::text,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM wanted w
  JOIN retired r ON r.parent = w.oid
  JOIN pg_class c ON c.oid = r.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN managed m ON m.oid = c.oid

-- name: attributes
-- The columns of tables, as far as they could be part of a key.
SELECT a.attrelid::bigint AS oid, json_build_object(
           'name', a.attname,
           'not_null', a.attnotnull,
           'type', format_type(({base_type}), NULL),
           'collation', CASE WHEN k.coll <> 0 THEN ({collation}) END)::text
  FROM pg_attribute a
 CROSS JOIN LATERAL (SELECT a.attcollation AS coll) AS k
 WHERE a.attrelid = ANY(%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped

-- name: base_type
-- The type of a key column; of a domain, what is behind it.
WITH RECURSIVE base AS (
    SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = a.atttypid
     UNION ALL
    SELECT t.oid, t.typtype, t.typbasetype
      FROM base JOIN pg_type t ON t.oid = base.typbasetype
     WHERE base.typtype = 'd')
SELECT oid FROM base WHERE typtype <> 'd'

-- name: collation
-- The collation of a key column; of the default one, what is behind it.
SELECT CASE WHEN l.collprovider <> 'd'
            THEN CASE WHEN l.collnamespace <> 'pg_catalog'::regnamespace
                      THEN l.collnamespace::regnamespace || '.' ELSE '' END
                 || l.collname
            WHEN d.datlocprovider = 'c' THEN d.datcollate
            WHEN d.datlocprovider = 'i' THEN coalesce(
                 to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
            ELSE CASE to_jsonb(d) ->> 'datlocale'
                      WHEN 'C' THEN 'C'
                      WHEN 'C.UTF-8' THEN 'pg_c_utf8'
                      ELSE 'pg_unicode_fast'
                 END
       END
  FROM pg_collation l, pg_database d
 WHERE l.oid = k.coll AND d.datname = current_database()

-- name: publications
-- The publications that a table is in: all tables are, or it or what is above it is, or
-- the schema of one of these.
SELECT json_agg(json_build_object(
           'name', b.pubname,
           'everything', b.puballtables,
           'changes', b.pubupdate OR b.pubdelete,
           'schemas', array(
               SELECT s.nspname
                 FROM pg_publication_namespace m
                 JOIN pg_namespace s ON s.oid = m.pnnspid
                WHERE m.pnpubid = b.oid),
           'partitions', array(
               SELECT r.prrelid::bigint
                 FROM pg_publication_rel r
                 JOIN pg_inherits i ON i.inhrelid = r.prrelid
                WHERE r.prpubid = b.oid AND i.inhparent = c.oid))
           ORDER BY b.pubname)
  FROM pg_publication b
 WHERE b.puballtables
    OR EXISTS (
       SELECT FROM pg_partition_ancestors(c.oid) AS a
        WHERE EXISTS (
              SELECT FROM pg_publication_rel r
               WHERE r.prpubid = b.oid AND r.prrelid = a.relid)
           OR EXISTS (
              SELECT FROM pg_publication_namespace m
               WHERE m.pnpubid = b.oid
                 AND m.pnnspid = (SELECT k.relnamespace FROM pg_class k
                                   WHERE k.oid = a.relid)))

-- name: has_rows
SELECT EXISTS (SELECT FROM {table})

-- name: resolve
-- The relation of that name, whatever it is.  Without a schema the search path tells.
SELECT c.oid, c.relkind::text, n.nspname, c.relname,
       (SELECT format('%%I.%%I', pn.nspname, pc.relname)
          FROM pg_inherits i
          JOIN pg_class pc ON pc.oid = i.inhparent
          JOIN pg_namespace pn ON pn.oid = pc.relnamespace
         WHERE i.inhrelid = c.oid AND c.relispartition)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = (
       SELECT CASE
              WHEN %(schema)s::text IS NULL
              THEN to_regclass(quote_ident(%(relation)s))::oid
              ELSE (SELECT k.oid FROM pg_class k
                      JOIN pg_namespace s ON s.oid = k.relnamespace
                     WHERE s.nspname = %(schema)s AND k.relname = %(relation)s)
              END)

-- name: candidates
-- What somebody may have meant: the tables that are partitioned, and are no partition
-- themselves, and whatever differs from the given name in capitals only.
SELECT n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE (c.relkind = 'p' AND NOT c.relispartition
        OR c.relkind IN ('r', 'p') AND lower(c.relname) = lower(%(relation)s))
   AND n.nspname !~ '^(pg_|information_schema$)'
 ORDER BY n.nspname, c.relname
 LIMIT 1000
