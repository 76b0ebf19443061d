from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from opsconductor.domain.customer import CustomerDataField, Scope
from opsconductor.domain.decision import Clarification, DecisionV1
from opsconductor.domain.entities import Entity
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.snapshot import ANSWERED_QUESTION, CandidateVariable
from opsconductor.ports.intent_model import Prediction
from opsconductor.stages.a_classify.classify import Classify
from opsconductor.testing.contracts.lanes import a_catalogue, an_intent
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.doubles.intent_model.scripted import ScriptedIntentModelsDouble, sure
from opsconductor.testing.turns import (
    a_context,
    a_host,
    a_session,
    a_snapshot,
    a_tool,
    a_word,
    an_update,
    object_schema,
)

CATALOGUE = a_catalogue(
    tools={
        "disk-usage": a_tool("disk-usage"),
        "service-restart": a_tool("service-restart"),
        "asset-service-query": a_tool("asset-service-query", targets_input="", inputs=object_schema(), platforms=()),
        "http-check": a_tool(
            "http-check", targets_input="", inputs=object_schema(url={"type": "string", "x-entity": "url"})
        ),
    },
    intents=(
        an_intent("monitoring/disk_usage", "how full is the disk on {host}", tools=("disk-usage",)),
        an_intent("information/asset_count", "how many assets do we have", tools=("asset-service-query",)),
        an_intent("information/asset_list", "list the assets", tools=("asset-service-query",)),
        an_intent("monitoring/http_check", "does {url} load", tools=("http-check",)),
        an_intent(
            "automation/service_restart", "restart {service} on {host}", tools=("service-restart",), mode=Mode.ACT
        ),
    ),
)
UNKNOWN_HOST = Clarification(question="I do not know app-09. Which host?", options=("app-01",), reason="unknown_target")


async def classify(
    masked: str,
    prediction: Prediction | None,
    *entities: Entity,
    snapshot: Mapping[str, Any] | None = None,
    session: Mapping[str, Any] | None = None,
    settings: Mapping[str, Json] | None = None,
    **update: Any,
) -> DecisionV1:
    models = ScriptedIntentModelsDouble({masked: prediction} if prediction else {})
    text = masked
    for entity in entities:
        text = text.replace(f"{{{entity.type}}}", entity.value, 1)
    return await Classify(models, CountingIdsDouble()).run(
        a_context(text, catalogue=CATALOGUE, session=a_session(**session or {}), settings=settings),
        a_snapshot(text, masked, **snapshot or {}),
        an_update(*entities, **update),
        RetrievalResults(embedding=(1.0, 0.0)),
    )


RESTART = "restart {service} on {host}"
ORDER = (a_word("service", "billing"), a_host("app-01"))


async def test_a_sure_order_is_decided_with_its_entities_and_hints() -> None:
    decision = await classify(RESTART, sure("automation/service_restart"), *ORDER)
    assert decision.mode is Mode.ACT
    assert decision.intent is not None
    assert decision.intent.label == "automation/service_restart"
    assert decision.entities == ORDER
    assert decision.risk_hints == ("verb:restart",)
    assert (decision.overall_confidence, decision.confidence_level) == (0.95, "high")
    assert decision.clarification is None
    assert decision.request == "restart billing on app-01"
    assert not decision.out_of_scope


async def test_an_order_to_go_back_is_never_a_restart() -> None:
    decision = await classify("roll back {service} on {host}", sure("automation/service_restart"), *ORDER)
    assert decision.mode is not Mode.ACT
    assert "restart" not in repr(decision.clarification)


async def test_a_version_that_is_taken_back_is_not_the_one_to_go_to() -> None:
    words = "roll back {service} {version} on {host}"
    named = (*ORDER, replace(a_word("version", "2.3"), start=18, end=21, text="2.3"))
    decision = await classify(words, sure("automation/service_restart"), *named)
    assert decision.request[18:21] == "2.3"
    assert [entity.type for entity in decision.entities] == ["service", "host"]


async def test_an_unsure_entity_lowers_the_overall_confidence() -> None:
    fuzzy = replace(a_host("app-01"), confidence=0.6)
    decision = await classify("how full is {host}", sure("monitoring/disk_usage"), fuzzy)
    assert (decision.overall_confidence, decision.confidence_level) == (0.6, "medium")


