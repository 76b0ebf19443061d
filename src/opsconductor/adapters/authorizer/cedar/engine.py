"""Cedar with pre-parsed policies: what no policy permits is refused, and an error is a refusal."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from opsconductor.domain.identity import Identity
from opsconductor.ports.authorizer import Permission, RightsVerdict

_VERDICTS = 1_024
NEEDED: Mapping[str, str] = {
    "ask": "any role",
    "read": "any role",
    "view_records": "any role",
    "change": "the role requester",
    "approve": "the role approver, in another person than the requester from level 2 on",
    "confirm_step": "the requester of the plan, or the role approver",
    "decline": "the requester of the plan, or the role approver",
    "cancel": "the requester of the execution, or the role approver or admin",
    "resolve": "the role approver or admin, in another person than the one who ordered it",
    "break_glass": "the role break_glass, which an administrator gives with: opsconductor identities grant {name} "
    "--role break_glass",
    "review": "the role approver or admin, in another person than whoever ordered it or broke the glass",
    "import": "the role admin",
    "manage_tokens": "the role admin",
    "manage_identities": "the role admin",
    "manage_settings": "the role admin",
}

WORDS: Mapping[str, str] = {
    "view_records": "see records",
    "confirm_step": "confirm steps",
    "decline": "reject plans or ask for changes",
    "cancel": "cancel this execution",
    "resolve": "settle unknown outcomes",
    "break_glass": "approve without a second person",
    "review": "review this decision",
    "manage_tokens": "manage tokens",
    "manage_identities": "manage identities",
    "manage_settings": "change the switches of a tenant",
}


class CedarAuthorizer:
    """Decides by the packaged policies; facts travel in the context, so nothing is looked up."""

    def __init__(self, policies: str | None = None) -> None:
        self._text = policies or files("opsconductor.adapters.authorizer.cedar").joinpath("policies.cedar").read_text(
            "utf-8"
        )
        self.policy_digest = "sha256:" + hashlib.sha256(self._text.encode()).hexdigest()
        # A verdict follows from the request and the policies alone: the very same request has the same one.
        self._permits = lru_cache(maxsize=_VERDICTS)(self._judged)

    def decide(self, identity: Identity, permission: Permission) -> RightsVerdict:
        """The verdict on one question; facts that are not given are taken as the strictest."""
        request = {
            "principal": {"type": "Identity", "id": identity.identity_id},
            "action": {"type": "Action", "id": permission.action},
            "resource": {"type": "Tenant", "id": permission.tenant},
            "context": {
                "roles": sorted(role.value for role in identity.roles),
                "identity_tenant": identity.tenant,
                "tenant": permission.tenant,
                "disabled": identity.disabled,
                "level": permission.facts.get("level", 3),
                "own_request": permission.facts.get("own_request", True),
                "self_approval": permission.facts.get("self_approval", False),
                "own_decision": permission.facts.get("own_decision", True),
            },
        }
        if self._permits(json.dumps(request)):
            return RightsVerdict(allowed=True, reason="permitted")
        if identity.disabled:
            words = f"The identity {identity.name} is disabled. An administrator can enable it: "
            return RightsVerdict(
                allowed=False, reason=f"{words}opsconductor identities disable {identity.name} --enable."
            )
        needed = NEEDED.get(permission.action, "a role that permits it").replace("{name}", identity.name)
        return RightsVerdict(
            allowed=False, reason=f"{identity.name} may not {_worded(permission.action)} here; it takes {needed}."
        )

    def _judged(self, request: str) -> bool:
        """What Cedar says of a request in JSON."""
        import cedarpy

        result = cedarpy.is_authorized(json.loads(request), *self._handles)
        return bool(result.allowed and not result.diagnostics.errors)

    @cached_property
    def _handles(self) -> tuple[Any, Any]:
        """Parsed once: parsing is what costs."""
        import cedarpy

        return cedarpy.PolicySet.from_str(self._text), cedarpy.Entities.from_json_str("[]")


def _worded(action: str) -> str:
    return WORDS.get(action, action)
