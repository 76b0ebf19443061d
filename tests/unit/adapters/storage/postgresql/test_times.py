import pytest

from opsconductor.adapters.storage.postgresql.times import milliseconds


def test_a_time_in_the_one_spelling_is_milliseconds() -> None:
    assert milliseconds("1970-01-01T00:00:01.234Z") == 1234
    assert milliseconds("2026-05-05T12:00:00.123Z") == 1777982400123


@pytest.mark.parametrize("text", [None, "", "soon", "2026-05-05", "2026-13-05T12:00:00.123Z", "2026-05-05T12:00:00Z"])
def test_any_other_text_is_no_time(text: str | None) -> None:
    assert milliseconds(text) is None
