-- name: facts
-- What a new partition must be given by hand, because LIKE and ATTACH leave it
-- out, and what decides which locks are taken.  Plain catalog columns only, so
-- nothing here waits for a lock.
SELECT c.oid::bigint AS oid,
       n.nspname AS schema,
       c.relname AS relation,
       pg_get_userbyid(c.relowner) AS owner,
       current_user::text AS role,
       (SELECT array_agg(format_type(coalesce(a.atttypid, o.opcintype), NULL)
                         ORDER BY k.place)
          FROM unnest(d.partattrs::int2[], d.partclass::oid[])
               WITH ORDINALITY AS k(attnum, opclass, place)
          JOIN pg_opclass o ON o.oid = k.opclass
          LEFT JOIN pg_attribute a
            ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum <> 0) AS types,
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
       r.rolsuper AS superuser,
       dc.relowner IS NOT DISTINCT FROM c.relowner AS default_is_owners,
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
       (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(fn.nspname, fc.relname)),
                        '[]')
          FROM pg_constraint f
          JOIN pg_class fc ON fc.oid = f.confrelid
          JOIN pg_namespace fn ON fn.oid = fc.relnamespace
         WHERE f.conrelid = c.oid AND f.contype = 'f') AS refers_to,
       (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(fn.nspname, fc.relname)),
                        '[]')
          FROM pg_constraint f
          JOIN pg_class fc ON fc.oid = f.conrelid
          JOIN pg_namespace fn ON fn.oid = fc.relnamespace
         WHERE f.confrelid = c.oid AND f.contype = 'f') AS referred_by
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_partitioned_table d ON d.partrelid = c.oid
  JOIN pg_roles r ON r.rolname = current_user
  LEFT JOIN pg_class dc ON dc.oid = d.partdefid
  LEFT JOIN pg_namespace dn ON dn.oid = dc.relnamespace
 WHERE c.oid = ANY(%(oids)s::bigint[])

-- name: columns
-- The columns of a table, by name.
SELECT a.attname
  FROM pg_attribute a
 WHERE a.attrelid = %(oid)s::oid AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum

-- name: bounds
-- Where partitions stand now, with which bounds, and the CHECK that these amount to,
-- as far as they lack it; of a hash there is none that would stand on its own.  With
-- relation 0 the bounds have no references, and nothing is locked to print them; the
-- CHECK waits where somebody holds its partition exclusively.
SELECT c.oid::bigint, n.nspname, c.relname, i.inhparent::bigint, i.inhdetachpending,
       pg_get_expr(c.relpartbound, 0),
       CASE WHEN NOT EXISTS (
                 SELECT FROM pg_constraint k
                  WHERE k.conrelid = c.oid AND k.contype = 'c'
                    AND pg_get_expr(k.conbin, k.conrelid) = d.text)
            THEN d.text END,
       EXISTS (SELECT FROM pg_constraint k
                WHERE k.conrelid = c.oid AND k.conname = 'partman_bounds')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_inherits i ON i.inhrelid = c.oid
  JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
 CROSS JOIN LATERAL (
       SELECT CASE WHEN %(checks)s AND p.partstrat <> 'h'
                   THEN pg_get_partition_constraintdef(c.oid) END) AS d(text)
 WHERE c.oid = ANY(%(oids)s::oid[])

-- name: taken
-- Which of these names somebody else has already.  A table has a type of its name, so
-- the names of types count as well, but for arrays, which make way.
SELECT n.nspname, taken.name
  FROM (SELECT c.relnamespace, c.relname FROM pg_class c
         UNION ALL
        SELECT t.typnamespace, t.typname FROM pg_type t
         WHERE NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
       ) AS taken(schema, name)
  JOIN pg_namespace n ON n.oid = taken.schema
 WHERE (n.nspname, taken.name) IN (
       SELECT * FROM unnest(%(schemas)s::text[], %(names)s::text[]))

-- name: schemas
-- Which of these schemas are there, and whether the owner of a parent may make tables
-- in them.
SELECT n.nspname, has_schema_privilege(c.relowner, n.oid, 'CREATE')
  FROM pg_namespace n, pg_class c
 WHERE n.nspname = ANY(%(schemas)s::text[]) AND c.oid = %(parent)s::oid

-- name: obstacles
-- What forbids to drop detached partitions: attached somewhere, not in the bin,
-- held, not yet due, or the CHECK that keeps stray keys out is gone.  Where no run is
-- recorded that detached it, our part was cut short, and PostgreSQL's own CHECK may be
-- there in other words: not settled.
SELECT c.oid::bigint, n.nspname, c.relname,
       CASE WHEN EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
            THEN 'attached'
            WHEN d.relation IS NULL THEN 'unknown'
            WHEN m.hold_until > %(now)s::timestamptz THEN 'held'
            WHEN d.due IS NULL OR d.due > %(now)s::timestamptz THEN 'early'
            WHEN d.bound_check IS NOT NULL AND NOT EXISTS (
                 SELECT FROM pg_constraint k
                  WHERE k.conrelid = c.oid AND k.contype = 'c'
                    AND pg_get_expr(k.conbin, k.conrelid) = d.bound_check)
            THEN CASE WHEN d.run_id IS NULL AND EXISTS (
                           SELECT FROM pg_constraint k
                            WHERE k.conrelid = c.oid AND k.contype = 'c'
                              AND k.conname NOT IN (
                                  SELECT p.conname FROM pg_constraint p
                                   WHERE p.conrelid = d.parent))
                      THEN 'unsettled' ELSE 'unguarded' END
       END
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN {schema}.detached_partitions d ON d.relation = c.oid
  LEFT JOIN {schema}.managed_partitions m ON m.relation = c.oid
 WHERE c.oid = ANY(%(oids)s::oid[])

-- name: bound_checks
-- The CHECKs that the bounds of retired partitions amounted to.
SELECT relation::oid::bigint, bound_check
  FROM {schema}.detached_partitions
 WHERE relation = ANY(%(oids)s::oid[]) AND bound_check IS NOT NULL

-- name: missing_checks
-- The CHECKs that the bounds of retired partitions amounted to, of those that have
-- none in these words.
SELECT d.relation::oid::bigint, d.bound_check
  FROM {schema}.detached_partitions d
 WHERE d.relation = ANY(%(oids)s::oid[]) AND d.bound_check IS NOT NULL
   AND NOT EXISTS (SELECT FROM pg_constraint k
                    WHERE k.conrelid = d.relation AND k.contype = 'c'
                      AND pg_get_expr(k.conbin, k.conrelid) = d.bound_check)
