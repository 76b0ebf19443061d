-- claim: of an execution that is held: somebody takes the run
UPDATE executions SET claim = claim + 1, owner = %(owner)s, lease_ms = app_now_ms() + %(lease_ms)s
WHERE execution_id = %(execution_id)s;

-- renew: condition: it runs under the owner's claim, and the lease is not over
UPDATE executions SET lease_ms = app_now_ms() + %(lease_ms)s
WHERE execution_id = %(execution_id)s AND status = 'running' AND claim = %(claim)s AND owner = %(owner)s
  AND lease_ms > app_now_ms();

-- renew_targets: the execution's locks last as long as its lease
UPDATE target_locks SET expires_ms = app_now_ms() + %(lease_ms)s
WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s;

-- cancel: no intent is taken from here on; who asked first stays
UPDATE executions SET cancelled_by = %(actor)s WHERE execution_id = %(execution_id)s AND cancelled_by = '';

-- look_again: when an unknown outcome is due, or never
UPDATE executions SET look_ms = app_now_ms() + %(after_ms)s::bigint WHERE execution_id = %(execution_id)s;

-- is_there: whether the tenant has such an execution
SELECT 1 FROM executions WHERE tenant = %(tenant)s AND execution_id = %(execution_id)s;

-- hold_target: nobody else changes the lock before the commit
SELECT 1 FROM target_locks WHERE tenant = %(tenant)s AND target_id = %(target_id)s FOR UPDATE;

-- lock_target: condition: free, expired, or held by this very execution
INSERT INTO target_locks (tenant, target_id, execution_id, expires_ms)
VALUES (%(tenant)s, %(target_id)s, %(execution_id)s, app_now_ms() + %(lease_ms)s)
ON CONFLICT (tenant, target_id) DO UPDATE SET execution_id = excluded.execution_id, expires_ms = excluded.expires_ms
WHERE target_locks.execution_id = excluded.execution_id OR target_locks.expires_ms <= app_now_ms();

-- last_holder: who has the lock, expired or not
SELECT execution_id FROM target_locks WHERE tenant = %(tenant)s AND target_id = %(target_id)s;

-- target_holder: who holds a target now
SELECT execution_id FROM target_locks
WHERE tenant = %(tenant)s AND target_id = %(target_id)s AND expires_ms > app_now_ms();
