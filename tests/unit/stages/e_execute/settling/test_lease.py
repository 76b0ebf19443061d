"""A run is held while it lasts; who loses it, by the store's word or by the time that passed, begins nothing more."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.domain.errors import Conflict, OpsConductorError
from opsconductor.domain.execution import Execution
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.settling.lease import LEASE_S, RENEW_EVERY_S, Leases
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.samples import identifier
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_method

ID = identifier("exec", 1)


@pytest.fixture
def clock() -> MovingClockDouble:
    return MovingClockDouble()


@pytest.fixture
async def storage(home: Path, clock: MovingClockDouble) -> AsyncIterator[Storage]:
    def now_ms() -> int:
        return int(clock.now().timestamp() * 1000)

    async with open_storage(home / "x.db", HmacSeal(bytes(32)), now_ms) as opened:
        yield opened


async def claimed(storage: Storage) -> Execution:
    unit = storage.begin()
    unit.add_execution(samples.execution())
    unit.move_execution(samples.move("pending", "running"))
    unit.claim_execution(ID, "first", LEASE_S, 0)
    await unit.commit()
    return replace(samples.execution(), owner="first", claim=1)


async def take_over(storage: Storage) -> None:
    unit = storage.begin()
    unit.claim_execution(ID, "second", LEASE_S, 1)
    await unit.commit()


async def test_a_run_is_held_for_as_long_as_it_takes(storage: Storage, clock: MovingClockDouble) -> None:
    async with Leases(storage, clock).holding_run(await claimed(storage)) as held:
        for _ in range(10):
            await clock.sleep(LEASE_S - 1)
            held.check()
            assert await storage.abandoned_executions() == ()
    await clock.sleep(LEASE_S)
    assert len(await storage.abandoned_executions()) == 1


async def test_whoever_is_taken_over_is_told_at_the_next_renewal_and_goes_on_to_its_end(
    storage: Storage, clock: MovingClockDouble
) -> None:
    ended = False
    async with Leases(storage, clock).holding_run(await claimed(storage)) as held:
        held.check()
        await take_over(storage)
        await clock.sleep(RENEW_EVERY_S)
        with pytest.raises(Conflict) as caught:
            held.check()
        ended = True
    assert caught.value.code == "execution.fenced"
    assert ended
    execution = await storage.execution("default", ID)
    assert execution is not None
    assert (execution.owner, execution.claim) == ("second", 2)


async def test_a_process_that_stood_still_knows_by_its_own_clock_that_it_lost_the_run(
    storage: Storage, clock: MovingClockDouble
) -> None:
    async with Leases(storage, clock).holding_run(await claimed(storage)) as held:
        clock.advance(LEASE_S)  # nothing of this process ran meanwhile, its renewals neither
        with pytest.raises(Conflict):
            held.check()


async def test_time_before_the_block_counts_too(storage: Storage, clock: MovingClockDouble) -> None:
    before = clock.monotonic()
    execution = await claimed(storage)
    clock.advance(LEASE_S)
    async with Leases(storage, clock).holding_run(execution, since=before) as held:
        assert held.is_lost


async def test_a_store_that_is_away_is_asked_again_before_the_lease_is_over(
    storage: Storage, clock: MovingClockDouble
) -> None:
    execution = await claimed(storage)
    failing: Storage = FailingStorageDouble(storage, at_method("renew_lease", REFUSE, times=3))
    async with Leases(failing, clock).holding_run(execution) as held:
        await clock.sleep(LEASE_S + 1)
        held.check()


async def test_a_commit_of_the_run_may_renew_it(storage: Storage, clock: MovingClockDouble) -> None:
    async with Leases(storage, clock).holding_run(await claimed(storage)) as held:
        clock.advance(LEASE_S - 1)
        since = clock.monotonic()
        unit = storage.begin()
        held.renew(unit)
        await unit.commit()
        held.renewed(since)
        clock.advance(LEASE_S - 1)
        held.check()
        held.renewed(since - 5)  # one that was older changes nothing
        held.check()
        clock.advance(1)
        assert held.is_lost


async def test_an_error_of_the_run_comes_out_as_it_was_raised(storage: Storage, clock: MovingClockDouble) -> None:
    execution = await claimed(storage)
    for error in (OpsConductorError("store.locked", "x"), KeyError("x")):
        with pytest.raises(type(error)) as caught:
            async with Leases(storage, clock).holding_run(execution):
                raise error
        assert caught.value is error


async def test_a_run_that_is_cut_off_is_not_renewed_any_more(storage: Storage, clock: MovingClockDouble) -> None:
    execution = await claimed(storage)
    began = asyncio.Event()

    async def run() -> None:
        async with Leases(storage, clock).holding_run(execution):
            began.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(run())
        await began.wait()
        task.cancel()
    await clock.sleep(LEASE_S)
    assert len(await storage.abandoned_executions()) == 1
