from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from opsconductor.domain.errors import Unavailable
from opsconductor.server.routes import health
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]


class StoppedInventory:
    """An asset service that does not answer."""

    async def vocabulary(self, tenant: str) -> None:
        raise Unavailable("inventory.unavailable", "The asset service does not answer.")


class SilentInventory:
    """An asset service that never answers."""

    async def vocabulary(self, tenant: str) -> None:
        import asyncio

        await asyncio.Event().wait()


@pytest.fixture
def restored(door: Door) -> Iterator[None]:
    yield
    door.app.state.engine = door.engine


async def test_alive_and_ready_are_told_to_everybody(door: Door) -> None:
    http = door.http()
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    assert (await http.get("/readyz")).json() == {"status": "ready"}


async def test_a_part_that_does_not_answer_makes_it_not_ready_and_is_named(
    door: Door, problem_of: Told, restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.app.state.engine = replace(door.engine, inventory=StoppedInventory())  # type: ignore[arg-type]
    assert problem_of(await door.http().get("/readyz")) == (503, "inventory.unavailable")
    assert (await door.http().get("/healthz")).status_code == 200
    monkeypatch.setattr(health, "READY_WITHIN_S", 0.01)
    door.app.state.engine = replace(door.engine, inventory=SilentInventory())  # type: ignore[arg-type]
    assert problem_of(await door.http().get("/readyz")) == (503, "store.unavailable")


async def test_metrics_are_for_those_it_knows(door: Door, problem_of: Told) -> None:
    assert problem_of(await door.http().get("/metrics")) == (401, "identity.required")
    http = await door.as_()
    await http.post("/pipeline", json={"request": "help"})
    response = await http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert 'opsconductor_turns_total{kind="answer"} 1.0' in response.text
