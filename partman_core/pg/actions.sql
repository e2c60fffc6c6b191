-- name: record
INSERT INTO {schema}.actions (
       at, actor, method, action, target, allowed, detail, address)
VALUES (%(now)s, %(actor)s, %(method)s, %(action)s, %(target)s, %(allowed)s,
        %(detail)s, %(address)s)
RETURNING id

-- name: actions
SELECT id, at, actor, method, action, target, allowed, detail, address
  FROM {schema}.actions
 WHERE %(before)s::bigint IS NULL OR id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
