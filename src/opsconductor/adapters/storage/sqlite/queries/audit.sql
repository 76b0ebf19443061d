-- head: number of a tenant, and the number and seal of its newest entry
SELECT tenants.number, audit_heads.seq, audit_heads.hash
FROM tenants LEFT JOIN audit_heads ON audit_heads.tenant = tenants.number
WHERE tenants.name = ?;

-- add_tenant: the first thing a tenant does gives it a number
INSERT INTO tenants (name) VALUES (?);

-- add_entry: one row of a chain
INSERT INTO audit (place, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?);

-- move_head: the chain now ends here
INSERT INTO audit_heads (tenant, seq, hash) VALUES (?, ?, ?)
ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;

-- entries: a tenant's rows after a number, in order (1099511627776 is _PLACES in audit_chain.py)
SELECT audit.place - tenants.number * 1099511627776, audit.at, audit.actor, audit.action, audit.subject, audit.detail, audit.hash
FROM tenants JOIN audit
  ON audit.place > tenants.number * 1099511627776 + :after
 AND audit.place < (tenants.number + 1) * 1099511627776
WHERE tenants.name = :tenant
ORDER BY audit.place
LIMIT :limit;

-- tenants: those that have a chain
SELECT tenants.name FROM audit_heads CROSS JOIN tenants ON tenants.number = audit_heads.tenant ORDER BY tenants.name;
