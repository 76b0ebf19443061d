"""Nothing above level 0 runs without a valid consumed approval: any tool, any arguments, on every store."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput, TurnReply
from tests.scenario.watched import ORDER, Wired, hosts, pack_with_wipe, watched

ASSETS = [asset.asset_id for asset in hosts()]
KEYS = ("host", "service", "version", "url", "path", "query_type", "filters", "limit", "from", "approved", "plan")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(["billing", "2.3", "-rf", "http://example.com/", "/etc", "count", "app-01", "", "{input}"]),
    st.lists(st.sampled_from(["a", "b"]), max_size=2),
    st.fixed_dictionaries({"from": st.just("step_1"), "field": st.just("version")}),
)
INPUTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5)
USUAL = st.fixed_dictionaries(
    {"service": st.just("billing"), "version": st.just("2.3")},
    optional={"host": st.just("app-01"), "url": st.just("http://example.com/"), "query_type": st.just("count")},
)
FITTING = st.lists(st.sampled_from(ASSETS), min_size=1, max_size=3, unique=True)
TARGETS = st.lists(st.sampled_from([*ASSETS, "asset_gone"]), max_size=3, unique=True)
OTHERWISE = ("reject", "edit", "request_changes", "odd")
RIGHT, WRONG, STALE = "right", "wrong", "stale"
ATTEMPTS = st.lists(
    st.tuples(
        st.one_of(
            st.just("approve"), st.just("approve"), st.sampled_from(["reject", "edit", "request_changes", "odd"])
        ),
        st.sampled_from(["requester", "approver", "second", "approver", "requester", "colleague", "viewer"]),
        st.one_of(st.just(RIGHT), st.just(RIGHT), st.sampled_from([WRONG, STALE])),
        st.booleans(),  # twice
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def selections(draw: st.DrawFn, tools: Mapping[str, Tool]) -> tuple[SelectedTool, ...]:
    """One to three tools with any inputs on any targets; most fit, since what does not fit never gets far."""
    chosen = []
    for number in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        asking = sorted(name for name, tool in tools.items() if tool.effect is not Effect.READ or name == "http-check")
        tool = tools[draw(st.one_of(st.sampled_from(sorted(tools)), st.sampled_from(asking)))]
        fitting = FITTING if tool.targets_input else st.just([])
        chosen.append(
            SelectedTool(
                name=tool.name,
                reason="the worst model says so",
                inputs=draw(st.one_of(USUAL, USUAL, INPUTS)),
                targets=tuple(draw(st.one_of(fitting, fitting, fitting, TARGETS))),
                depends_on=(f"step_{number}",) if number and draw(st.booleans()) else (),
            )
        )
    return tuple(chosen)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def wired(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    url = ""
    if request.param == "postgresql":
        database = request.getfixturevalue("migrated_database")
        database.empty()
        url = database.url
    folder = tmp_path_factory.mktemp(request.param)
    with watched(folder / "home", pack_with_wipe(folder / "pack"), url) as running:
        yield running


async def turn(wired: Wired, who: str, session: str, **opening: Any) -> TurnReply | None:
    """One turn of somebody; None when it was not even accepted."""
    engine = wired.engine
    identity = await engine.storage.identity("default", who)
    assert identity is not None
    given = TurnInput(
        turn_id=engine.ids.new("turn"),
        identity=identity,
        session_id=session,
        channel="api",
        **{"message": "", **opening},
    )
    try:
        return await engine.take_turn(given)
    except OpsConductorError:
        return None


def answer(asked: TurnReply, decision: str, plan_hash: str, changes: Any) -> ApprovalAnswer:
    assert asked.approval is not None
    return ApprovalAnswer(
        approval_id=asked.approval.approval_id,
        plan_hash=plan_hash,
        decision=decision,
        reason="because",
        changes={"step_1": changes} if decision == "edit" else {},
    )


def test_no_call_is_made_that_nobody_has_approved(wired: Wired) -> None:
    examples = 30 if wired.engine.settings.on_postgresql else 100

    @settings(max_examples=examples, deadline=None)
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        _try_to_run_something(wired, data)

    holds()


def _try_to_run_something(wired: Wired, data: st.DataObject) -> None:
    """One order of the worst model, and what several people then say of it, rightly and wrongly."""
    tools = data.draw(selections(wired.engine.catalogues.current().tools))
    wired.obedient.says = SelectionV1(selection_id="sel_worst", tools=tools)
    session = wired.engine.ids.new("sess")
    asked = wired.do(turn(wired, "requester", session, message=ORDER))
    attempts = data.draw(ATTEMPTS)
    latest = asked
    for decision, who, hashed, again in attempts:
        if latest is None or latest.approval is None:
            break
        known = {RIGHT: latest.approval.plan_hash, WRONG: "sha256:" + "0" * 64, STALE: asked.approval.plan_hash}
        given_answer = answer(latest, decision, known[hashed], data.draw(INPUTS) if decision == "edit" else {})
        opening = {"trigger": Trigger.APPROVAL, "approval": given_answer}
        for _ in range(2 if again else 1):
            told = wired.do(turn(wired, who, session, **opening))
            latest = told if told is not None and told.approval is not None else latest
    assert wired.watch.violations == []


def test_every_tool_of_the_catalogue_waits_unless_its_plan_only_reads(wired: Wired) -> None:
    tools = wired.engine.catalogues.current().tools
    waiting = set()
    for name, tool in tools.items():
        inputs = {"service": "billing", "version": "2.3", "url": "http://example.com/", "query_type": "count"}
        targets = (ASSETS[0],) if tool.targets_input else ()
        only = SelectedTool(name=name, reason="", inputs=inputs, targets=targets)
        wired.obedient.says = SelectionV1(selection_id="sel_1", tools=(only,))
        before = len(wired.watch.calls)
        reply = wired.do(turn(wired, "requester", wired.engine.ids.new("sess"), message=ORDER))
        if reply.approval is not None:
            waiting.add(name)
            assert len(wired.watch.calls) == before, name
        else:
            assert tool.effect is Effect.READ, name
    assert waiting == {name for name, tool in tools.items() if tool.effect is not Effect.READ} | {"http-check"}
    assert wired.watch.violations == []


@pytest.mark.parametrize(
    ("tool", "level", "deciders"),
    [
        ("service-restart", 1, ["requester"]),
        ("service-deploy", 1, ["requester"]),
        ("http-check", 1, ["requester"]),
        ("disk-wipe", 3, ["approver", "second"]),
    ],
)
def test_what_was_approved_does_run_or_the_property_would_say_nothing(
    wired: Wired, tool: str, level: int, deciders: list[str]
) -> None:
    inputs = {"url": "http://example.com/"} if tool == "http-check" else {"service": "billing", "version": "2.3"}
    targets = () if tool == "http-check" else (ASSETS[1],)
    only = SelectedTool(name=tool, reason="", inputs=inputs, targets=targets)
    wired.obedient.says = SelectionV1(selection_id="sel_1", tools=(only,))
    session = wired.engine.ids.new("sess")
    asked = wired.do(turn(wired, "requester", session, message=ORDER))
    assert asked.approval is not None, asked.message
    assert asked.approval.level == level
    before = len(wired.watch.effects)
    told = asked
    for who in deciders:
        assert len(wired.watch.effects) == before
        right = answer(asked, "approve", asked.approval.plan_hash, {})
        told = wired.do(turn(wired, who, session, trigger=Trigger.APPROVAL, approval=right))
    if level == 3:  # both have approved the whole; now the step itself waits
        assert told.approval is not None
        assert told.approval.step_id == "step_1"
        assert len(wired.watch.effects) == before
        right = answer(told, "approve", told.approval.plan_hash, {})
        told = wired.do(turn(wired, deciders[0], session, trigger=Trigger.APPROVAL, approval=right))
    assert told.execution is not None, told.message
    assert (len(wired.watch.effects) > before) is (tool != "http-check")
    assert wired.watch.violations == []
