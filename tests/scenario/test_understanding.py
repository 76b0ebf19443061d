"""How well the default pack is understood: 253 labelled requests, written without looking at any pack, through P2 to B.

The floors are a little below what was measured; a change that understands worse fails here. The requests are never
copied into the pack: then they would measure nothing.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from opsconductor.adapters.catalogue.files import default_pack, open_catalogues
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.embedder.minilm import open_embedder
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.intent_model.trained import open_intent_models
from opsconductor.adapters.lanes.hybrid import open_lanes
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.selection import SelectionV1
from opsconductor.phases.p02_sense import Sense
from opsconductor.phases.p03_update_customer import UpdateCustomer
from opsconductor.phases.p04_retrieve import Retrieve
from opsconductor.ports.lanes import LaneRerankers
from opsconductor.stages.a_classify.classify import Classify
from opsconductor.stages.b_select.select import Select
from opsconductor.testing.contracts.lanes import GivenMemories
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.turns import a_context

CORPUS = Path(__file__).parents[1] / "data" / "ops_requests.yaml"
OUT_OF_SCOPE = "out_of_scope"
INTENT_FLOOR, TOOL_FLOOR, OUTSIDE_FLOOR, NO_TOOL_FLOOR = 0.88, 0.9, 1.0, 0.94
TARGET_REASONS = {"unknown_target", "ambiguous_target", "fuzzy_target"}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One labelled request and what became of it."""

    text: str
    wanted: str
    kind: str  # of what is out of scope: outside | no_tool
    masked: str
    decision: DecisionV1
    selection: SelectionV1 | None
    tools: Mapping[str, tuple[str, ...]]  # what each intent of the pack uses

    def does(self, label: str) -> tuple[str, ...]:
        """The tools of an intent; the label itself for what has none."""
        return self.tools.get(label) or (label,)

    @property
    def label(self) -> str:
        """The intent it was understood as; a question about the target keeps it, any other question does not."""
        decision = self.decision
        asked = decision.clarification is not None and decision.clarification.reason not in TARGET_REASONS
        if decision.out_of_scope or decision.ends_as:
            return OUT_OF_SCOPE
        return "question" if asked or decision.intent is None else decision.intent.label

    def __str__(self) -> str:
        """For the list of misses."""
        return f"{self.text!r} [{self.masked}]: {self.label} {self.decision.overall_confidence}, wanted {self.wanted}"


class Listener:
    """P2 to stage B on the packaged model, the default pack, and the workstations and hosts of the lab."""

    def __init__(self, catalogue: Catalogue, retrieve: Retrieve, classify: Classify) -> None:
        inventory = InMemoryInventoryDouble()
        self.catalogue = catalogue
        self._sense = Sense(inventory, SystemClock())
        self._update = UpdateCustomer(inventory, SystemClock(), JsonSchemas())
        self._retrieve = retrieve
        self._classify = classify
        self._select = Select(CountingIdsDouble(), JsonSchemas(), inventory)

    async def hear(self, text: str, wanted: str = "", kind: str = "") -> Heard:
        """What one message comes to in a new session."""
        context = a_context(text, catalogue=self.catalogue, settings=self.catalogue.agent.settings)
        snapshot = await self._sense.run(
            tenant="default", message=text, mask={}, glossary=self.catalogue.glossary, previous=(), pending=None
        )
        customer = await self._update.run(context, snapshot)
        trace = ClockTurnTrace(SystemClock())
        retrieved = await self._retrieve.execute_retrieval_phase(context, snapshot, customer, trace)
        decision = await self._classify.run(context, snapshot, customer, retrieved)
        selection = None
        if decision.mode is not Mode.CLARIFY:
            selection = await self._select.run(context, decision, customer, SelectedRules(), Orchestration())
        return Heard(
            text=text,
            wanted=wanted,
            kind=kind,
            masked=snapshot.masked_text,
            decision=decision,
            selection=selection,
            tools={intent.label: intent.tools for intent in self.catalogue.intents},
        )


