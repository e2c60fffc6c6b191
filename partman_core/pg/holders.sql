-- name: holders
-- Who has, or waits for, a lock on some relations.  Names that stand for nothing are left
-- out; a prepared transaction has no pid.
SELECT w.name, l.mode, l.virtualtransaction, l.pid
  FROM pg_locks l
  JOIN unnest(%(names)s::text[]) AS w(name) ON l.relation = to_regclass(w.name)
 WHERE l.locktype = 'relation'
   AND l.database = (SELECT d.oid FROM pg_database d
                      WHERE d.datname = current_database())
   AND l.pid IS DISTINCT FROM pg_backend_pid()

-- name: sessions
-- Who these are.  What somebody else runs, and since when, is shown to members of
-- pg_read_all_stats only.
SELECT a.pid, a.usename, a.application_name, a.backend_type,
       CASE WHEN a.state IS NOT NULL THEN a.query END,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8
  FROM pg_stat_activity a
 WHERE a.pid = ANY(%(pids)s::int[])
