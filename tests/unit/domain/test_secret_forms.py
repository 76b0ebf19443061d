"""What gives itself away as a secret is found in any text; ordinary words stay as they are."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.secret_forms import may_hold_secrets, names_a_secret, without_secret_forms

SECRET = "s3cr3t-Zq81"
TOKEN = "opsc_" + "a1B2" * 8
FORMS = (
    f"password={SECRET}",
    f"PASSWORD: {SECRET}",
    f'{{"db_password": "{SECRET} and a half"}}',
    f"passphrase='{SECRET}'",
    f"pwd={SECRET};",
    f"https://x/?a=1&token={SECRET}&b=2",
    f"export AWS_SECRET_ACCESS_KEY={SECRET}",
    f"api-key: {SECRET}",
    f"Authorization: Bearer {SECRET}",
    f"authorization: Basic {SECRET}",
    f"it sent bearer {SECRET}",
    f"Set-Cookie: id={SECRET}; HttpOnly",
    f"postgres://bob:{SECRET}@db/x",
    f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----",
    f"-----BEGIN PRIVATE KEY-----\\n{SECRET}",
)


@pytest.mark.parametrize("text", FORMS)
def test_a_secret_is_hidden_by_what_stands_around_it(text: str) -> None:
    assert SECRET not in without_secret_forms(f"before {text}", "[x]")
    assert "[x]" in without_secret_forms(text, "[x]")


@pytest.mark.parametrize(
    "secret",
    [
        *(TOKEN, "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1" * 18, "glpat-" + "a1" * 10, "xoxb-123456789012-abc"),
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_a_secret_is_hidden_by_its_own_form(secret: str) -> None:
    assert without_secret_forms(f"it said '{secret}'.", "[x]") == "it said '[x]'."


@pytest.mark.parametrize(
    "text",
    [
        *("The token is invalid.", "billing runs on app-01", "http://app-01:8080/health", "passwords were rotated"),
        *("step.succeeded", "SHA256:47DEQpj8HBSa-_TImW", "a key stands twice", "/etc/passwd", "the secretary said"),
        *("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ", "exec_01a200d5-1ed5-7a2d-a5ef-da1225147618"),
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert without_secret_forms(text, "[x]") == text


@given(st.text(), st.sampled_from(FORMS), st.text())
def test_whatever_stands_around_a_form_it_is_looked_for_and_hiding_again_changes_nothing(
    before: str, form: str, after: str
) -> None:
    text = f"{before}\n{form}\n{after}"
    assert may_hold_secrets(text)
    hidden = without_secret_forms(text, "[x]")
    assert without_secret_forms(hidden, "[x]") == hidden


@pytest.mark.parametrize(
    "unit", ["a", "password", "-----BEGIN ", "token=", "://", "://a:", "eyJ", '"', 'token "', 'secret: "\\', "AKIA"]
)
def test_a_megabyte_of_almost_secrets_takes_no_longer_than_it_must(unit: str) -> None:
    text = "token " + (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    begun = time.process_time()
    without_secret_forms(text, "[x]")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *(("password", True), ("db_password", True), ("apiKey", True), ("Set-Cookie", True), ("token", True)),
        *(("token_id", False), ("host_key", False), ("credential_ref", False), ("key", False), ("", False)),
    ],
)
def test_names_of_fields_that_hold_secrets(name: str, secret: bool) -> None:
    assert names_a_secret(name) is secret
