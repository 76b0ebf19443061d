import json

import pytest

from opsconductor.server.json_response import json_bytes, json_response


def test_json_leaves_as_compact_utf8_in_the_order_of_its_keys() -> None:
    assert json_bytes({"b": "é", "a": [1, 2.5, None]}) == '{"b":"é","a":[1,2.5,null]}'.encode()


def test_half_a_character_pair_is_written_as_an_escape() -> None:
    assert json.loads(json_bytes({"a": "\ud800"})) == {"a": "\ud800"}


def test_nan_is_no_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes(float("nan"))


def test_the_response_says_what_it_is() -> None:
    response = json_response([1], 201)
    assert (response.status_code, response.headers["content-type"], response.body) == (201, "application/json", b"[1]")
