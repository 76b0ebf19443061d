"""What the processes of a cell do: approve the plan, or recover what a dead one left. Each writes the client's log."""

from opsconductor.bootstrap import Engine
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import StepStatus
from opsconductor.domain.states import TERMINAL
from opsconductor.domain.turn import TurnReply
from opsconductor.testing.client_log import APPROVAL, REQUEST, Acknowledged, ClientLog
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import TENANT, approval_turn
from opsconductor.testing.crash.place import Place
from opsconductor.testing.invariants.promises import PATIENCE_S

PAUSE_S = 5.0
"""So long recovery waits before it looks again."""

APPROVING = "approving"
"""The trail of the process that approves."""


async def approve(place: Place, kill_at: str = "", times: int = 1) -> None:
    """Open the engine and approve the plan that waits; dies when it comes to `kill_at` for the `times`-th time."""
    failpoints = place.failpoints(APPROVING, kill_at=kill_at, times=times)
    async with opened_engine(place, failpoints) as engine:
        await approve_with(engine, place)


async def approve_with(engine: Engine, place: Place) -> None:
    """Approve the plan that waits, and show the reply."""
    client = ClientLog(place.client_log)
    (approval,) = await engine.storage.approvals(TENANT, state=ApprovalState.PENDING)
    turn = await approval_turn(engine, approval)

    def promised(phase: str, state: str, ms: float) -> None:
        if (phase, state) == ("p01_identify", "end"):
            client.acknowledged(Acknowledged(kind=REQUEST, subject=turn.turn_id))

    reply = await engine.take_turn(turn, promised)
    client.shown(reply)
    if reply.execution is not None:
        client.acknowledged(Acknowledged(kind=APPROVAL, subject=approval.approval_id))


async def recover(place: Place, kill_at_hit: int = 0) -> None:
    """Open the engine after another one's death and recover; dies at the place with this number, from 1."""
    failpoints = place.failpoints("recovering", kill_at_hit=kill_at_hit)
    async with opened_engine(place, failpoints) as engine:
        await recover_with(engine, place)


async def recover_with(engine: Engine, place: Place) -> None:
    """Look after what a dead process left, until there is nothing left to do or the patience is over."""
    client, clock = ClientLog(place.client_log), place.clock
    end = clock.monotonic() + PATIENCE_S
    while True:
        for reply in await look_after(engine):
            client.shown(reply)
        if clock.monotonic() >= end or await is_settled(engine):
            return
        await clock.sleep(PAUSE_S)


async def look_after(engine: Engine) -> tuple[TurnReply, ...]:
    """What a healthy worker does by itself, once; what it has to tell."""
    return await engine.recover()


async def is_settled(engine: Engine) -> bool:
    """Whether nothing is open, and nothing unknown that could be read back."""
    if await engine.storage.open_turns():
        return False
    executions = await engine.storage.executions(TENANT)
    tools = engine.catalogues.current().tools
    for execution in executions:
        if execution.status not in TERMINAL and execution.status.value != "awaiting_approval":
            return False
        results = execution.result.step_results if execution.result is not None else ()
        if any(one.status is StepStatus.UNKNOWN and tools[one.tool].probe is not None for one in results):
            return False
    return True
