"""Times are written in UTC with milliseconds."""

from datetime import UTC, datetime

from opsconductor.ports.clock import timestamp


def test_a_timestamp_has_milliseconds_and_z() -> None:
    assert timestamp(datetime(2026, 3, 1, 4, 5, 6, 7999, tzinfo=UTC)) == "2026-03-01T04:05:06.007Z"
