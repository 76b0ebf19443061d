-- take_lock: condition: free, expired, already the owner's, or held by one known to be dead
INSERT INTO session_locks (tenant, session_id, owner, expires_at)
VALUES (:tenant, :session_id, :owner, now_ms() + :lease_ms)
ON CONFLICT (tenant, session_id) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
WHERE session_locks.owner IN (excluded.owner, :instead_of) OR session_locks.expires_at <= now_ms();

-- release_lock: nothing when it is not the owner's
DELETE FROM session_locks WHERE tenant = :tenant AND session_id = :session_id AND owner = :owner;

-- holder: who has the lock, expired or not
SELECT owner FROM session_locks WHERE tenant = :tenant AND session_id = :session_id;

-- add_session: the first turn of a session; condition: there is none
INSERT INTO sessions (tenant, session_id, identity_id, turn_count, last_use, body)
SELECT :tenant, :session_id, :identity_id, :turn_count, coalesce(max(last_use), 0) + 1, :body
FROM sessions WHERE tenant = :tenant AND identity_id = :identity_id
ON CONFLICT (tenant, session_id) DO NOTHING;

-- change_session: condition: the stored turn count is the expected one, and the lock is the owner's
UPDATE sessions
SET identity_id = :identity_id, turn_count = :turn_count, body = :body,
    last_use = (SELECT coalesce(max(last_use), 0) + 1 FROM sessions WHERE tenant = :tenant AND identity_id = :identity_id)
WHERE tenant = :tenant AND session_id = :session_id AND turn_count = :expected
  AND EXISTS (
    SELECT 1 FROM session_locks WHERE tenant = :tenant AND session_id = :session_id AND session_locks.owner = :owner
  );

-- session: one session
SELECT body FROM sessions WHERE tenant = ? AND session_id = ?;

-- latest_session: the session an identity used last
SELECT body FROM sessions WHERE tenant = ? AND identity_id = ? ORDER BY last_use DESC LIMIT 1;

-- keep_customer_entry: insert or replace one entry
INSERT INTO customer_data (tenant, customer_id, key, body) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant, customer_id, key) DO UPDATE SET body = excluded.body;

-- customer_data: all entries of a customer
SELECT key, body FROM customer_data WHERE tenant = ? AND customer_id = ? ORDER BY key;
