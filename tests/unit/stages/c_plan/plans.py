"""A catalogue and an inventory to plan over."""

from dataclasses import replace

import pytest

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.catalogue import Catalogue, Effect, RiskLevel, RiskRule, ToolRun
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.turns import a_tool, object_schema

HOSTS = [an_asset(f"app-{number:02d}", environment="staging", platform="linux") for number in range(1, 9)]
MANY = [an_asset(f"wide-{number:02d}", platform="linux") for number in range(40)]
DATABASE = an_asset("db-01", environment="production", platform="linux", criticality="high")
PRIMARY = an_asset("primary", environment="staging", platform="linux", role="primary")
DESK = an_asset("desk-01", environment="staging", platform="windows")
CLIENT = an_asset("client", environment="staging", attributes={"depends_on": "app-01; app-02"})


def catalogue() -> Catalogue:
    restart = a_tool(
        "service-restart", effect=Effect.IDEMPOTENT, risk=RiskLevel.MEDIUM, estimate_s=5.0, timeout_class="fast_change"
    )
    address = object_schema(url={"type": "string", "x-entity": "url"})
    get = ToolRun(http={"method": "GET", "url": {"input": "url"}})
    check = a_tool("http-check", targets_input="", inputs=address, run=get)
    wide = a_tool("wide-read", max_targets=50)
    slow = replace(restart, name="wide-change", max_targets=5)
    secretive = a_tool(
        "secretive", max_targets=2, run=ToolRun(argv=("act", {"input": "host"}, {"input": "token"})), redact=("token",)
    )
    deploy = replace(
        restart,
        name="deploy",
        effect=Effect.COMPENSATABLE,
        max_targets=8,
        inputs=object_schema(host={"type": "string", "x-entity": "asset"}, version={"type": "string"}),
        undo="deploy",
        undo_inputs={"version": {"before": "version"}},
        verify="disk-usage",
        canary=1,
        batch=3,
        retries=2,
        on_failure="undo",
        risk_rules=(
            RiskRule(when="input.version.endsWith('-rc')", risk=RiskLevel.HIGH, because="a candidate is deployed"),
            RiskRule(when="target.role == 'primary'", risk=RiskLevel.CRITICAL, because="a primary is touched"),
        ),
    )
    patient = replace(restart, name="patient", retries=2, retry_pause_s=0.5)
    every = (a_tool("disk-usage", max_targets=5), restart, check, wide, slow, secretive, deploy, patient)
    tools = {tool.name: tool for tool in every}
    return a_catalogue(tools=tools)


def selected(name: str, *hosts: str, depends_on: tuple[str, ...] = (), **inputs: object) -> SelectedTool:
    return SelectedTool(
        name=name,
        reason="",
        inputs=inputs,  # type: ignore[arg-type]
        targets=tuple(f"asset_{host}" for host in hosts),
        depends_on=depends_on,
    )


async def plan(*tools: SelectedTool) -> PlanV1:
    stage = Plan(InMemoryInventoryDouble([*HOSTS, *MANY, DATABASE, PRIMARY, CLIENT, DESK]), open_expressions())
    return await stage.run("default", catalogue(), SelectionV1(selection_id="sel_1", tools=tools))


async def refused(*tools: SelectedTool) -> str:
    with pytest.raises(OpsConductorError) as error:
        await plan(*tools)
    return error.value.code
