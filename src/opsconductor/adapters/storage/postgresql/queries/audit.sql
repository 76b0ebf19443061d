-- hold_head: where the chain ends; nobody else appends to it before the commit
SELECT seq, hash FROM audit_heads WHERE tenant = %(tenant)s FOR NO KEY UPDATE;

-- begin_chain: the first thing a tenant does
INSERT INTO audit_heads (tenant, seq, hash) VALUES (%(tenant)s, 0, %(hash)s) ON CONFLICT (tenant) DO NOTHING;

-- add_entries: rows of one chain, each column as a list
INSERT INTO audit (tenant, seq, at, actor, action, subject, detail, hash)
SELECT %(tenant)s, added.seq, added.at, added.actor, added.action, added.subject, added.detail::json, added.hash
FROM unnest(
    %(seqs)s::bigint[], %(times)s::text[], %(actors)s::text[], %(actions)s::text[], %(subjects)s::text[],
    %(details)s::text[], %(hashes)s::bytea[]
) AS added (seq, at, actor, action, subject, detail, hash);

-- move_head: the chain now ends here
UPDATE audit_heads SET seq = %(seq)s, hash = %(hash)s WHERE tenant = %(tenant)s;

-- head: where the chain ends
SELECT seq, hash FROM audit_heads WHERE tenant = %(tenant)s;

-- entries: a tenant's rows after a number, in order
SELECT seq, at, actor, action, subject, detail, hash FROM audit
WHERE tenant = %(tenant)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s;

-- tenants: those that have a chain
SELECT tenant FROM audit_heads WHERE seq > 0 ORDER BY tenant COLLATE "C";
