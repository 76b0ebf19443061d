"""Every error a person can meet, with its stable code.

OpsConductorError
├── BadInput       what was sent cannot be taken as it is            (fix it and send again)
├── Refused        understood, and not allowed                       (rights, rules, approval)
├── NotFound       no such thing, or not yours to see
├── Conflict       somebody was faster, or the thing has moved on    (look again, then retry)
├── Unavailable    a part that is needed does not answer             (wait, or repair it)
└── InternalFault  our own mistake                                   (report it)

An error carries a code `area.reason` from `error_codes.py`; the code fixes HTTP status, exit code and next step.
"""

from collections.abc import Iterator

from opsconductor.domain.error_codes import CODES, ErrorCode
from opsconductor.domain.json_value import Json


class OpsConductorError(Exception):
    """Something went wrong in a way the reader can act on."""

    def __init__(self, code: str, message: str, *, next_step: str | None = None, **facts: Json) -> None:
        """`code` must stand in CODES; `facts` are machine-readable details without secrets."""
        super().__init__(message)
        self.spec: ErrorCode = CODES[code]
        self.code = code
        self.message = message
        self.next_step = next_step or self.spec.next_step
        self.facts: dict[str, Json] = dict(facts)


class BadInput(OpsConductorError):
    """What was sent cannot be taken as it is."""


class Refused(OpsConductorError):
    """Understood, and not allowed."""


class NotFound(OpsConductorError):
    """No such thing, or not yours to see."""


class Conflict(OpsConductorError):
    """Somebody was faster, or the thing has moved on."""


class Unavailable(OpsConductorError):
    """A part that is needed does not answer."""


class InternalFault(OpsConductorError):
    """Our own mistake."""


def bare(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What a task group's wrapping hides: its only exception, or the first of ours; the group itself when neither."""
    leaves = list(_leaves(group))
    ours = [leaf for leaf in leaves if isinstance(leaf, OpsConductorError)]
    if len(leaves) == 1:
        return leaves[0]
    return ours[0] if ours else group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one
