-- add_execution: a frozen plan
INSERT INTO executions (
    execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, updated_at,
    status, owner, claim, tool_key, cancelled_by, plan, result
) VALUES (
    %(execution_id)s, %(tenant)s, %(session_id)s, %(turn_id)s, %(turn_group)s, %(requester)s, %(plan_hash)s, %(mode)s,
    %(request)s, %(created_at)s, %(updated_at)s, %(status)s, %(owner)s, %(claim)s, %(tool_key)s, %(cancelled_by)s,
    %(plan)s, %(result)s
);

-- one_key_at_a_time: who opens an order waits for whoever is opening the same
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s::text || chr(31) || %(tool_key)s::text, 0));

-- open_with_key: another execution that waits or runs under a key
SELECT execution_id FROM executions
WHERE tenant = %(tenant)s AND tool_key = %(tool_key)s AND status IN ('awaiting_approval', 'queued', 'running')
  AND execution_id <> %(execution_id)s;

-- move: of an execution that is held; an unknown outcome is due to be looked at again
UPDATE executions
SET status = %(target)s, owner = CASE WHEN %(owner)s::text = '' THEN owner ELSE %(owner)s::text END, updated_at = %(at)s,
    lease_ms = CASE WHEN %(ends)s THEN NULL ELSE lease_ms END, look_ms = CASE WHEN %(is_unknown)s THEN app_now_ms() END
WHERE execution_id = %(execution_id)s;

-- add_move: the recorded change of state
INSERT INTO execution_moves (tenant, execution_id, place, source, target, actor, at, reason)
SELECT %(tenant)s, %(execution_id)s, count(*) + 1, %(source)s, %(target)s, %(actor)s, %(at)s, %(reason)s
FROM execution_moves WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s;

-- free_targets: the execution's locks are given back
DELETE FROM target_locks WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s;

-- save_result: the result as it stands
UPDATE executions SET result = %(result)s WHERE execution_id = %(execution_id)s;

-- refreeze: condition: it waits for approval of the plan that is replaced
UPDATE executions SET plan = %(plan)s, plan_hash = %(plan_hash)s, tool_key = %(tool_key)s
WHERE execution_id = %(execution_id)s AND status = 'awaiting_approval' AND plan_hash = %(replaced_hash)s;

-- execution: one execution
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s;

-- executions: the newest of a tenant
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = %(tenant)s ORDER BY number DESC LIMIT %(limit)s;

-- executions_before: the newest of a tenant that are older than one of it
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions
WHERE tenant = %(tenant)s AND number < (
    SELECT number FROM executions WHERE tenant = %(tenant)s AND execution_id = %(before)s
)
ORDER BY number DESC LIMIT %(limit)s;

-- running: those that run, of all tenants, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE status = 'running' ORDER BY number;

-- abandoned: those that run while nobody holds them any more, of all tenants, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE status = 'running' AND lease_ms <= app_now_ms() ORDER BY number;

-- to_look_at: those whose outcome is unknown and due to be looked at again, of all tenants
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE status = 'unknown' AND look_ms <= (SELECT app_now_ms()) ORDER BY look_ms LIMIT %(limit)s;

-- of_group: those of one turn group, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions WHERE tenant = %(tenant)s AND turn_group = %(turn_group)s ORDER BY number;

-- open_execution: the one that waits or runs under a key
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result, claim, tool_key, cancelled_by
FROM executions
WHERE tenant = %(tenant)s AND tool_key = %(tool_key)s AND tool_key <> ''
  AND status IN ('awaiting_approval', 'queued', 'running');

-- moves: an execution's changes of state in order
SELECT source, target, actor, at, reason FROM execution_moves
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s ORDER BY place;
