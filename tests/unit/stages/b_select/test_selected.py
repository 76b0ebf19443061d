from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.catalogue import Tool, ToolRun
from opsconductor.domain.json_value import Json
from opsconductor.stages.b_select.candidates import Candidate
from opsconductor.stages.b_select.selected import names_its_target, selected_tools, without_faults
from opsconductor.stages.b_select.slots import Filled
from opsconductor.stages.b_select.targets import Reach, Reached
from opsconductor.testing.turns import a_tool, object_schema

BOTH = Reach(assets=tuple(Reached(asset_id=f"asset_{n}", name=f"app-0{n}", platform="linux") for n in (1, 2)))
SHOW = a_tool("asset-show", run=ToolRun(http={"path": "/query", "body": {"filters": {"name": {"input": "host"}}}}))


def candidate(tool: Tool, reach: Reach = BOTH, **inputs: Json) -> Candidate:
    return Candidate(tool=tool, filled=Filled(inputs=inputs, missing=(), used=frozenset()), reach=reach)


def test_one_call_serves_all_targets_when_it_does_not_name_them() -> None:
    _, selected = selected_tools([candidate(a_tool("disk-usage"), path="/var")])
    assert [(one.inputs, one.targets) for one in selected] == [({"path": "/var"}, ("asset_1", "asset_2"))]


def test_a_call_that_names_its_target_is_made_once_a_target() -> None:
    tools, selected = selected_tools([candidate(SHOW)])
    assert [(one.inputs, one.targets) for one in selected] == [
        ({"host": "app-01"}, ("asset_1",)),
        ({"host": "app-02"}, ("asset_2",)),
    ]
    assert len(tools) == 2
    assert [one.depends_on for one in selected] == [(), ()]


def test_a_single_target_is_an_input_too() -> None:
    one = Reach(assets=BOTH.assets[:1])
    _, selected = selected_tools([candidate(a_tool("disk-usage"), one)])
    assert selected[0].inputs == {"host": "app-01"}


def test_the_next_tool_waits_for_every_step_of_the_one_before() -> None:
    count = a_tool("count", targets_input="")
    _, selected = selected_tools([candidate(SHOW), candidate(count), candidate(count)])
    assert [one.depends_on for one in selected] == [(), (), ("step_1", "step_2"), ("step_3",)]


def test_a_value_the_schema_refuses_is_asked_for_again() -> None:
    tool = a_tool(
        "http-check",
        inputs=object_schema(
            "path",
            host={"type": "string", "pattern": "^never$"},
            port={"type": "integer", "maximum": 65535},
            path={"type": "string", "pattern": "^/"},
        ),
    )
    filled = Filled(inputs={"port": 99999, "path": "etc"}, missing=(), used=frozenset())
    kept = without_faults(JsonSchemas(), tool, filled)
    assert kept.inputs == {}
    assert kept.missing == ("port",)
    good = Filled(inputs={"port": 443, "path": "/health"}, missing=(), used=frozenset())
    assert without_faults(JsonSchemas(), tool, good) == good


def test_where_a_target_may_stand_in_a_call() -> None:
    assert names_its_target(ToolRun(argv=("ping", {"input": "host"})), "host")
    assert names_its_target(SHOW.run, "host")
    assert not names_its_target(SHOW.run, "service")
    assert not names_its_target(ToolRun(argv=("df", "host")), "host")
