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
           target_schema, retired_at, due, bound_check, rows, bytes
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
           '' AS bound_check, 0::bigint AS rows, 0::bigint AS bytes
     WHERE false)

-- name: managed_tables
SELECT relation::oid AS oid FROM {schema}.partition_management

-- name: these_tables
SELECT oid FROM unnest(%(oids)s::oid[]) AS oid

-- name: trees
-- One row for each parent (a JSON document) and one for each child.  Bounds are read
-- with relation 0: they have no column references, so PostgreSQL need not open and
-- lock the partition for them, and answers twice as fast.  An expression key has such
-- references, so it is left out where the parent is locked.  pg_inherits rather than
-- pg_partition_tree: that one waits for locks, and hides half-detached children.
WITH wanted AS MATERIALIZED ({wanted}),
locked AS MATERIALIZED (
    SELECT DISTINCT l.relation AS oid
      FROM pg_locks l
     WHERE l.locktype = 'relation'
       AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_database d
                          WHERE d.datname = current_database())
       AND l.pid IS DISTINCT FROM pg_backend_pid()),
{registry},
parents AS (
    SELECT c.oid, c.relname, c.reltuples, n.nspname, p.*,
           pg_get_userbyid(c.relowner) AS owner,
           %(cautious)s OR l.oid IS NOT NULL AS locked
      FROM wanted w
      JOIN pg_class c ON c.oid = w.oid
      JOIN pg_partitioned_table p ON p.partrelid = c.oid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN locked l ON l.oid = c.oid)
SELECT p.oid AS parent, NULL::oid AS oid, json_build_object(
           'schema', p.nspname,
           'relation', p.relname,
           'owner', p.owner,
           'rows', p.reltuples,
           'locked', p.locked,
           'default', p.partdefid::bigint,
           'method', p.partstrat,
           'block_size', current_setting('block_size')::int,
           'expressions',
           CASE WHEN NOT p.locked THEN pg_get_expr(p.partexprs, p.oid) END,
           'columns', (
               SELECT json_agg(json_build_object(
                          'name', a.attname,
                          'not_null', coalesce(a.attnotnull, false),
                          'type', format_type(coalesce(b.oid, o.opcintype), NULL),
                          'collation', CASE
                              WHEN k.coll = 0 THEN NULL
                              WHEN l.collprovider = 'd' THEN v.behind_default
                              WHEN l.collnamespace = 'pg_catalog'::regnamespace
                              THEN l.collname
                              ELSE l.collnamespace::regnamespace || '.' || l.collname
                          END) ORDER BY k.place)
                 FROM unnest(p.partattrs::int2[], p.partclass::oid[],
                             p.partcollation::oid[])
                      WITH ORDINALITY AS k(attnum, opclass, coll, place)
                 JOIN pg_opclass o ON o.oid = k.opclass
                 LEFT JOIN pg_attribute a
                   ON a.attrelid = p.oid AND a.attnum = k.attnum AND k.attnum <> 0
                 LEFT JOIN pg_collation l ON l.oid = k.coll
                 LEFT JOIN LATERAL (
                      WITH RECURSIVE base AS (
                          SELECT t.oid, t.typtype, t.typbasetype
                            FROM pg_type t WHERE t.oid = a.atttypid
                           UNION ALL
                          SELECT t.oid, t.typtype, t.typbasetype
                            FROM base JOIN pg_type t ON t.oid = base.typbasetype
                           WHERE base.typtype = 'd')
                      SELECT oid FROM base WHERE typtype <> 'd') b ON true),
           'built', (
               SELECT json_agg(json_build_array(
                          c.oid::bigint, n.nspname, c.relname, c.relkind,
                          c.reltuples, c.relpages, false, x.oid IS NOT NULL, NULL,
                          m.bounds, m.created_at, m.hold_until, m.hold_reason)
                          ORDER BY c.oid)
                 FROM managed m
                 JOIN pg_class c ON c.oid = m.oid
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                 LEFT JOIN locked x ON x.oid = c.oid
                WHERE m.parent = p.oid AND NOT m.attached
                  AND NOT EXISTS (
                      SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)),
           'bin', (
               SELECT json_agg(json_build_object(
                          'oid', c.oid::bigint,
                          'schema', n.nspname,
                          'relation', c.relname,
                          'bounds', r.bounds,
                          'now', CASE WHEN NOT %(cautious)s
                                 THEN pg_get_expr(c.relpartbound, 0) END,
                          'parent', i.inhparent::bigint,
                          'action', r.action,
                          'target_schema', r.target_schema,
                          'retired_at', r.retired_at,
                          'due', r.due,
                          'bound_check', r.bound_check,
                          'rows', r.rows,
                          'bytes', coalesce(r.bytes, 0)) ORDER BY c.oid)
                 FROM retired r
                 JOIN pg_class c ON c.oid = r.oid
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                 LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
                WHERE r.parent = p.oid))::text,
       NULL::name, NULL::"char", NULL::real, NULL::int, NULL::bool, NULL::bool,
       NULL::text, NULL::text, NULL::timestamptz, NULL::timestamptz, NULL::text
  FROM parents p
 CROSS JOIN (
       SELECT CASE d.datlocprovider
                   WHEN 'c' THEN d.datcollate
                   WHEN 'b' THEN CASE to_jsonb(d) ->> 'datlocale'
                                      WHEN 'C' THEN 'C'
                                      WHEN 'C.UTF-8' THEN 'pg_c_utf8'
                                      ELSE 'pg_unicode_fast'
                                 END
                   ELSE coalesce(to_jsonb(d) ->> 'datlocale',
                                 to_jsonb(d) ->> 'daticulocale')
              END AS behind_default
         FROM pg_database d WHERE d.datname = current_database()) v
 UNION ALL
SELECT i.inhparent, c.oid, n.nspname::text, c.relname, c.relkind, c.reltuples,
       c.relpages, i.inhdetachpending, l.oid IS NOT NULL,
       CASE WHEN NOT %(cautious)s THEN pg_get_expr(c.relpartbound, 0) END,
       m.bounds, m.created_at, m.hold_until, m.hold_reason
  FROM wanted w
  JOIN pg_inherits i ON i.inhparent = w.oid
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN locked l ON l.oid = c.oid
  LEFT JOIN managed m ON m.oid = c.oid AND m.parent = i.inhparent

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
