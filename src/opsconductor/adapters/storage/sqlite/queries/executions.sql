-- add_execution: a frozen plan
INSERT INTO executions (
    execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status, owner,
    updated_at, plan, result
) VALUES (
    :execution_id, :tenant, :session_id, :turn_id, :turn_group, :requester, :plan_hash, :mode, :request, :created_at,
    :status, :owner, :updated_at, :plan, :result
);

-- move: condition: the stored state is the move's source
UPDATE executions
SET status = :target, owner = CASE WHEN :owner = '' THEN owner ELSE :owner END, updated_at = :at
WHERE execution_id = :execution_id AND status = :source;

-- add_move: the recorded change of state
INSERT INTO execution_moves (execution, place, source, target, actor, at, reason)
SELECT number, (SELECT count(*) + 1 FROM execution_moves WHERE execution = executions.number),
    :source, :target, :actor, :at, :reason
FROM executions WHERE execution_id = :execution_id;

-- save_result: the result as it stands
UPDATE executions SET result = ? WHERE execution_id = ?;

-- status: the state of an execution
SELECT status FROM executions WHERE execution_id = ?;

-- execution: one execution
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result
FROM executions WHERE tenant = ? AND execution_id = ?;

-- executions: the newest of a tenant
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result
FROM executions WHERE tenant = ? ORDER BY number DESC LIMIT ?;

-- running: those that run, of all tenants, oldest first
SELECT execution_id, tenant, session_id, turn_id, turn_group, requester, plan_hash, mode, request, created_at, status,
    owner, updated_at, plan, result
FROM executions WHERE status = 'running' ORDER BY number;

-- moves: an execution's changes of state in order
SELECT execution_moves.source, execution_moves.target, execution_moves.actor, execution_moves.at, execution_moves.reason
FROM executions JOIN execution_moves ON execution_moves.execution = executions.number
WHERE executions.tenant = ? AND executions.execution_id = ? ORDER BY execution_moves.place;

-- add_intent: an attempt is about to touch a target; condition: there is no such attempt
INSERT INTO step_journal (execution, step_id, target_id, attempt, intent)
SELECT number, :step_id, :target_id, :attempt, :intent FROM executions WHERE execution_id = :execution_id
ON CONFLICT (execution, step_id, target_id, attempt) DO NOTHING;

-- add_step_result: condition: the attempt's intent is open, and no newer attempt exists
UPDATE step_journal SET result = :result
WHERE execution = (SELECT number FROM executions WHERE execution_id = :execution_id)
  AND step_id = :step_id AND target_id = :target_id AND attempt = :attempt AND result IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM step_journal AS newer
    WHERE newer.execution = step_journal.execution AND newer.step_id = :step_id AND newer.target_id = :target_id
      AND newer.attempt > :attempt
  );

-- journal: every attempt of an execution in order
SELECT step_journal.intent, step_journal.result
FROM executions JOIN step_journal ON step_journal.execution = executions.number
WHERE executions.tenant = ? AND executions.execution_id = ? ORDER BY step_journal.number;
