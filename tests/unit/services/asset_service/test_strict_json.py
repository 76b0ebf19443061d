import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.services.asset_service.strict_json import parse


@pytest.mark.parametrize("data", [b'{"a": [1, 2.5, "\xc3\xbc", null, true]}', b'"\\u00fc\\ud83d\\ude80"', b" 1 "])
def test_json_is_read(data: bytes) -> None:
    parse(data)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{,}", b'{"a":1,"a":2}', b'{"x":{"a":1,"a":1}}', b"NaN", b"-Infinity", b"1e400", b'"\xff"'),
        *(b"[" * 50_000, b"9" * 5000, b"\xef\xbb\xbf1", b'"\x00"', b"1 2"),
    ],
)
def test_what_has_no_single_meaning_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        parse(data)
    assert caught.value.code == "request.bad_json"


@pytest.mark.parametrize("data", [b'["\\ud800"]', b'{"a\\u0000": 1}', b'"\\udc00\\ud800"'])
def test_text_no_store_takes_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        parse(data)
    assert caught.value.code == "request.bad_text"


def test_a_backslash_before_u0000_is_only_text() -> None:
    assert parse(b'"\\\\u0000"') == "\\u0000"
