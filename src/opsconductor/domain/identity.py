"""Who asks, who approves, and what they may do."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What an identity may do; roles add up."""

    REQUESTER = "requester"  # ask, order, confirm own level-1 plans
    APPROVER = "approver"  # approve what others ordered, review break-glass approvals
    ADMIN = "admin"  # import inventory, manage identities and tokens, give roles
    BREAK_GLASS = "break_glass"  # approve without the second person; nobody has it until an administrator gives it
    VIEWER = "viewer"  # read only


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person, agent or system that can be held to account."""

    identity_id: str
    tenant: str  # isolation tenant
    name: str  # unique in the tenant; what --as takes
    kind: str = "human"  # human | agent | system
    roles: frozenset[Role] = field(default_factory=frozenset)
    os_uid: int | None = None  # operating-system user this identity is bound to
    disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class Token:
    """A stored credential of an identity: only its hash is kept."""

    token_id: str
    identity_id: str
    kind: str  # bearer | sign_in_link | session_cookie
    label: str
    token_hash: str  # hex SHA-256 of the secret (256 bits of entropy, so no slow hash is needed)
    created_at: str
    expires_at: str | None = None
    used_at: str | None = None  # sign-in links work once
    revoked_at: str | None = None
