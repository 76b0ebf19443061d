"""The reranker that changes nothing and its double keep the port's promises."""

from collections.abc import Awaitable, Callable

import pytest

from opsconductor.ports.reranker import NoReranker, Reranker
from opsconductor.testing.contracts.reranker import PROMISES
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.reranker.delayed import TurningRerankerDouble


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("reranker", [NoReranker(), TurningRerankerDouble(MovingClockDouble(), 0.05)])
async def test_engine(reranker: Reranker, promise: Callable[[Reranker], Awaitable[None]]) -> None:
    await promise(reranker)
