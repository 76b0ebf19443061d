"""No execution stays running for ever: what a dead process left, and no turn will tell, is settled and stored."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.bootstrap import Engine, Overrides, open_engine
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import load_settings
from opsconductor.stages.e_execute.settling.lease import LEASE_S
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import StoreClock
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.executions import a_change, a_read
from tests.unit.stage_e import open_stage_e

ROOT = Path(__file__).parents[5]
TOOLS = (a_change(), a_read())


async def left_running(engine: Engine, owner: str) -> str:
    """An execution in state running of `owner`, made from a real one whose turn is closed."""
    identity = await engine.storage.identity("default", "requester")
    assert identity is not None
    turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
    reply = await engine.take_turn(turn)
    assert reply.execution is not None
    done = await engine.storage.execution("default", reply.execution.execution_id)
    assert done is not None
    again = replace(
        done, execution_id=engine.ids.new("exec"), status=ExecutionStatus.RUNNING, owner=owner, result=None, claim=0
    )
    unit = engine.storage.begin()
    unit.add_execution(again)
    await unit.commit()
    return again.execution_id


async def test_a_dead_processs_execution_is_settled_told_and_audited_once(home: Path) -> None:
    async with open_engine(load_settings({"home": str(home)})) as engine:
        execution_id = await left_running(engine, "1-1-gone")
        told = await engine.recover()
        assert [reply.execution.execution_id for reply in told if reply.execution] == [execution_id]
        assert told[0].message.startswith("How many assets do we have?: failed")
        stored = await engine.storage.execution("default", execution_id)
        assert stored is not None
        assert stored.status is ExecutionStatus.FAILED
        assert "execution.settled" in {row.entry.action for row in await engine.storage.audit("default")}
        assert await engine.recover() == ()


async def test_a_living_processs_execution_is_left_alone(home: Path) -> None:
    async with open_engine(load_settings({"home": str(home)})) as engine:
        execution_id = await left_running(engine, engine.processes.me)
        assert await engine.recover() == ()
        stored = await engine.storage.execution("default", execution_id)
        assert stored is not None
        assert stored.status is ExecutionStatus.RUNNING


async def test_what_this_process_itself_is_about_to_tell_is_left_to_it(home: Path) -> None:
    """Its steps are done, and its answer takes longer than the lease."""
    clock = StoreClock()
    async with open_engine(load_settings({"home": str(home)}), overrides=Overrides(store_now_ms=clock)) as engine:
        execution_id = await left_running(engine, engine.processes.me)
        execution = await engine.storage.execution("default", execution_id)
        assert execution is not None
        unit = engine.storage.begin()
        unit.claim_execution(execution_id, engine.processes.me, LEASE_S, 0)
        turn = samples.accepted(9, session_id=execution.session_id, owner=engine.processes.me)
        unit.accept_turn(turn)
        await unit.commit()
        engine.under_way.add(turn.turn_id)
        clock.advance(LEASE_S)
        assert await engine.recover() == ()


async def test_whoever_let_the_lease_run_out_is_taken_over_although_it_lives(home: Path) -> None:
    clock = StoreClock()
    with open_processes(home / "run") as other:
        async with open_engine(load_settings({"home": str(home)}), overrides=Overrides(store_now_ms=clock)) as engine:
            execution_id = await left_running(engine, other.me)
            unit = engine.storage.begin()
            unit.claim_execution(execution_id, other.me, LEASE_S, 0)
            await unit.commit()
            assert await engine.recover() == ()
            clock.advance(LEASE_S)
            told = await engine.recover()
            assert [reply.execution.execution_id for reply in told if reply.execution] == [execution_id]
            unit = engine.storage.begin()
            unit.renew_lease(execution_id, other.me, 1, LEASE_S)
            with pytest.raises(Conflict):
                await unit.commit()


_DIES = """
import asyncio, sys
from pathlib import Path
from opsconductor.testing.doubles.connector.scripted import ACT, FAIL, ScriptedConnectorDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import open_stage_e

class Logged(ScriptedConnectorDouble):
    async def call(self, call):
        answer = await super().call(call)
        Path(sys.argv[1], "world").write_text(str(len(self.world.effects)))
        return answer

async def main():
    home, place = Path(sys.argv[1]), sys.argv[2]
    async with open_stage_e(home, a_change(), connector=Logged(), failpoints=KillingFailpointsDouble(place)) as stage:
        run = await stage.started(a_plan(a_step(a_change(), HOSTS[0])))
        await stage.executor.execute_plan(run.execution.plan, None, run)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("step.after_intent", StepStatus.FAILED),
        ("step.after_effect", StepStatus.SUCCEEDED),
        ("step.after_result", StepStatus.SUCCEEDED),
    ],
)
async def test_a_killed_process_leaves_a_store_that_tells_the_truth(home: Path, place: str, status: StepStatus) -> None:
    command = [sys.executable, "-c", _DIES, str(home), place]
    died = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False, timeout=50, cwd=ROOT)
    assert died.returncode == -signal.SIGKILL, died.stderr
    connector = ScriptedConnectorDouble()
    for _ in range(json.loads((home / "world").read_text())):
        connector.world.act("app-01")
    acted = len(connector.world.effects)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        (execution,) = await stage.stored.running_executions()
        assert not stage.processes.is_alive(execution.owner)
        stage.clock.advance(60)
        closing = await stage.recovery.settle(execution, stage.catalogue)
    assert closing.result.step_results[0].status is status
    assert len(connector.world.effects) == acted
    assert (status is StepStatus.SUCCEEDED) == (acted == 1)


_STANDS_STILL = """
import asyncio, os, signal, sys
from pathlib import Path
from opsconductor.domain.errors import OpsConductorError
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import open_stage_e

class Stopping(KillingFailpointsDouble):
    async def hit(self, name):
        if name == "step.after_intent":
            os.kill(os.getpid(), signal.SIGSTOP)

async def main():
    async with open_stage_e(Path(sys.argv[1]), a_change(), failpoints=Stopping()) as stage:
        run = await stage.started(a_plan(a_step(a_change(), HOSTS[0])))
        try:
            await stage.executor.execute_plan(run.execution.plan, None, run)
        except OpsConductorError as error:
            print(error.code, len(stage.connector.world.effects))

asyncio.run(main())
"""


def started(command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


async def test_a_process_that_stood_still_is_refused_and_what_it_did_is_told(home: Path) -> None:
    """SIGSTOP between intent and effect, the lease over, taken over by another process, SIGCONT."""
    command = [sys.executable, "-c", _STANDS_STILL, str(home)]
    with started(command) as stopped:
        _, how = await asyncio.to_thread(os.waitpid, stopped.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(how)
        async with open_stage_e(home, *TOOLS) as stage:
            assert await stage.stored.abandoned_executions() == ()
            stage.clock.advance(60)
            (execution,) = await stage.stored.abandoned_executions()
            assert stage.processes.is_alive(execution.owner)
            closing = await stage.recovery.settle(execution, stage.catalogue)
            assert closing.result.status is ExecutionStatus.UNKNOWN
            await stage.commit(closing)
            os.kill(stopped.pid, signal.SIGCONT)
            said, _ = await asyncio.to_thread(stopped.communicate)
            assert said.split() == ["execution.fenced", "1"]
            settled = await stage.stored_execution(execution)
            assert settled.status is ExecutionStatus.SUCCEEDED
            assert settled.result is not None
            assert "Told late" in settled.result.step_results[0].note
