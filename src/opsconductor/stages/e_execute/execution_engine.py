"""The journal's rules and the one way to run a step: preconditions, intent, effect, read-back, result."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Criterion, Effect, Tool
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Attempt, StepError, StepResult, StepStatus
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import READS_AT_ONCE, PlannedTarget, PlanStep, planned_target
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.connector import Connector, ConnectorResult
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.failpoints import Failpoints
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.e_execute.calls import call_connector, connector_call, inputs_for, target_names
from opsconductor.stages.e_execute.journal import StepJournalWriter
from opsconductor.stages.e_execute.judgement import Judgement, declared_output, judge
from opsconductor.stages.e_execute.not_run import not_run
from opsconductor.stages.e_execute.probing import Prober
from opsconductor.stages.e_execute.run_context import RunContext

OUT_OF_TIME = StepError(code="execution.timed_out", message="The execution ran out of time before this step began.")
UNRECORDED = StepError(code="audit.unwritable", message="Nothing was run: the former step's result was not recorded.")
EARLIER = "An earlier step did not succeed."
REDACTED = "[redacted]"


class ExecutionEngine:
    """Runs the steps of one execution and journals every effect."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        inventory: Inventory,
        expressions: Expressions,
        journal: StepJournalWriter,
        prober: Prober,
        clock: Clock,
        failpoints: Failpoints,
    ) -> None:
        self._connectors = connectors
        self._inventory = inventory
        self._expressions = expressions
        self._journal = journal
        self._prober = prober
        self._clock = clock
        self._failpoints = failpoints

    async def run_steps(self, run: RunContext, assets: Mapping[str, Asset]) -> list[StepResult]:
        """Run all steps in order. A result that the store does not take ends the run and stays in `run.unrecorded`."""
        plan = run.execution.plan
        results: list[StepResult] = []
        deadline = self._clock.monotonic() + plan.timeout_s
        failed: set[str] = set()
        for step in plan.steps:
            error = UNRECORDED if run.unrecorded else OUT_OF_TIME if self._clock.monotonic() > deadline else None
            if error or failed.intersection(step.depends_on) or (failed and step.on_failure == "stop"):
                results.extend(self._skipped(step, step.targets or (None,), error))
                failed.add(step.step_id)
                continue
            first = len(results)
            await self._run_step(run, step, assets, results)
            if any(result.status is not StepStatus.SUCCEEDED for result in results[first:]):
                failed.add(step.step_id)
        return results

    async def load_assets(self, run: RunContext) -> Mapping[str, Asset]:
        """The plan's targets as the inventory has them now. Raises `inventory.*` before anything ran."""
        ids = sorted({target.asset_id for step in run.execution.plan.steps for target in step.targets})
        if not ids:
            return {}
        found = await self._inventory.assets(run.execution.tenant, ids)
        return {asset.asset_id: asset for asset in found}

    async def _run_step(
        self, run: RunContext, step: PlanStep, assets: Mapping[str, Asset], results: list[StepResult]
    ) -> None:
        """Reads go to several targets at once; effects one target after the other, ending at the first trouble."""
        tool = run.catalogue.tools[step.tool]
        if tool.effect is Effect.READ:
            slots = asyncio.Semaphore(READS_AT_ONCE)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._within(slots, run, step, tool, target, assets))
                    for target in step.targets or (None,)
                ]
            results.extend(task.result() for task in tasks)
            return
        targets = step.targets or (None,)
        for place, target in enumerate(targets, start=1):
            results.append(await self.run_on_target(run, step, tool, target, assets))
            if results[-1].status is not StepStatus.SUCCEEDED or run.unrecorded:
                results.extend(self._skipped(step, targets[place:], UNRECORDED if run.unrecorded else None))
                return

    async def _within(
        self,
        slots: asyncio.Semaphore,
        run: RunContext,
        step: PlanStep,
        tool: Tool,
        target: PlannedTarget | None,
        assets: Mapping[str, Asset],
    ) -> StepResult:
        async with slots:
            return await self.run_on_target(run, step, tool, target, assets)

    async def run_on_target(
        self,
        run: RunContext,
        step: PlanStep,
        tool: Tool,
        target: PlannedTarget | None,
        assets: Mapping[str, Asset],
    ) -> StepResult:
        """One attempt of one step on one target."""
        asset = assets.get(target.asset_id) if target is not None else None
        started = self._clock.monotonic()
        blank = _blank(step, tool, target, timestamp(self._clock.now()))
        changed = _changed(target, asset)
        if changed is not None:
            return self._done(blank, started, Judgement(status=StepStatus.FAILED, error=changed), _unsent(tool, blank))
        names: dict[str, Json] = {"input": inputs_for(step, tool, asset), "target": target_names(asset)}
        unmet = await self._first_unmet(tool.preconditions, names)
        if unmet:
            error = StepError(code="execution.precondition", message=unmet)
            return self._done(blank, started, Judgement(status=StepStatus.FAILED, error=error), _unsent(tool, blank))
        connector = self._connectors.get(tool.connector)
        if connector is None:
            error = StepError(code="connector.unknown", message=f"There is no connector named {tool.connector}.")
            return self._done(blank, started, Judgement(status=StepStatus.FAILED, error=error), _unsent(tool, blank))
        if tool.effect is Effect.READ:
            return await self._read(run, step, tool, asset, connector, names, blank, started)
        return await self._effect(run, step, tool, asset, connector, names, blank, started)

    async def _read(
        self,
        run: RunContext,
        step: PlanStep,
        tool: Tool,
        asset: Asset | None,
        connector: Connector,
        names: dict[str, Json],
        blank: StepResult,
        started: float,
    ) -> StepResult:
        answer = await call_connector(connector, connector_call(run.execution.tenant, step, tool, asset))
        output, unmet = await self._criteria(tool, answer, names)
        judgement = judge(tool, answer, unmet, None)
        attempt = replace(blank.attempts[0], request=_shown(tool, step, answer), response=answer.response)
        return self._done(blank, started, judgement, attempt, output)

    async def _effect(
        self,
        run: RunContext,
        step: PlanStep,
        tool: Tool,
        asset: Asset | None,
        connector: Connector,
        names: dict[str, Json],
        blank: StepResult,
        started: float,
    ) -> StepResult:
        """before → intent committed → effect → after → result committed."""
        names["before"] = await self._prober.read_back(run.execution.tenant, step, tool, asset)
        try:
            await self._journal.intend(run, blank, names["before"])
        except OpsConductorError as error:
            refused = StepError(code="audit.unwritable", message=f"Nothing was run: {error.message}")
            return self._done(blank, started, Judgement(status=StepStatus.FAILED, error=refused), None)
        await self._failpoints.hit("step.after_intent")
        answer = await call_connector(connector, connector_call(run.execution.tenant, step, tool, asset))
        await self._failpoints.hit("step.after_effect")
        sent = answer.outcome != "not_sent"  # else there is nothing to read back
        probe = await self._prober.probe(run.execution.tenant, step, tool, asset, names) if sent else None
        names["after"] = probe.after if probe is not None else None
        output, unmet = await self._criteria(tool, answer, names)
        judgement = judge(tool, answer, unmet, probe)
        attempt = replace(
            blank.attempts[0],
            request=_shown(tool, step, answer),
            response=answer.response,
            before=names["before"],
            after=names["after"],
        )
        result = self._done(blank, started, judgement, attempt, output)
        try:
            await self._journal.conclude(run, result)
        except OpsConductorError:
            run.unrecorded.append(result)
        await self._failpoints.hit("step.after_result")
        return result

    async def _criteria(self, tool: Tool, answer: ConnectorResult, names: Mapping[str, Json]) -> tuple[Json, str]:
        if answer.outcome != "done" or not answer.ok:
            return None, ""
        output, fault = declared_output(tool, answer.output)
        if fault:
            return None, fault
        status = {**answer.response}
        return output, await self._first_unmet(
            tool.success, {**names, "output": output, "exit": status.get("exit"), "status": status.get("status")}
        )

    async def _first_unmet(self, criteria: Sequence[Criterion], names: Mapping[str, Json]) -> str:
        """Words for the first criterion that does not hold; an undefined name makes it not hold."""
        for criterion in criteria:
            evaluation = await self._expressions.evaluate(criterion.expression, names)
            if not evaluation.holds:
                undefined = f" ({evaluation.missing} is not defined)" if evaluation.missing else ""
                return f"{criterion.message}{undefined}"
        return ""

    def _done(
        self,
        blank: StepResult,
        started: float,
        judgement: Judgement,
        attempt: Attempt | None,
        output: Json = None,
    ) -> StepResult:
        completed = timestamp(self._clock.now())
        return replace(
            blank,
            status=judgement.status,
            attempts=(replace(attempt, completed_at=completed),) if attempt is not None else (),
            completed_at=completed,
            duration_s=round(self._clock.monotonic() - started, 3),
            output=output if judgement.status is StepStatus.SUCCEEDED else None,
            error=judgement.error,
            note=judgement.note,
        )

    def _skipped(
        self, step: PlanStep, targets: Sequence[PlannedTarget | None], error: StepError | None
    ) -> list[StepResult]:
        now = timestamp(self._clock.now())
        return not_run(step, targets, StepStatus.SKIPPED, now, error=error, note="" if error else EARLIER)


