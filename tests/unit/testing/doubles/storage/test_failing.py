"""Commits fail where they are told to: with nothing written, or with everything written."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_storage
from opsconductor.domain.errors import Unavailable
from opsconductor.testing.doubles.storage.failing import (
    DO_THEN_RAISE,
    REFUSE,
    TIME_OUT,
    FailingStorageDouble,
    at_commit,
    at_method,
)


@pytest.fixture
async def stored(home: Path) -> AsyncIterator[SqliteStorage]:
    async with open_storage(home / "a.db", HmacSeal(bytes(32))) as storage:
        yield storage


@pytest.mark.parametrize(
    ("fault", "code", "kept"),
    [
        (REFUSE, "store.unavailable", {}),
        (TIME_OUT, "store.locked", {}),
        (DO_THEN_RAISE, "store.unavailable", {"a": 1}),
    ],
)
async def test_a_chosen_commit_fails(stored: SqliteStorage, fault: str, code: str, kept: dict[str, int]) -> None:
    failing = FailingStorageDouble(stored, at_method("save_tenant_settings", fault))
    unit = failing.begin()
    unit.save_tenant_settings("default", {"a": 1})
    with pytest.raises(Unavailable) as raised:
        await unit.commit()
    assert raised.value.code == code
    assert await failing.tenant_settings("default") == kept
    again = failing.begin()
    again.save_tenant_settings("default", {"a": 2})
    await again.commit()
    assert await stored.tenant_settings("default") == {"a": 2}
    assert failing.commits == [("save_tenant_settings",)] * 2


def test_a_commit_can_be_chosen_by_its_number() -> None:
    choose = at_commit(2, REFUSE)
    assert [choose(number, ()) for number in (1, 2, 3, 2)] == ["", REFUSE, "", REFUSE]
