-- claim: condition: it runs under the expected claim
UPDATE executions SET claim = claim + 1, owner = :owner, lease_until = now_ms() + :lease_ms
WHERE execution_id = :execution_id AND status = 'running' AND claim = :claim;

-- renew: condition: it runs under the owner's claim, and the lease is not over
UPDATE executions SET lease_until = now_ms() + :lease_ms
WHERE execution_id = :execution_id AND status = 'running' AND claim = :claim AND owner = :owner
  AND lease_until > now_ms();

-- renew_targets: the execution's locks last as long as its lease
UPDATE target_locks SET expires_at = now_ms() + :lease_ms
WHERE execution = (SELECT number FROM executions WHERE execution_id = :execution_id);

-- cancel: no intent is taken from here on; who asked first stays
UPDATE executions SET cancelled_by = coalesce(cancelled_by, :actor)
WHERE execution_id = :execution_id AND status IN ('pending', 'awaiting_approval', 'queued', 'running');

-- lock_target: condition: free, expired, or held by this very execution
INSERT INTO target_locks (tenant, target_id, execution, expires_at)
SELECT :tenant, :target_id, number, now_ms() + :lease_ms FROM executions WHERE execution_id = :execution_id
ON CONFLICT (tenant, target_id) DO UPDATE SET execution = excluded.execution, expires_at = excluded.expires_at
WHERE target_locks.execution = excluded.execution OR target_locks.expires_at <= now_ms();

-- target_holder: who holds a target now
SELECT executions.execution_id
FROM target_locks JOIN executions ON executions.number = target_locks.execution
WHERE target_locks.tenant = :tenant AND target_locks.target_id = :target_id AND target_locks.expires_at > now_ms();

-- look_again: when an unknown outcome is due, or never
UPDATE executions SET look_at = now_ms() + :after_ms
WHERE execution_id = :execution_id AND status = 'unknown';
