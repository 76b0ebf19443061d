"""P2 as a whole, over the inventory double: capabilities 13 to 18 and 22, hostile text, and the cost of a message."""

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconductor.domain.assets import Mention, Vocabulary
from opsconductor.domain.customer import CustomerDataField, MaskedField, SchemaMask, Scope, VariableEntry
from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import GlossaryItem
from opsconductor.domain.message_text import MAX_BYTES
from opsconductor.domain.snapshot import (
    ANSWERED_QUESTION,
    EMPTY_SNAPSHOT,
    INVENTORY_UNAVAILABLE,
    TOO_MANY_NAMES,
    SituationalSnapshot,
)
from opsconductor.domain.turn import Trigger
from opsconductor.phases.p02_sense import Sense
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.turns import a_host

Run = Callable[..., Awaitable[SituationalSnapshot]]

REQUESTS = yaml.safe_load((Path(__file__).parents[3] / "data" / "ops_requests.yaml").read_text("utf-8"))
CANARY = "canary-7f3a"


def shown(snapshot: SituationalSnapshot) -> list[tuple[str, str, str]]:
    return [(one.type, one.value, one.match) for one in snapshot.entities if one.type != "number"]


# 13: the mask


def test_sense_takes_a_mask_and_no_value() -> None:
    hints = get_type_hints(Sense.run)
    assert hints["mask"] == SchemaMask
    assert not {CustomerDataField, VariableEntry} & set(hints.values())
    assert set(MaskedField.__dataclass_fields__) == {"scope", "type", "exists", "examples"}
    assert set(Sense.__init__.__annotations__) - {"return"} == {"inventory", "clock"}


async def test_no_stored_value_reaches_the_snapshot(sense: Run) -> None:
    entry = VariableEntry(key="team", value=CANARY, source="user", confidence=1, updated_at="")
    field = CustomerDataField(key="team", scope=Scope.BUSINESS, type="string", examples=("my team is {value}",))
    exists = entry.value is not None
    mask = {"team": MaskedField(scope=field.scope, type=field.type, exists=exists, examples=field.examples)}
    snapshot = await sense("what is my team, and restart billing on app-01", mask=mask)
    assert CANARY not in repr(snapshot)
    (variable,) = (await sense("my team is red", mask=mask)).candidate_variables
    assert (variable.value_text, variable.is_update, variable.scope) == ("red", True, Scope.BUSINESS)


# 14: the glossary


async def test_a_glossary_alias_changes_what_is_understood(sense: Run) -> None:
    shop = GlossaryItem(term="the shop", meaning="our web store", aliases=("shop",), replace_with="storefront")
    assert shown(await sense("restart the shop on web-01")) != shown(
        snapshot := await sense("restart the shop on web-01", glossary=(shop,))
    )
    assert ("service", "storefront", "exact") in shown(snapshot)
    assert snapshot.masked_text == "restart {service} on {host}"
    assert snapshot.glossary_used == ("the shop",)


async def test_the_glossary_leaves_recognised_names_alone(sense: Run) -> None:
    item = GlossaryItem(term="billing", meaning="money", replace_with="ledger-db")
    snapshot = await sense("restart billing on app-01", glossary=(item,))
    assert snapshot.text == "restart billing on app-01"
    assert snapshot.glossary_used == ()


# 15, 16: entities


