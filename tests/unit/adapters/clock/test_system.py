from datetime import UTC, datetime, timedelta

from opsconductor.adapters.clock.system import SystemClock


def test_the_time_is_the_machines() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= before + timedelta(seconds=5)
