import pytest

from opsconductor.adapters.storage.postgresql.bodies import from_body, from_optional_body, to_body
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.turn import TurnRecord
from opsconductor.testing.contracts.storage import samples


def test_a_value_comes_back_equal() -> None:
    assert from_body(TurnRecord, to_body(samples.record())) == samples.record()
    assert from_optional_body(TurnRecord, None) is None
    assert from_optional_body(TurnRecord, to_body(samples.record())) == samples.record()


def test_half_a_character_pair_is_refused() -> None:
    with pytest.raises(OpsConductorError) as error:
        to_body(samples.record(message="\ud800"))
    assert error.value.code == "request.bad_text"


@pytest.mark.parametrize("body", ["", "{", "{}", "[]"])
def test_a_body_that_holds_no_such_value_is_told(body: str) -> None:
    with pytest.raises(OpsConductorError) as error:
        from_body(TurnRecord, body)
    assert error.value.code == "store.corrupt"
