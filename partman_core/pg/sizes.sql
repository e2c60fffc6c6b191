-- name: sizes
-- Sizes of what nobody holds or wants exclusively: asking for that of another would
-- wait.  Between the look at the locks and the size somebody may come, so the caller
-- has a lock_timeout.
WITH locked AS MATERIALIZED (
    SELECT DISTINCT l.relation AS oid
      FROM pg_locks l
     WHERE l.locktype = 'relation'
       AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_database d
                          WHERE d.datname = current_database()))
SELECT c.oid::bigint,
       CASE WHEN l.oid IS NULL THEN pg_total_relation_size(c.oid) END
  FROM pg_class c
  LEFT JOIN locked l ON l.oid = c.oid
 WHERE c.oid = ANY(%(oids)s::oid[])
