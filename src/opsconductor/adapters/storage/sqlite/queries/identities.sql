-- add_identity: condition: the name is free in the tenant
INSERT INTO identities (identity_id, tenant, name, kind, os_uid, disabled) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant, name) DO NOTHING;

-- change_identity: condition: there is one of that id in the tenant
UPDATE identities SET kind = ?, os_uid = ?, disabled = ? WHERE identity_id = ? AND tenant = ?;

-- forget_roles: before they are replaced
DELETE FROM identity_roles WHERE identity_id = ?;

-- add_role: what the identity may do
INSERT INTO identity_roles (identity_id, role) VALUES (?, ?);

-- add_token: a new credential
INSERT INTO tokens (token_id, identity_id, kind, label, token_hash, created_at, expires_at, used_at, revoked_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- use_token: condition: not used and not revoked
UPDATE tokens SET used_at = ? WHERE token_id = ? AND used_at IS NULL AND revoked_at IS NULL;

-- revoke_token: condition: not revoked
UPDATE tokens SET revoked_at = ? WHERE token_id = ? AND revoked_at IS NULL;

-- by_name: one identity with its roles
SELECT identity_id, tenant, name, kind, os_uid, disabled,
    (SELECT json_group_array(role) FROM identity_roles AS held WHERE held.identity_id = identities.identity_id)
FROM identities WHERE tenant = ? AND name = ?;

-- by_id: one identity with its roles
SELECT identity_id, tenant, name, kind, os_uid, disabled,
    (SELECT json_group_array(role) FROM identity_roles AS held WHERE held.identity_id = identities.identity_id)
FROM identities WHERE identity_id = ? AND tenant = ?;

-- by_user: the identity of an operating-system user; of several the one made first
SELECT identity_id, tenant, name, kind, os_uid, disabled,
    (SELECT json_group_array(role) FROM identity_roles AS held WHERE held.identity_id = identities.identity_id)
FROM identities WHERE os_uid = ? ORDER BY identity_id LIMIT 1;

-- of_tenant: all identities of a tenant, by name
SELECT identity_id, tenant, name, kind, os_uid, disabled,
    (SELECT json_group_array(role) FROM identity_roles AS held WHERE held.identity_id = identities.identity_id)
FROM identities WHERE tenant = ? ORDER BY name;

-- by_token: an identity with its roles, and the token with that hash
SELECT identities.identity_id, identities.tenant, identities.name, identities.kind, identities.os_uid, identities.disabled,
    (SELECT json_group_array(role) FROM identity_roles AS held WHERE held.identity_id = identities.identity_id),
    tokens.token_id, tokens.identity_id, tokens.kind, tokens.label, tokens.token_hash, tokens.created_at,
    tokens.expires_at, tokens.used_at, tokens.revoked_at
FROM tokens JOIN identities ON identities.identity_id = tokens.identity_id
WHERE tokens.token_hash = ?;

-- tokens: all tokens of a tenant, newest first
SELECT tokens.token_id, tokens.identity_id, tokens.kind, tokens.label, tokens.token_hash, tokens.created_at,
    tokens.expires_at, tokens.used_at, tokens.revoked_at
FROM tokens JOIN identities ON identities.identity_id = tokens.identity_id
WHERE identities.tenant = ? ORDER BY tokens.number DESC;

-- settings: the behaviour settings of a tenant
SELECT key, value FROM tenant_settings WHERE tenant = ? ORDER BY key;

-- forget_settings: before they are replaced
DELETE FROM tenant_settings WHERE tenant = ?;

-- add_setting: one behaviour setting of a tenant
INSERT INTO tenant_settings (tenant, key, value) VALUES (?, ?, ?);
