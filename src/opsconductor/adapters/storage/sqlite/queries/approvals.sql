-- add_approval: a pending question
INSERT INTO approvals (approval_id, tenant, plan_hash, state, expires_at, body)
VALUES (:approval_id, :tenant, :plan_hash, :state, :expires_at, :body)
RETURNING number;

-- decide: condition: pending, and not past its expiry (an expiry that is no time counts as past)
UPDATE approvals SET state = :state
WHERE approval_id = :approval_id AND state = 'pending' AND typeof(expires_at) = 'integer' AND expires_at > now_ms()
RETURNING number;

-- add_decision: what one person said
INSERT INTO approval_decisions (approval, place, body)
SELECT :number, count(*) + 1, :body FROM approval_decisions WHERE approval = :number;

-- consume: condition: approved, and the hash is the stored one
UPDATE approvals SET state = 'consumed' WHERE approval_id = ? AND state = 'approved' AND plan_hash = ?;

-- expire: condition: pending
UPDATE approvals SET state = 'expired' WHERE approval_id = ? AND state = 'pending';

-- standing: state and hash of an approval whose condition did not hold
SELECT state, plan_hash FROM approvals WHERE approval_id = ?;

-- approval: one approval
SELECT number, state, body FROM approvals WHERE tenant = ? AND approval_id = ?;

-- approvals: the newest of a tenant
SELECT number, state, body FROM approvals WHERE tenant = ? ORDER BY number DESC LIMIT ?;

-- approvals_in_state: the newest of a tenant in one state
SELECT number, state, body FROM approvals WHERE tenant = ? AND state = ? ORDER BY number DESC LIMIT ?;

-- decisions: what was said about one approval, in order
SELECT body FROM approval_decisions WHERE approval = ? ORDER BY place;
