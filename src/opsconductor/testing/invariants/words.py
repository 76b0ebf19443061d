"""I6, I11, I12, I13, I14: what anybody sees is theirs, is no secret, comes in time, and is true."""

import json
import re
from collections.abc import Iterator

from opsconductor.domain.execution import StepStatus
from opsconductor.domain.response import ReplyKind
from opsconductor.testing.invariants.evidence import FALSE_DONE, Evidence, Violation

LONGEST_S = 2.0
MOST_MIB = 200.0
_NUMBER_OR_ID = re.compile(r"\b[a-z]+_[0-9a-f][0-9a-f-]{7,}\b|(?<![\w.-])\d+(?:\.\d+)?(?![\w-]|\.\d)")


def i6_nobody_sees_what_is_another_tenants(evidence: Evidence) -> Iterator[Violation]:
    """No word that belongs to one tenant stands in what another was shown."""
    for owner, words in evidence.only_of.items():
        for shown in evidence.shown:
            seen = [word for word in words if word in shown.message] if shown.tenant != owner else []
            for word in seen:
                text = f"{shown.tenant} was shown {word!r}, which is {owner}'s."
                yield Violation(invariant="I6", subject=shown.turn_id, words=text)


def i11_no_planted_secret_is_anywhere(evidence: Evidence) -> Iterator[Violation]:
    """Neither in the record, nor in what was shown, nor in any place that was looked at."""
    places = dict(evidence.exposed)
    places["the audit log"] = json.dumps([dict(row.entry.detail) for row in evidence.store.audit])
    places["an answer"] = "\n".join(shown.message for shown in evidence.shown)
    for secret in evidence.secrets:
        for place in [place for place, text in places.items() if secret in text]:
            yield Violation(invariant="I11", subject=place, words=f"A planted secret stands in {place}.")


def i12_hostile_input_does_no_harm(evidence: Evidence) -> Iterator[Violation]:
    """No 5xx, nothing slower than 2 s, at most 200 MiB more memory."""
    for answer in evidence.hostile:
        if answer.status >= 500:
            yield Violation(invariant="I12", subject=answer.what, words=f"{answer.what} was met with {answer.status}.")
        if answer.seconds > LONGEST_S:
            words = f"{answer.what} took {answer.seconds:.1f} s."
            yield Violation(invariant="I12", subject=answer.what, words=words)
    if evidence.memory_growth_mib > MOST_MIB:
        words = f"The process grew by {evidence.memory_growth_mib:.0f} MiB."
        yield Violation(invariant="I12", subject="memory", words=words)


def i13_every_store_gives_the_same_transcript(evidence: Evidence) -> Iterator[Violation]:
    """The same script, line by line."""
    (first, lines), *others = evidence.transcripts.items() or [("", ())]
    for name, other in others:
        differs = [number for number, pair in enumerate(zip(lines, other, strict=False), 1) if pair[0] != pair[1]]
        if differs or len(lines) != len(other):
            at = differs[0] if differs else min(len(lines), len(other)) + 1
            yield Violation(invariant="I13", subject=name, words=f"{first} and {name} differ from line {at} on.")


def i14_done_is_only_said_of_what_succeeded(evidence: Evidence) -> Iterator[Violation]:
    """ "Done" ⇒ every step succeeded; every number and id that was shown stands in the store."""
    stored = {one.execution.execution_id: one for one in evidence.store.executions}
    known = _known_text(evidence)
    for shown in evidence.shown:
        one = stored.get(shown.execution_id)
        result = one.execution.result if one is not None else None
        steps = {step.status for step in result.step_results} if result is not None else set()
        if shown.execution_id and shown.kind == ReplyKind.ANSWER and steps != {StepStatus.SUCCEEDED}:
            text = f"The answer {shown.message!r} says done; the steps are {', '.join(sorted(steps)) or 'not stored'}."
            yield Violation(invariant="I14", subject=shown.turn_id, words=text, harm=FALSE_DONE)
        for word in _NUMBER_OR_ID.findall(shown.message):
            if word not in known:
                text = f"{word} in {shown.message!r} stands nowhere in the store."
                yield Violation(invariant="I14", subject=shown.turn_id, words=text)


def _known_text(evidence: Evidence) -> set[str]:
    """Every number and id that the store holds outside the words of the replies themselves."""
    parts: list[object] = []
    for stored in evidence.store.executions:
        parts += [stored.execution, stored.journal, stored.approvals, stored.moves]
    for turn in evidence.store.turns:
        parts.append(turn.accepted)
        if turn.record is not None:
            reply = turn.record.reply
            parts += [reply.evidence, reply.execution, reply.decision]
    return set(_NUMBER_OR_ID.findall(repr(parts)))
