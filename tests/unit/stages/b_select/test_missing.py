from dataclasses import replace

from opsconductor.domain.catalogue import Tool
from opsconductor.domain.entities import Entity
from opsconductor.stages.b_select.candidates import Candidate
from opsconductor.stages.b_select.missing import missing_parameters, which_input, which_tool
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.slots import Filled
from opsconductor.stages.b_select.targets import Reach
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.turns import a_tool, a_word, an_asset_match, object_schema


def candidate(tool: Tool, *missing: str) -> Candidate:
    return Candidate(tool=tool, filled=Filled(inputs={}, missing=missing, used=frozenset()), reach=Reach())


async def question(tool: Tool, *missing: str, entities: tuple[Entity, ...] = ()) -> tuple[str, tuple[str, ...], str]:
    request = Request(text="", action="", entities=entities)
    asked = await which_input([candidate(tool, *missing)], request, InMemoryInventoryDouble(), "default")
    return asked.question, asked.options, asked.reason


def test_missing_inputs_become_form_fields_once_each() -> None:
    tool = a_tool(
        "login",
        targets_input="",
        inputs=object_schema(port={"type": "integer"}, password={"type": "string", "writeOnly": True}),
    )
    found = missing_parameters([candidate(tool, "port", "password"), candidate(tool, "port")])
    assert [(one.name, one.type, one.secret) for one in found] == [
        ("port", "integer", False),
        ("password", "string", True),
    ]


async def test_the_question_for_a_host_offers_hosts_the_tool_works_on() -> None:
    hosts = ("app-01", "app-02", "web-01", "db-01")
    assert await question(a_tool("disk-usage")) == (
        "Which host? I know app-01, app-02, web-01, db-01.",
        hosts,
        "unknown_target",
    )
    words, options, _ = await question(a_tool("ping", platforms=()))
    assert len(options) == 6
    assert words.startswith("Which host? For example ")


async def test_the_question_for_a_service_that_runs_twice_offers_its_hosts() -> None:
    billing = replace(a_word("service", "billing"), matches=(an_asset_match("app-01"), an_asset_match("app-02")))
    _, options, _ = await question(a_tool("service-restart"), entities=(billing,))
    assert options == ("app-01", "app-02")


async def test_an_input_may_say_where_its_values_are_told() -> None:
    hint = "To see what lies ready, ask: which releases of {service} lie ready?"
    version = {"type": "string", "x-entity": "version", "x-hint": hint}
    tool = a_tool("deploy", targets_input="", inputs=object_schema(version=version))
    words, options, reason = await question(tool, "version", entities=(a_word("service", "billing"),))
    assert words == "Which version? To see what lies ready, ask: which releases of billing lie ready?"
    assert (options, reason) == ((), "missing_input")
    assert (await question(tool, "version"))[0] == "Which version?"


async def test_the_question_tells_what_the_answer_is_called() -> None:
    tool = a_tool("login", targets_input="", inputs=object_schema(remote_port={"type": "integer"}))
    request = Request(text="", action="", entities=())
    asked = await which_input([candidate(tool, "remote_port")], request, InMemoryInventoryDouble(), "default")
    assert asked.subject == "remote port"


async def test_the_question_for_another_input_offers_its_enum() -> None:
    tool = a_tool(
        "set-mode", targets_input="", inputs=object_schema(run_mode={"type": "string", "enum": ["safe", "full"]})
    )
    assert await question(tool, "run_mode") == ("Which run mode? I know safe, full.", ("safe", "full"), "missing_input")


def test_the_question_between_two_tools_names_what_they_do() -> None:
    asked = which_tool(
        [a_tool("reload", description="Reloads it. Quick."), a_tool("restart", description="Restarts it.")]
    )
    assert asked.question == "Which do you want: reload (Reloads it) or restart (Restarts it)?"
    assert asked.options == ("reload", "restart")
