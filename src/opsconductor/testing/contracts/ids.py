"""What every engine of the ids port promises."""

import re
import threading
from collections.abc import Callable

from opsconductor.ports.ids import Ids

_FORM = re.compile(r"turn_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def has_the_form_of_a_uuid7(ids: Ids) -> None:
    """The prefix, `_`, and a UUID of version 7 and the RFC's variant, in lower case."""
    assert _FORM.fullmatch(ids.new("turn"))


def sorts_by_the_time_it_was_made(ids: Ids) -> None:
    """Also within one millisecond."""
    minted = [ids.new("turn") for _ in range(5000)]
    assert minted == sorted(minted)


def is_never_the_same_twice(ids: Ids) -> None:
    """Whatever the prefix, and from any thread."""
    minted: list[str] = []
    threads = [
        threading.Thread(target=lambda: minted.extend(ids.new("turn").partition("_")[2] for _ in range(500)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(minted)) == 2000


PROMISES: tuple[Callable[[Ids], None], ...] = (
    has_the_form_of_a_uuid7,
    sorts_by_the_time_it_was_made,
    is_never_the_same_twice,
)
