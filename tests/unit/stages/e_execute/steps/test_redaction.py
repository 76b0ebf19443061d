"""What must never be shown is in nothing that came back, wherever the far side puts it."""

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.errors import Unavailable
from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorResult
from opsconductor.stages.e_execute.steps.redaction import (
    REDACTED,
    answer_without,
    error_without,
    secret_values,
    without,
    without_forms,
)

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
    assert answer_without(answer, ()) == answer


def test_request_response_output_and_error_are_cleaned() -> None:
    answer = ConnectorResult(
        outcome="done", output="hunter2", request={"a": "hunter2"}, response={"b": ["hunter2"]}, error="no hunter2"
    )
    assert "hunter2" not in repr(answer_without(answer, ("hunter2",)))


TOKEN = "opsc_" + "a1B2" * 8


def test_what_nobody_knew_beforehand_is_hidden_by_its_form_and_by_the_name_of_its_field() -> None:
    printed: Json = {"note": f"token is {TOKEN}", "db_password": "x y", "all": [f"k {TOKEN}"], TOKEN: 1, "pwd": ["x y"]}
    assert without_forms(printed) == {
        "note": f"token is {REDACTED}",
        "db_password": REDACTED,
        "all": [f"k {REDACTED}"],
        REDACTED: 1,
        "pwd": [REDACTED],
    }
    plain: Json = {"pid": 7, "tokens": 3, "service": "billing", "credential_ref": "web-key"}
    assert without_forms(plain) == plain


def test_an_answer_and_an_error_are_cleaned_of_both() -> None:
    answer = ConnectorResult(
        outcome="done", output=f"hunter2 {TOKEN}", error=f"password={TOKEN}", response={"x": TOKEN}
    )
    cleaned = repr(answer_without(answer, ("hunter2",)))
    assert "hunter2" not in cleaned
    assert TOKEN not in cleaned
    error = error_without(Unavailable("connector.failed", f"hunter2 and {TOKEN}", detail=TOKEN), ("hunter2",))
    assert (error.code, error.message) == ("connector.failed", f"{REDACTED} and {REDACTED}")
    assert error.facts == {"detail": REDACTED}
    assert isinstance(error, Unavailable)


def test_a_secret_that_was_cut_off_at_the_end_of_an_error_is_hidden_too() -> None:
    answer = ConnectorResult(outcome="done", error="exit 1: long-enough-to-tel")
    assert answer_without(answer, ("long-enough-to-tell",)).error == f"exit 1: {REDACTED}"
    assert answer_without(answer, ("long-enough",)).error == f"exit 1: {REDACTED}-to-tel"
    assert answer_without(answer, ("telephone",)).error == answer.error
