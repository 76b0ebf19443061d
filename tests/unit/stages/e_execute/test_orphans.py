"""No execution stays running for ever: what a dead process left, and no turn will tell, is settled and stored."""

from dataclasses import replace
from pathlib import Path

from opsconductor.bootstrap import Engine, open_engine
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import load_settings


async def left_running(engine: Engine, owner: str) -> str:
    """An execution in state running of `owner`, made from a real one whose turn is closed."""
    identity = await engine.storage.identity("default", "requester")
    assert identity is not None
    turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
    reply = await engine.take_turn(turn)
    assert reply.execution is not None
    done = await engine.storage.execution("default", reply.execution.execution_id)
    assert done is not None
    again = replace(done, execution_id=engine.ids.new("exec"), status=ExecutionStatus.RUNNING, owner=owner, result=None)
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
