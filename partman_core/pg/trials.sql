-- name: tablespaces
-- All tablespaces that can hold tables, and whether the owner of a parent may put one
-- into them; nobody needs a privilege for the database's own.
SELECT t.spcname, pg_get_userbyid(c.relowner),
       t.oid = d.dattablespace OR has_tablespace_privilege(c.relowner, t.oid, 'CREATE')
  FROM pg_tablespace t, pg_database d, pg_class c
 WHERE t.spcname <> 'pg_global'
   AND d.datname = current_database() AND c.oid = %(parent)s::oid
 ORDER BY t.spcname

-- name: schemas
-- All schemas that are somebody's, and whether the owner of a parent may make tables in
-- them.
SELECT n.nspname, pg_get_userbyid(c.relowner),
       has_schema_privilege(c.relowner, n.oid, 'CREATE')
  FROM pg_namespace n, pg_class c
 WHERE n.nspname !~ '^(pg_|information_schema$)' AND c.oid = %(parent)s::oid
 ORDER BY n.nspname
