from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.adapters.storage.postgresql.connection import Connection
from opsconductor.adapters.storage.postgresql.held_execution import demand_claim, hold
from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused


async def test_an_execution_is_held_with_what_stands_in_it(filled: PostgresStorage, connection: Connection) -> None:
    async with connection.pipeline() as pipeline:
        transaction = Transaction(connection, pipeline)
        held = await hold(transaction, samples.identifier("exec", 2))
        assert (held.tenant, held.status, held.claim, held.cancelled_by, held.is_leased) == (
            "b",
            "running",
            1,
            "",
            True,
        )
        await transaction.offset_clock(60_000)
        assert not (await hold(transaction, samples.identifier("exec", 2))).is_leased
        demand_claim(held, 1)
        async with refused("execution.fenced"):
            demand_claim(held, 2)
        async with refused("execution.not_found"):
            await hold(transaction, "nothing")
    await connection.rollback()
