"""Which role may approve which risk and which tools: the setting `approval_rights`. What it does not grant, nobody may.

The setting is a list of grants, each `{roles: […], risks: […], tools: […], names: […]}`. `roles` is mandatory; the
others narrow the grant, and a part that is left out narrows nothing. It only ever narrows what the policies permit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1

SETTING = "approval_rights"
SELF_APPROVAL = "approvals.self_approval"
DEFAULT_RIGHTS: Json = [
    {"roles": [Role.REQUESTER.value], "risks": [RiskLevel.LOW.value, RiskLevel.MEDIUM.value]},
    {"roles": [Role.APPROVER.value]},
]
_PARTS = frozenset({"roles", "risks", "tools", "names"})


@dataclass(frozen=True, kw_only=True)
class _Grant:
    roles: frozenset[str]
    risks: frozenset[str] | None  # None = any
    tools: tuple[str, ...] | None
    names: frozenset[str] | None


def may_approve(setting: Json, identity: Identity, plan: PlanV1) -> bool:
    """Whether grants of `setting` cover every changing step of the plan, at its risk, for this identity."""
    grants = [grant for grant in _grants(setting) if _is_for(grant, identity)]
    return all(
        any(_covers(grant.risks, plan.risk) and _names(grant.tools, tool) for grant in grants)
        for tool in _decided_tools(plan)
    )


def roles_for(setting: Json, plan: PlanV1) -> tuple[str, ...]:
    """The roles of which one is needed for every changing step, for telling people; () where nobody may."""
    wanted = [
        {
            role
            for grant in _grants(setting)
            if _covers(grant.risks, plan.risk) and _names(grant.tools, tool)
            for role in grant.roles
        }
        for tool in _decided_tools(plan)
    ]
    return tuple(sorted(set.intersection(*wanted))) if wanted else ()


def self_approval(tenant_settings: Mapping[str, Json]) -> bool:
    """Whether people of this tenant may approve what they ordered themselves; off unless it was switched on."""
    return tenant_settings.get(SELF_APPROVAL) is True


def faults(setting: Json) -> tuple[str, ...]:
    """What is wrong with the setting, in words; what is wrong grants nothing."""
    if not isinstance(setting, (list, tuple)):
        return ("it has to be a list of grants",)
    return tuple(
        f"grant {number} is not one of roles, risks, tools and names, each a list of known words"
        for number, grant in enumerate(setting, start=1)
        if _grant(grant) is None
    )


def _decided_tools(plan: PlanV1) -> Sequence[str]:
    """The tools of the changing steps; of all steps where none changes anything."""
    changing = [step.tool for step in plan.steps if step.effect != Effect.READ]
    return changing or [step.tool for step in plan.steps]


def _grants(setting: Json) -> list[_Grant]:
    entries = setting if isinstance(setting, (list, tuple)) else ()
    return [grant for entry in entries if (grant := _grant(entry)) is not None]


def _grant(entry: Json) -> _Grant | None:
    if not isinstance(entry, Mapping) or not _PARTS.issuperset(entry):
        return None
    parts = {name: _texts(entry[name]) for name in entry}
    roles = parts.get("roles")
    if not roles or any(texts is None for texts in parts.values()) or not set(roles) <= {role.value for role in Role}:
        return None
    risks, names = parts.get("risks"), parts.get("names")
    if risks is not None and not set(risks) <= {risk.value for risk in RiskLevel}:
        return None
    return _Grant(
        roles=frozenset(roles),
        risks=frozenset(risks) if risks is not None else None,
        tools=parts.get("tools"),
        names=frozenset(names) if names is not None else None,
    )


def _texts(value: Json) -> tuple[str, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    texts = tuple(item for item in value if isinstance(item, str))
    return texts if len(texts) == len(value) else None


def _is_for(grant: _Grant, identity: Identity) -> bool:
    held = {role.value for role in identity.roles}
    return bool(grant.roles & held) and (grant.names is None or identity.name in grant.names)


def _covers(risks: frozenset[str] | None, risk: str) -> bool:
    return risks is None or risk in risks


def _names(tools: Iterable[str] | None, tool: str) -> bool:
    """`*` stands for any part of a name."""
    return tools is None or any(fnmatchcase(tool, pattern) for pattern in tools)
