-- use_schema: the role that the engine works as may look into the schema
GRANT USAGE ON SCHEMA {schema} TO {role};

-- change_rows: rows come, change and go
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};

-- use_sequences: numbers of rows
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};

-- records_stay: what is only ever appended cannot be changed, and the schema's own table only be read
REVOKE UPDATE, DELETE ON audit, turn_records, execution_moves, approval_decisions, store_facts FROM {role};

-- heads_stay: a chain does not disappear
REVOKE DELETE ON audit_heads, turns, executions, approvals, step_journal, step_outputs FROM {role};

-- schema_stays: which migrations were applied is the owner's to write
REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {role};
