-- The first schema. Every table with rows of tenants has the column `tenant` and a policy over it; FORCE binds the owner
-- too. Columns named body, plan, result, intent, review, payload, value and detail hold JSON as it was written. Columns
-- ending in _ms are times of the store's clock in milliseconds since 1970; other times are texts as they were given.

CREATE TABLE schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What every process of this database must agree on.
CREATE TABLE store_facts (
    name text PRIMARY KEY,
    value text NOT NULL
);

-- The store's clock. Tests offset it for a transaction; nothing else sets app.clock_offset_ms.
CREATE FUNCTION app_now_ms() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    + coalesce(nullif(current_setting('app.clock_offset_ms', true), ''), '0')::bigint;

-- Whose rows this transaction works on; NULL, which equals nothing, where it said none.
CREATE FUNCTION app_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.tenant', true), '');

-- What a read of all tenants is for; a policy of its own opens the few rows that it needs.
CREATE FUNCTION app_reach() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.reach', true), '');

-- The one id, hash or user that such a read is about.
CREATE FUNCTION app_wanted() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.wanted', true), '');

-- Who there is

CREATE TABLE tenant_settings (
    tenant text NOT NULL CHECK (tenant <> ''),
    key text NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE TABLE identities (
    identity_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> ''),
    name text NOT NULL,
    kind text NOT NULL,
    roles text[] NOT NULL,
    os_uid bigint,
    disabled boolean NOT NULL,
    UNIQUE (tenant, name),
    UNIQUE (tenant, identity_id)
);
CREATE INDEX identities_by_user ON identities (os_uid) WHERE os_uid IS NOT NULL;

CREATE TABLE tokens (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    token_id text PRIMARY KEY,
    tenant text NOT NULL,
    identity_id text NOT NULL,
    kind text NOT NULL,
    label text NOT NULL,
    token_hash text NOT NULL UNIQUE,
    created_at text NOT NULL,
    expires_at text,
    used_at text,
    revoked_at text,
    FOREIGN KEY (tenant, identity_id) REFERENCES identities (tenant, identity_id)
);
CREATE INDEX tokens_by_tenant ON tokens (tenant, number);

-- Conversations

CREATE SEQUENCE session_uses;

CREATE TABLE sessions (
    tenant text NOT NULL CHECK (tenant <> ''),
    session_id text NOT NULL,
    identity_id text NOT NULL,
    turn_count bigint NOT NULL,
    last_use bigint NOT NULL, -- from session_uses: rises with every save
    body json NOT NULL,
    PRIMARY KEY (tenant, session_id)
);
CREATE INDEX sessions_by_identity ON sessions (tenant, identity_id, last_use);

CREATE TABLE session_locks (
    tenant text NOT NULL CHECK (tenant <> ''),
    session_id text NOT NULL,
    owner text NOT NULL,
    expires_ms bigint NOT NULL,
    PRIMARY KEY (tenant, session_id)
);

CREATE TABLE customer_data (
    tenant text NOT NULL CHECK (tenant <> ''),
    customer_id text NOT NULL,
    key text NOT NULL,
    body json NOT NULL,
    PRIMARY KEY (tenant, customer_id, key)
);

-- Turns

CREATE TABLE turns (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    turn_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> ''),
    session_id text NOT NULL,
    turn_group text NOT NULL,
    identity_id text NOT NULL,
    channel text NOT NULL,
    opened_by text NOT NULL,
    message text NOT NULL,
    approval_id text NOT NULL,
    received_at text NOT NULL,
    owner text NOT NULL,
    state text NOT NULL
);
CREATE INDEX turns_by_tenant ON turns (tenant, number);
CREATE INDEX turns_by_session ON turns (tenant, session_id, number);
CREATE INDEX turns_open ON turns (number) WHERE state <> 'finished';

CREATE TABLE turn_records (
    number bigint PRIMARY KEY REFERENCES turns (number),
    tenant text NOT NULL,
    body json NOT NULL
);

CREATE TABLE idempotency (
    tenant text NOT NULL CHECK (tenant <> ''),
    key text NOT NULL,
    body_hash text NOT NULL,
    turn_id text NOT NULL,
    created_at text NOT NULL,
    expires_ms bigint NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX idempotency_by_expiry ON idempotency (tenant, expires_ms);

-- Executions and their journal

CREATE TABLE executions (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    execution_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> ''),
    session_id text NOT NULL,
    turn_id text NOT NULL,
    turn_group text NOT NULL,
    requester text NOT NULL,
    plan_hash text NOT NULL,
    mode text NOT NULL,
    request text NOT NULL,
    created_at text NOT NULL,
    updated_at text NOT NULL,
    status text NOT NULL,
    owner text NOT NULL,
    claim bigint NOT NULL,
    lease_ms bigint, -- until when the run is held; NULL: nobody holds it
    look_ms bigint, -- when an unknown outcome is looked at again; NULL: never
    tool_key text NOT NULL, -- '': never deduplicated
    cancelled_by text NOT NULL, -- '': nobody asked
    plan json NOT NULL,
    result json,
    UNIQUE (tenant, execution_id)
);
CREATE INDEX executions_by_tenant ON executions (tenant, number);
CREATE INDEX executions_by_group ON executions (tenant, turn_group, number);
CREATE INDEX executions_running ON executions (number) WHERE status = 'running';
CREATE INDEX executions_to_look_at ON executions (look_ms) WHERE status = 'unknown' AND look_ms IS NOT NULL;
CREATE UNIQUE INDEX executions_open_by_key ON executions (tenant, tool_key)
WHERE tool_key <> '' AND status IN ('awaiting_approval', 'queued', 'running');

