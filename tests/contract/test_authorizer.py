"""Every engine of the authorizer port keeps the port's promises."""

import pkgutil
from collections.abc import Callable

import pytest

import opsconductor.adapters.authorizer
from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.ports.authorizer import Authorizer
from opsconductor.testing.contracts.authorizer import PROMISES

ENGINES: dict[str, Callable[[], Authorizer]] = {"cedar": CedarAuthorizer}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_engine(engine: str, promise: Callable[[Authorizer], None]) -> None:
    promise(ENGINES[engine]())


def test_every_engine_is_tried() -> None:
    assert {found.name for found in pkgutil.iter_modules(opsconductor.adapters.authorizer.__path__)} == set(ENGINES)
