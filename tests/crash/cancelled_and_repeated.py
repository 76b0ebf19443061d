"""Cells beside the matrix: an order to cancel is acknowledged before the kill, and keys are used again after recovery.

    python -m tests.crash.cancelled_and_repeated FOLDER

Prints one line of JSON a cell. A cell: a plan is approved under an Idempotency-Key; at a place its client cancels it,
under a key as well; so many places later the process is killed, maybe its successor too; a last one recovers, and the
client sends everything again, with the same body and with another. Forks, and so starts no threads.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from opsconductor.adapters.connector.http import trusted_certificates
from opsconductor.bootstrap import Engine
from opsconductor.domain.approvals import Approval
from opsconductor.domain.errors import Conflict
from opsconductor.domain.turn import TurnInput
from opsconductor.server.running_turns import RunningTurns
from opsconductor.stages.e_execute.approvals.ordered_once import OrderKey
from opsconductor.stages.e_execute.settling.cancellation import Cancellation
from opsconductor.testing.client_log import CANCEL, REQUEST, Acknowledged, ClientLog, read_client_log
from opsconductor.testing.crash.cells import LATE_S
from opsconductor.testing.crash.children import answer_of, in_child
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import TENANT, approval_turn, freeze, person
from opsconductor.testing.crash.matrix import Matrix
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.places import HomePlaces
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.crash.turns import recover, recover_with
from opsconductor.testing.doubles.clock.on_file import START
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.invariants import Evidence, check, read_store
from opsconductor.testing.invariants.promises import PATIENCE_S
from opsconductor.testing.world.log import ASKED
from opsconductor.testing.world.process import World, running_world
from opsconductor.testing.world.realm import AT_ONCE, LATE

APPROVING, CANCELLING = "approving", "cancelling"
"""The keys, and what is sent under them."""

CANCEL_AT = ("effect.sent", "step.after_effect", "step.before_result", "step.after_result", "store.after:record_result")
"""Where a step is under way that the World has been asked for."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where the client cancels, and who is killed where."""

    plan: str
    behaviour: str = AT_ONCE
    cancel_at: str = ""  # "" = nobody cancels
    kill_after: int = 0  # so many places after the cancellation was acknowledged
    kill_at: str = ""  # or at this place, wherever the cancellation is
    second_kill: int = 0  # number of the place in recovery; 0 = recovery is let alone


CELLS = (
    *(Cell(plan="three steps", cancel_at=place, kill_after=after) for place in CANCEL_AT[:4] for after in (0, 4)),
    *(Cell(plan="rollout", cancel_at=place, kill_after=after) for place in CANCEL_AT[1:] for after in (3,)),
    *(Cell(plan="three steps", cancel_at="effect.sent", behaviour=LATE, second_kill=kill) for kill in (0, 2, 5)),
    *(
        Cell(plan="three steps", cancel_at="step.after_effect", kill_at=kill, second_kill=2)
        for kill in ("store.before:remember_key", "store.after:remember_key")
    ),
    *(
        Cell(plan="restart", kill_at=kill, second_kill=number % 2 * 3)
        for number, kill in enumerate(
            (
                *("store.before:accept_turn", "store.after:accept_turn", "start.before_commit", "start.after_commit"),
                *("step.after_intent", "effect.sent", "closing.before", "store.after:save_result"),
            )
        )
    ),
)


