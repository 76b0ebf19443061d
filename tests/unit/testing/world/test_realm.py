"""A realm does what its script says, when its time has come, and once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconductor.testing.world.log import ASKED, BEHAVES, DONE, LOOKED, REFUSED, RealmLog
from opsconductor.testing.world.realm import AT_ONCE, DONE_THEN_HANG_UP, LATE, NEVER, REFUSE, SLOW, UNDO, Realm


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RealmLog]:
    log = RealmLog(tmp_path / "realm.log")
    yield log
    log.close()


def happened(log: RealmLog) -> list[str]:
    return [entry.what for entry in log.entries if entry.what not in (BEHAVES, LOOKED)]


@pytest.mark.parametrize("behaviour", ["", AT_ONCE, DONE_THEN_HANG_UP])
def test_an_effect_is_asked_for_and_then_done(log: RealmLog, behaviour: str) -> None:
    realm = Realm(log)
    if behaviour:
        realm.behave(0, "restart", "m1", behaviour, 0)
    met = realm.ask(10, "restart", "m1", "app-01")
    assert happened(log) == [ASKED, DONE]
    assert log.entries[-1].ask == met.number
    assert realm.read(10, "app-01") == {"count": 1, "undone": 0}
    assert realm.read(10, "app-02") == {"count": 0, "undone": 0}


@pytest.mark.parametrize("behaviour", [LATE, SLOW])
def test_a_late_effect_is_seen_only_once_its_time_has_come(log: RealmLog, behaviour: str) -> None:
    realm = Realm(log)
    realm.behave(0, "restart", "m1", behaviour, 2.5)
    realm.ask(10, "restart", "m1", "app-01")
    assert realm.read(12.4, "app-01")["count"] == 0
    assert realm.read(12.5, "app-01")["count"] == 1
    assert realm.read(99, "app-01")["count"] == 1, "it happens once"
    assert [(entry.what, entry.at) for entry in log.entries[2:]] == [
        *((LOOKED, 12.4), (DONE, 12.5), (LOOKED, 12.5), (LOOKED, 99)),
    ]


@pytest.mark.parametrize(("behaviour", "facts"), [(NEVER, [ASKED]), (REFUSE, [ASKED, REFUSED])])
def test_some_requests_are_never_done(log: RealmLog, behaviour: str, facts: list[str]) -> None:
    realm = Realm(log)
    realm.behave(0, "restart", "m1", behaviour, 0)
    realm.ask(10, "restart", "m1", "app-01")
    assert realm.read(10**6, "app-01")["count"] == 0
    assert happened(log) == facts


def test_a_behaviour_is_of_one_verb_and_one_mark_one_after_the_other_and_the_last_one_holds(log: RealmLog) -> None:
    realm = Realm(log)
    realm.behave(0, "restart", "m1", NEVER, 0)
    realm.behave(0, "restart", "m2", REFUSE, 0)
    realm.behave(0, "restart", "m2", AT_ONCE, 0)
    assert realm.ask(1, "undo", "m1", "app-01").behaviour == AT_ONCE
    assert [realm.ask(1, "restart", "m1", "app-01").behaviour for _ in range(2)] == [NEVER, NEVER]
    assert [realm.ask(1, "restart", "m2", "app-01").behaviour for _ in range(3)] == [REFUSE, AT_ONCE, AT_ONCE]


def test_what_was_taken_back_is_counted_apart(log: RealmLog) -> None:
    realm = Realm(log)
    realm.ask(1, "deploy", "m1", "app-01")
    realm.ask(2, UNDO, "m1", "app-01")
    assert realm.read(2, "app-01") == {"count": 0, "undone": 1}


def test_a_world_that_starts_again_goes_on_from_its_log(log: RealmLog) -> None:
    Realm(log).behave(0, "restart", "m1", LATE, 5)
    Realm(log).ask(1, "restart", "m1", "app-01")
    assert Realm(log).read(6, "app-01")["count"] == 1
    assert Realm(log).read(6, "app-01")["count"] == 1


def test_an_unknown_behaviour_is_refused(log: RealmLog) -> None:
    with pytest.raises(ValueError, match="'soon' is none of"):
        Realm(log).behave(0, "restart", "m1", "soon", 0)
