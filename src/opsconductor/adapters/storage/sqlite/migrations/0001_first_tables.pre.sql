-- The first schema. Columns of type ANY hold packed texts (packed.py); BLOB columns named body, plan, result and payload
-- hold compressed JSON (blobs.py). Names end in _at for times in milliseconds since 1970.

CREATE TABLE schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

-- Who there is

CREATE TABLE tenants (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tenant_settings (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, -- JSON
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE identities (
    identity_id ANY NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    os_uid INTEGER,
    disabled INTEGER NOT NULL,
    UNIQUE (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_roles (
    identity_id ANY NOT NULL REFERENCES identities (identity_id),
    role TEXT NOT NULL,
    PRIMARY KEY (identity_id, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    number INTEGER PRIMARY KEY,
    token_id ANY NOT NULL UNIQUE,
    identity_id ANY NOT NULL REFERENCES identities (identity_id),
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    created_at ANY NOT NULL,
    expires_at ANY,
    used_at ANY,
    revoked_at ANY
) STRICT;

-- Conversations

CREATE TABLE sessions (
    tenant TEXT NOT NULL,
    session_id ANY NOT NULL,
    identity_id ANY NOT NULL,
    turn_count INTEGER NOT NULL,
    last_use INTEGER NOT NULL, -- rises with every save of any session of the identity
    body BLOB NOT NULL,
    UNIQUE (tenant, session_id)
) STRICT;
CREATE INDEX sessions_by_identity ON sessions (tenant, identity_id, last_use);

CREATE TABLE session_locks (
    tenant TEXT NOT NULL,
    session_id ANY NOT NULL,
    owner TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, session_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE customer_data (
    tenant TEXT NOT NULL,
    customer_id ANY NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, customer_id, key)
) STRICT, WITHOUT ROWID;

-- Turns

CREATE TABLE turns (
    number INTEGER PRIMARY KEY,
    turn_id ANY NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    session_id ANY NOT NULL,
    turn_group ANY, -- NULL: the turn's own id
    identity_id ANY NOT NULL,
    channel TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    message TEXT NOT NULL,
    approval_id ANY NOT NULL,
    received_at ANY NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX turns_by_tenant ON turns (tenant);
CREATE INDEX turns_by_session ON turns (session_id);
CREATE INDEX turns_open ON turns (number) WHERE state <> 'finished';

CREATE TABLE turn_records (
    turn INTEGER PRIMARY KEY REFERENCES turns (number),
    body BLOB NOT NULL
) STRICT;

CREATE TABLE idempotency (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash ANY NOT NULL,
    turn_id ANY NOT NULL,
    created_at ANY NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

-- Executions and their journal

CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    execution_id ANY NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    session_id ANY NOT NULL,
    turn_id ANY NOT NULL,
    turn_group ANY, -- NULL: the turn's id
    requester ANY NOT NULL,
    plan_hash ANY NOT NULL,
    mode TEXT NOT NULL,
    request TEXT NOT NULL,
    created_at ANY NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    updated_at ANY NOT NULL,
    plan BLOB NOT NULL,
    result BLOB
) STRICT;
CREATE INDEX executions_by_tenant ON executions (tenant);
CREATE INDEX executions_running ON executions (number) WHERE status = 'running';

CREATE TABLE execution_moves (
    execution INTEGER NOT NULL REFERENCES executions (number),
    place INTEGER NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    actor ANY NOT NULL,
    at ANY NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (execution, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE step_journal (
    number INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL REFERENCES executions (number),
    step_id TEXT NOT NULL,
    target_id ANY NOT NULL,
    attempt INTEGER NOT NULL,
    intent BLOB NOT NULL,
    result BLOB,
    UNIQUE (execution, step_id, target_id, attempt)
) STRICT;

-- Approvals

CREATE TABLE approvals (
    number INTEGER PRIMARY KEY,
    approval_id ANY NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    plan_hash ANY NOT NULL,
    state TEXT NOT NULL,
    expires_at ANY NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX approvals_by_tenant ON approvals (tenant, state);

CREATE TABLE approval_decisions (
    approval INTEGER NOT NULL REFERENCES approvals (number),
    place INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (approval, place)
) STRICT, WITHOUT ROWID;

-- The audit chain

CREATE TABLE audit (
    place INTEGER PRIMARY KEY, -- the tenant's number times 2^40, plus the entry's own
    at ANY NOT NULL,
    actor ANY NOT NULL,
    action TEXT NOT NULL,
    subject ANY NOT NULL,
    detail TEXT, -- JSON; NULL: empty
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_heads (
    tenant INTEGER PRIMARY KEY REFERENCES tenants (number),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- After the reply

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    message_id ANY NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    topic TEXT NOT NULL,
    turn_id ANY NOT NULL,
    payload BLOB NOT NULL,
    created_at ANY NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    error TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE memories (
    number INTEGER PRIMARY KEY,
    memory_id ANY NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    valid_to ANY,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX memories_by_tenant ON memories (tenant);

CREATE TABLE memory_entities (
    tenant TEXT NOT NULL,
    entity ANY NOT NULL,
    memory INTEGER NOT NULL REFERENCES memories (number),
    PRIMARY KEY (tenant, entity, memory)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    tenant TEXT NOT NULL,
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (tenant, day, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted_messages (
    message_id ANY NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The inventory

CREATE TABLE inventory_revisions (
    tenant TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What many assets have in common, once: most counts and groups are sums over few kinds.
CREATE TABLE asset_kinds (
    tenant TEXT NOT NULL,
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    role TEXT NOT NULL,
    platform TEXT NOT NULL,
    os TEXT NOT NULL,
    environment TEXT NOT NULL,
    site TEXT NOT NULL,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    criticality TEXT NOT NULL,
    assets INTEGER NOT NULL, -- how many are of this kind and not retired
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, source, type, role, platform, os, environment, site, owner, status, criticality)
) STRICT, WITHOUT ROWID;

CREATE TABLE assets (
    number INTEGER PRIMARY KEY,
    asset_id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- the name as it is compared
    ip TEXT NOT NULL,
    services TEXT, -- JSON, like the two below; NULL: none
    connection TEXT,
    attributes TEXT,
    retired INTEGER NOT NULL,
    UNIQUE (tenant, asset_id),
    UNIQUE (tenant, source, source_id),
    FOREIGN KEY (tenant, kind) REFERENCES asset_kinds (tenant, number)
) STRICT;
CREATE INDEX assets_by_kind ON assets (tenant, kind) WHERE retired = 0;
CREATE INDEX assets_by_name ON assets (tenant, name_key) WHERE retired = 0;
CREATE INDEX assets_by_address ON assets (tenant, ip COLLATE NOCASE) WHERE retired = 0 AND ip <> '';

-- Which assets run a service of a name; the services themselves stand in the asset.
CREATE TABLE asset_services (
    name_key TEXT NOT NULL, -- the name as it is compared
    asset INTEGER NOT NULL REFERENCES assets (number),
    name TEXT NOT NULL,
    PRIMARY KEY (name_key, asset, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_services_by_asset ON asset_services (asset);
