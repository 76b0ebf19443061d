-- take_lock: condition: free, expired, already the owner's, or held by one known to be dead
INSERT INTO session_locks (tenant, session_id, owner, expires_ms)
VALUES (%(tenant)s, %(session_id)s, %(owner)s, app_now_ms() + %(lease_ms)s)
ON CONFLICT (tenant, session_id) DO UPDATE SET owner = excluded.owner, expires_ms = excluded.expires_ms
WHERE session_locks.owner IN (excluded.owner, %(instead_of)s) OR session_locks.expires_ms <= app_now_ms();

-- release_lock: nothing when it is not the owner's
DELETE FROM session_locks WHERE tenant = %(tenant)s AND session_id = %(session_id)s AND owner = %(owner)s;

-- holder: who has the lock, expired or not
SELECT owner FROM session_locks WHERE tenant = %(tenant)s AND session_id = %(session_id)s;

-- hold: the same, and it stays so until the commit
SELECT owner FROM session_locks WHERE tenant = %(tenant)s AND session_id = %(session_id)s FOR UPDATE;

-- add_session: the first turn of a session; condition: there is none
INSERT INTO sessions (tenant, session_id, identity_id, turn_count, last_use, body)
VALUES (%(tenant)s, %(session_id)s, %(identity_id)s, %(turn_count)s, nextval('session_uses'), %(body)s)
ON CONFLICT (tenant, session_id) DO NOTHING;

-- change_session: condition: the stored turn count is the expected one
UPDATE sessions
SET identity_id = %(identity_id)s, turn_count = %(turn_count)s, body = %(body)s, last_use = nextval('session_uses')
WHERE tenant = %(tenant)s AND session_id = %(session_id)s AND turn_count = %(expected)s;

-- session: one session
SELECT body FROM sessions WHERE tenant = %(tenant)s AND session_id = %(session_id)s;

-- latest_session: the session an identity used last
SELECT body FROM sessions WHERE tenant = %(tenant)s AND identity_id = %(identity_id)s ORDER BY last_use DESC LIMIT 1;

-- keep_customer_entry: insert or replace one entry
INSERT INTO customer_data (tenant, customer_id, key, body) VALUES (%(tenant)s, %(customer_id)s, %(key)s, %(body)s)
ON CONFLICT (tenant, customer_id, key) DO UPDATE SET body = excluded.body;

-- customer_data: all entries of a customer
SELECT key, body FROM customer_data WHERE tenant = %(tenant)s AND customer_id = %(customer_id)s ORDER BY key COLLATE "C";
