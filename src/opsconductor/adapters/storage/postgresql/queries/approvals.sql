-- add_approval: a pending question
INSERT INTO approvals (approval_id, tenant, execution_id, plan_hash, state, expires_ms, break_glass, review, body)
VALUES (
    %(approval_id)s, %(tenant)s, %(execution_id)s, %(plan_hash)s, %(state)s, %(expires_ms)s, %(break_glass)s, %(review)s,
    %(body)s
);

-- decide: of an approval that is held
UPDATE approvals SET state = %(state)s, break_glass = break_glass OR %(break_glass)s WHERE approval_id = %(approval_id)s;

-- set: the state of an approval that is held
UPDATE approvals SET state = %(state)s WHERE approval_id = %(approval_id)s;

-- review: of an approval that is held
UPDATE approvals SET review = %(review)s WHERE approval_id = %(approval_id)s;

-- add_decision: what one person said; condition: nothing before
INSERT INTO approval_decisions (tenant, approval_id, place, who, body)
SELECT %(tenant)s, %(approval_id)s, count(*) + 1, %(who)s, %(body)s::json
FROM approval_decisions WHERE tenant = %(tenant)s AND approval_id = %(approval_id)s
ON CONFLICT (tenant, approval_id, who) DO NOTHING;

-- approval: one approval with what was said about it
SELECT state, review, body, ARRAY(
    SELECT said.body::text FROM approval_decisions AS said
    WHERE said.tenant = approvals.tenant AND said.approval_id = approvals.approval_id ORDER BY said.place
)
FROM approvals WHERE tenant = %(tenant)s AND approval_id = %(approval_id)s;

-- approvals: the newest of a tenant
SELECT state, review, body, ARRAY(
    SELECT said.body::text FROM approval_decisions AS said
    WHERE said.tenant = approvals.tenant AND said.approval_id = approvals.approval_id ORDER BY said.place
)
FROM approvals WHERE tenant = %(tenant)s ORDER BY number DESC LIMIT %(limit)s;

-- approvals_in_state: the newest of a tenant in one state
SELECT state, review, body, ARRAY(
    SELECT said.body::text FROM approval_decisions AS said
    WHERE said.tenant = approvals.tenant AND said.approval_id = approvals.approval_id ORDER BY said.place
)
FROM approvals WHERE tenant = %(tenant)s AND state = %(state)s ORDER BY number DESC LIMIT %(limit)s;

-- of_execution: all of one execution, oldest first
SELECT state, review, body, ARRAY(
    SELECT said.body::text FROM approval_decisions AS said
    WHERE said.tenant = approvals.tenant AND said.approval_id = approvals.approval_id ORDER BY said.place
)
FROM approvals WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s ORDER BY number;

-- reviews_due: given without the second person and not reviewed, oldest first
SELECT state, review, body, ARRAY(
    SELECT said.body::text FROM approval_decisions AS said
    WHERE said.tenant = approvals.tenant AND said.approval_id = approvals.approval_id ORDER BY said.place
)
FROM approvals WHERE tenant = %(tenant)s AND break_glass AND review IS NULL ORDER BY number;
