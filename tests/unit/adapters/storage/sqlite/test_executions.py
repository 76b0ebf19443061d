from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, executions
from opsconductor.domain.errors import InternalFault
from opsconductor.testing.contracts.storage import samples

RUNNING = ("running", "abandoned")  # they read the partial index of what runs


@pytest.mark.parametrize("name", [name for name in executions._SQL if name not in RUNNING])
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(executions._SQL[name]) == []


@pytest.mark.parametrize("name", RUNNING)
async def test_running_executions_are_found_without_reading_the_others(
    name: str, scans: Callable[[str], list[str]]
) -> None:
    assert scans(executions._SQL[name]) == ["SCAN executions USING INDEX executions_running"]


async def test_a_damaged_plan_is_told(database: SqliteDatabase) -> None:
    await database.write(executions.adding(samples.execution()))
    await database.write(lambda found: found.execute("UPDATE executions SET plan = x'0102'"))
    with pytest.raises(InternalFault) as caught:
        await database.read(lambda found: executions.executions(found, "default", 5, ""))
    assert caught.value.code == "store.corrupt"
