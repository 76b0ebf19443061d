from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, approvals
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import InternalFault
from opsconductor.testing.contracts.storage import samples


@pytest.mark.parametrize("name", list(approvals._SQL))
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(approvals._SQL[name]) == []


@pytest.mark.parametrize("state", [ApprovalState.WITHDRAWN, ApprovalState.CONSUMED, ApprovalState.EXPIRED])
async def test_a_decision_cannot_make_it_anything(database: SqliteDatabase, state: ApprovalState) -> None:
    await database.write(approvals.adding(samples.approval()))
    with pytest.raises(InternalFault):
        await database.write(approvals.deciding(samples.approval().approval_id, samples.decision(), state, None))
    found = await database.read(lambda one: approvals.approval(one, "default", samples.approval().approval_id))
    assert found == samples.approval()
