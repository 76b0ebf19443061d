-- accept: a request is in the store from here on
INSERT INTO turns (
    turn_id, tenant, session_id, turn_group, identity_id, channel, opened_by, message, approval_id, received_at, owner,
    state
) VALUES (
    :turn_id, :tenant, :session_id, :turn_group, :identity_id, :channel, :opened_by, :message, :approval_id,
    :received_at, :owner, :state
);

-- finish: condition: accepted, and without a record
UPDATE turns SET state = 'finished' WHERE tenant = ? AND turn_id = ? AND state <> 'finished' RETURNING number;

-- add_record: what remains of the turn
INSERT INTO turn_records (turn, body) VALUES (?, ?);

-- remember_key: condition: the key is not in use; one whose time is over may be used again
INSERT INTO idempotency (tenant, key, body_hash, turn_id, created_at, expires_at)
VALUES (:tenant, :key, :body_hash, :turn_id, :created_at, now_ms() + :lifetime_ms)
ON CONFLICT (tenant, key) DO UPDATE SET
    body_hash = excluded.body_hash, turn_id = excluded.turn_id,
    created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE idempotency.expires_at <= now_ms();

-- forget_keys: those whose time is over
DELETE FROM idempotency WHERE expires_at <= now_ms();

-- idempotency: what a key was used for
SELECT body_hash, turn_id, created_at FROM idempotency WHERE tenant = ? AND key = ? AND expires_at > now_ms();

-- accepted: one request as accepted
SELECT tenant, turn_id, session_id, turn_group, identity_id, channel, opened_by, message, approval_id, received_at, owner,
    state
FROM turns WHERE tenant = ? AND turn_id = ?;

-- open: requests without a record, oldest first
SELECT tenant, turn_id, session_id, turn_group, identity_id, channel, opened_by, message, approval_id, received_at, owner,
    state
FROM turns WHERE state <> 'finished' ORDER BY number;

-- record: the record of one turn
SELECT turn_records.body FROM turns JOIN turn_records ON turn_records.turn = turns.number
WHERE turns.tenant = ? AND turns.turn_id = ?;

-- records: the newest records of a tenant
SELECT turn_records.body FROM turns JOIN turn_records ON turn_records.turn = turns.number
WHERE turns.tenant = ? ORDER BY turns.number DESC LIMIT ?;

-- records_of_session: the newest records of a session
SELECT turn_records.body FROM turns JOIN turn_records ON turn_records.turn = turns.number
WHERE turns.tenant = ? AND turns.session_id = ? ORDER BY turns.number DESC LIMIT ?;

-- bodies: the newest records of a tenant as they are stored
SELECT turns.turn_id, turn_records.body FROM turns JOIN turn_records ON turn_records.turn = turns.number
WHERE turns.tenant = :tenant ORDER BY turns.number DESC LIMIT :limit;

-- bodies_before: the newest records of a tenant that are older than one of its turns
SELECT turns.turn_id, turn_records.body FROM turns JOIN turn_records ON turn_records.turn = turns.number
WHERE turns.tenant = :tenant
    AND turns.number < (SELECT number FROM turns WHERE tenant = :tenant AND turn_id = :before)
ORDER BY turns.number DESC LIMIT :limit;