def _blank(step: PlanStep, tool: Tool, target: PlannedTarget | None, at: str) -> StepResult:
    return StepResult(
        step_id=step.step_id,
        tool=tool.name,
        target=target.name if target else "",
        target_id=target.asset_id if target else "",
        status=StepStatus.TODO,
        attempts=(Attempt(number=1, started_at=at),),
        started_at=at,
        completed_at=None,
        duration_s=None,
    )


def _changed(target: PlannedTarget | None, asset: Asset | None) -> StepError | None:
    """Why a target is not what the plan was made for, in an approval the thing that was approved; None while it is."""
    if target is None:
        return None
    if asset is None:
        return StepError(code="asset.not_found", message=f"{target.name} is no longer in the inventory.")
    if target.reach and planned_target(asset) != target:
        return StepError(code="approval.drift", message=f"{target.name} has changed since this plan was made.")
    return None


def _unsent(tool: Tool, blank: StepResult) -> Attempt | None:
    """A read's attempt is in the journal from the start; an effect's would have begun with its intent."""
    return blank.attempts[0] if tool.effect is Effect.READ else None


def _shown(tool: Tool, step: PlanStep, answer: ConnectorResult) -> JsonObject:
    """What was sent, without the values of inputs that the tool never shows."""
    hidden = [str(step.inputs[name]) for name in tool.redact if name in step.inputs]
    return {key: _without(value, hidden) for key, value in answer.request.items()}


def _without(value: Json, hidden: Sequence[str]) -> Json:
    if isinstance(value, Mapping):
        return {key: _without(item, hidden) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(item, hidden) for item in value]
    if any(secret and secret in str(value) for secret in hidden):
        return REDACTED
    return value
