-- name: backend
-- Who serves this connection now; the client has been told another number where a
-- pooler stands in between.
SELECT pg_backend_pid()

-- name: beside
-- The same, and keeps that backend until the end of the transaction.
BEGIN; SELECT pg_backend_pid()
