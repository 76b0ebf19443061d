"""The altering model changes exactly one claim, and another seed changes another."""

import pytest

from opsconductor.ports.llm import WordingRequest
from opsconductor.testing.doubles.llm.altering import AlteringWordingDouble

REQUEST = WordingRequest(facts=("service-restart on app-01: succeeded in 12 s.",), must_include=(), must_avoid=())


@pytest.mark.parametrize("seed", range(20))
async def test_one_claim_differs(seed: int) -> None:
    model = AlteringWordingDouble(seed)
    text = await model.word(REQUEST)
    ((old, new),) = model.altered
    assert old != new
    assert new in text
    assert text != REQUEST.facts[0]
    assert text == await AlteringWordingDouble(seed).word(REQUEST)


async def test_seeds_alter_numbers_names_and_states() -> None:
    olds = set()
    for seed in range(40):
        model = AlteringWordingDouble(seed)
        await model.word(REQUEST)
        olds.add(model.altered[0][0])
    assert {"app-01", "succeeded", "12"} <= olds


async def test_a_text_without_claims_gets_one() -> None:
    text = await AlteringWordingDouble(1).word(WordingRequest(facts=("Hello.",), must_include=(), must_avoid=()))
    assert "17" in text
