-- standing: why an intent was not taken; is_held: its lease is not over
SELECT status, claim, coalesce(lease_until > now_ms(), false) AS is_held, cancelled_by
FROM executions WHERE execution_id = ?;

-- add_intent: condition: the execution runs under the claim, is held and was not cancelled; there is no such attempt
INSERT INTO step_journal (execution, step_id, target_id, attempt, intent)
SELECT number, :step_id, :target_id, :attempt, :intent FROM executions
WHERE execution_id = :execution_id AND status = 'running' AND claim = :claim AND lease_until > now_ms()
  AND cancelled_by IS NULL
ON CONFLICT (execution, step_id, target_id, attempt) DO NOTHING;

-- add_step_result: condition: the claim is the stored one, or none is asked for; the attempt's intent is open, and no
-- newer attempt exists
UPDATE step_journal SET result = :result
WHERE execution = (
    SELECT number FROM executions WHERE execution_id = :execution_id AND claim = coalesce(:claim, claim)
  )
  AND step_id = :step_id AND target_id = :target_id AND attempt = :attempt AND result IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM step_journal AS newer
    WHERE newer.execution = step_journal.execution AND newer.step_id = :step_id AND newer.target_id = :target_id
      AND newer.attempt > :attempt
  );

-- result: the recorded result of an attempt
SELECT result FROM step_journal
WHERE execution = (SELECT number FROM executions WHERE execution_id = :execution_id)
  AND step_id = :step_id AND target_id = :target_id AND attempt = :attempt;

-- replace_step_result: an unknown outcome has become known
UPDATE step_journal SET result = :result
WHERE execution = (SELECT number FROM executions WHERE execution_id = :execution_id)
  AND step_id = :step_id AND target_id = :target_id AND attempt = :attempt;

-- journal: every attempt of an execution in order
SELECT step_journal.intent, step_journal.result
FROM executions JOIN step_journal ON step_journal.execution = executions.number
WHERE executions.tenant = ? AND executions.execution_id = ? ORDER BY step_journal.number;

-- later_intents: of other executions on a target, after the newest one of this execution there
SELECT step_journal.intent
FROM step_journal CROSS JOIN executions ON executions.number = step_journal.execution
WHERE step_journal.target_id = :target_id AND executions.tenant = :tenant
  AND executions.execution_id <> :execution_id
  AND step_journal.number > (
    SELECT coalesce(max(mine.number), 0) FROM step_journal AS mine
    WHERE mine.target_id = :target_id
      AND mine.execution = (SELECT number FROM executions WHERE execution_id = :execution_id)
  )
ORDER BY step_journal.number;

-- keep_output: a full output; the same reference again changes nothing
INSERT INTO step_outputs (tenant, output_ref, execution, body)
SELECT :tenant, :output_ref, number, :body FROM executions WHERE execution_id = :execution_id AND tenant = :tenant
ON CONFLICT (tenant, output_ref) DO NOTHING;

-- output: a full output
SELECT body FROM step_outputs WHERE tenant = ? AND output_ref = ?;