@pytest.mark.parametrize("row", REQUESTS, ids=[row["text"][:40] for row in REQUESTS])
async def test_the_labelled_entities_of_the_corpus_are_found(sense: Run, row: dict[str, Any]) -> None:
    snapshot = await sense(row["text"])
    found = {(one.type, one.text.casefold()) for one in snapshot.entities}
    found |= {("os", text) for kind, text in found if kind == "platform"}
    # `Linux servers` is one type of this inventory.
    typed = " ".join(one.text.casefold() for one in snapshot.entities if one.type == "type")
    missing = {(one["type"], one["value"].casefold()) for one in row["entities"]} - found
    assert {(kind, text) for kind, text in missing if not (kind == "os" and text in typed)} == set()
    assert snapshot.understood_language


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("restart billing on app-09", "restart {service} on {host}"),
        ("restart biling on ap-01", "restart {service} on {host}"),
        ("is app-01:8080 open", "is {host}:{port} open"),
        ("how many Windows workstations do we have", "how many {type} do we have"),
        ("run `rm -rf /` on app-01", "run {command} on {host}"),
        ("mute alerts for db-01 for two hours", "mute alerts for {host} for {duration}"),
        ("what happened to web-01 yesterday", "what happened to {host} {date}"),
        ("show the top 5 hosts", "show the top 5 hosts"),
        ("make me a sandwich on rye", "make me a sandwich on rye"),
        ("is reproduction-lab up", "is reproduction-lab up"),
    ],
)
async def test_mentions_are_masked(sense: Run, text: str, masked: str) -> None:
    assert (await sense(text)).masked_text == masked


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("tell me about WS-03", "exact"),
        ("tell me about ws-03", "exact"),
        ("tell me about WS-07", "fuzzy"),
        ("ping zz-99", "none"),
    ],
)
async def test_a_host_is_exact_fuzzy_or_none(sense: Run, text: str, match: str) -> None:
    (host,) = (await sense(text)).entities
    assert (host.type, host.match) == ("host", match)


async def test_reproduction_is_not_production(sense: Run) -> None:
    assert [one.type for one in (await sense("show hosts in production")).entities] == ["environment"]
    (unheard,) = (await sense("show hosts in reproduction")).entities
    assert (unheard.type, unheard.value, unheard.match) == ("site", "reproduction", "none")
    assert [one.type for one in (await sense("ping reproduction-01")).entities] == ["host"]


async def test_a_hundred_targets_are_one_question_to_the_inventory(
    sense: Run, inventory: InMemoryInventoryDouble
) -> None:
    inventory.held = tuple(an_asset(f"app-{number:03d}") for number in range(100))
    snapshot = await sense("disk usage on " + ", ".join(asset.name for asset in inventory.held))
    hosts = [one for one in snapshot.entities if one.type == "host"]
    assert [one.value for one in hosts] == [asset.name for asset in inventory.held]
    assert {one.match for one in hosts} == {"exact"}
    assert len(inventory.asked) == 1
    assert TOO_MANY_NAMES not in snapshot.situation_facts


async def test_more_names_than_can_be_looked_up_are_said_to_be_too_many(sense: Run) -> None:
    snapshot = await sense("disk usage on " + ", ".join(f"app-{number:03d}" for number in range(250)))
    assert TOO_MANY_NAMES in snapshot.situation_facts


@pytest.mark.parametrize("payload", ["app-01; rm -rf /", "' OR 1=1 --", "$(reboot)", "app-01$(reboot)", "app-01|sh"])
async def test_a_payload_is_no_host_that_exists(sense: Run, payload: str) -> None:
    snapshot = await sense(f"restart billing on {payload}")
    assert ("host", payload, "none") in shown(snapshot)
    assert not [one for one in snapshot.entities if one.type == "host" and one.match == "exact"]
    assert "shell_or_sql_text_in_a_name" in snapshot.situation_facts


# bad text and other languages


async def test_invisible_characters_are_cleaned_and_noted(sense: Run) -> None:
    snapshot = await sense("restart bill\u200bing on app-\u202e01")
    assert snapshot.text == "restart billing on app-01"
    assert {"removed_invisible_characters", "removed_bidi_controls"} <= set(snapshot.situation_facts)


async def test_a_lookalike_of_another_script_is_an_unknown_host(sense: Run) -> None:
    snapshot = await sense("restart billing on \u0430pp-01")
    assert [one.match for one in snapshot.entities if one.type == "host"] != ["exact"]
    assert "mixed_scripts_in_a_word" in snapshot.situation_facts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie viele Server haben wir?", "de"),
        ("Combien d'assets avons-nous ?", "fr"),
        ("¿Cuántos activos tenemos?", "es"),
        ("我们有多少资产？", "zh"),
        ("сколько у нас серверов", "ru"),
    ],
)
async def test_another_language_is_not_understood(sense: Run, text: str, language: str) -> None:
    snapshot = await sense(text)
    assert (snapshot.language, snapshot.understood_language) == (language, False)