@pytest.mark.parametrize(
    ("label", "confidence", "mode"),
    [
        ("automation/service_restart", 0.70, Mode.ACT),
        ("automation/service_restart", 0.69, Mode.CLARIFY),
        ("monitoring/disk_usage", 0.50, Mode.INFO),
        ("monitoring/disk_usage", 0.49, Mode.CLARIFY),
    ],
)
async def test_act_needs_07_and_info_05(label: str, confidence: float, mode: Mode) -> None:
    decision = await classify("look after {service} on {host}", sure(label, confidence), *ORDER)
    assert decision.mode is mode
    assert (decision.clarification is None) == (mode is not Mode.CLARIFY)


async def test_a_doubtful_order_is_repeated_for_a_yes() -> None:
    decision = await classify(RESTART, sure("automation/service_restart", 0.6), *ORDER)
    assert decision.clarification is not None
    assert decision.clarification.options == ("restart billing on app-01",)
    assert decision.clarification.subject == "restart billing on app-01"


async def test_the_agents_settings_move_the_thresholds() -> None:
    prediction = sure("automation/service_restart", 0.6)
    decision = await classify(RESTART, prediction, *ORDER, settings={"act_confidence": 0.55})
    assert decision.mode is Mode.ACT
    decision = await classify(RESTART, prediction, *ORDER, settings={"act_confidence": "soon"})
    assert decision.mode is Mode.CLARIFY


async def test_two_close_intents_that_differ_become_one_question() -> None:
    decision = await classify(
        "look at {host}",
        sure("monitoring/disk_usage", 0.52, automation__service_restart=0.45),
        a_host("app-01"),
        a_word("service", "billing"),
    )
    assert decision.mode is Mode.CLARIFY
    assert decision.clarification is not None
    assert decision.clarification.options == ("how full is the disk on app-01", "restart billing on app-01")


async def test_intents_that_do_the_same_are_sure_together() -> None:
    decision = await classify("assets", sure("information/asset_list", 0.4, information__asset_count=0.35))
    assert decision.mode is Mode.INFO
    assert decision.intent is not None
    assert (decision.intent.confidence, decision.overall_confidence) == (0.4, 0.75)
    apart = await classify("assets", sure("information/asset_list", 0.4, monitoring__disk_usage=0.25))
    assert apart.mode is Mode.CLARIFY


async def test_two_close_intents_with_the_same_tools_do_not() -> None:
    decision = await classify("assets", sure("information/asset_list", 0.52, information__asset_count=0.45))
    assert decision.mode is Mode.INFO
    assert [guess.label for guess in decision.alternatives] == ["information/asset_count"]


async def test_the_rounds_of_questions_are_bounded() -> None:
    doubtful = sure("monitoring/disk_usage", 0.3)
    asked = await classify("hm {host}", doubtful, a_host("app-01"), session={"clarify_rounds": 1})
    assert asked.clarification is not None
    given_up = await classify("hm {host}", doubtful, a_host("app-01"), session={"clarify_rounds": 2})
    assert given_up.clarification is None
    assert given_up.ends_as == "not_understood"
    target = await classify(
        RESTART, sure("automation/service_restart"), session={"clarify_rounds": 2}, clarification=UNKNOWN_HOST
    )
    assert target.ends_as == "not_understood"


async def test_foreign_words_are_out_of_scope_and_not_asked_about_hosts() -> None:
    decision = await classify("make me a sandwich on {host}", None, clarification=UNKNOWN_HOST)
    assert decision.out_of_scope
    assert decision.clarification is None
    assert decision.intent is None


async def test_words_unlike_any_example_are_asked_about_when_the_head_is_sure_of_them() -> None:
    unlike = replace(sure("monitoring/disk_usage", 0.6), in_scope=False)
    decision = await classify("room on {host}", unlike, a_host("app-01"))
    assert not decision.out_of_scope
    assert decision.clarification is not None
    assert "how full is the disk on app-01" in decision.clarification.options
    unsure = replace(sure("monitoring/disk_usage", 0.4), in_scope=False)
    assert (await classify("room on {host}", unsure, a_host("app-01"))).out_of_scope
    foreign = replace(sure("out_of_scope", 0.6, monitoring__disk_usage=0.55), in_scope=False)
    assert (await classify("room on {host}", foreign, a_host("app-01"))).out_of_scope


async def test_an_order_to_change_is_not_answered_as_a_question() -> None:
    prediction = sure("information/asset_count", 0.9)
    assert (await classify("provision three more servers", prediction)).out_of_scope
    assert (await classify("how many servers were provisioned", prediction)).mode is Mode.INFO


