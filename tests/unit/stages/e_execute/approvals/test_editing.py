"""Changed inputs are typed, checked and resolved like asked ones; nothing is guessed."""

from typing import Any

import pytest

from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.selection import SelectionV1
from opsconductor.stages.e_execute.approvals.editing import Editing
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.turns import object_schema

CHANGE = a_change(
    inputs=object_schema(
        "count",
        "hard",
        "tags",
        host={"type": "string"},
        service={"type": "string", "pattern": "^[a-z]+$"},
        count={"type": "integer", "maximum": 9},
        hard={"type": "boolean"},
        tags={"type": "array", "items": {"type": "string"}},
    )
)
CATALOGUE = a_catalogue(tools={CHANGE.name: CHANGE})
PLAN = a_plan(
    a_step(CHANGE, HOSTS[0], inputs={"service": "billing", "host": "app-01"}),
    a_step(CHANGE, HOSTS[1], step_id="step_2", depends_on=("step_1",)),
)


async def edited(changes: dict[str, dict[str, Any]], catalogue: Any = CATALOGUE) -> SelectionV1:
    editing = Editing(JsonSchemas(), InMemoryInventoryDouble(HOSTS))
    return await editing.selection("default", catalogue, PLAN, changes)


async def test_only_what_is_named_changes() -> None:
    first, second = (await edited({"step_1": {"service": "ledger"}})).tools
    assert (first.inputs, first.targets) == ({"service": "ledger", "host": "app-01"}, ("asset_app-01",))
    assert (second.inputs, second.targets) == ({"service": "billing"}, ("asset_app-02",))
    assert (second.depends_on, second.name) == (("step_1",), CHANGE.name)


async def test_text_becomes_what_the_schema_asks_for_and_values_stay_as_they_are() -> None:
    texts = {"count": "3", "hard": "true", "tags": "a, b"}
    (first, _) = (await edited({"step_1": texts})).tools
    assert (first.inputs["count"], first.inputs["hard"], first.inputs["tags"]) == (3, True, ["a", "b"])
    values = {"count": 4, "hard": False, "tags": ["c"]}
    (first, _) = (await edited({"step_1": values})).tools
    assert {name: first.inputs[name] for name in values} == values


@pytest.mark.parametrize(
    ("names", "targets", "named"),
    [
        ("app-02", ("asset_app-02",), "app-02"),
        ("APP-02", ("asset_app-02",), "app-02"),
        ("app-02, app-03", ("asset_app-02", "asset_app-03"), None),
        (["app-02", "app-02"], ("asset_app-02",), "app-02"),
    ],
)
async def test_targets_are_resolved_by_their_exact_names(names: Any, targets: Any, named: str | None) -> None:
    (first, _) = (await edited({"step_1": {"host": names}})).tools
    assert (first.targets, first.inputs.get("host")) == (targets, named)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "request.invalid"),
        ({"step_1": {}}, "request.invalid"),
        ({"step_9": {"service": "x"}}, "request.invalid"),
        ({"step_1": {"speed": "9"}}, "request.invalid"),
        ({"step_1": {"service": "UPPER"}}, "request.invalid"),
        ({"step_1": {"count": "many"}}, "request.invalid"),
        ({"step_1": {"count": 10}}, "request.invalid"),
        ({"step_1": {"hard": "yes"}}, "request.invalid"),
        ({"step_1": {"host": " , "}}, "gate.empty_selector"),
        ({"step_1": {"host": "nowhere"}}, "asset.not_found"),
        ({"step_1": {"host": "app"}}, "asset.not_found"),
    ],
)
async def test_what_makes_no_sound_step_is_refused(changes: Any, code: str) -> None:
    with pytest.raises(OpsConductorError) as refused:
        await edited(changes)
    assert refused.value.code == code


async def test_a_tool_that_is_gone_cannot_be_edited() -> None:
    with pytest.raises(OpsConductorError) as refused:
        await edited({"step_1": {"service": "ledger"}}, a_catalogue(tools={}))
    assert refused.value.code == "plan.invalid"
