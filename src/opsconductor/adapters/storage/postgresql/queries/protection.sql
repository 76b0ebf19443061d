-- standing: who this connection acts as, and what that role could do beside its work
SELECT current_user::text, rolsuper, rolbypassrls,
    EXISTS (
        SELECT 1 FROM pg_class
        WHERE relnamespace = to_regnamespace(%(schema)s) AND pg_has_role(current_user, relowner, 'MEMBER')
    ) OR EXISTS (
        SELECT 1 FROM pg_namespace WHERE nspname = %(schema)s AND pg_has_role(current_user, nspowner, 'MEMBER')
    ) AS is_owner
FROM pg_roles WHERE rolname = current_user;

-- may_begin: whether this role could make the schema
SELECT has_database_privilege(current_user, current_database(), 'CREATE');

-- unprotected: tables whose rows the database does not keep apart; what holds no tenant's rows is named here
SELECT relname::text FROM pg_class
WHERE relnamespace = to_regnamespace(%(schema)s) AND relkind IN ('r', 'p')
  AND NOT (relrowsecurity AND relforcerowsecurity) AND relname NOT IN ('schema_migrations', 'store_facts')
ORDER BY relname;

-- durability: what a power cut would meet
SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes');

-- may_work: whether a role has the rights that a migration gives it
SELECT has_schema_privilege(%(role)s, %(schema)s, 'USAGE')
  AND coalesce(bool_and(has_table_privilege(%(role)s, oid, 'SELECT')), false)
  AND coalesce(bool_and(has_table_privilege(%(role)s, oid, 'INSERT')), false)
FROM pg_class
WHERE relnamespace = to_regnamespace(%(schema)s) AND relkind = 'r' AND relname <> 'schema_migrations';

-- working_role: what the role of this database is called
SELECT CASE WHEN octet_length('opsconductor_app_' || datname) <= 63 THEN 'opsconductor_app_' || datname
    ELSE 'opsconductor_app_' || oid END
FROM pg_database WHERE datname = current_database();

-- has_role: whether there is such a role
SELECT 1 FROM pg_roles WHERE rolname = %(role)s;

-- bind_key: the first process says which key the audit chains are sealed with
INSERT INTO store_facts (name, value) VALUES ('audit_key', %(key)s) ON CONFLICT (name) DO NOTHING;

-- bound_key: the digest of the key that the chains are sealed with
SELECT value FROM store_facts WHERE name = 'audit_key';
