-- add_identity: condition: the name is free in the tenant
INSERT INTO identities (identity_id, tenant, name, kind, roles, os_uid, disabled)
VALUES (%(identity_id)s, %(tenant)s, %(name)s, %(kind)s, %(roles)s, %(os_uid)s, %(disabled)s)
ON CONFLICT (tenant, name) DO NOTHING;

-- change_identity: condition: there is one of that id
UPDATE identities SET kind = %(kind)s, roles = %(roles)s, os_uid = %(os_uid)s, disabled = %(disabled)s
WHERE tenant = %(tenant)s AND identity_id = %(identity_id)s;

-- add_token: a new credential; condition: its identity is there
INSERT INTO tokens (
    token_id, tenant, identity_id, kind, label, token_hash, created_at, expires_at, used_at, revoked_at
)
SELECT %(token_id)s, tenant, identity_id, %(kind)s, %(label)s, %(token_hash)s, %(created_at)s, %(expires_at)s,
    %(used_at)s, %(revoked_at)s
FROM identities WHERE identity_id = %(identity_id)s;

-- use_token: condition: not used and not revoked
UPDATE tokens SET used_at = %(at)s WHERE token_id = %(token_id)s AND used_at IS NULL AND revoked_at IS NULL;

-- revoke_token: condition: not revoked
UPDATE tokens SET revoked_at = %(at)s WHERE token_id = %(token_id)s AND revoked_at IS NULL;

-- by_name: one identity
SELECT identity_id, tenant, name, kind, roles, os_uid, disabled FROM identities
WHERE tenant = %(tenant)s AND name = %(name)s;

-- by_id: one identity
SELECT identity_id, tenant, name, kind, roles, os_uid, disabled FROM identities
WHERE tenant = %(tenant)s AND identity_id = %(identity_id)s;

-- by_user: the identity of an operating-system user; of several the one made first
SELECT identity_id, tenant, name, kind, roles, os_uid, disabled FROM identities
WHERE os_uid = %(os_uid)s ORDER BY identity_id COLLATE "C" LIMIT 1;

-- of_tenant: all identities of a tenant, by name
SELECT identity_id, tenant, name, kind, roles, os_uid, disabled FROM identities
WHERE tenant = %(tenant)s ORDER BY name COLLATE "C";

-- by_token: an identity and the token with that hash
SELECT identities.identity_id, identities.tenant, identities.name, identities.kind, identities.roles, identities.os_uid,
    identities.disabled,
    tokens.token_id, tokens.identity_id, tokens.kind, tokens.label, tokens.token_hash, tokens.created_at,
    tokens.expires_at, tokens.used_at, tokens.revoked_at
FROM tokens JOIN identities ON identities.identity_id = tokens.identity_id
WHERE tokens.token_hash = %(token_hash)s;

-- tokens: all tokens of a tenant, newest first
SELECT token_id, identity_id, kind, label, token_hash, created_at, expires_at, used_at, revoked_at FROM tokens
WHERE tenant = %(tenant)s ORDER BY number DESC;

-- settings: the behaviour settings of a tenant
SELECT key, value FROM tenant_settings WHERE tenant = %(tenant)s ORDER BY key COLLATE "C";

-- forget_settings: before they are replaced
DELETE FROM tenant_settings WHERE tenant = %(tenant)s;

-- add_setting: one behaviour setting of a tenant
INSERT INTO tenant_settings (tenant, key, value) VALUES (%(tenant)s, %(key)s, %(value)s);
