import inspect

from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.domain.approvals import ApprovalState
from opsconductor.ports.storage import UnitOfWork
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused


def names_of(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


async def test_every_change_of_the_port_can_be_made(store: PostgresStorage) -> None:
    assert names_of(type(store.begin())) == names_of(UnitOfWork)


async def test_a_failed_unit_may_be_tried_again_and_a_done_one_is_empty(store: PostgresStorage) -> None:
    unit = store.begin()
    unit.accept_turn(samples.accepted())
    unit.consume_approval(samples.identifier("appr", 1), samples.HASH)
    async with refused("approval.not_found"):
        await unit.commit()
    assert await store.open_turns() == ()
    helper = store.begin()
    helper.add_approval(samples.approval())
    helper.decide_approval(samples.identifier("appr", 1), samples.decision(), ApprovalState.APPROVED)
    await helper.commit()
    await unit.commit()
    await unit.commit()
    assert await store.open_turns() == (samples.accepted(),)
