-- accept: a request is in the store from here on
INSERT INTO turns (
    turn_id, tenant, session_id, turn_group, identity_id, channel, opened_by, message, approval_id, received_at, owner,
    state
) VALUES (
    %(turn_id)s, %(tenant)s, %(session_id)s, %(turn_group)s, %(identity_id)s, %(channel)s, %(opened_by)s, %(message)s,
    %(approval_id)s, %(received_at)s, %(owner)s, %(state)s
);

-- finish: condition: accepted, and without a record
UPDATE turns SET state = 'finished' WHERE tenant = %(tenant)s AND turn_id = %(turn_id)s AND state <> 'finished'
RETURNING number;

-- add_record: what remains of the turn
INSERT INTO turn_records (number, tenant, body) VALUES (%(number)s, %(tenant)s, %(body)s);

-- remember_key: condition: the key is not in use; one whose time is over may be used again
INSERT INTO idempotency (tenant, key, body_hash, turn_id, created_at, expires_ms)
VALUES (%(tenant)s, %(key)s, %(body_hash)s, %(turn_id)s, %(created_at)s, app_now_ms() + %(lifetime_ms)s)
ON CONFLICT (tenant, key) DO UPDATE SET
    body_hash = excluded.body_hash, turn_id = excluded.turn_id,
    created_at = excluded.created_at, expires_ms = excluded.expires_ms
WHERE idempotency.expires_ms <= app_now_ms();

-- forget_keys: those whose time is over
DELETE FROM idempotency WHERE tenant = %(tenant)s AND expires_ms <= (SELECT app_now_ms());

-- idempotency: what a key was used for
SELECT body_hash, turn_id, created_at FROM idempotency
WHERE tenant = %(tenant)s AND key = %(key)s AND expires_ms > app_now_ms();

-- accepted: one request as accepted
SELECT tenant, turn_id, session_id, turn_group, identity_id, channel, opened_by, message, approval_id, received_at, owner,
    state
FROM turns WHERE tenant = %(tenant)s AND turn_id = %(turn_id)s;

-- open: requests without a record, oldest first
SELECT tenant, turn_id, session_id, turn_group, identity_id, channel, opened_by, message, approval_id, received_at, owner,
    state
FROM turns WHERE state <> 'finished' ORDER BY number;

-- record: the record of one turn
SELECT turn_records.body FROM turns JOIN turn_records ON turn_records.number = turns.number
WHERE turns.tenant = %(tenant)s AND turns.turn_id = %(turn_id)s;

-- records: the newest records of a tenant
SELECT turn_records.body FROM turns JOIN turn_records ON turn_records.number = turns.number
WHERE turns.tenant = %(tenant)s ORDER BY turns.number DESC LIMIT %(limit)s;

-- records_of_session: the newest records of a session
SELECT turn_records.body FROM turns JOIN turn_records ON turn_records.number = turns.number
WHERE turns.tenant = %(tenant)s AND turns.session_id = %(session_id)s ORDER BY turns.number DESC LIMIT %(limit)s;

-- bodies: the newest records of a tenant as they are stored
SELECT turns.turn_id, turn_records.body FROM turns JOIN turn_records ON turn_records.number = turns.number
WHERE turns.tenant = %(tenant)s ORDER BY turns.number DESC LIMIT %(limit)s;

-- bodies_before: the newest records of a tenant that are older than one of its turns
SELECT turns.turn_id, turn_records.body FROM turns JOIN turn_records ON turn_records.number = turns.number
WHERE turns.tenant = %(tenant)s
    AND turns.number < (SELECT number FROM turns WHERE tenant = %(tenant)s AND turn_id = %(before)s)
ORDER BY turns.number DESC LIMIT %(limit)s;
