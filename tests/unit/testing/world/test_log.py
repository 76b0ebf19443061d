from pathlib import Path

from opsconductor.testing.world.log import ASKED, DONE, RealmLog, WorldEntry, read_world_log

ASK = WorldEntry(number=1, at=5.0, what=ASKED, verb="restart", mark="m1", target="app-01", due=7.5)
ACT = WorldEntry(number=2, at=7.5, what=DONE, verb="restart", mark="m1", target="app-01", ask=1)


def test_what_was_written_is_read_by_anybody_and_by_the_next_to_open_it(tmp_path: Path) -> None:
    log = RealmLog(tmp_path / "cell.log")
    assert [log.append(ASK), log.append(ACT)] == [ASK, ACT]
    log.close()
    assert list(read_world_log(tmp_path / "cell.log")) == [ASK, ACT]
    again = RealmLog(tmp_path / "cell.log")
    assert again.entries == [ASK, ACT]
    again.close()


def test_a_realm_that_nobody_asked_has_an_empty_log(tmp_path: Path) -> None:
    assert list(read_world_log(tmp_path / "nothing.log")) == []
