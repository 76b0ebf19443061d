"""What is frozen without words is what the product would have frozen: people who may approve it can, and it runs."""

from pathlib import Path

import pytest

from opsconductor.domain.response import ReplyKind
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import approval_turn, freeze, person
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.world.process import running_world


@pytest.mark.parametrize(("plan", "who"), [("restart", "requester"), ("three steps", "approver")])
async def test_it_is_approved_by_who_may_and_runs(tmp_path: Path, plan: str, who: str) -> None:
    (tmp_path / "cell").mkdir()
    with running_world(tmp_path / "world") as world:
        place = Place(folder=tmp_path / "cell", port=world.port, realm="cell")
        async with opened_engine(place, KillingFailpointsDouble()) as engine:
            approval = await freeze(engine, PLANS[plan].make(engine.catalogues.current(), True))
            turn = await approval_turn(engine, approval)
            reply = await engine.take_turn(turn)
            with pytest.raises(LookupError, match="no stranger"):
                await person(engine, "stranger")
    assert turn.identity.name == who
    assert reply.kind is ReplyKind.ANSWER
