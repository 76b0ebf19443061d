-- add_message: something to do after the reply, due at once
INSERT INTO outbox (message_id, tenant, topic, turn_id, payload, created_at, attempts, due_at, error)
VALUES (?, ?, ?, ?, ?, ?, ?, now_ms(), '');

-- finish_message: done, so it need not be kept
DELETE FROM outbox WHERE message_id = ?;

-- retry_message: one more failed attempt
UPDATE outbox SET attempts = attempts + 1, due_at = now_ms() + :delay_ms, error = :error WHERE message_id = :message_id;

-- due: messages whose time has come, oldest first
SELECT message_id, tenant, topic, turn_id, payload, created_at, attempts FROM outbox
WHERE due_at <= now_ms() ORDER BY number LIMIT ?;

-- add_memory: the same memory again changes nothing
INSERT INTO memories (memory_id, tenant, valid_to, body) VALUES (?, ?, ?, ?)
ON CONFLICT (memory_id) DO NOTHING
RETURNING number;

-- add_memory_entity: what the memory is about
INSERT INTO memory_entities (tenant, entity, memory) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- newest_memories: valid memories of a tenant, newest first
SELECT number, body FROM memories
WHERE tenant = :tenant AND (valid_to IS NULL OR valid_to > now_ms())
ORDER BY number DESC LIMIT :limit;

-- memories_about: valid memories about one thing, newest first
SELECT memories.number, memories.body
FROM memory_entities JOIN memories ON memories.number = memory_entities.memory
WHERE memory_entities.tenant = :tenant AND memory_entities.entity = :entity
  AND (memories.valid_to IS NULL OR memories.valid_to > now_ms())
ORDER BY memory_entities.memory DESC LIMIT :limit;

-- count_message: condition: this message was not counted before
INSERT INTO counted_messages (message_id) VALUES (?) ON CONFLICT DO NOTHING;

-- add_count: to one counter of one day
INSERT INTO counters (tenant, day, name, value) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant, day, name) DO UPDATE SET value = value + excluded.value;

-- counts: every counter of a tenant over all days
SELECT name, sum(value) FROM counters WHERE tenant = ? GROUP BY name ORDER BY name;
