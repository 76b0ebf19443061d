"""What every engine of the lanes port promises; the catalogue and the memories here are what it is tried on."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol

from opsconductor.domain.catalogue import Agent, Catalogue
from opsconductor.domain.knowledge import Intent, Memory, Mode
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope
from opsconductor.domain.scenarios import Scenario
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.lanes import Lane, LaneQuery, Lanes


class MemoryStore(Protocol):
    """The part of the storage port that a memories lane reads."""

    async def memories(self, tenant: str, entities: tuple[str, ...], limit: int) -> tuple[Memory, ...]:
        """Valid memories about any of `entities`, newest first; without entities the newest of all."""
        ...


def a_rule(rule_id: str, description: str, **changes: Any) -> Rule:
    """A soft rule of the agent."""
    rule = Rule(
        rule_id=rule_id, title=rule_id, description=description, scope=RuleScope.AGENT, effect=RuleEffect.MUST_SAY
    )
    return replace(rule, **changes)


def an_intent(label: str, *examples: str, tools: tuple[str, ...] = (), mode: Mode = Mode.INFO) -> Intent:
    """An intent whose description is its label in words."""
    category, _, action = label.partition("/")
    return Intent(
        category=category,
        action=action,
        mode=mode,
        description=action.replace("_", " "),
        examples=examples,
        tools=tools,
    )


def a_memory(memory_id: str, text: str, *entities: str, tenant: str = "default") -> Memory:
    """An episode that still holds."""
    return Memory(
        memory_id=memory_id,
        tenant=tenant,
        kind="episode",
        text=text,
        entities=entities,
        turn_id="turn_1",
        valid_from="2026-05-05T12:00:00.000Z",
    )


def a_catalogue(**parts: Any) -> Catalogue:
    """A catalogue of three rules, a scenario and three intents; `parts` replace fields."""
    catalogue = Catalogue(
        pack="contract",
        version="1",
        digest="sha256:contract",
        agent=Agent(agent_id="ops", name="Ops", description=""),
        tools={},
        rules=(
            a_rule("disk-note", "when somebody asks how full a disk is"),
            a_rule("restart-note", "when a service is restarted", facets={"environment": ("staging",)}),
            a_rule("count-note", "when somebody counts assets"),
        ),
        scenarios=(
            Scenario(
                scenario_id="triage",
                version=1,
                title="Triage a service",
                description="a service is broken",
                intents=("troubleshooting/service_problem",),
                examples=("{service} misbehaves",),
            ),
        ),
        intents=(
            an_intent("information/asset_count", "how many assets do we have", "count the hosts"),
            an_intent("monitoring/disk_usage", "how full is the disk on {host}"),
            an_intent("automation/service_restart", "restart {service} on {host}", mode=Mode.ACT),
        ),
        glossary=(),
        customer_fields=(),
    )
    return replace(catalogue, **parts)


MEMORIES = (
    a_memory("mem_2", "restarted billing on app-01", "asset_1", "billing"),
    a_memory("mem_1", "looked at the disk of db-01", "asset_2"),
    a_memory("mem_0", "restarted billing elsewhere", "asset_1", "billing", tenant="other"),
)
"""Newest first; the last belongs to another tenant."""


class GivenMemories:
    """A store of given memories that keeps the port's promise, tenants included."""

    def __init__(self, memories: tuple[Memory, ...] = MEMORIES) -> None:
        self._memories = memories

    async def memories(self, tenant: str, entities: tuple[str, ...], limit: int) -> tuple[Memory, ...]:
        """See the storage port."""
        own = [memory for memory in self._memories if memory.tenant == tenant]
        about = [memory for memory in own if not entities or set(entities) & set(memory.entities)]
        return tuple(about[:limit])


async def ask(embedder: Embedder, text: str, **parts: Any) -> LaneQuery:
    """A query with the vector of its words."""
    vector = (await embedder.embed([text]))[0]
    query = LaneQuery(
        tenant="default", catalogue=a_catalogue(), masked_text=text, vector=vector, facets={}, entities=()
    )
    return replace(query, **parts)


