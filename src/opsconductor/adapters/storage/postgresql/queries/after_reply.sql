-- add_message: something to do after the reply, due at once
INSERT INTO outbox (message_id, tenant, topic, turn_id, payload, created_at, attempts, due_ms, error)
VALUES (
    %(message_id)s, %(tenant)s, %(topic)s, %(turn_id)s, %(payload)s, %(created_at)s, %(attempts)s, app_now_ms(), ''
);

-- finish_message: done, so it need not be kept
DELETE FROM outbox WHERE message_id = %(message_id)s;

-- retry_message: one more failed attempt
UPDATE outbox SET attempts = attempts + 1, due_ms = app_now_ms() + %(delay_ms)s, error = %(error)s
WHERE message_id = %(message_id)s;

-- due: messages whose time has come, oldest first
SELECT message_id, tenant, topic, turn_id, payload, created_at, attempts FROM outbox
WHERE due_ms <= app_now_ms() ORDER BY number LIMIT %(limit)s;

-- add_memory: the same memory again changes nothing
INSERT INTO memories (memory_id, tenant, until_ms, body) VALUES (%(memory_id)s, %(tenant)s, %(until_ms)s, %(body)s)
ON CONFLICT (memory_id) DO NOTHING
RETURNING number;

-- add_memory_entity: what the memory is about
INSERT INTO memory_entities (tenant, entity, number) VALUES (%(tenant)s, %(entity)s, %(number)s) ON CONFLICT DO NOTHING;

-- newest_memories: valid memories of a tenant, newest first
SELECT body FROM memories WHERE tenant = %(tenant)s AND (until_ms IS NULL OR until_ms > app_now_ms())
ORDER BY number DESC LIMIT %(limit)s;

-- memories_about: valid memories about any of these things, newest first
SELECT body FROM memories
WHERE tenant = %(tenant)s AND (until_ms IS NULL OR until_ms > app_now_ms()) AND number IN (
    SELECT memory_entities.number FROM memory_entities
    WHERE memory_entities.tenant = %(tenant)s AND memory_entities.entity = ANY (%(entities)s)
)
ORDER BY number DESC LIMIT %(limit)s;

-- count_message: condition: this message was not counted before
INSERT INTO counted_messages (message_id, tenant) VALUES (%(message_id)s, %(tenant)s) ON CONFLICT DO NOTHING;

-- add_count: to one counter of one day
INSERT INTO counters (tenant, day, name, value) VALUES (%(tenant)s, %(day)s, %(name)s, %(value)s)
ON CONFLICT (tenant, day, name) DO UPDATE SET value = counters.value + excluded.value;

-- counts: every counter of a tenant over all days
SELECT name, sum(value) FROM counters WHERE tenant = %(tenant)s GROUP BY name ORDER BY name COLLATE "C";
