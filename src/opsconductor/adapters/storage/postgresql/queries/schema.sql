-- take_time: a migration of many rows takes longer than a turn may
SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '30000', true);

-- one_at_a_time: who migrates waits here for whoever does so already
SELECT pg_advisory_xact_lock(%(key)s);

-- has_schema: whether migrations were ever applied, and whether this role may look
SELECT has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')
FROM pg_namespace JOIN pg_class ON pg_class.relnamespace = pg_namespace.oid
WHERE pg_namespace.nspname = %(schema)s AND pg_class.relname = 'schema_migrations';

-- version: the newest migration applied
SELECT coalesce(max(version), 0) FROM schema_migrations;

-- schema_owner: whose the schema is
SELECT nspowner::regrole::name FROM pg_namespace WHERE nspname = %(schema)s;

-- applied: this migration is done
INSERT INTO schema_migrations (version, name) VALUES (%(version)s, %(name)s);
