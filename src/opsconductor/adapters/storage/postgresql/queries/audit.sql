-- add_entries: rows of one chain, each column as a list; the chain then ends with the last of them
WITH added AS (
    INSERT INTO audit (tenant, seq, at, actor, action, subject, detail, hash)
    SELECT %(tenant)s, one.seq, one.at, one.actor, one.action, one.subject, one.detail::json, one.hash
    FROM unnest(
        %(seqs)s::bigint[], %(times)s::text[], %(actors)s::text[], %(actions)s::text[], %(subjects)s::text[],
        %(details)s::text[], %(hashes)s::bytea[]
    ) AS one (seq, at, actor, action, subject, detail, hash)
)
UPDATE audit_heads SET seq = %(seq)s, hash = %(hash)s WHERE tenant = %(tenant)s;

-- head: where the chain ends
SELECT seq, hash FROM audit_heads WHERE tenant = %(tenant)s;

-- entries: a tenant's rows after a number, in order
SELECT seq, at, actor, action, subject, detail, hash FROM audit
WHERE tenant = %(tenant)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s;

-- tenants: those that have a chain
SELECT tenant FROM audit_heads WHERE seq > 0 ORDER BY tenant COLLATE "C";
