from dataclasses import fields

import pytest

from opsconductor.adapters.json_codec import dump_bytes, load
from opsconductor.testing.contracts.storage import samples

VALUES = [
    *(samples.accepted(), samples.session(), samples.plan(), samples.step_result(), samples.result("exec_1")),
    *(
        samples.execution(),
        samples.move("pending", "running"),
        samples.intent(),
        samples.decision(),
        samples.approval(),
    ),
    *(
        samples.record(),
        samples.identity(),
        samples.token(),
        samples.message(),
        samples.memory(),
        samples.audit_entry(),
    ),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_sample_is_equal_after_a_round_trip_through_json(value: object) -> None:
    assert load(type(value), dump_bytes(value)) == value


def test_the_sample_session_sets_every_stored_field() -> None:
    defaults = {"turn_count": 0, "last_intent": "", "last_request": "", "pending_request": "", "updated_at": ""}
    session = samples.session()
    for field in fields(session):
        assert field.name == "variables" or getattr(session, field.name) != defaults.get(field.name, ()), field.name
