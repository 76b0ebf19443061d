-- add_execution: a frozen plan
INSERT INTO executions (
    execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status, owner,
    updated_at, plan, result, claim, tool_key, cancelled_by
) VALUES (
    :execution_id, :tenant, :session_id, :turn_id, :turn_group, :requester, :plan_hash, :mode, :request, :created_at,
    :status, :owner, :updated_at, :plan, :result, :claim, :tool_key, :cancelled_by
);

-- open_with_key: the execution that waits or runs under a key
SELECT execution_id FROM executions
WHERE tenant = :tenant AND tool_key = :tool_key AND status IN ('awaiting_approval', 'queued', 'running');

-- move: condition: the stored state is the move's source; an unknown outcome is due to be looked at again
UPDATE executions
SET status = :target, owner = CASE WHEN :owner = '' THEN owner ELSE :owner END, updated_at = :at,
    lease_until = CASE WHEN :ends THEN NULL ELSE lease_until END,
    look_at = CASE WHEN :target = 'unknown' THEN now_ms() END
WHERE execution_id = :execution_id AND status = :source;

-- free_targets: the execution's locks are given back
DELETE FROM target_locks WHERE execution = (SELECT number FROM executions WHERE execution_id = ?);

-- add_move: the recorded change of state
INSERT INTO execution_moves (execution, place, source, target, actor, at, reason)
SELECT number, (SELECT count(*) + 1 FROM execution_moves WHERE execution = executions.number),
    :source, :target, :actor, :at, :reason
FROM executions WHERE execution_id = :execution_id;

-- save_result: the result as it stands
UPDATE executions SET result = ? WHERE execution_id = ?;

-- refreeze: condition: it waits for approval of the plan that is replaced
UPDATE executions
SET plan = :plan, plan_hash = :plan_hash, tool_key = :tool_key
WHERE execution_id = :execution_id AND status = 'awaiting_approval' AND plan_hash = :replaced_hash;

-- claim: under which it runs or ran last
SELECT claim FROM executions WHERE execution_id = ?;

-- tenant: whose an execution is
SELECT tenant FROM executions WHERE execution_id = ?;

-- status: the state of an execution
SELECT status FROM executions WHERE execution_id = ?;

-- execution: one execution
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = ? AND execution_id = ?;

-- executions: the newest of a tenant
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = :tenant ORDER BY number DESC LIMIT :limit;

-- executions_before: the newest of a tenant that are older than one of it
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions
WHERE tenant = :tenant AND number < (SELECT number FROM executions WHERE tenant = :tenant AND execution_id = :before)
ORDER BY number DESC LIMIT :limit;

-- running: those that run, of all tenants, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE status = 'running' ORDER BY number;

-- of_group: those of one turn group, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = ? AND coalesce(turn_group, turn_id) = ? ORDER BY number;

-- open_execution: the one that waits or runs under a key
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = ? AND tool_key = ? AND status IN ('awaiting_approval', 'queued', 'running');

-- abandoned: those that run while nobody holds them, of all tenants, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE status = 'running' AND lease_until <= now_ms() ORDER BY number;

-- to_look_at: those whose outcome is unknown and due to be looked at again, of all tenants
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE look_at <= now_ms() ORDER BY look_at LIMIT ?;

-- moves: an execution's changes of state in order
SELECT execution_moves.source, execution_moves.target, execution_moves.actor, execution_moves.at, execution_moves.reason
FROM executions JOIN execution_moves ON execution_moves.execution = executions.number
WHERE executions.tenant = ? AND executions.execution_id = ? ORDER BY execution_moves.place;
