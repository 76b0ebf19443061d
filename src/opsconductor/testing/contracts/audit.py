"""What every engine of the audit port promises: a seal that depends on the key, the place and the whole entry."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.audit import AuditSeal

FIRST = bytes(32)
ENTRY = AuditEntry(
    tenant="default",
    at="2026-05-05T12:00:00.123Z",
    actor="idn_1",
    action="step.intent",
    subject="exec_1",
    detail={"target": "app-01", "attempt": 1, "ok": True, "none": None, "list": ["é", {"a": -1}]},
)

OpenSeal = Callable[[bytes], AuditSeal]


def gives_32_bytes_and_the_same_for_the_same(open_seal: OpenSeal) -> None:
    """Whoever holds the key can check."""
    seal = open_seal(b"k" * 32).seal(FIRST, 1, ENTRY)
    assert len(seal) == 32
    assert open_seal(b"k" * 32).seal(FIRST, 1, replace(ENTRY)) == seal


def depends_on_everything(open_seal: OpenSeal) -> None:
    """Key, the row before, number, and each field down to the last bit of the detail."""
    seal = open_seal(b"k" * 32)
    entries = [
        ENTRY,
        replace(ENTRY, tenant="other"),
        replace(ENTRY, at="2026-05-05T12:00:00.124Z"),
        replace(ENTRY, actor="idn_2"),
        replace(ENTRY, action="step.result"),
        replace(ENTRY, subject="exec_2"),
        replace(ENTRY, actor="", subject="idn_1exec_1"),
        *(replace(ENTRY, detail={**ENTRY.detail, key: value}) for key, value in (("attempt", 2), ("x", None))),
        *(replace(ENTRY, detail={**ENTRY.detail, "ok": value}) for value in (False, 1, "true", None)),
        replace(ENTRY, detail={}),
    ]
    seals = [seal.seal(FIRST, 1, entry) for entry in entries]
    seals += [seal.seal(FIRST, 2, ENTRY), seal.seal(seals[0], 1, ENTRY), open_seal(b"j" * 32).seal(FIRST, 1, ENTRY)]
    assert len(set(seals)) == len(seals)


def does_not_depend_on_how_it_was_put_together(open_seal: OpenSeal) -> None:
    """Order of keys, kind of mapping or sequence, and the spelling of one character."""
    seal = open_seal(b"k" * 32)
    backwards = dict(reversed(list(ENTRY.detail.items())))
    same = [
        replace(ENTRY, detail=backwards),
        replace(ENTRY, detail=MappingProxyType(backwards)),
        replace(ENTRY, detail={**ENTRY.detail, "list": ("e\u0301", MappingProxyType({"a": -1}))}),
    ]
    assert {seal.seal(FIRST, 1, entry) for entry in same} == {seal.seal(FIRST, 1, ENTRY)}


def refuses_what_has_no_one_form(open_seal: OpenSeal) -> None:
    """Fractions and U+0000."""
    seal = open_seal(b"k" * 32)
    wrongs: tuple[Json, ...] = (0.5, float("nan"), "a\x00b", 2**60, {"a\x00": 1}, "\ud800", {"\ud800": 1})
    for wrong in wrongs:
        assert _refusal(seal, replace(ENTRY, detail={"x": [wrong]})) == "plan.unhashable", wrong


def _refusal(seal: AuditSeal, entry: AuditEntry) -> str:
    try:
        seal.seal(FIRST, 1, entry)
    except BadInput as error:
        return error.code
    return ""


def hides_a_secret_behind_its_digest(open_seal: OpenSeal) -> None:
    """Equal secrets show as equal; without the key nobody can tell which one it is."""
    seal = open_seal(b"k" * 32)
    hidden = [seal.hide(secret) for secret in ("hunter2", "hunter3", "", "ß🚀", "\ud800")]
    assert len(set(hidden)) == len(hidden)
    assert seal.hide("hunter2") == hidden[0] != open_seal(b"j" * 32).hide("hunter2")
    assert not any("hunter" in text for text in hidden)
    assert len({len(text) for text in hidden}) == 1


PROMISES: tuple[Callable[[OpenSeal], None], ...] = (
    gives_32_bytes_and_the_same_for_the_same,
    depends_on_everything,
    does_not_depend_on_how_it_was_put_together,
    refuses_what_has_no_one_form,
    hides_a_secret_behind_its_digest,
)
