"""Reads back what an effect left behind, until it is certain or the settle time is over."""

from collections.abc import Mapping

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep
from opsconductor.ports.clock import Clock
from opsconductor.ports.expressions import Expressions
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.judgement import ProbeReading

PROBE_PAUSE_S = 0.2
PROBE_TIMEOUT_S = 5.0


class Prober:
    """Calls a tool's probe; a probe has no effect itself."""

    def __init__(self, calls: ToolCalls, expressions: Expressions, clock: Clock) -> None:
        self._calls = calls
        self._expressions = expressions
        self._clock = clock

    async def read_back(self, tenant: str, step: PlanStep, tool: Tool, asset: Asset | None) -> Json:
        """One reading without what is never shown, or None when the tool has no probe or it does not answer."""
        if tool.probe is None or not self._calls.reaches(tool):
            return None
        answer = await self._calls.make(tenant, step, tool, asset, run=tool.probe.run, timeout_s=PROBE_TIMEOUT_S)
        if answer.outcome != "done" or not answer.ok:
            return None
        if isinstance(answer.output, Mapping):
            return {name: value for name, value in answer.output.items() if name not in tool.redact}
        return answer.output

    async def probe(
        self, tenant: str, step: PlanStep, tool: Tool, asset: Asset | None, names: Mapping[str, Json]
    ) -> ProbeReading | None:
        """The verdict; None without a probe. "not done" is believed only once the settle time is over."""
        if tool.probe is None:
            return None
        deadline = self._clock.monotonic() + tool.probe.settle_s
        while True:
            after = await self.read_back(tenant, step, tool, asset)
            seen = {**names, "after": after}
            if after is not None and await self._holds(tool.probe.done, seen):
                return ProbeReading(verdict="done", after=after)
            if self._clock.monotonic() >= deadline:
                proven = after is not None and await self._holds(tool.probe.not_done, seen)
                return ProbeReading(verdict="not_done" if proven else "unclear", after=after)
            await self._clock.sleep(PROBE_PAUSE_S)

    async def _holds(self, expression: str, names: Mapping[str, Json]) -> bool:
        return (await self._expressions.evaluate(expression, names)).holds
