-- name: dependents
-- What would not let these tables be dropped, with CASCADE left out: it needs one of
-- them, or something that goes with one (its columns, its type, its indexes, its own
-- partitions), and would not go itself.  What a foreign key to the parent has put upon
-- a partition ends with the detach.  A view's rule stands for the view.
WITH RECURSIVE going AS (
    SELECT t.oid AS root, 'pg_class'::regclass::oid AS classid, t.oid AS objid
      FROM unnest(%(oids)s::oid[]) AS t(oid)
     UNION
    SELECT g.root, d.classid, d.objid
      FROM going g
      JOIN pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid
     WHERE d.deptype IN ('a', 'i', 'x', 'P', 'S')),
leaning AS (
    SELECT DISTINCT g.root, d.classid, d.objid, d.objsubid
      FROM going g
      JOIN pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid
     WHERE d.deptype = 'n'
       AND NOT (d.classid = 'pg_constraint'::regclass
                AND EXISTS (SELECT FROM pg_constraint k
                             WHERE k.oid = d.objid AND k.conparentid <> 0))
       AND NOT EXISTS (SELECT FROM going o
                        WHERE o.root = g.root AND o.classid = d.classid
                          AND o.objid = d.objid))
SELECT DISTINCT l.root::bigint, who.type, who.identity, who.names
  FROM leaning l
  LEFT JOIN pg_depend o
    ON o.classid = l.classid AND o.objid = l.objid AND o.deptype = 'i'
 CROSS JOIN LATERAL (
       SELECT i.type, i.identity, a.object_names AS names
         FROM pg_identify_object(coalesce(o.refclassid, l.classid),
                                 coalesce(o.refobjid, l.objid),
                                 coalesce(o.refobjsubid, l.objsubid)) AS i,
              pg_identify_object_as_address(coalesce(o.refclassid, l.classid),
                                            coalesce(o.refobjid, l.objid),
                                            coalesce(o.refobjsubid, l.objsubid)) AS a
       ) AS who
 ORDER BY 1, 2, 3

-- name: reference
-- The foreign key behind the one that a partition is held by, which PostgreSQL has
-- made for that partition alone and which nobody knows by its name; and which columns
-- of its table refer to which of ours.
WITH RECURSIVE up AS (
    SELECT k.oid, k.conparentid
      FROM pg_constraint k
      JOIN pg_class c ON c.oid = k.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = %(schema)s AND c.relname = %(relation)s
       AND k.conname = %(constraint)s
     UNION ALL
    SELECT k.oid, k.conparentid FROM up JOIN pg_constraint k ON k.oid = up.conparentid)
SELECT n.nspname, c.relname, k.conname,
       (SELECT jsonb_object_agg(theirs.attname, ours.attname)
          FROM unnest(k.confkey, k.conkey) AS pair(theirs, ours)
          JOIN pg_attribute theirs
            ON theirs.attrelid = k.confrelid AND theirs.attnum = pair.theirs
          JOIN pg_attribute ours
            ON ours.attrelid = k.conrelid AND ours.attnum = pair.ours)
  FROM up
  JOIN pg_constraint k ON k.oid = up.oid
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE up.conparentid = 0

-- name: unidentified
-- Which of these tables, and which of their partitions, have no replica identity: of
-- what is published there, UPDATE and DELETE are refused.
SELECT t.oid::bigint, n.nspname, c.relname
  FROM unnest(%(oids)s::oid[]) AS t(oid)
 CROSS JOIN LATERAL (
       SELECT t.oid AS relation, true AS parent
        UNION ALL
       SELECT i.inhrelid, false FROM pg_inherits i WHERE i.inhparent = t.oid) AS x
  JOIN pg_class c ON c.oid = x.relation
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE (x.parent OR c.relkind = 'r')
   AND CASE c.relreplident
       WHEN 'f' THEN false
       WHEN 'n' THEN true
       ELSE NOT EXISTS (
            SELECT FROM pg_index k
             WHERE k.indrelid = c.oid
               AND CASE c.relreplident WHEN 'd' THEN k.indisprimary
                                       ELSE k.indisreplident END)
       END
 ORDER BY t.oid, x.parent DESC, n.nspname, c.relname
