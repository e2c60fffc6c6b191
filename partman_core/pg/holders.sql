-- name: holders
-- Who has, or waits for, a lock on some relations.  Names that stand for nothing are left
-- out; a prepared transaction has no pid.  It is asked again and again while somebody is
-- in the way, so each name is looked up once, not once a lock.
WITH wanted AS MATERIALIZED (
    SELECT w.name, to_regclass(w.name)::oid AS oid
      FROM unnest(%(names)s::text[]) AS w(name)),
held AS MATERIALIZED (
    SELECT l.relation, l.mode, l.virtualtransaction, l.pid
      FROM pg_locks l
     WHERE l.locktype = 'relation'
       AND l.pid IS DISTINCT FROM pg_backend_pid()
       AND l.database = (SELECT d.oid FROM pg_database d
                          WHERE d.datname = current_database()))
SELECT w.name, h.mode, h.virtualtransaction, h.pid
  FROM held h
  JOIN wanted w ON w.oid = h.relation

-- name: sessions
-- Who these are.  What somebody else runs, and since when, is shown to members of
-- pg_read_all_stats only.
SELECT a.pid, a.usename, a.application_name, a.backend_type,
       CASE WHEN a.state IS NOT NULL THEN a.query END,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8
  FROM pg_stat_activity a
 WHERE a.pid = ANY(%(pids)s::int[])
