-- name: schemas
-- Where tables with these names and columns are, by what other partition managers call
-- theirs.
SELECT n.nspname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = %(table)s AND c.relkind IN ('r', 'p')
   AND (SELECT count(*) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND NOT a.attisdropped
           AND a.attname = ANY (%(columns)s::name[])) = cardinality(%(columns)s::name[])
   AND NOT EXISTS (SELECT FROM pg_class v
                     JOIN pg_attribute a ON a.attrelid = v.oid
                    WHERE v.relnamespace = n.oid AND v.relname = 'schema_version'
                      AND a.attname = 'partman_version')
 ORDER BY 1

-- name: has_relation
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = %(schema)s AND c.relname = %(relation)s)

-- name: part_config
-- A name there is schema.relation, both as the catalog has them.
SELECT to_jsonb(p)::text, p.parent_table
  FROM {schema}.part_config p
 ORDER BY p.parent_table

-- name: part_config_sub
-- What partitions to come are partitioned by, in the words of part_config.
SELECT (SELECT jsonb_object_agg(regexp_replace(key, '^sub_', ''), value)
          FROM jsonb_each(to_jsonb(s)))::text, s.sub_parent
  FROM {schema}.part_config_sub s
 ORDER BY s.sub_parent

-- name: inside
-- Partitions of tables that are partitioned again, to any depth.
WITH RECURSIVE inside AS (
    SELECT w.n, c.oid, 0 AS depth
      FROM unnest(%(schemas)s::text[], %(relations)s::text[])
           WITH ORDINALITY AS w(schema, relation, n)
      JOIN pg_namespace n ON n.nspname = w.schema
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation
     UNION ALL
    SELECT i.n, k.oid, i.depth + 1
      FROM inside i
      JOIN pg_inherits h ON h.inhparent = i.oid
      JOIN pg_class k ON k.oid = h.inhrelid AND k.relkind = 'p'
)
SELECT i.n, i.depth, n.nspname::text, c.relname::text, t.partdefid <> 0
  FROM inside i
  JOIN pg_class c ON c.oid = i.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_partitioned_table t ON t.partrelid = c.oid
 WHERE i.depth > 0
 ORDER BY i.n, i.depth, n.nspname, c.relname

-- name: parent_tables
SELECT (to_jsonb(p) || CASE WHEN to_jsonb(p) ? 'retention_period' THEN
            jsonb_build_object('retention_period', p.retention_period::text)
            ELSE '{{}}' END)::text,
       p.schema_name::text, p.table_name::text,
       (SELECT coalesce(jsonb_object_agg(t.id, '{{}}'::jsonb), '{{}}')
          FROM {schema}.tenants t WHERE t.parent_table_id = p.id)::text
  FROM {schema}.parent_tables p
 ORDER BY 2, 3

-- name: partition_management
-- The first layout: a row for each tenant.
SELECT to_jsonb(p)::text, p.schema_name::text, p.table_name::text, p.tenant_id::text
  FROM {schema}.partition_management p
 ORDER BY 2, 3, p.created_at, p.tenant_id

-- name: detached
-- What is written down as detached, and is still there.
SELECT c.oid::regclass::text
  FROM {schema}.partitions p
  JOIN {schema}.parent_tables t ON t.id = p.parent_table_id
  JOIN pg_class c ON c.relname = split_part(p.name, '.', -1)
 WHERE to_jsonb(p) ->> 'status' = 'detached'
   AND t.schema_name = %(schema_name)s AND t.table_name = %(table_name)s
   AND NOT c.relispartition AND c.relkind = 'r'
   AND c.relnamespace <> 'pg_catalog'::regnamespace
 ORDER BY 1

-- name: orphans
-- Tables that carry a mark of pg-partsmith: it took them out, and drops them later.
SELECT c.oid::regclass::text
  FROM pg_description d
  JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
 WHERE d.objsubid = 0 AND NOT c.relispartition
   AND split_part(d.description, E'\n', 1) = ANY (%(marks)s::text[])
 ORDER BY 1

-- name: tables
-- What the catalog has of tables: their kind, what is in them, and what they are in.
SELECT w.n, c.relkind::text,
       (SELECT h.inhparent::regclass::text FROM pg_inherits h
         WHERE h.inhrelid = c.oid AND c.relispartition),
       EXISTS (SELECT FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid
                WHERE i.inhparent = c.oid AND k.relkind = 'p'),
       EXISTS (SELECT FROM pg_partitioned_table t
                WHERE t.partrelid = c.oid AND t.partdefid <> 0),
       c.relacl IS NOT NULL
  FROM unnest(%(schemas)s::text[], %(relations)s::text[])
       WITH ORDINALITY AS w(schema, relation, n)
  JOIN pg_namespace n ON n.nspname = w.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation
 ORDER BY 1

-- name: template
-- What a template has.  Indexes that the table itself has as well come from there.
WITH table_itself AS (
    SELECT substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*') AS words
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = %(table_schema)s AND c.relname = %(table)s
)
SELECT x.number, x.distinct_rows,
       coalesce((SELECT jsonb_object_agg(option_name, option_value)
                   FROM pg_options_to_table(c.reloptions)), '{}')::text,
       (SELECT spcname::text FROM pg_tablespace t WHERE t.oid = c.reltablespace),
       c.relpersistence = 'u',
       c.relacl IS NOT NULL
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (
    SELECT count(*)::int AS number,
           count(*) FILTER (WHERE i.indisunique)::int AS distinct_rows
      FROM pg_index i
     WHERE i.indrelid = c.oid
       AND substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*')
           NOT IN (SELECT words FROM table_itself)) AS x
 WHERE n.nspname = %(schema)s AND c.relname = %(relation)s

-- name: jobs
-- What pg_cron runs of pg_partman in this database.
SELECT jobid::text, command FROM cron.job
 WHERE active AND database = current_database()
   AND command ILIKE '%%run_maintenance%%'
 ORDER BY jobid

-- name: worker
-- The background worker is told its databases by a setting that only it has.
SELECT current_setting('pg_partman_bgw.dbname', true)

-- name: holders
-- Sessions that hold one of these advisory locks.
SELECT w.n, l.pid, coalesce(nullif(a.application_name, ''), '')
  FROM unnest(%(classes)s::bigint[], %(objects)s::bigint[], %(kinds)s::int[])
       WITH ORDINALITY AS w(class, object, kind, n)
  JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted
   AND l.classid::bigint = w.class AND l.objid::bigint = w.object
   AND l.objsubid = w.kind
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
 ORDER BY 1, 2

-- name: hashes
-- PostgreSQL's own hash of a text, of which others make the keys of their locks.
SELECT hashtext(name)
  FROM unnest(%(names)s::text[]) WITH ORDINALITY AS w(name, n)
 ORDER BY n

-- name: sessions
-- Sessions in this database that call themselves so.
SELECT pid, application_name
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND application_name ILIKE ANY (%(names)s::text[])
 ORDER BY pid
