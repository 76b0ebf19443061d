from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.domain.approvals import ApprovalState
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race

APPROVAL = samples.identifier("appr", 1)


async def test_an_approval_is_consumed_once_from_whatever_side(race: Race, store: PostgresStorage) -> None:
    unit = store.begin()
    unit.add_approval(samples.approval())
    unit.decide_approval(APPROVAL, samples.decision(), ApprovalState.APPROVED)
    await unit.commit()
    outcomes = await race(lambda unit, number: unit.consume_approval(APPROVAL, samples.HASH))
    assert sorted(outcomes) == ["", *["approval.not_pending"] * 11]


async def test_a_decision_and_an_expiry_do_not_both_happen(race: Race, store: PostgresStorage) -> None:
    unit = store.begin()
    unit.add_approval(samples.approval())
    await unit.commit()
    outcomes = await race(
        lambda unit, number: (
            unit.expire_approval(APPROVAL)
            if number % 3 == 0
            else unit.decide_approval(APPROVAL, samples.decision(), ApprovalState.REJECTED)
        )
    )
    assert sorted(outcomes) == ["", *["approval.not_pending"] * 11]
    approval = await store.approval("default", APPROVAL)
    assert approval is not None
    expired = (outcomes.index("") + 1) % 3 == 0
    assert approval.state is (ApprovalState.EXPIRED if expired else ApprovalState.REJECTED)
    assert len(approval.decisions) == (0 if expired else 1)
