"""Reads back what an attempt without a known outcome came to, and says only what that proves.

"Done" is proof at once. "Not done" is one only when nothing can act any more: whoever was to send the effect is dead,
and the far side's own time is over. That is the step's time-out and the probe's settle time, counted from the latest
moment at which the effect can have been sent. Until then, and when somebody else has changed the target meanwhile, the
outcome stays unknown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.execution import StepIntent
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, PlanStep, planned_target
from opsconductor.ports.clock import Clock
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import StepJournal, Storage
from opsconductor.stages.e_execute.steps.calls import inputs_for, target_names
from opsconductor.stages.e_execute.steps.judgement import ProbeReading
from opsconductor.stages.e_execute.steps.probing import Prober

SENT_WITHIN_S = 3.0
"""An effect is sent at most so long after its intent was committed, or not at all."""
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """One journalled attempt of a change, with all that is needed to read it back."""

    tenant: str
    execution_id: str
    step: PlanStep
    tool: Tool | None  # as the catalogue has it now
    target: PlannedTarget | None
    asset: Asset | None  # as the inventory has it now
    row: StepJournal

    @property
    def can_be_read_back(self) -> bool:
        """Whether there is a probe, and tool and target are still what the effect was sent with and to."""
        if self.tool is None or self.tool.probe is None or self.tool.digest != self.step.tool_digest:
            return False
        if self.target is None or self.asset is None:
            return self.target is None
        return not self.target.reach or planned_target(self.asset) == self.target

    @property
    def ends(self) -> datetime:
        """From then on the far side does not act any more, if it has not yet."""
        settle_s = self.tool.probe.settle_s if self.tool is not None and self.tool.probe is not None else 0.0
        sent = datetime.fromisoformat(self.row.intent.at) + timedelta(seconds=SENT_WITHIN_S)
        return sent + timedelta(milliseconds=self.step.timeout_ms, seconds=settle_s)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What reading back showed. `ended` tells that "not done" is final."""

    reading: ProbeReading | None = None
    ended: bool = False
    may_change: bool = False  # a later look may show more


class Prover:
    """Reads attempts back."""

    def __init__(self, storage: Storage, prober: Prober, processes: Processes, clock: Clock) -> None:
        self._storage = storage
        self._prober = prober
        self._processes = processes
        self._clock = clock
        self._over: set[str] = set()

    def run_is_over(self, execution_id: str) -> None:
        """This very process ran the execution, and the run has ended: it sends nothing more, although it lives."""
        self._over.add(execution_id)

    async def prove(self, attempted: Attempted, until: float, *, was_closed: bool = False) -> Proof:
        """The proof there is by `until`, the clock's monotonic time; it is looked again until then.

        `was_closed` tells that the run itself has ended and said so. Raises `store.*`.
        """
        tool, intent = attempted.tool, attempted.row.intent
        if tool is None or not attempted.can_be_read_back:
            return Proof()
        names: dict[str, Json] = {
            "input": inputs_for(attempted.step, tool, attempted.asset),
            "target": target_names(attempted.asset),
            "before": intent.before,
        }
        while True:
            may_begin = not was_closed and self._may_send(intent)
            ended = not may_begin and self._clock.now() >= attempted.ends
            reading = await self._prober.probe(attempted.tenant, attempted.step, tool, attempted.asset, names)
            if reading is None:
                return Proof()
            if await is_changed_by_others(
                self._storage, attempted.tenant, intent.execution_id, intent.target_id, intent.tool
            ):
                return Proof(reading=ProbeReading(verdict="unclear", after=reading.after))
            if reading.verdict == "done" or (reading.verdict == "not_done" and ended):
                return Proof(reading=reading, ended=ended)
            if may_begin or self._clock.monotonic() >= until:
                return Proof(reading=reading, ended=ended, may_change=True)
            await self._clock.sleep(LOOK_EVERY_S)

    def _may_send(self, intent: StepIntent) -> bool:
        """Whether the process that wrote the intent may still be about to send the effect: it may only stand still."""
        if intent.owner == self._processes.me and intent.execution_id in self._over:
            return False
        return self._processes.is_alive(intent.owner)


async def is_changed_by_others(storage: Storage, tenant: str, execution_id: str, target_id: str, tool: str) -> bool:
    """Whether another execution has begun a change there since, so that a reading may show its effect.

    A change without a target ("") is one of the same `tool`. Asked after the reading: whatever it shows of another
    change, that one's intent was there before. Raises `store.*`.
    """
    later = await storage.later_changes(tenant, target_id, execution_id)
    return any(bool(target_id) or other.tool == tool for other in later)
