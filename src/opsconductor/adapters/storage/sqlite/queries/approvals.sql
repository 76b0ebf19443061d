-- add_approval: a pending question
INSERT INTO approvals (approval_id, tenant, execution_id, plan_hash, state, expires_at, break_glass, review, body)
VALUES (:approval_id, :tenant, :execution_id, :plan_hash, :state, :expires_at, :break_glass, :review, :body)
RETURNING number;

-- decide: condition: pending, and not past its expiry (an expiry that is no time counts as past)
UPDATE approvals SET state = :state, break_glass = max(break_glass, :break_glass)
WHERE approval_id = :approval_id AND state = 'pending' AND typeof(expires_at) = 'integer' AND expires_at > now_ms()
RETURNING number;

-- add_decision: what one person said; condition: nothing before
INSERT INTO approval_decisions (approval, place, who, body)
VALUES (:number, (SELECT count(*) + 1 FROM approval_decisions WHERE approval = :number), :who, :body)
ON CONFLICT (approval, who) DO NOTHING;

-- count_decisions: how many people have decided
SELECT count(*) FROM approval_decisions WHERE approval = ?;

-- withdraw: condition: nobody's word on it is final
UPDATE approvals SET state = 'withdrawn' WHERE approval_id = ? AND state IN ('pending', 'changes_requested');

-- review: condition: it was given without the second person, and nobody has reviewed that
UPDATE approvals SET review = :review WHERE approval_id = :approval_id AND break_glass = 1 AND review IS NULL;

-- consume: condition: approved, and the hash is the stored one
UPDATE approvals SET state = 'consumed' WHERE approval_id = ? AND state = 'approved' AND plan_hash = ?;

-- expire: condition: pending
UPDATE approvals SET state = 'expired' WHERE approval_id = ? AND state = 'pending';

-- standing: state and hash of an approval whose condition did not hold
SELECT state, plan_hash FROM approvals WHERE approval_id = ?;

-- approval: one approval
SELECT number, state, review, body FROM approvals WHERE tenant = ? AND approval_id = ?;

-- approvals: the newest of a tenant
SELECT number, state, review, body FROM approvals WHERE tenant = ? ORDER BY number DESC LIMIT ?;

-- approvals_in_state: the newest of a tenant in one state
SELECT number, state, review, body FROM approvals WHERE tenant = ? AND state = ? ORDER BY number DESC LIMIT ?;

-- of_execution: all of one execution, oldest first
SELECT number, state, review, body FROM approvals WHERE execution_id = :execution_id AND tenant = :tenant ORDER BY number;

-- reviews_due: given without the second person and not reviewed, oldest first
SELECT number, state, review, body FROM approvals
WHERE tenant = ? AND break_glass = 1 AND review IS NULL ORDER BY number;

-- decisions: what was said about one approval, in order
SELECT body FROM approval_decisions WHERE approval = ? ORDER BY place;
