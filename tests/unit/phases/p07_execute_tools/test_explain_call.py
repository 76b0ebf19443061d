"""A call is planned and judged as a request for it would be; nothing of it is stored, and no tool is called."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.catalogue import Effect, RiskLevel, RiskRule
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.phases.p07_execute_tools.explain_call import CallLevel, ExplainCall
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.testing.executions import a_change, a_read
from opsconductor.testing.turns import object_schema
from tests.unit.stage_e import StageE, open_stage_e

INPUTS = object_schema(
    "count",
    "flags",
    host={"type": "string"},
    service={"type": "string"},
    count={"type": "integer", "default": 3},
    flags={"type": "array", "items": {"type": "string"}},
)
CHANGE = a_change(
    "deploy",
    effect=Effect.COMPENSATABLE,
    inputs=INPUTS,
    canary=1,
    risk_rules=(RiskRule(when="input.service == 'ledger'", risk=RiskLevel.CRITICAL, because="money is moved"),),
)
LOOK = a_read("look", targets_input="", inputs=object_schema("path", path={"type": "string"}))


@dataclass
class Explained:
    """Calls over one engine with three hosts."""

    stage: StageE

    async def __call__(
        self, name: str, *targets: str, roles: tuple[Role, ...] = (Role.REQUESTER,), **inputs: Json
    ) -> CallLevel:
        expressions = open_expressions()
        gate = Gate(CedarAuthorizer(), expressions)
        plan = Plan(self.stage.inventory, expressions)
        explain = ExplainCall(plan, gate, JsonSchemas(), self.stage.inventory, self.stage.storage)
        identity = Identity(identity_id="id_1", tenant="default", name="requester", roles=frozenset(roles))
        return await explain.run(self.stage.context().catalogue, identity, "cli", name, targets, inputs)


@pytest.fixture
async def explained(home: Path) -> AsyncIterator[Explained]:
    async with open_stage_e(home, CHANGE, LOOK) as stage:
        yield Explained(stage)
        assert stage.connector.calls == []
        assert await stage.storage.executions("default") == ()


async def test_each_part_of_the_risk_and_the_level_are_told(explained: Explained) -> None:
    call = await explained("deploy", "app-01", "app-02", service="billing")
    assert (call.risk, call.level, call.outcome, call.code) == ("high", 2, "approve", "")
    assert [(part.source, part.risk.value) for part in call.parts] == [
        ("effect", "medium"),
        ("catalogue", "medium"),
        ("blast radius", "high"),
    ]
    assert "more than one target is changed" in call.reasons
    assert [target.name for target in call.targets] == ["app-01", "app-02"]
    assert (call.inputs, call.missing) == ({"count": 3, "service": "billing"}, ())
    assert (await explained("deploy", "app-01", service="billing")).level == 1
    assert (await explained("look")).level == 0


async def test_a_rule_of_the_tool_is_one_of_the_parts(explained: Explained) -> None:
    call = await explained("deploy", "app-01", service="ledger")
    assert (call.risk, call.level) == ("critical", 3)
    assert "deploy: money is moved" in [part.because for part in call.parts]


async def test_what_is_missing_is_told_and_raises(explained: Explained) -> None:
    call = await explained("deploy", "app-01")
    assert (call.missing, call.risk) == (("service",), "critical")


async def test_texts_are_read_as_the_declared_types(explained: Explained) -> None:
    call = await explained("deploy", "app-01", service="5", count="7", flags='["a"]')
    assert call.inputs == {"service": "5", "count": 7, "flags": ["a"], "host": "app-01"}


async def test_policy_and_rights_count(explained: Explained) -> None:
    unit = explained.stage.storage.begin()
    unit.save_tenant_settings("default", {"change_level": 3})
    await unit.commit()
    call = await explained("deploy", "app-01", service="billing")
    assert (call.level, call.reasons[-1]) == (3, "the policy here asks for level 3 for every change")
    refused = await explained("deploy", "app-01", roles=(Role.VIEWER,), service="billing")
    assert (refused.outcome, refused.code) == ("refuse", "rights.denied")


@pytest.mark.parametrize(
    ("name", "targets", "inputs", "code"),
    [
        ("gone", (), {}, "tool.not_found"),
        ("deploy", (), {}, "gate.empty_selector"),
        ("deploy", ("app-77",), {}, "gate.no_target_matched"),
        ("deploy", ("app",), {}, "gate.no_target_matched"),
        ("look", ("app-01",), {}, "request.invalid"),
        ("deploy", ("app-01",), {"count": "many"}, "request.invalid"),
        ("deploy", ("app-01",), {"colour": "red"}, "request.invalid"),
    ],
)
async def test_a_call_that_cannot_be_is_an_error(
    explained: Explained, name: str, targets: tuple[str, ...], inputs: dict[str, Json], code: str
) -> None:
    with pytest.raises(OpsConductorError) as error:
        await explained(name, *targets, **inputs)
    assert error.value.code == code
