-- lock: nobody else changes it before the commit
SELECT 1 FROM executions WHERE execution_id = %(execution_id)s FOR NO KEY UPDATE;

-- standing: what conditions are about; is_leased: its lease is not over, or nobody ever claimed it
SELECT status, claim, cancelled_by, coalesce(lease_ms > app_now_ms(), claim = 0)
FROM executions WHERE execution_id = %(execution_id)s;