class CancellingFailpoints(KillingFailpointsDouble):
    """Lets the client cancel at the cell's place, and kills so many places later."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(cell.kill_at)
        self.cancel: Callable[[], Awaitable[None]] | None = None
        self._cell = cell
        self._left: int | None = None

    async def hit(self, name: str) -> None:
        """See the port."""
        await super().hit(name)
        if self._left is not None:
            self._left -= 1
        elif name == self._cell.cancel_at and self.cancel is not None:
            cancel, self.cancel = self.cancel, None
            await cancel()
            self._left = self._cell.kill_after
        if self._left == 0 and not self._cell.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


async def prepare(place: Place, plan: str) -> None:
    """A plan that waits."""
    async with opened_engine(place, KillingFailpointsDouble()) as engine:
        await freeze(engine, PLANS[plan].make(engine.catalogues.current(), True))


async def approve(place: Place, cell: Cell) -> None:
    """The process that is killed."""
    failpoints = CancellingFailpoints(cell)
    async with opened_engine(place, failpoints) as engine:
        (approval,) = await engine.storage.approvals(TENANT)
        client = ClientLog(place.client_log)
        failpoints.cancel = lambda: cancel(engine, place, approval)
        turn = await keyed(engine, approval)

        def promised(phase: str, state: str, ms: float) -> None:
            if (phase, state) == ("p01_identify", "end"):
                client.acknowledged(promise(turn.turn_id, approval))

        client.shown(await engine.take_turn(turn, promised))


async def keyed(engine: Engine, approval: Approval, body: str = APPROVING) -> TurnInput:
    """The approval under its key; a turn of its own each time, as a client that sends it again makes one."""
    return replace(await approval_turn(engine, approval), idempotency_key=APPROVING, body_hash=body)


def promise(turn_id: str, approval: Approval) -> Acknowledged:
    """What the engine has taken under the key."""
    return Acknowledged(
        kind=REQUEST, subject=turn_id, key=APPROVING, body=APPROVING, execution_id=approval.execution_id
    )


async def cancel(engine: Engine, place: Place, approval: Approval, body: str = CANCELLING) -> None:
    """The requester cancels; what is asked of the World from here on is asked later than the acknowledgement."""
    desk = Cancellation(engine.storage, engine.authorizer, engine.clock)
    order = OrderKey(key=CANCELLING, body_hash=body)
    await desk.cancel(await person(engine, "requester"), approval.execution_id, "no longer wanted", order)
    at = place.clock.now().timestamp()
    subject = approval.execution_id
    ClientLog(place.client_log).acknowledged(
        Acknowledged(kind=CANCEL, subject=subject, at=at, key=CANCELLING, body=body, execution_id=subject)
    )
    place.clock.advance(0.5)


async def recover_and_judge(place: Place, cell: Cell, world: World) -> str:
    """The last process: recover, send everything again, and hold what was promised against what there is."""
    async with opened_engine(place, KillingFailpointsDouble()) as engine:
        before, _ = read_client_log(place.client_log)
        await recover_with(engine, place)
        asked = sum(entry.what == ASKED for entry in world.log(place.realm))
        (approval,) = await engine.storage.approvals(TENANT)
        refused = await again(engine, place, approval, cell)
        entries = world.log(place.realm)
        promises, shown = read_client_log(place.client_log)
        turn_ids = tuple(one.subject for one in promises if one.kind == REQUEST)
        store = await read_store(engine.storage, turn_ids=turn_ids, keys=(APPROVING, CANCELLING))
        evidence = Evidence(acknowledged=promises, world=entries, store=store, shown=shown, healthy_s=PATIENCE_S)
        (execution,) = await engine.storage.executions(TENANT)
    return json.dumps(
        {
            "cell": asdict(cell),
            "words": [f"{one.invariant}: {one.words}" for one in check(evidence)],
            "promised_before": [one.kind for one in before],
            "promised": [one.kind for one in promises],
            "refused": refused,
            "asked": asked,
            "asked_again": sum(entry.what == ASKED for entry in entries) - asked,
            "status": execution.status.value,
        }
    )


async def again(engine: Engine, place: Place, approval: Approval, cell: Cell) -> list[str]:
    """Send the same once more, and other bodies under the same keys; the codes of what was refused."""
    client, refused = ClientLog(place.client_log), []
    async with asyncio.TaskGroup() as tasks:
        turns = RunningTurns(engine, engine.storage, tasks)
        reply = await turns.take(await keyed(engine, approval))
        client.acknowledged(promise(reply.turn_id, approval))
        client.shown(reply)
        try:
            await turns.take(await keyed(engine, approval, "another body"))
        except Conflict as error:
            refused.append(error.code)
    if cell.cancel_at:
        with suppress(Conflict):  # it has ended, and the first order never arrived
            await cancel(engine, place, approval)
        try:
            await cancel(engine, place, approval, "another body")
        except Conflict as error:
            refused.append(error.code)
    return refused


def run(folder: Path, world: World) -> Iterator[str]:
    """One line a cell, and how its processes ended."""
    for number, cell in enumerate(CELLS, start=1):
        place = Place(folder=folder / f"cell-{number}", port=world.port, realm=f"cell-{number}")
        place.folder.mkdir()
        for verb, mark, _ in PLANS[cell.plan].script:
            world.behave(place.realm, verb, mark, cell.behaviour, after_s=LATE_S, now=START.timestamp())
        if in_child(prepare(place, cell.plan)) != 0:
            raise SystemExit("The plan could not be frozen.")
        killed = in_child(approve(place, cell)) == -signal.SIGKILL
        killed_again = cell.second_kill > 0 and in_child(recover(place, cell.second_kill)) == -signal.SIGKILL
        judged = json.loads(answer_of(recover_and_judge(place, cell, world)))
        yield json.dumps({**judged, "killed": killed, "killed_again": killed_again})


if __name__ == "__main__":
    with running_world(Path(sys.argv[1]) / "world") as running:
        Matrix(HomePlaces(Path(sys.argv[1]) / "warm", running.port), running).warm(trusted_certificates)
        for line in run(Path(sys.argv[1]), running):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