CREATE TABLE execution_moves (
    tenant text NOT NULL,
    execution_id text NOT NULL,
    place bigint NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    actor text NOT NULL,
    at text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (tenant, execution_id, place),
    FOREIGN KEY (tenant, execution_id) REFERENCES executions (tenant, execution_id)
);

CREATE TABLE step_journal (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant text NOT NULL,
    execution_id text NOT NULL,
    step_id text NOT NULL,
    target_id text NOT NULL,
    attempt bigint NOT NULL,
    intent json NOT NULL,
    result json,
    PRIMARY KEY (tenant, execution_id, step_id, target_id, attempt),
    FOREIGN KEY (tenant, execution_id) REFERENCES executions (tenant, execution_id)
);

CREATE INDEX step_journal_by_target ON step_journal (tenant, target_id, number);

CREATE TABLE step_outputs (
    tenant text NOT NULL,
    output_ref text NOT NULL,
    execution_id text NOT NULL,
    body bytea NOT NULL, -- the output, compressed by zlib
    PRIMARY KEY (tenant, output_ref),
    FOREIGN KEY (tenant, execution_id) REFERENCES executions (tenant, execution_id)
);

CREATE TABLE target_locks (
    tenant text NOT NULL,
    target_id text NOT NULL,
    execution_id text NOT NULL,
    expires_ms bigint NOT NULL,
    PRIMARY KEY (tenant, target_id),
    FOREIGN KEY (tenant, execution_id) REFERENCES executions (tenant, execution_id)
);
CREATE INDEX target_locks_by_execution ON target_locks (tenant, execution_id);

-- Approvals

CREATE TABLE approvals (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    approval_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> ''),
    execution_id text NOT NULL,
    plan_hash text NOT NULL,
    state text NOT NULL,
    expires_ms bigint, -- NULL: its expiry is no time, and counts as past
    break_glass boolean NOT NULL,
    review json,
    body json NOT NULL,
    UNIQUE (tenant, approval_id)
);
CREATE INDEX approvals_by_tenant ON approvals (tenant, number);
CREATE INDEX approvals_in_state ON approvals (tenant, state, number);
CREATE INDEX approvals_by_execution ON approvals (tenant, execution_id, number);
CREATE INDEX approvals_to_review ON approvals (tenant, number) WHERE break_glass AND review IS NULL;

CREATE TABLE approval_decisions (
    tenant text NOT NULL,
    approval_id text NOT NULL,
    place bigint NOT NULL,
    who text NOT NULL,
    body json NOT NULL,
    PRIMARY KEY (tenant, approval_id, place),
    UNIQUE (tenant, approval_id, who),
    FOREIGN KEY (tenant, approval_id) REFERENCES approvals (tenant, approval_id)
);

-- The audit chain

CREATE TABLE audit_heads (
    tenant text PRIMARY KEY CHECK (tenant <> ''),
    seq bigint NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE audit (
    tenant text NOT NULL REFERENCES audit_heads (tenant),
    seq bigint NOT NULL,
    at text NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail json NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- After the reply

CREATE TABLE outbox (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    message_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> ''),
    topic text NOT NULL,
    turn_id text NOT NULL,
    payload json NOT NULL,
    created_at text NOT NULL,
    attempts bigint NOT NULL,
    due_ms bigint NOT NULL,
    error text NOT NULL
);

CREATE TABLE memories (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    memory_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> ''),
    until_ms bigint, -- NULL: it holds for good
    body json NOT NULL
);
CREATE INDEX memories_by_tenant ON memories (tenant, number);

CREATE TABLE memory_entities (
    tenant text NOT NULL,
    entity text NOT NULL,
    number bigint NOT NULL REFERENCES memories (number),
    PRIMARY KEY (tenant, entity, number)
);

CREATE TABLE counters (
    tenant text NOT NULL CHECK (tenant <> ''),
    day text NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (tenant, day, name)
);

CREATE TABLE counted_messages (
    message_id text PRIMARY KEY,
    tenant text NOT NULL CHECK (tenant <> '')
);

-- A tenant sees and changes its own rows: every table that has the column, without exception.
DO $$
DECLARE
    found name;
BEGIN
    FOR found IN
        SELECT pg_class.relname FROM pg_class JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid
        WHERE pg_class.relnamespace = current_schema()::regnamespace AND pg_class.relkind = 'r'
          AND pg_attribute.attname = 'tenant' AND NOT pg_attribute.attisdropped
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', found);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', found);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant())', found);
    END LOOP;
