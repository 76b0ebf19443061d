"""What a replay of a past turn found: the same reply again, or where it differs."""

from dataclasses import dataclass

from opsconductor.domain.json_value import Json


@dataclass(frozen=True, kw_only=True)
class ReplayDifference:
    """One thing that the record tells and that does not follow from what it holds."""

    phase: str  # whose result it is, such as p09_generate
    what: str  # such as message, plan.plan_digest
    told: Json  # as the record has it
    derived: Json  # as it was derived again


@dataclass(frozen=True, kw_only=True)
class DigestChange:
    """The digest of something that a reply is made with, then and now."""

    name: str  # catalogue | configuration
    then: str
    now: str


@dataclass(frozen=True, kw_only=True)
class TurnReplay:
    """A past turn derived again from its record. Nothing was called for it and nothing is stored."""

    turn_id: str
    outcome: str  # same | different
    differences: tuple[ReplayDifference, ...] = ()
    changed_since: tuple[DigestChange, ...] = ()  # what is not as it was: a difference may come from it
    notes: tuple[str, ...] = ()  # what could not be derived, and was checked instead
