"""What a cell's processes leave behind can be read by the next."""

from pathlib import Path

from opsconductor.testing.crash.place import Place


async def test_where_a_process_passed_is_kept(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, port=1, realm="cell")
    await place.failpoints("trail").hit("step.after_intent")
    assert place.passed("trail") == ("step.after_intent",)
    assert place.passed("nothing") == ()


def test_its_time_is_its_own(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, port=1, realm="cell")
    place.clock.advance(5)
    assert place.clock.monotonic() == 5
    assert place.home.parent == place.client_log.parent == tmp_path
