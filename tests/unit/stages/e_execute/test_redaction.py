"""What must never be shown is in nothing that came back, wherever the far side puts it."""

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorResult
from opsconductor.stages.e_execute.redaction import REDACTED, answer_without, secret_values, without

KEY = b"-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\nshort\n-----END KEY-----\n"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def texts_in(value: Json) -> list[str]:
    """Every text of a value, keys too."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *texts_in(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


def test_secrets_are_redacted_inputs_and_every_telling_line_of_the_credential() -> None:
    secrets = secret_values({"password": "hunter/2", "service": "billing", "empty": None}, ("password", "empty"), KEY)
    assert {"hunter/2", "hunter%2F2", "AAAAB3NzaC1yc2E"} <= set(secrets)
    assert not {"billing", "short", "-----BEGIN KEY-----", ""} & set(secrets)


def test_the_longest_secret_is_taken_out_first() -> None:
    secrets = secret_values({"a": "abc", "b": "abcdef"}, ("a", "b"))
    assert without("x abcdef y abc", secrets) == f"x {REDACTED} y {REDACTED}"


@given(st.text(min_size=1).filter(lambda text: text not in REDACTED), VALUES)
def test_no_text_holds_the_secret_afterwards(secret: str, value: Json) -> None:
    planted = {"where": [value, f"a{secret}b", {secret: secret}]}
    assert not any(secret in text for text in texts_in(without(planted, (secret,))))


def test_a_number_that_is_the_secret_is_hidden_and_no_other() -> None:
    assert without({"pin": 4711, "count": 47110, "ok": True}, ("4711",)) == {
        "pin": REDACTED,
        "count": 47110,
        "ok": True,
    }


def test_without_secrets_nothing_is_touched() -> None:
    answer = ConnectorResult(outcome="done", output={"text": "hunter2"})
    assert answer_without(answer, ()) is answer


def test_request_response_output_and_error_are_cleaned() -> None:
    answer = ConnectorResult(
        outcome="done", output="hunter2", request={"a": "hunter2"}, response={"b": ["hunter2"]}, error="no hunter2"
    )
    assert "hunter2" not in repr(answer_without(answer, ("hunter2",)))