async def test_an_unknown_target_is_asked_about_when_the_intent_needs_one() -> None:
    decision = await classify(RESTART, sure("automation/service_restart"), clarification=UNKNOWN_HOST)
    assert decision.mode is Mode.CLARIFY
    assert decision.clarification == UNKNOWN_HOST
    assert decision.intent is not None


async def test_an_unknown_target_is_no_matter_when_the_intent_needs_none() -> None:
    decision = await classify("how many assets", sure("information/asset_count"), clarification=UNKNOWN_HOST)
    assert decision.mode is Mode.INFO


async def test_a_required_address_is_a_target_too() -> None:
    decision = await classify("does it load", sure("monitoring/http_check"), clarification=UNKNOWN_HOST)
    assert decision.clarification == UNKNOWN_HOST


async def test_another_language_gets_a_question_in_english() -> None:
    decision = await classify(
        "redémarre billing",
        sure("automation/service_restart"),
        snapshot={"understood_language": False, "language": "fr"},
    )
    assert decision.mode is Mode.CLARIFY
    assert decision.clarification is not None
    assert decision.clarification.reason == "language"
    assert "English" in decision.clarification.question


@pytest.mark.parametrize("signal", ["cancel", "deny", "pause"])
async def test_never_mind_takes_the_request_back(signal: str) -> None:
    decision = await classify("never mind", None, snapshot={"signal": signal})
    assert decision.ends_as == "withdrawn"
    assert decision.clarification is None
    assert not decision.out_of_scope


async def test_a_yes_to_nothing_is_told_so() -> None:
    decision = await classify("yes", None, snapshot={"signal": "confirm"})
    assert decision.clarification is not None
    assert "Nothing here waits" in decision.clarification.question


@pytest.mark.parametrize("signal", ["confirm", "deny", "cancel"])
async def test_words_that_answered_a_question_are_the_completed_request(signal: str) -> None:
    decision = await classify(
        RESTART,
        sure("automation/service_restart"),
        *ORDER,
        snapshot={"signal": signal, "situation_facts": (ANSWERED_QUESTION,)},
    )
    assert decision.mode is Mode.ACT


async def test_what_about_carries_the_intent_and_the_service_of_the_turn_before() -> None:
    session = {"last_intent": "automation/service_restart", "last_entities": ORDER}
    decision = await classify("and {host}?", None, a_host("app-02"), session=session)
    assert decision.mode is Mode.ACT
    assert decision.intent is not None
    assert decision.intent.label == decision.previous_intent == "automation/service_restart"
    assert [(entity.type, entity.value) for entity in decision.entities] == [("host", "app-02"), ("service", "billing")]
    assert not (await classify("and {host}?", None, a_host("app-02"))).intent


@pytest.mark.parametrize("text", ["my team is payments", "OK, my team is payments.", "my tEAM is Payments!"])
async def test_a_stated_value_is_noted_and_nothing_is_done(text: str) -> None:
    decision = await stating(text, sure("monitoring/disk_usage"))
    assert decision.ends_as == "noted"
    assert decision.intent is None


async def test_a_value_beside_a_question_leaves_the_question() -> None:
    text = "my team is payments, how full is the disk"
    assert (await stating(text, sure("monitoring/disk_usage"))).mode is Mode.INFO
    assert (await stating(text, None)).ends_as == "noted"
    assert (await stating("my team is", None, value="")).out_of_scope


async def stating(text: str, prediction: Prediction | None, value: str = "payments") -> DecisionV1:
    """The decision on a message that gives `value` for the field team."""
    team = CustomerDataField(key="team", scope=Scope.BUSINESS, type="string", examples=("my team is {value}",))
    candidates = (CandidateVariable(key="team", value_text=value, scope=Scope.BUSINESS, is_update=False),)
    models = ScriptedIntentModelsDouble({text: prediction} if prediction else {})
    return await Classify(models, CountingIdsDouble()).run(
        replace(a_context(text, catalogue=CATALOGUE), fields=(team,)),
        a_snapshot(text, candidate_variables=candidates if value else ()),
        an_update(),
        RetrievalResults(),
    )


async def test_an_intent_that_a_new_pack_dropped_is_not_carried() -> None:
    session = {"last_intent": "automation/gone"}
    assert (await classify("and {host}?", None, a_host("app-02"), session=session)).out_of_scope


async def test_a_catalogue_without_intents_understands_nothing() -> None:
    decision = await Classify(ScriptedIntentModelsDouble({}), CountingIdsDouble()).run(
        a_context("help", catalogue=a_catalogue(intents=())), a_snapshot("help"), an_update(), RetrievalResults()
    )
    assert decision.out_of_scope
