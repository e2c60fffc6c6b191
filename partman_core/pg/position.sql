-- name: sequences
-- The sequence that each column owns, and whether it can be read: of several the one of
-- an identity, else the one that the column's default draws from.  What is read is
-- locked in the weakest way, so only ACCESS EXCLUSIVE is in the way.
SELECT w.oid::bigint, 's', n.nspname::text, s.relname::text, q.seqincrement,
       q.seqcycle,
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(s.oid, 'SELECT')
           AND NOT (s.relpersistence = 'u' AND pg_is_in_recovery())
           AND NOT EXISTS (SELECT FROM held h WHERE h.oid = s.oid)
  FROM unnest(%(oids)s::oid[], %(columns)s::text[]) AS w(oid, name)
  JOIN pg_attribute a ON a.attrelid = w.oid AND a.attname = w.name
 CROSS JOIN LATERAL (
       SELECT d.objid
         FROM pg_depend d
         JOIN pg_class k ON k.oid = d.objid AND k.relkind = 'S'
        WHERE d.refclassid = 'pg_class'::regclass
          AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
          AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        ORDER BY d.deptype = 'i' DESC,
                 EXISTS (SELECT FROM pg_attrdef f
                           JOIN pg_depend p
                             ON p.classid = 'pg_attrdef'::regclass
                            AND p.objid = f.oid
                            AND p.refclassid = 'pg_class'::regclass
                            AND p.refobjid = d.objid
                          WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) DESC,
                 d.objid
        LIMIT 1) AS owned
  JOIN pg_class s ON s.oid = owned.objid
  JOIN pg_namespace n ON n.oid = s.relnamespace
  JOIN pg_sequence q ON q.seqrelid = s.oid

-- name: pages
-- The relations that may hold a row: those with a page, and those that are in use by
-- somebody in a way that nobody can look.
SELECT c.oid::bigint,
       CASE WHEN EXISTS (SELECT FROM held h WHERE h.oid = c.oid) THEN 'l' ELSE 'r' END,
       NULL::text, NULL::text, NULL::bigint, NULL::bool, NULL::bool
  FROM pg_class c
 WHERE c.oid = ANY(%(relations)s::oid[])
   AND CASE WHEN EXISTS (SELECT FROM held h WHERE h.oid = c.oid) THEN true
            WHEN c.relkind = 'p' THEN true
            ELSE pg_relation_size(c.oid) > 0 END

-- name: indexed
-- The DEFAULT partitions whose largest key an index finds.
SELECT i.indrelid::bigint, 'i', NULL::text, NULL::text, NULL::bigint, NULL::bool,
       NULL::bool
  FROM unnest(%(defaults)s::oid[], %(default_columns)s::text[]) AS w(oid, name)
  JOIN pg_attribute a ON a.attrelid = w.oid AND a.attname = w.name
  JOIN pg_index i ON i.indrelid = w.oid
                 AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'

-- name: unheld
-- Questions about what nobody holds so that a look would have to wait.
WITH held AS MATERIALIZED (
    SELECT DISTINCT l.relation AS oid
      FROM pg_locks l
     WHERE l.locktype = 'relation'
       AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_database d
                          WHERE d.datname = current_database())
       AND l.pid IS DISTINCT FROM pg_backend_pid())
{questions}

-- name: largest
-- The largest key of a relation.  Infinity and what is no number have no place.
(SELECT {key} AS found FROM {table} AS r
  WHERE {key} IS NOT NULL{finite} ORDER BY {key} DESC LIMIT 1)

-- name: finite
 AND {key} < 'Infinity' AND {key} > '-Infinity'

-- name: heap
greatest({largest})

-- name: newest
coalesce({heaps})::text

-- name: last
(SELECT last_value FROM {sequence})

-- name: called
(SELECT is_called FROM {sequence})

-- name: look
SELECT {number}::int AS number, {newest} AS newest, {last} AS last, {called} AS called
