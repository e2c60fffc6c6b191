-- name: migration_lock
SELECT pg_advisory_xact_lock(%(lock_class)s, %(lock_id)s)

-- name: migrated
INSERT INTO {schema}.schema_version (version, partman_version)
VALUES (%(version)s, %(partman_version)s)
