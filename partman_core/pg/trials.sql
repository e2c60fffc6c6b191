-- name: tablespaces
-- All tablespaces that can hold tables, and whether the owner of a parent may put one
-- into them; nobody needs a privilege for the database's own.
SELECT t.spcname, pg_get_userbyid(c.relowner),
       t.oid = d.dattablespace OR has_tablespace_privilege(c.relowner, t.oid, 'CREATE')
  FROM pg_tablespace t, pg_database d, pg_class c
 WHERE t.spcname <> 'pg_global'
   AND d.datname = current_database() AND c.oid = %(parent)s::oid
 ORDER BY t.spcname
