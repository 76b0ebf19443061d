from dataclasses import replace
from typing import Any

from opsconductor.domain.assets import Vocabulary
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.entities import OF_THE_COUNT, Entity
from opsconductor.domain.knowledge import Intent, Mode
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.unanswerable import refusal, told, which_value
from opsconductor.testing.turns import a_host, a_tool

QUERY = a_tool("query", targets_input="", inputs={"type": "object", "properties": {"filters": {"type": "object"}}})
PING = a_tool("ping", targets_input="host")
INTENT = Intent(
    category="x",
    action="y",
    mode=Mode.INFO,
    description="Look.",
    examples=("show the kernel of {host}",),
    tools=("query",),
)


def a_request(text: str, *conditions: tuple[str, str], **changes: Any) -> Request:
    """`conditions` are (type, words of the text)."""
    found = tuple(
        Entity(type=kind, value=said, text=said, start=text.index(said), end=text.index(said) + len(said), match="none")
        for kind, said in conditions
    )
    return Request(text=text, action="y", **{"entities": (), "conditions": found, **changes})


def refused(request: Request, tool: Tool) -> str:
    return refusal(request, INTENT, [tool])


def test_the_inventory_refuses_what_it_cannot_apply() -> None:
    assert "without “not”" in refused(a_request("hosts not here", ("exclusion", "not")), QUERY)
    assert "without “older than”" in refused(a_request("older than x", ("comparison", "older than")), QUERY)
    assert "live state" in refused(a_request("hosts down", ("live_state", "down")), QUERY)


def test_live_state_is_what_a_host_is_asked_for() -> None:
    assert refused(a_request("is it down", ("live_state", "down")), PING) == ""


def test_a_host_behind_not_is_excluded_and_a_verb_is_not() -> None:
    text = "ping all hosts, not app-01"
    host = replace(a_host("app-01"), start=text.index("app-01"), end=len(text))
    assert refused(a_request(text, ("exclusion", "not"), entities=(host,)), PING)
    assert refused(a_request("it does not answer", ("exclusion", "not")), PING) == ""


def test_an_attribute_is_refused_unless_intent_or_tool_speaks_of_it() -> None:
    assert "“uptime”" in refused(a_request("uptime of it", ("attribute", "uptime")), PING)
    assert refused(a_request("kernel of it", ("attribute", "kernel")), PING) == ""
    uptime = a_tool("host-uptime", targets_input="host")
    assert refused(a_request("uptime of it", ("attribute", "uptime")), uptime) == ""


def test_a_comparison_with_the_count_is_told() -> None:
    condition = Entity(type="comparison", value=OF_THE_COUNT, text="more than", start=0, end=9, match="none")
    request = a_request("more than 3", conditions=(condition,))
    assert refused(request, QUERY) == ""
    assert len(told(request, INTENT, [QUERY])) == 1


def test_the_question_names_five_values_that_exist() -> None:
    nowhere = Entity(type="site", value="X", text="X", start=0, end=1, match="none")
    vocabulary = Vocabulary(revision=1, values={"site": ("a", "b", "c", "d", "e", "f")})
    question = which_value(a_request("X", unheard=(nowhere,)), [QUERY], vocabulary)
    assert question is not None
    assert question.question == "I know no site X. Known sites: a, b, c, d, e."
    assert question.options == ("a", "b", "c", "d", "e")
    assert which_value(a_request("X", unheard=(nowhere,), entities=(a_host("app-01"),)), [PING], vocabulary) is None
