-- add_intent: an attempt is about to touch a target; there is no such attempt, or the key refuses it
INSERT INTO step_journal (tenant, execution_id, step_id, target_id, attempt, intent)
VALUES (%(tenant)s, %(execution_id)s, %(step_id)s, %(target_id)s, %(attempt)s, %(intent)s);

-- add_step_result: condition: the attempt's intent is open, and no newer attempt exists
UPDATE step_journal SET result = %(result)s
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s AND step_id = %(step_id)s AND target_id = %(target_id)s
  AND attempt = %(attempt)s AND result IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM step_journal AS newer
    WHERE newer.tenant = %(tenant)s AND newer.execution_id = %(execution_id)s AND newer.step_id = %(step_id)s
      AND newer.target_id = %(target_id)s AND newer.attempt > %(attempt)s
  );

-- result: the recorded result of an attempt
SELECT result FROM step_journal
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s AND step_id = %(step_id)s AND target_id = %(target_id)s
  AND attempt = %(attempt)s;

-- replace_step_result: an unknown outcome has become known
UPDATE step_journal SET result = %(result)s
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s AND step_id = %(step_id)s AND target_id = %(target_id)s
  AND attempt = %(attempt)s;

-- journal: every attempt of an execution in order
SELECT intent, result FROM step_journal
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s ORDER BY number;

-- later_intents: of other executions on a target, after the newest one of this execution there
SELECT intent FROM step_journal
WHERE tenant = %(tenant)s AND target_id = %(target_id)s AND execution_id <> %(execution_id)s AND number > (
    SELECT coalesce(max(mine.number), 0) FROM step_journal AS mine
    WHERE mine.tenant = %(tenant)s AND mine.target_id = %(target_id)s AND mine.execution_id = %(execution_id)s
)
ORDER BY number;

-- keep_output: a full output; the same reference again changes nothing
INSERT INTO step_outputs (tenant, output_ref, execution_id, body)
SELECT tenant, %(output_ref)s, execution_id, %(body)s FROM executions
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s
ON CONFLICT (tenant, output_ref) DO NOTHING;

-- output: a full output
SELECT body FROM step_outputs WHERE tenant = %(tenant)s AND output_ref = %(output_ref)s;
