-- name: settle
-- The same settings that our own connections get when they start; those that this
-- server does not know are left out.  Nothing is set in a backend that is not ours.
SELECT set_config(s.name, w.value, false)
  FROM unnest(%(names)s::text[], %(values)s::text[]) AS w(name, value)
  JOIN pg_settings s ON lower(s.name) = lower(w.name)
 WHERE pg_backend_pid() = coalesce(%(pid)s::int, pg_backend_pid())

-- name: probe
-- What kind of server this is, what time it has, and whose our schema is.  Naming a
-- table that may not exist is an error, so the version is read by ts_stat, which is
-- given its query as text.
SELECT pg_backend_pid(),
       current_setting('server_version_num')::int,
       pg_is_in_recovery(),
       current_setting('transaction_read_only')::bool,
       current_user::text,
       current_database()::text,
       clock_timestamp(),
       CASE WHEN n.oid IS NULL THEN 'absent'
            WHEN v.oid IS NOT NULL AND v.readable THEN 'ours'
            WHEN v.oid IS NOT NULL THEN 'unreadable'
            WHEN EXISTS (SELECT FROM pg_depend d
                          WHERE d.refclassid = 'pg_namespace'::regclass
                            AND d.refobjid = n.oid) THEN 'foreign'
            ELSE 'empty'
       END,
       CASE WHEN v.readable THEN (
            SELECT max(word::int) FROM ts_stat(format(
                   'SELECT array_to_tsvector(array_agg(version::text))'
                   ' FROM %%I.schema_version', %(schema)s::text)))
       END,
       CASE WHEN n.oid IS NOT NULL AND v.oid IS NULL THEN (
            SELECT min(extname) FROM pg_extension WHERE extnamespace = n.oid)
       END,
       CASE WHEN n.oid IS NOT NULL AND v.oid IS NULL THEN (
            SELECT array_agg(c.relname::text ORDER BY c.relname)
              FROM pg_class c
             WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
       END
  FROM (VALUES (%(schema)s::text)) AS wanted(schema)
  LEFT JOIN pg_namespace n ON n.nspname = wanted.schema
  LEFT JOIN LATERAL (
       SELECT c.oid,
              has_schema_privilege(n.oid, 'USAGE')
                  AND has_table_privilege(c.oid, 'SELECT') AS readable
         FROM pg_class c
        WHERE c.relnamespace = n.oid
          AND c.relname = 'schema_version'
          AND EXISTS (SELECT FROM pg_attribute a
                       WHERE a.attrelid = c.oid AND a.attname = 'partman_version')
       ) v ON true