async def listen_to(requests: list[dict[str, str]], folder: Path) -> list[Heard]:
    """Each request in a session of its own."""
    catalogues = open_catalogues(default_pack(), None, SystemClock(), open_expressions(), JsonSchemas())
    async with (
        open_embedder() as embedder,
        open_lanes(embedder, GivenMemories(), folder) as lanes,
        open_intent_models(embedder, folder) as models,
    ):
        listener = Listener(
            catalogues.current(), Retrieve(embedder, lanes, LaneRerankers()), Classify(models, CountingIdsDouble())
        )
        return [await listener.hear(row["text"], row.get("intent", ""), row.get("kind", "")) for row in requests]


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where vectors and heads are kept, so that the pack is learned once."""
    return tmp_path_factory.mktemp("learned")


@pytest.fixture(scope="module")
def heard(learned: Path) -> list[Heard]:
    """Every request of the corpus, heard once."""
    return asyncio.run(listen_to(yaml.safe_load(CORPUS.read_text("utf-8")), learned))


def misses(heard: list[Heard], right: Callable[[Heard], bool]) -> tuple[float, str]:
    """The share that is right, and the others one a line."""
    wrong = [one for one in heard if not right(one)]
    return 1 - len(wrong) / len(heard), "\n".join(map(str, wrong))


def in_scope(heard: list[Heard]) -> list[Heard]:
    return [one for one in heard if one.wanted != OUT_OF_SCOPE]


def test_the_corpus_is_whole(heard: list[Heard]) -> None:
    assert len(heard) == 253
    assert len(in_scope(heard)) == 194


def test_requests_get_their_intent(heard: list[Heard]) -> None:
    share, wrong = misses(in_scope(heard), lambda one: one.label == one.wanted)
    assert share >= INTENT_FLOOR, wrong


def test_requests_are_served_by_the_right_tools(heard: list[Heard]) -> None:
    """Counting, listing and grouping are one tool: what is asked of it differs, what it may do does not."""
    share, wrong = misses(in_scope(heard), lambda one: one.does(one.label) == one.does(one.wanted))
    assert share >= TOOL_FLOOR, wrong


def test_what_is_not_operations_is_refused(heard: list[Heard]) -> None:
    share, wrong = misses([one for one in heard if one.kind == "outside"], lambda one: one.label == OUT_OF_SCOPE)
    assert share >= OUTSIDE_FLOOR, wrong


def test_operations_without_a_tool_are_refused(heard: list[Heard]) -> None:
    share, wrong = misses([one for one in heard if one.kind == "no_tool"], lambda one: one.label == OUT_OF_SCOPE)
    assert share >= NO_TOOL_FLOOR, wrong


def test_only_orders_select_a_tool_that_changes_anything(heard: list[Heard]) -> None:
    changing = [one for one in heard if one.selection and one.selection.requires_approval]
    assert changing
    assert {one.wanted for one in changing} == {"automation/service_restart", "automation/service_deploy"}, "\n".join(
        map(str, changing)
    )


def test_a_selection_is_about_what_was_named(heard: list[Heard]) -> None:
    for one in heard:
        if one.selection is None or not one.selection.ready:
            continue
        hosts = {entity.asset_id for entity in one.decision.entities if entity.type == "host"}
        if any(entity.type == "environment" for entity in one.decision.entities):  # a group: all that run it there
            services = [entity for entity in one.decision.entities if entity.type == "service"]
            hosts |= {match.asset_id for entity in services for match in entity.matches}
        targets = {target for tool in one.selection.tools for target in tool.targets}
        assert targets <= hosts, str(one)


def test_live_state_and_inventory_are_told_apart(learned: Path) -> None:
    questions = [
        {"text": "is app-01 up?", "intent": "monitoring/host_reachable"},
        {"text": "what is app-01?", "intent": "asset_management/asset_show"},
        {"text": "is billing up on app-01?", "intent": "monitoring/service_status"},
        {"text": "where is billing running?", "intent": "information/asset_search"},
        {"text": "which role does app-01 have?", "intent": "asset_management/asset_show"},
        {"text": "does app-01 still answer?", "intent": "monitoring/host_reachable"},
    ]
    for one in asyncio.run(listen_to(questions, learned)):
        assert one.label == one.wanted, str(one)


def test_a_choice_of_a_question_is_understood_when_it_is_said_again(heard: list[Heard], learned: Path) -> None:
    offered = {
        option: one.decision.entities
        for one in heard
        if one.decision.clarification and one.decision.clarification.reason == "low_confidence"
        for option in one.decision.clarification.options
    }
    again = asyncio.run(listen_to([{"text": option} for option in offered], learned))
    assert [str(one) for one in again if one.label in {"question", OUT_OF_SCOPE}] == []


@pytest.mark.parametrize(
    "text", ["make me a sandwich", "make app-09 a sandwich", "sing about app-01", "write a poem for db-01"]
)
def test_nonsense_about_a_host_is_refused_and_not_asked_about(text: str, learned: Path) -> None:
    (one,) = asyncio.run(listen_to([{"text": text}], learned))
    assert one.label == OUT_OF_SCOPE, str(one)
    assert one.decision.clarification is None


def test_an_order_about_an_unknown_host_asks_which(learned: Path) -> None:
    (one,) = asyncio.run(listen_to([{"text": "restart billing on app-09"}], learned))
    assert one.decision.clarification is not None
    assert set(one.decision.clarification.options) >= {"app-01", "app-02"}
    assert one.label == "automation/service_restart"
    assert one.selection is None
