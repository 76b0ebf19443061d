"""The journal's rules, and the one way to run a step on a target: checks, intent, effect, read-back, result."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import Conflict, OpsConductorError, bare
from opsconductor.domain.execution import Attempt, StepError, StepResult, StepStatus
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.connector import ConnectorResult
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.failpoints import Failpoints
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.e_execute.settling.lease import HeldRun
from opsconductor.stages.e_execute.settling.proof import SENT_WITHIN_S
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.journal import StepJournalWriter
from opsconductor.stages.e_execute.steps.judgement import Judgement, ProbeReading, declared_output, judge
from opsconductor.stages.e_execute.steps.on_target import OnTarget, first_try, next_try
from opsconductor.stages.e_execute.steps.outputs import NO_OUTPUT, CappedOutput, capped, output_ref
from opsconductor.stages.e_execute.steps.probing import Prober
from opsconductor.stages.e_execute.steps.progress import CANCELLED, Progress
from opsconductor.stages.e_execute.steps.readiness import Readiness
from opsconductor.stages.e_execute.steps.retrying import may_retry, pause_s
from opsconductor.stages.e_execute.steps.run_context import RightsCheck, RunContext
from opsconductor.stages.e_execute.steps.step_runner import StepRunner
from opsconductor.stages.e_execute.steps.undo_runner import UndoRunner, compensated
from opsconductor.stages.e_execute.strategies.parallel_execution import execute_parallel
from opsconductor.stages.e_execute.strategies.sequential_execution import execute_sequential
from opsconductor.stages.e_execute.strategies.simple_execution import execute_simple

TOO_LATE = ConnectorResult(
    outcome="not_sent",
    error_code="store.unavailable",
    error="Nothing was run: the store took too long to write down what was about to be done.",
)
Strategy = Callable[[Sequence[PlanStep], Callable[[PlanStep], Awaitable[None]]], Awaitable[None]]
STRATEGIES: Mapping[str, Strategy] = {
    "simple": execute_simple,
    "sequential": execute_sequential,
    "parallel": execute_parallel,
}


class ExecutionEngine:
    """Runs the steps of one execution and journals every effect."""

    def __init__(
        self,
        calls: ToolCalls,
        inventory: Inventory,
        expressions: Expressions,
        journal: StepJournalWriter,
        prober: Prober,
        clock: Clock,
        failpoints: Failpoints,
        rights: RightsCheck,
    ) -> None:
        self._calls = calls
        self._inventory = inventory
        self._readiness = Readiness(calls, expressions, rights)
        self._journal = journal
        self._prober = prober
        self._clock = clock
        self._failpoints = failpoints
        self._steps = StepRunner(self.run_on_target, journal.is_cancelled, clock, failpoints)
        self._undo = UndoRunner(self.run_on_target, clock)

    async def load_assets(self, run: RunContext) -> Mapping[str, Asset]:
        """The plan's targets as the inventory has them now. Raises `inventory.*` before anything ran."""
        ids = sorted({target.asset_id for step in run.execution.plan.steps for target in step.targets})
        found = await self._inventory.assets(run.execution.tenant, ids) if ids else ()
        return {asset.asset_id: asset for asset in found}

    async def run_steps(self, run: RunContext, assets: Mapping[str, Asset], held: HeldRun) -> Progress:
        """Run what is left of the plan in its own order; when a failure asks for it, take back what succeeded.

        A result that the store does not take ends the run and stays in `run.unrecorded`. Raises `execution.fenced`
        when another process has taken the run over, and `plan.invalid`.
        """
        plan = run.execution.plan
        deadline = self._clock.monotonic() + plan.timeout_s
        progress = Progress(run=run, assets=assets, held=held, deadline=deadline, results=list(run.done))
        strategy = "sequential" if run.confirmed is not None else plan.strategy  # a person confirms one at a time
        try:
            await STRATEGIES[strategy](progress.todo, partial(self._steps.run, progress))
            if progress.must_undo:
                await self._undo.run(progress)
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None
        return progress

    async def run_on_target(self, progress: Progress, work: OnTarget) -> StepResult:
        """One step on one target to its end: at most once, or again where that does no harm. Raises
        `execution.fenced`."""
        started = self._clock.monotonic()
        trying = first_try(work, timestamp(self._clock.now()))
        work, names, unready = await self._readiness.of(progress, work)
        if unready is not None:
            failed = Judgement(status=StepStatus.FAILED, error=unready)
            return self._ended(trying, started, failed, trying.attempts[0] if work.reads else None)
        result = await self._attempt(progress, work, trying, names, started)
        while may_retry(work.step, work.tool, result) and not progress.run.unrecorded:
            await self._clock.sleep(pause_s(work.step, len(result.attempts)))
            if work.takes_back is None and progress.refusal(work.step, self._clock.monotonic()) is not None:
                break
            if (await self._readiness.of(progress, work))[2] is not None:  # what held before the pause may not now
                break
            await self._failpoints.hit("step.before_retry")
            trying = next_try(result, timestamp(self._clock.now()))
            if work.reads and work.is_journalled and not await self._noted(progress, result, trying):
                break
            result = await self._attempt(progress, work, trying, names, started)
        return result

    async def _attempt(
        self, progress: Progress, work: OnTarget, trying: StepResult, names: Mapping[str, Json], started: float
    ) -> StepResult:
        if work.reads:
            return await self._read(progress, work, trying, names, started)
        return await self._effect(progress, work, trying, names, started)

    async def _read(
        self, progress: Progress, work: OnTarget, trying: StepResult, names: Mapping[str, Json], started: float
    ) -> StepResult:
        left_s = max(progress.deadline - self._clock.monotonic(), 0.001)
        limit_s = min(work.step.timeout_ms / 1000, left_s)
        progress.held.check()
        answer = await self._calls.make(work.run.execution.tenant, work.step, work.tool, work.asset, timeout_s=limit_s)
        output, unmet = await self._criteria(work, answer, names)
        judgement = judge(work.tool, answer, unmet, None)
        short = _shortened(work, trying, judgement, output)
        if short.ref:
            progress.whole_outputs[short.ref] = short.whole
        return self._ended(trying, started, judgement, _attempt(trying, answer), short)

    async def _effect(
        self, progress: Progress, work: OnTarget, trying: StepResult, known: Mapping[str, Json], started: float
    ) -> StepResult:
        """before → intent committed → effect → after → result committed."""
        tenant, undoing = work.run.execution.tenant, work.takes_back is not None
        names = {**known, "before": await self._prober.read_back(tenant, work.step, work.tool, work.asset)}
        changed = self._readiness.as_it_was_left(work, names["before"])
        unready = changed or self._readiness.to_be_undone(work, names["before"])
        if unready is not None:
            return self._ended(trying, started, Judgement(status=StepStatus.FAILED, error=unready), None)
        await self._failpoints.hit("undo.before_intent" if undoing else "step.before_intent")
        send_by = self._clock.monotonic() + SENT_WITHIN_S
        try:
            await self._journal.intend(work.run, trying, names["before"])
        except OpsConductorError as error:
            return await self._not_begun(progress, work, trying, started, error)
        await self._failpoints.hit("undo.after_intent" if undoing else "step.after_intent")
        progress.held.check()  # the commit may have taken long
        in_time = self._clock.monotonic() <= send_by  # later than that, whoever reads back takes it for not sent
        answer = await self._calls.make(tenant, work.step, work.tool, work.asset) if in_time else TOO_LATE
        await self._failpoints.hit("undo.after_effect" if undoing else "step.after_effect")
        sent = answer.outcome != "not_sent"  # else there is nothing to read back
        probe = await self._prober.probe(tenant, work.step, work.tool, work.asset, names) if sent else None
        names["after"] = probe.after if probe is not None else None
        output, unmet = await self._criteria(work, answer, names)
        judgement = judge(work.tool, answer, unmet, probe)
        if judgement.read_back and await self._journal.is_disputed(work.run, trying):  # lease and lock may be over
            judgement = judge(work.tool, answer, unmet, ProbeReading(verdict="unclear"))
        short = _shortened(work, trying, judgement, output)
        attempt = _attempt(trying, answer, before=names["before"], after=names["after"])
        result = self._ended(trying, started, judgement, attempt, short)
        await self._failpoints.hit("undo.before_result" if undoing else "step.before_result")
        await self._conclude(work, result, short.whole, read_back=judgement.read_back)
        await self._failpoints.hit("undo.after_result" if undoing else "step.after_result")
        return result

    async def _conclude(self, work: OnTarget, result: StepResult, whole_output: bytes, *, read_back: bool) -> None:
        """Record the result; what the store does not take now is left for the closing."""
        undone = work.takes_back if result.status is StepStatus.SUCCEEDED else None
        taken_back = compensated(undone, result) if undone is not None else None
        try:
            await self._journal.conclude(
                work.run, result, whole_output=whole_output, taken_back=taken_back, read_back=read_back
            )
        except OpsConductorError as error:
            if error.code == "execution.fenced":
                raise
            work.run.unrecorded.append(result)

    async def _noted(self, progress: Progress, failed: StepResult, trying: StepResult) -> bool:
        """Whether a read's next attempt stands in the journal; without that it is not made."""
        try:
            await self._journal.try_again(progress.run, failed, trying)
        except OpsConductorError as error:
            if error.code == "execution.fenced":
                raise
            if error.code == "execution.cancelled":
                progress.cancel()
            return False
        return True

    async def _not_begun(
        self, progress: Progress, work: OnTarget, trying: StepResult, started: float, error: OpsConductorError
    ) -> StepResult:
        """The result of an effect whose intent was not taken: nothing was sent. Raises `execution.fenced`."""
        if error.code == "execution.fenced":
            raise error
        if error.code == "execution.cancelled":
            progress.cancel()
            status = StepStatus.FAILED if trying.error else StepStatus.SKIPPED  # an earlier try has failed, or none was
            return self._ended(trying, started, Judgement(status=status, error=trying.error or CANCELLED), None)
        why = StepError(code="audit.unwritable", message=f"Nothing was run: {error.message}")
        if error.code == "target.busy":
            why = StepError(code=error.code, message=await self._journal.busy_words(work.run, trying.target, error))
        failed = Judgement(status=StepStatus.FAILED, error=why)
        if isinstance(error, Conflict) or not await self._journal.is_open(work.run, trying):
            return self._ended(trying, started, failed, None)
        result = self._ended(trying, started, failed, trying.attempts[-1])
        work.run.unrecorded.append(result)  # the intent was taken after all: the closing tells that nothing came of it
        return result

    async def _criteria(self, work: OnTarget, answer: ConnectorResult, names: Mapping[str, Json]) -> tuple[Json, str]:
        """The declared output, and words for the first success criterion that does not hold."""
        if answer.outcome != "done" or not answer.ok:
            return None, ""
        output, fault = declared_output(work.tool, answer.output)
        if fault:
            return None, fault
        status = {"exit": answer.response.get("exit"), "status": answer.response.get("status")}
        return output, await self._readiness.first_unmet(work.tool.success, {**names, "output": output, **status})

    def _ended(
        self,
        trying: StepResult,
        started: float,
        judgement: Judgement,
        attempt: Attempt | None,
        output: CappedOutput = NO_OUTPUT,
    ) -> StepResult:
        """The result as judged; `attempt` is the newest try as it went, None when it never began."""
        completed = timestamp(self._clock.now())
        newest = () if attempt is None else (replace(attempt, completed_at=completed),)
        return replace(
            trying,
            status=judgement.status,
            attempts=(*trying.attempts[:-1], *newest),
            completed_at=completed,
            duration_s=round(self._clock.monotonic() - started, 3),
            output=output.summary,
            output_ref=output.ref,
            error=judgement.error,
            note=judgement.note,
        )


def _attempt(trying: StepResult, answer: ConnectorResult, before: Json = None, after: Json = None) -> Attempt:
    """The newest try of `trying` as the far side answered it."""
    begun = trying.attempts[-1]
    return Attempt(
        number=begun.number,
        started_at=begun.started_at,
        request=answer.request,
        response=answer.response,
        before=before,
        after=after,
    )


def _shortened(work: OnTarget, trying: StepResult, judgement: Judgement, output: Json) -> CappedOutput:
    """The output as the result holds it; only what succeeded has one."""
    if judgement.status is not StepStatus.SUCCEEDED:
        return NO_OUTPUT
    number = trying.attempts[-1].number
    return capped(output, output_ref(work.run.execution.execution_id, trying.step_id, trying.target_id, number))
