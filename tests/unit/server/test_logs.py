import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from opsconductor.domain.errors import BadInput
from opsconductor.server.door_keeper import Seen
from opsconductor.server.logs import HIDDEN, configure, hide, log_request, redacted

TOKEN = "opsc_" + "a1B2" * 8
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_level_and_time(stream: io.StringIO) -> None:
    configure("info", stream)
    structlog.stdlib.get_logger("opsconductor.x").info("thing.happened", count=2)
    (line,) = lines(stream)
    assert (line["event"], line["count"], line["level"], line["logger"]) == (
        "thing.happened",
        2,
        "info",
        "opsconductor.x",
    )
    assert line["timestamp"].endswith("Z")


def test_other_libraries_speak_json_too_and_below_the_level_nothing_is_said(stream: io.StringIO) -> None:
    configure("warning", stream)
    logging.getLogger("uvicorn.error").warning("slow %s", "client")
    logging.getLogger("uvicorn.error").info("hello")
    assert [line["event"] for line in lines(stream)] == ["slow client"]


def test_no_secret_reaches_a_line_by_name_by_form_or_in_a_traceback(stream: io.StringIO) -> None:
    configure("info", stream)
    log = structlog.stdlib.get_logger("x")
    log.info(
        "one", token="plain", nested={"Authorization": "x", "list": [f"Bearer {TOKEN}"]}, url=f"/sign-in?token={TOKEN}"
    )
    logging.getLogger("y").warning("it said %s and %s", TOKEN, KEY)
    try:
        raise ValueError(f"with {TOKEN}")
    except ValueError:
        log.exception("two")
    text = stream.getvalue()
    assert TOKEN not in text
    assert "plain" not in text
    assert "abc" not in text
    assert "ValueError" in text
    assert lines(stream)[0]["nested"]["Authorization"] == HIDDEN


def test_names_of_ids_are_no_secrets() -> None:
    given = {"token_id": "tok_1", "credential_ref": "lab", "password": "", "count": 1.5, "none": None, "raw": b"x"}
    assert redacted(given) == {**given, "raw": "x"}


@pytest.mark.parametrize("text", [TOKEN, f"Bearer {TOKEN}", "authorization: bearer abcdef", KEY])
def test_a_secret_is_hidden_in_any_text(text: str) -> None:
    assert HIDDEN in hide(f"a {text} b")
    assert not any(part in hide(text) for part in (TOKEN, "abcdef", "abc\n"))


def test_an_unknown_level_is_refused(stream: io.StringIO) -> None:
    with pytest.raises(BadInput, match="log_level must be one of"):
        configure("loud", stream)


def test_an_answered_request_is_information_and_a_fault_an_error(stream: io.StringIO) -> None:
    configure("info", stream)
    seen = Seen(request_id="r", method="GET", path="/x", route="/x", status=200, seconds=0.0123)
    log_request(seen)
    log_request(Seen(**{**seen.__dict__, "status": 500, "fault": "fault_1"}))
    first, second = lines(stream)
    assert (first["event"], first["ms"], first["level"]) == ("http.request", 12.3, "info")
    assert (second["event"], second["reference"], second["level"]) == ("http.fault", "fault_1", "error")
