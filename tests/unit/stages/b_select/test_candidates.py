import pytest

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.entities import Entity
from opsconductor.domain.rules import RuleEffect, SelectedRules
from opsconductor.stages.b_select.candidates import Candidate, blocked, scored, tied
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.slots import Filled
from opsconductor.stages.b_select.targets import Reach, Reached
from opsconductor.testing.contracts.lanes import a_rule
from opsconductor.testing.turns import a_tool, a_word

HERE = Reach(assets=(Reached(asset_id="a", name="app-01", platform="linux"),), how="named")
WINDOWS = Reach(assets=(Reached(asset_id="w", name="WS-01", platform="windows"),), how="named")


def filled(*missing: str, used: tuple[str, ...] = (), unusable: tuple[str, ...] = ()) -> Filled:
    return Filled(inputs={}, missing=missing, used=frozenset(used), unusable=unusable)


def candidate(tool: Tool, fill: Filled | None = None, reach: Reach = HERE) -> Candidate:
    words, code = blocked(tool, fill or filled(), reach)
    return Candidate(tool=tool, filled=fill or filled(), reach=reach, blocked=words, code=code)


def order(
    text: str, *candidates: Candidate, entities: tuple[Entity, ...] = (), rules: SelectedRules | None = None
) -> list[str]:
    request = Request(text=text, action="", entities=entities)
    return [one.tool.name for one in scored(candidates, request, rules or SelectedRules())]


FAST, SLOW = a_tool("port-check", estimate_s=1.0), a_tool("full-check", estimate_s=20.0)


def test_equal_tools_keep_the_order_of_the_pack() -> None:
    assert order("check it", candidate(SLOW), candidate(FAST)) == ["full-check", "port-check"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("quick check of it", "port-check"),
        ("check it thoroughly", "full-check"),
        ("check it quickly with full-check", "full-check"),
        ("a quickie", "full-check"),
    ],
)
def test_preference_words_change_the_choice(text: str, first: str) -> None:
    assert order(text, candidate(SLOW), candidate(FAST))[0] == first


def test_how_fast_a_tool_is_counts_only_when_every_figure_is_known() -> None:
    planned = a_tool("planned-check", estimate_s=0.0, estimate="5 * targets")
    assert order("quick check of it", candidate(SLOW), candidate(FAST), candidate(planned))[0] == "full-check"


def test_a_tool_that_has_all_it_needs_comes_first() -> None:
    assert order("check it", candidate(SLOW, filled("path")), candidate(FAST))[0] == "port-check"


def test_a_tool_that_takes_what_is_named_comes_first() -> None:
    named = (a_word("service", "billing"),)
    ranked = order("check billing", candidate(SLOW), candidate(FAST, filled(used=("service",))), entities=named)
    assert ranked[0] == "port-check"


def test_a_rule_prefers_a_tool() -> None:
    rule = a_rule("r-1", "x", effect=RuleEffect.PREFER_TOOL, tool="port-check")
    ranked = scored(
        [candidate(SLOW), candidate(FAST)], Request(text="", action="", entities=()), SelectedRules(rules=(rule,))
    )
    assert ranked[0].tool.name == "port-check"
    assert "rule r-1 prefers it" in ranked[0].reason


def test_no_score_gets_a_tool_past_a_hard_filter() -> None:
    rule = a_rule("r-1", "x", effect=RuleEffect.PREFER_TOOL, tool="full-check")
    ranked = scored(
        [candidate(SLOW, reach=WINDOWS), candidate(FAST)],
        Request(text="quick, use full-check", action="", entities=()),
        SelectedRules(rules=(rule,)),
    )
    assert [one.tool.name for one in ranked] == ["port-check", "full-check"]
    assert ranked[1].blocked == "full-check works on linux; WS-01 runs windows."
    assert ranked[1].shown.reason == ranked[1].blocked


def test_what_blocks_a_tool() -> None:
    assert blocked(FAST, filled(), HERE) == ("", "")
    assert blocked(FAST, filled(unusable=("tag",)), HERE)[0] == "port-check cannot select by tag."
    refused = Reach(refusal_code="gate.empty_selector", refusal="Name hosts.")
    assert blocked(FAST, filled(), refused) == ("Name hosts.", "gate.empty_selector")
    anywhere = a_tool("count", platforms=(), targets_input="")
    assert blocked(anywhere, filled(), refused) == ("", "")
    mixed = Reach(assets=(*HERE.assets, *WINDOWS.assets, Reached(asset_id="x", name="x-1", platform="")))
    assert blocked(FAST, filled(), mixed)[0] == (
        "port-check works on linux; WS-01 runs windows, x-1 runs an unknown system."
    )


def test_a_tie_is_between_tools_that_do_different_things() -> None:
    reload, restart = a_tool("reload", effect=Effect.IDEMPOTENT), a_tool("restart", effect=Effect.COMPENSATABLE)
    request = Request(text="", action="", entities=())
    ranked = scored([candidate(reload), candidate(restart)], request, SelectedRules())
    assert [one.tool.name for one in tied(ranked)] == ["reload", "restart"]
    same = scored([candidate(FAST), candidate(SLOW)], request, SelectedRules())
    assert tied(same) == ()
    asked = Request(text="just check it", action="", entities=())
    reading = a_tool("status")
    assert tied(scored([candidate(restart), candidate(reading)], asked, SelectedRules())) == ()


def test_the_target_is_the_first_thing_missing() -> None:
    assert candidate(FAST, filled("path"), Reach()).missing == ("host", "path")
    assert candidate(FAST, filled("path")).missing == ("path",)
