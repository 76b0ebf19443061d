"""Rights: may this identity do that?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A question about rights.

    Actions: ask, read, change, view_records; approve, confirm_step, decline, break_glass, review; cancel, resolve;
    import, manage_tokens, manage_identities, manage_settings. Facts: `level`, `own_request` (asked for by the same
    person), `self_approval` (the tenant's switch), `own_decision` (the same person decided what is to be
    reviewed, or ordered it). A fact that is not given counts as the strictest.
    """

    action: str
    tenant: str
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RightsVerdict:
    """Allowed or not, and why; absence of a policy is a no."""

    allowed: bool
    reason: str  # for people; names the role that would be needed


class Authorizer(Protocol):
    """Decides by policy alone; never reads the store, never asks a model."""

    @property
    def policy_digest(self) -> str:
        """Changes when any policy changes; part of every approval."""
        ...

    def decide(self, identity: Identity, permission: Permission) -> RightsVerdict:
        """The verdict; an error inside counts as not allowed."""
        ...
