"""How a planned step becomes one connector call, and what expressions may know of its target."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Effect, Tool, ToolRun
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlanStep
from opsconductor.domain.tool_arguments import filled, filled_argv
from opsconductor.ports.connector import Connector, ConnectorCall, ConnectorResult, Previewing
from opsconductor.ports.secrets import Secrets
from opsconductor.stages.e_execute.steps.redaction import REDACTED, answer_without, error_without, secret_values


class ToolCalls:
    """Stage E's only way to the world: within its time, and with nothing secret in what comes back."""

    def __init__(self, connectors: Mapping[str, Connector], secrets: Secrets) -> None:
        self._connectors = connectors
        self._secrets = secrets

    def reaches(self, tool: Tool) -> bool:
        """Whether the tool's connector is there."""
        return tool.connector in self._connectors

    async def make(
        self,
        tenant: str,
        step: PlanStep,
        tool: Tool,
        asset: Asset | None,
        *,
        run: ToolRun | None = None,
        timeout_s: float | None = None,
    ) -> ConnectorResult:
        """The answer to the step on one target; `run` and `timeout_s` take the place of the tool's and the step's."""
        call = connector_call(tenant, step, tool, asset, run=run, timeout_s=timeout_s)
        try:
            answer = await call_connector(self._connectors[tool.connector], call)
        except OpsConductorError as error:
            raise error_without(error, await self._hidden(step, tool, call)) from None  # the cause may hold it too
        return answer_without(answer, await self._hidden(step, tool, call))

    def preview(
        self, tenant: str, step: PlanStep, tool: Tool, asset: Asset | None, run: ToolRun | None = None
    ) -> JsonObject:
        """What `make` would send; what the tool never shows is hidden."""
        shown: dict[str, Json] = {
            name: REDACTED if name in tool.redact else value for name, value in step.inputs.items()
        }
        call = connector_call(tenant, replace(step, inputs=shown), tool, asset, run=run)
        connector = self._connectors.get(tool.connector)
        if isinstance(connector, Previewing):
            return connector.preview(call)
        if call.run.argv:
            return {"argv": [*filled_argv(call.run.argv, call.inputs)]}
        return {"http": filled(call.run.http, call.inputs)}

    async def _hidden(self, step: PlanStep, tool: Tool, call: ConnectorCall) -> tuple[str, ...]:
        """The values that went into the call and must not come out of it."""
        return secret_values(step.inputs, tool.redact, await self._credential(call))

    async def _credential(self, call: ConnectorCall) -> bytes:
        """What the far side may have repeated; b"" where there is none."""
        if not call.credential_ref:
            return b""
        try:
            return await self._secrets.get(call.tenant, call.credential_ref)
        except OpsConductorError:
            return b""


def connector_call(
    tenant: str,
    step: PlanStep,
    tool: Tool,
    asset: Asset | None,
    *,
    run: ToolRun | None = None,
    timeout_s: float | None = None,
) -> ConnectorCall:
    """The call for one target; the credential is a reference, resolved by the connector at the last moment.

    `run` and `timeout_s` take the place of the tool's and the step's.
    """
    own = str(asset.connection.get("credential_ref", "")) if asset is not None else ""
    return ConnectorCall(
        run=run or tool.run,
        inputs=inputs_for(step, tool, asset),
        tenant=tenant,
        timeout_s=step.timeout_ms / 1000 if timeout_s is None else timeout_s,
        target=asset,
        credential_ref=own if tool.credential == "target" else tool.credential,
        changing=run is None and tool.effect is not Effect.READ,  # a probe takes the place of the tool's own run
    )


def inputs_for(step: PlanStep, tool: Tool, asset: Asset | None) -> dict[str, Json]:
    """The step's inputs for one target: the input that names the target holds this target's name."""
    if asset is None or not tool.targets_input:
        return dict(step.inputs)
    return {**step.inputs, tool.targets_input: asset.name}


async def call_connector(connector: Connector, call: ConnectorCall) -> ConnectorResult:
    """The connector's answer; running out of time leaves the outcome unknown."""
    try:
        async with asyncio.timeout(call.timeout_s):
            return await connector.call(call)
    except TimeoutError:
        words = f"No answer within {call.timeout_s:g} seconds."
        return ConnectorResult(outcome="unknown", error_code="execution.timed_out", error=words)


def target_names(asset: Asset | None) -> Json:
    """What expressions may know of a target."""
    if asset is None:
        return {}
    return {
        "name": asset.name,
        "type": asset.type,
        "platform": asset.platform,
        "environment": asset.environment,
        "role": asset.role,
        "criticality": asset.criticality,
        "services": [service.name for service in asset.services],
        "connector": asset.connection.get("connector"),
    }