END $$;

-- The few reads of all tenants, each with the rows that it is for and no others.
CREATE POLICY open_turns ON turns FOR SELECT USING (app_reach() = 'open_turns' AND state <> 'finished');
CREATE POLICY running ON executions FOR SELECT USING (app_reach() = 'running_executions' AND status = 'running');
CREATE POLICY unknown_due ON executions FOR SELECT
USING (app_reach() = 'unknown_executions' AND status = 'unknown' AND look_ms IS NOT NULL);
CREATE POLICY outbox_due ON outbox FOR SELECT USING (app_reach() = 'outbox_due');
CREATE POLICY chained ON audit_heads FOR SELECT USING (app_reach() = 'tenants');
CREATE POLICY of_credential ON tokens FOR SELECT USING (app_reach() = 'token' AND token_hash = app_wanted());
CREATE POLICY of_credential ON identities FOR SELECT USING (
    app_reach() = 'token'
    AND identity_id IN (SELECT tokens.identity_id FROM tokens WHERE tokens.token_hash = app_wanted())
);
CREATE POLICY of_user ON identities FOR SELECT USING (app_reach() = 'user' AND os_uid::text = app_wanted());

-- Whose a row is whose id the caller has: the row and nothing beside it.
CREATE POLICY by_id ON identities FOR SELECT USING (app_reach() = 'owner' AND identity_id = app_wanted());
CREATE POLICY by_id ON tokens FOR SELECT USING (app_reach() = 'owner' AND token_id = app_wanted());
CREATE POLICY by_id ON executions FOR SELECT USING (app_reach() = 'owner' AND execution_id = app_wanted());
CREATE POLICY by_id ON approvals FOR SELECT USING (app_reach() = 'owner' AND approval_id = app_wanted());
CREATE POLICY by_id ON outbox FOR SELECT USING (app_reach() = 'owner' AND message_id = app_wanted());

-- From here on the transaction works for the tenant whose row that is; NULL, and no tenant, when there is no such row.
CREATE FUNCTION app_serve_owner_of(kind text, id text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found text;
BEGIN
    PERFORM set_config('app.tenant', '', true), set_config('app.reach', 'owner', true), set_config('app.wanted', id, true);
    CASE kind
        WHEN 'identity' THEN SELECT tenant INTO found FROM identities WHERE identity_id = id;
        WHEN 'token' THEN SELECT tenant INTO found FROM tokens WHERE token_id = id;
        WHEN 'execution' THEN SELECT tenant INTO found FROM executions WHERE execution_id = id;
        WHEN 'approval' THEN SELECT tenant INTO found FROM approvals WHERE approval_id = id;
        WHEN 'message' THEN SELECT tenant INTO found FROM outbox WHERE message_id = id;
    END CASE;
    PERFORM set_config('app.tenant', coalesce(found, ''), true), set_config('app.reach', '', true),
        set_config('app.wanted', '', true);
    RETURN found;
END $$;

-- The same for an execution, whose row nobody else changes before the commit; is_leased: its lease is not over. Each
-- statement sees what was committed before it began: the clock is read after the wait for the row.
CREATE FUNCTION app_hold_execution(id text)
RETURNS TABLE (tenant text, status text, claim bigint, cancelled_by text, is_leased boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM app_serve_owner_of('execution', id);
    PERFORM 1 FROM executions WHERE execution_id = id FOR NO KEY UPDATE;
    RETURN QUERY SELECT held.tenant, held.status, held.claim, held.cancelled_by, coalesce(held.lease_ms > app_now_ms(), false)
    FROM executions AS held WHERE held.execution_id = id;
END $$;

-- The same for an approval; in_time: an expiry that is no time counts as past; said: how many people have decided.
CREATE FUNCTION app_hold_approval(id text)
RETURNS TABLE (tenant text, state text, plan_hash text, in_time boolean, owes_review boolean, said bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM app_serve_owner_of('approval', id);
    PERFORM 1 FROM approvals WHERE approval_id = id FOR NO KEY UPDATE;
    RETURN QUERY SELECT held.tenant, held.state, held.plan_hash, coalesce(held.expires_ms > app_now_ms(), false),
        held.break_glass AND held.review IS NULL,
        (SELECT count(*) FROM approval_decisions AS decided
         WHERE decided.tenant = held.tenant AND decided.approval_id = held.approval_id)
    FROM approvals AS held WHERE held.approval_id = id;
END $$;

-- Where a tenant's chain ends; nobody else appends to it before the commit.
CREATE FUNCTION app_hold_head(wanted text) RETURNS TABLE (seq bigint, hash bytea) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('app.tenant', wanted, true);
    RETURN QUERY SELECT held.seq, held.hash FROM audit_heads AS held WHERE held.tenant = wanted FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_heads (tenant, seq, hash) VALUES (wanted, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (tenant) DO NOTHING;
        RETURN QUERY SELECT held.seq, held.hash FROM audit_heads AS held WHERE held.tenant = wanted FOR NO KEY UPDATE;
    END IF;
END $$;
