-- name: facts
-- What a new partition must be given by hand, because LIKE and ATTACH leave it
-- out, and what decides which locks are taken.  Plain catalog columns only, so
-- nothing here waits for a lock.
SELECT c.oid::bigint AS oid,
       n.nspname AS schema,
       c.relname AS relation,
       pg_get_userbyid(c.relowner) AS owner,
       current_user::text AS role,
       c.relrowsecurity AS row_security,
       c.relforcerowsecurity AS force_row_security,
       c.relreplident::text AS replica_identity,
       (SELECT array_agg(a.attname::text ORDER BY k.n)
          FROM pg_index i
          CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
         WHERE i.indrelid = c.oid AND i.indisreplident) AS replica_columns,
       (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = c.reltablespace)
           AS tablespace,
       (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam) AS access_method,
       d.partdefid::bigint AS default_oid,
       dn.nspname AS default_schema,
       dc.relname AS default_relation,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'grantee', CASE WHEN g.grantee = 0 THEN NULL
                                   ELSE pg_get_userbyid(g.grantee) END,
                   'privilege', g.privilege_type,
                   'grantable', g.is_grantable,
                   'column', NULL)), '[]')
          FROM aclexplode(c.relacl) AS g WHERE g.grantee <> c.relowner)
       || (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'grantee', CASE WHEN g.grantee = 0 THEN NULL
                                   ELSE pg_get_userbyid(g.grantee) END,
                   'privilege', g.privilege_type,
                   'grantable', g.is_grantable,
                   'column', a.attname)), '[]')
             FROM pg_attribute a CROSS JOIN aclexplode(a.attacl) AS g
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND g.grantee <> c.relowner) AS grants,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'column', a.attname,
                   'target', CASE WHEN a.attstattarget >= 0
                                  THEN a.attstattarget END,
                   'options', coalesce(to_jsonb(a.attoptions), '[]'))), '[]')
          FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL)) AS columns,
       (SELECT coalesce(array_agg(DISTINCT f.confrelid::regclass::text), '{}')
          FROM pg_constraint f
         WHERE f.conrelid = c.oid AND f.contype = 'f') AS refers_to,
       (SELECT coalesce(array_agg(DISTINCT f.conrelid::regclass::text), '{}')
          FROM pg_constraint f
         WHERE f.confrelid = c.oid AND f.contype = 'f') AS referred_by
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_partitioned_table d ON d.partrelid = c.oid
  LEFT JOIN pg_class dc ON dc.oid = d.partdefid
  LEFT JOIN pg_namespace dn ON dn.oid = dc.relnamespace
 WHERE c.oid = ANY(%(oids)s::bigint[])

-- name: constraints
-- The bounds of partitions as the CHECK that keeps stray keys out of them.
SELECT oid::bigint, pg_get_partition_constraintdef(oid)
  FROM unnest(%(oids)s::oid[]) AS oid

-- name: taken
-- Which of these names somebody else has already.
SELECT n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE (n.nspname, c.relname) IN (
       SELECT * FROM unnest(%(schemas)s::text[], %(names)s::text[]))

-- name: children
-- How partitions stand under a parent now: attached, half-detached, or not at all.
SELECT i.inhrelid::bigint, i.inhdetachpending
  FROM pg_inherits i
 WHERE i.inhparent = %(parent)s::oid AND i.inhrelid = ANY(%(oids)s::oid[])

-- name: bounds_now
-- Where partitions stand now, and with which bounds.
SELECT c.oid::bigint, i.inhparent::bigint, pg_get_expr(c.relpartbound, c.oid)
  FROM pg_class c
  JOIN pg_inherits i ON i.inhrelid = c.oid
 WHERE c.oid = ANY(%(oids)s::oid[])

-- name: obstacles
-- What forbids to drop detached partitions: attached somewhere, not in the bin,
-- held, not yet due, or the CHECK that keeps stray keys out is gone.
SELECT c.oid::bigint,
       CASE WHEN EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
            THEN 'attached'
            WHEN d.relation IS NULL THEN 'unknown'
            WHEN m.hold_until > %(now)s::timestamptz THEN 'held'
            WHEN d.due IS NULL OR d.due > %(now)s::timestamptz THEN 'early'
            WHEN d.bound_check IS NOT NULL AND NOT EXISTS (
                 SELECT FROM pg_constraint k
                  WHERE k.conrelid = c.oid AND k.contype = 'c'
                    AND pg_get_expr(k.conbin, k.conrelid) = d.bound_check)
            THEN 'unguarded'
       END
  FROM pg_class c
  LEFT JOIN {schema}.detached_partitions d ON d.relation = c.oid
  LEFT JOIN {schema}.managed_partitions m ON m.relation = c.oid
 WHERE c.oid = ANY(%(oids)s::oid[])

-- name: empty
-- Whether a table that was built and never attached still holds nothing.
SELECT NOT EXISTS (SELECT FROM {table})
