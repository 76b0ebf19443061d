import hashlib
from pathlib import Path

import pytest

from opsconductor.adapters.storage.sqlite import blobs
from opsconductor.adapters.storage.sqlite.blobs import from_blob, from_optional_blob, to_blob
from opsconductor.domain.errors import BadInput, InternalFault
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import Session, TurnRecord
from opsconductor.testing.contracts.storage import samples


@pytest.mark.parametrize("value", [samples.record(), samples.session(), samples.memory(), samples.plan()])
def test_a_value_comes_back(value: object) -> None:
    assert from_blob(type(value), to_blob(value)) == value


@pytest.mark.parametrize("size", [0, 1, 60, 127, 128, 5000, 300_000])
def test_free_json_of_any_size_comes_back(size: int) -> None:
    value: dict[str, Json] = {"text": "".join(chr(33 + index * 7919 % 90) for index in range(size))}
    assert from_blob(dict[str, Json], to_blob(value)) == value


def test_a_record_takes_a_small_part_of_its_json() -> None:
    record = samples.record(number=3, message="check the disk on db-01")
    assert len(to_blob(record)) < len(repr(record)) / 5


def test_the_words_never_change() -> None:
    # Whoever changes them makes every stored value unreadable: add a second file with the next number instead.
    words = Path(blobs.__file__).with_name("blob_words_1.txt").read_bytes()
    assert hashlib.sha256(words).hexdigest() == "4327cce2b6f6d6745bc44a37e4c4810185775ca65bf5b67985297aef44f3d4aa"


def test_what_was_stored_before_is_still_read() -> None:
    stored = bytes.fromhex(
        "01c3b6cb0e380c0806ba60c21c4480360b80b9500059668231e14568731e9126636ee02352e320dee467a8075b77034aa9b8"
        "76f911e94fa49d80a0f26f20360322cfc3e0d80d084cc634da0e4864300dd496415086c6b667105c57814a0d8c6d8346a04c"
        "8fb27510b4750eefde41033d432363e0fe4100"
    )
    assert from_blob(Session, stored) == samples.session()


@pytest.mark.parametrize(
    "blob", [b"", b"\x00", b"\x01", b"\x07{}", b"\x01\xff\xff\xff", b"\x00{}", to_blob(samples.record())[:-20]]
)
def test_damage_is_told(blob: bytes) -> None:
    with pytest.raises(InternalFault) as caught:
        from_blob(TurnRecord, blob)
    assert caught.value.code == "store.corrupt"


def test_text_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        to_blob(samples.record(message="\ud800"))
    assert caught.value.code == "request.bad_text"


def test_nothing_stays_nothing() -> None:
    assert from_optional_blob(TurnRecord, None) is None
    assert from_optional_blob(Session, to_blob(samples.session())) == samples.session()
