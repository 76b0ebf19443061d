from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import leases


@pytest.mark.parametrize("name", list(leases._SQL))
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(leases._SQL[name]) == []