async def each(lanes: Lanes, query: LaneQuery, pool: int) -> list[list[tuple[Any, float]]]:
    """What the four lanes retrieve."""
    every: tuple[Lane[Any], ...] = (lanes.rules, lanes.scenarios, lanes.memories, lanes.intents)
    return [[(one.item, one.score) for one in await lane.retrieve(query, pool)] for lane in every]


async def gives_the_highest_first_with_finite_scores(lanes: Lanes, embedder: Embedder) -> None:
    """In every lane."""
    for found in await each(lanes, await ask(embedder, "how full is the disk on {host}"), 30):
        scores = [score for _, score in found]
        assert found
        assert scores == sorted(scores, reverse=True)
        assert all(math.isfinite(score) for score in scores)


async def gives_at_most_the_pool(lanes: Lanes, embedder: Embedder) -> None:
    """One of each for a pool of one."""
    assert [len(found) for found in await each(lanes, await ask(embedder, "restart"), 1)] == [1, 1, 1, 1]


async def gives_nothing_from_an_empty_catalogue(lanes: Lanes, embedder: Embedder) -> None:
    """An empty lane is an empty list."""
    empty = a_catalogue(rules=(), scenarios=(), intents=(), digest="sha256:empty")
    found = await each(lanes, await ask(embedder, "restart", catalogue=empty, entities=("nobody",)), 30)
    assert found == [[], [], [], []]


async def puts_what_was_asked_for_first(lanes: Lanes, embedder: Embedder) -> None:
    """Rules and intents that speak of the same thing."""
    rules, _, _, intents = await each(lanes, await ask(embedder, "how full is the disk on {host}"), 30)
    assert rules[0][0].rule_id == "disk-note"
    assert intents[0][0].label == "monitoring/disk_usage"


async def lets_the_context_decide_between_rules(lanes: Lanes, embedder: Embedder) -> None:
    """The same words about another environment retrieve other rules first."""
    staging = await ask(embedder, "is a service there", facets={"environment": ("staging",)})
    rules = [rule.rule_id for rule, _ in (await each(lanes, staging, 30))[0]]
    assert rules[0] == "restart-note"


async def recalls_what_is_about_the_named_things(lanes: Lanes, embedder: Embedder) -> None:
    """And nothing of another tenant."""
    query = await ask(embedder, "what happened", entities=("asset_1", "billing"))
    assert [memory.memory_id for memory, _ in (await each(lanes, query, 30))[2]] == ["mem_2"]


async def answers_the_same_question_the_same_way(lanes: Lanes, embedder: Embedder) -> None:
    """Twice the same."""
    query = await ask(embedder, "count the hosts")
    assert await each(lanes, query, 30) == await each(lanes, query, 30)


async def follows_the_catalogue_of_the_query(lanes: Lanes, embedder: Embedder) -> None:
    """A changed catalogue is seen at once, and the former one still serves a turn that began with it."""
    text = "how full is the disk on {host}"
    former = await each(lanes, await ask(embedder, text), 30)
    changed = a_catalogue(rules=(a_rule("new-note", "about disks"),), digest="sha256:changed")
    rules = (await each(lanes, await ask(embedder, text, catalogue=changed), 30))[0]
    assert [rule.rule_id for rule, _ in rules] == ["new-note"]
    assert await each(lanes, await ask(embedder, text), 30) == former


PROMISES: tuple[Callable[[Lanes, Embedder], Awaitable[None]], ...] = (
    gives_the_highest_first_with_finite_scores,
    gives_at_most_the_pool,
    gives_nothing_from_an_empty_catalogue,
    puts_what_was_asked_for_first,
    lets_the_context_decide_between_rules,
    recalls_what_is_about_the_named_things,
    answers_the_same_question_the_same_way,
    follows_the_catalogue_of_the_query,
)
