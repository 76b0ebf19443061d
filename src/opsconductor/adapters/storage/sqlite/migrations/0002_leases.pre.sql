-- Leases of runs, locks of targets, several deciders, outputs that are kept. packed_field() reads a stored value (schema.py).

ALTER TABLE executions ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;
ALTER TABLE executions ADD COLUMN lease_until INTEGER; -- NULL: nobody holds the run
ALTER TABLE executions ADD COLUMN cancelled_by ANY; -- NULL: nobody asked
ALTER TABLE executions ADD COLUMN tool_key ANY; -- NULL: never deduplicated
ALTER TABLE executions ADD COLUMN look_at INTEGER; -- when an unknown outcome is looked at again; NULL: never
CREATE UNIQUE INDEX executions_open_by_key ON executions (tenant, tool_key)
WHERE tool_key IS NOT NULL AND status IN ('awaiting_approval', 'queued', 'running');
CREATE INDEX executions_by_group ON executions (tenant, coalesce(turn_group, turn_id));
CREATE INDEX executions_to_look_at ON executions (look_at) WHERE look_at IS NOT NULL;

CREATE INDEX step_journal_by_target ON step_journal (target_id);

CREATE TABLE target_locks (
    tenant TEXT NOT NULL,
    target_id ANY NOT NULL,
    execution INTEGER NOT NULL REFERENCES executions (number),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_locks_by_execution ON target_locks (execution);

CREATE TABLE step_outputs (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    output_ref ANY NOT NULL,
    execution INTEGER NOT NULL REFERENCES executions (number),
    body BLOB NOT NULL, -- compressed by zlib
    UNIQUE (tenant, output_ref)
) STRICT;

ALTER TABLE approvals ADD COLUMN execution_id ANY;
ALTER TABLE approvals ADD COLUMN break_glass INTEGER NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN review BLOB;
UPDATE approvals SET execution_id = packed_field(body, 'execution_id');
CREATE INDEX approvals_by_execution ON approvals (execution_id);
CREATE INDEX approvals_to_review ON approvals (tenant, number) WHERE break_glass = 1 AND review IS NULL;

ALTER TABLE approval_decisions ADD COLUMN who ANY;
UPDATE approval_decisions SET who = packed_field(body, 'who');
CREATE UNIQUE INDEX approval_decisions_by_who ON approval_decisions (approval, who);
