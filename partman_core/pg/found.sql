-- name: values
-- The key values that a partition holds, the most frequent first.
SELECT {column}::text
  FROM {table}
 GROUP BY {column}
 ORDER BY count(*) DESC, {column}
 LIMIT {most}
