-- name: size
-- The heaps that an attach reads: of DEFAULT, or of its partitions.  This waits where
-- somebody holds one exclusively.
SELECT coalesce(sum(pg_relation_size(t.relid)), 0)::bigint
  FROM pg_partition_tree(to_regclass(%(name)s)) t
 WHERE t.isleaf

-- name: key
SELECT pg_get_partkeydef(%(oid)s::oid)