async def test_emoji_are_fine(sense: Run) -> None:
    snapshot = await sense("🔥 restart billing on app-01 🔥")
    assert snapshot.understood_language
    assert shown(snapshot) == [("service", "billing", "exact"), ("host", "app-01", "exact")]


# 18 and the conversation


async def test_pointing_words_and_a_change_of_topic(sense: Run) -> None:
    previous = (a_host("app-01"),)
    assert (await sense("is it up?", previous=previous)).references == ("it",)
    assert not (await sense("is it up?", previous=previous)).topic_changed
    assert not (await sense("is app-01 up?", previous=previous)).topic_changed
    assert (await sense("is web-01 up?", previous=previous)).topic_changed


async def test_pointing_words_are_masked_as_what_they_point_at(sense: Run) -> None:
    previous = (a_host("app-01"),)
    assert (await sense("tell me about it", previous=previous)).masked_text == "tell me about {host}"
    assert (await sense("restart billing on this server")).masked_text == "restart {service} on {host}"
    assert (await sense("how full is the disk on this server")).masked_text == "how full is the disk on {host}"
    assert (await sense("restart billing on it", previous=previous)).masked_text == "restart {service} on {host}"
    assert (await sense("I can't reach app-02, is it alive")).masked_text == "I can't reach {host}, is it alive"


async def test_an_answer_becomes_the_completed_request(sense: Run) -> None:
    pending = Clarification(question="?", options=("app-01", "app-02"), reason="fuzzy_target", subject="app-09")
    snapshot = await sense("the second one", pending=pending, pending_request="restart billing on app-09")
    assert snapshot.text == "restart billing on app-02"
    assert shown(snapshot) == [("service", "billing", "exact"), ("host", "app-02", "exact")]
    assert ANSWERED_QUESTION in snapshot.situation_facts
    assert snapshot.signal == "continue"


async def test_a_cancel_is_no_answer(sense: Run) -> None:
    pending = Clarification(question="?", options=("app-01",), reason="fuzzy_target", subject="app-09")
    snapshot = await sense("never mind", pending=pending, pending_request="restart billing on app-09")
    assert (snapshot.text, snapshot.signal) == ("never mind", "cancel")


@pytest.mark.parametrize("trigger", [Trigger.APPROVAL, Trigger.JOB_FINISHED])
async def test_a_turn_without_a_message_senses_nothing(
    sense: Run, inventory: InMemoryInventoryDouble, trigger: Trigger
) -> None:
    assert await sense("restart billing on app-01", trigger=trigger) == EMPTY_SNAPSHOT
    assert inventory.asked == []


# the inventory


async def test_an_inventory_that_does_not_answer_is_a_fact(sense: Run, inventory: InMemoryInventoryDouble) -> None:
    inventory.down = True
    snapshot = await sense("how many assets do we have?")
    assert INVENTORY_UNAVAILABLE in snapshot.situation_facts
    assert snapshot.text == "how many assets do we have?"


async def test_a_new_revision_brings_new_words(sense: Run, inventory: InMemoryInventoryDouble) -> None:
    assert shown(await sense("how many routers")) == [("type", "routers", "none")]
    inventory.held = (*inventory.held, an_asset("r1", role="Router"))
    inventory.revision += 1
    assert shown(await sense("how many routers")) == [("role", "Router", "exact")]


