"""The plans of the matrix are ones that could have been frozen: their tools exist, and their levels are true."""

from pathlib import Path

import pytest

from opsconductor.adapters.catalogue.files import open_catalogues
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.plan import plan_content
from opsconductor.domain.risk import assess
from opsconductor.ports.canonical import digest
from opsconductor.testing.crash.engines import PACK
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.doubles.clock.moving import MovingClockDouble


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return open_catalogues(PACK, None, MovingClockDouble(), open_expressions(), JsonSchemas()).current()


@pytest.mark.parametrize("probe", [True, False])
@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_true_to_its_tools(catalogue: Catalogue, name: str, probe: bool) -> None:
    plan = PLANS[name].make(catalogue, probe)
    changing = [step for step in plan.steps if step.effect != "read"]
    assert plan.plan_digest == digest(plan_content(plan.steps))
    assert plan.approval_level == (assess(plan.steps).level if changing else 1)
    assert all(catalogue.tools[step.tool].digest == step.tool_digest for step in plan.steps)
    assert all(step.probe is probe for step in changing)
    assert {mark for _, mark, _ in PLANS[name].script} == {step.inputs["mark"] for step in changing}


def test_the_pack_is_where_it_is_said_to_be() -> None:
    assert (Path(PACK) / "agent.yaml").is_file()
