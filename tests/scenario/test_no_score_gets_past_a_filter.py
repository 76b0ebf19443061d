"""Whatever the model and the lanes score highest: platform, hard rules and rights are never scored away."""

from collections.abc import Iterator
from math import inf, nan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.turn import TurnReply
from tests.scenario.scoring import FORBIDDEN, LOOKS, PROBLEM, RESTART, STATUS, ScoredEngine, scored

NAMES = (*FORBIDDEN, LOOKS)
BAITS = (*(f"bait-{name}" for name in NAMES), "triage-service")
RULES = (*(f"R-prefer-{name}" for name in NAMES), "R-denied", "R-denied-aside", "R-denied-facet")
SCORES = st.one_of(st.floats(0, 1), st.sampled_from([0.95, 1.0, 1e9, -1.0, inf, -inf, nan]))
MESSAGES = (
    "restart billing on app-01",
    "restart billing on app-01 and app-02",
    "restart billing on all linux servers",
    "use windows-restart to restart billing on app-01",
    "use denied-aside for billing on app-01",
    "quickly restart storefront on web-01",
    "is billing running on app-02?",
    "billing on app-01",
    "app-02",
    "do it again",
)


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScoredEngine]:
    with scored(tmp_path_factory.mktemp("scored")) as running:
        yield running


def scores_of(*names: str) -> st.SearchStrategy[dict[str, float]]:
    return st.dictionaries(st.sampled_from(names), SCORES)


def forbidden(wired: ScoredEngine, who: str, begun: int) -> list[str]:
    """What was called since `begun` that nobody may call, or that `who` may not."""
    tools = wired.engine.catalogues.current().tools.values()
    wrong = []
    for call in wired.called[begun:]:
        tool = next(one for one in tools if call.run in (one.run, one.probe.run if one.probe else None))
        misfit = call.target is not None and tool.platforms and call.target.platform not in tool.platforms
        unfit = who in ("nobody", "gone") or (who == "viewer" and tool.run == call.run and tool.effect != Effect.READ)
        if tool.name in FORBIDDEN or misfit or unfit:
            wrong.append(f"{tool.name} by {who}")
    return wrong


def planned(reply: TurnReply | None) -> set[str]:
    """The tools of a plan that runs, has run or waits for people."""
    if reply is None or reply.plan is None or (reply.approval is None and reply.execution is None):
        return set()
    return {step.tool for step in reply.plan.steps}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    who=st.sampled_from(["requester", "requester", "requester", "viewer", "nobody", "gone"]),
    texts=st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=3),
    labels=scores_of(RESTART, STATUS, PROBLEM),
    lanes=scores_of(*BAITS, *RULES, RESTART, STATUS, PROBLEM),
    favourite=st.sampled_from([*BAITS, *RULES]),
)
def test_a_forbidden_tool_is_neither_planned_nor_run_however_high_it_scores(
    wired: ScoredEngine, who: str, texts: list[str], labels: dict[str, float], lanes: dict[str, float], favourite: str
) -> None:
    wired.scorers.intents = labels or {RESTART: 1.0}
    wired.scorers.lanes = {**lanes, favourite: 1e12}
    session = wired.engine.ids.new("sess")
    for text in texts:
        begun = len(wired.called)
        reply = wired.say(text, who, session)
        assert planned(reply).isdisjoint(NAMES)
        if reply is not None and reply.approval is not None:
            wired.answer(reply, "approve", "second" if reply.approval.level > 1 else who, session)
        assert forbidden(wired, who, begun) == []


@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.parametrize("where", ["on app-01", "on all linux servers"])
def test_asking_for_a_forbidden_tool_by_name_gets_it_refused(wired: ScoredEngine, name: str, where: str) -> None:
    wired.scorers.intents, wired.scorers.lanes = {RESTART: 1.0}, {f"R-prefer-{name}": 1.0, RESTART: 1.0}
    reply = wired.say(f"use {name} to restart billing {where}", "requester", wired.engine.ids.new("sess"))
    assert reply is not None
    assert planned(reply).isdisjoint(NAMES)
    if name != "windows-restart":  # another tool that fits is offered instead of one for another platform
        assert (reply.error or {})["code"] == "gate.denied_by_rule", reply.message


@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.parametrize("retrieved", [True, False])
def test_a_scenario_does_not_carry_a_forbidden_tool_past_what_forbids_it(
    wired: ScoredEngine, name: str, retrieved: bool
) -> None:
    wired.scorers.intents = {RESTART: 1.0}
    wired.scorers.lanes = {f"bait-{name}": 1.0, RESTART: 1.0, **({"R-denied-aside": 0.1} if retrieved else {})}
    reply = wired.say("restart billing on app-01", "requester", wired.engine.ids.new("sess"))
    assert reply is not None
    assert (reply.error or {})["code"] in {"scope.no_tool", "gate.denied_by_rule"}
    assert reply.approval is None


def test_an_edit_does_not_move_a_plan_to_a_host_that_its_tool_does_not_fit(wired: ScoredEngine) -> None:
    wired.scorers.intents, wired.scorers.lanes = {RESTART: 1.0}, {"R-x": 1.0}
    session = wired.engine.ids.new("sess")
    asked = wired.say("restart billing on app-01 with service-restart", "requester", session)
    assert asked is not None
    assert asked.approval is not None, asked.message
    moved = wired.answer(asked, "edit", "requester", session, host="desk-01")
    assert moved is not None
    assert moved.approval is None
    assert "windows" in moved.message


def test_without_anything_that_forbids_it_the_best_tool_is_run(wired: ScoredEngine) -> None:
    wired.scorers.intents, wired.scorers.lanes = {RESTART: 1.0}, {}
    session = wired.engine.ids.new("sess")
    begun = len(wired.called)
    asked = wired.say("restart billing on app-02 with service-restart", "requester", session)
    assert asked is not None
    assert planned(asked) == {"service-restart"}
    wired.answer(asked, "approve", "requester", session)
    assert len(wired.called) > begun