async def test_each_tenant_has_its_own_words() -> None:
    class TwoTenants(InMemoryInventoryDouble):
        async def vocabulary(self, tenant: str) -> Vocabulary:
            return Vocabulary(revision=1, values={"role": ("Router",) if tenant == "a" else ()})

    phase = Sense(TwoTenants(), MovingClockDouble())

    async def roles(tenant: str) -> list[str]:
        snapshot = await phase.run(
            tenant=tenant, message="how many routers", mask={}, glossary=(), previous=(), pending=None
        )
        return [one.value for one in snapshot.entities]

    assert [await roles("a"), await roles("b"), await roles("a")] == [["Router"], [], ["Router"]]


# arbitrary text


class _Silent(InMemoryInventoryDouble):
    """Has names, and compares nothing: for texts in numbers."""

    async def resolve(self, tenant: str, texts: Sequence[str]) -> tuple[Mention, ...]:
        return ()


FRAGMENTS = st.sampled_from(
    [
        *(
            "app-01",
            "billing",
            "on",
            "it",
            "`",
            "$(",
            "; rm",
            "2 hours",
            "yesterday",
            "port 80",
            "10.0.0.1",
            "/var/x",
            "é",
        ),
        *(
            "@bob",
            "http://x",
            "v1.2.3",
            "INC-12",
            "Windows workstations",
            "prod",
            "\u202e",
            "漢字",
            "🔥",
            "the same host",
            "'",
        ),
    ]
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(message=st.text() | st.lists(FRAGMENTS | st.text(max_size=5)).map(" ".join))
async def test_any_text_is_sensed_and_every_span_is_right(message: str) -> None:
    phase = Sense(_Silent(), MovingClockDouble())
    mask = {"team": MaskedField(scope=Scope.CASE, type="string", exists=False, examples=("my team is {value}",))}
    snapshot = await phase.run(
        tenant="default", message=message, mask=mask, glossary=(), previous=(), pending=None, pending_request=message
    )
    place = 0
    for one in sorted({(one.start, one.end, one.text) for one in snapshot.entities}):
        assert snapshot.text[one[0] : one[1]] == one[2]
        assert one[0] >= place
        place = one[1]


HOSTILE = [
    *(
        "a",
        "a-",
        "1.",
        "a.",
        "/",
        "(",
        "'",
        "- ",
        "run rm ",
        "app-01 ",
        "it ",
        "1 hour ",
        "2026-03-02 ",
        "x@",
        ":",
        "`",
    ),
    *(
        "app-01;",
        "restart x on y ",
        "$(",
        "é",
        "漢",
        "user ",
        "tagged ",
        "my team is ",
        "1,234,",
        "last friday ",
        "no, ",
    ),
    *(
        "virtual ",
        "A-1 ",
        "a' or ",
        "half a ",
        "🔥",
        "the host named ",
        "b -- ",
        "| ",
        "on the ",
        "a_",
        "::",
        "yes ",
        '"',
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
async def test_the_longest_message_of_anything_is_read_in_time(piece: str) -> None:
    phase = Sense(_Silent(), MovingClockDouble())
    message = piece * (MAX_BYTES // len(piece.encode()))
    glossary = (GlossaryItem(term="the shop", meaning="", aliases=("shop",), replace_with="storefront"),)
    mask = {"team": MaskedField(scope=Scope.CASE, type="string", exists=False, examples=("my team is {value}",))}
    began = time.process_time()
    await phase.run(tenant="default", message=message, mask=mask, glossary=glossary, previous=(), pending=None)
    assert time.process_time() - began < 2


async def test_an_ordinary_message_costs_less_than_two_milliseconds() -> None:
    phase = Sense(_Silent(), MovingClockDouble())
    given: dict[str, Any] = {"tenant": "default", "mask": {}, "glossary": (), "previous": (), "pending": None}
    message = "could you tell me how many Windows workstations are in production at the moment, please"
    await phase.run(message=message, **given)
    costs = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(20):
            await phase.run(message=message, **given)
        costs.append((time.process_time() - began) / 20)
    assert min(costs) < 0.002


def test_entities_of_the_last_turn_are_all_sense_gets_of_the_session() -> None:
    hints = get_type_hints(Sense.run)
    assert hints["previous"] == tuple[Entity, ...]
