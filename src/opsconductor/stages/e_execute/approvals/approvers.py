"""Who may approve a plan as things stand: the policies, the setting `approval_rights`, and the tenant's switch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opsconductor.domain.approval_rights import (
    DEFAULT_RIGHTS,
    SETTING,
    may_approve,
    roles_for,
    self_approval,
)
from opsconductor.domain.approvals import Approval, ApprovalDecision
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1
from opsconductor.ports.authorizer import Authorizer, Permission, RightsVerdict
from opsconductor.ports.storage import Storage


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be decided: a plan of somebody at a level, or one step of it."""

    tenant: str
    requester: str  # identity id
    level: int
    needed: int
    plan: PlanV1
    step_id: str = ""

    @staticmethod
    def of(approval: Approval, plan: PlanV1) -> "Question":
        """The question that an approval asks."""
        return Question(
            tenant=approval.tenant,
            requester=approval.envelope.requester,
            level=approval.level,
            needed=approval.needed,
            plan=plan,
            step_id=approval.step_id,
        )


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Who may still approve."""

    names: tuple[str, ...]  # of people who may and have not
    missing: int  # so many more people have to approve
    roles: tuple[str, ...]  # of which one is needed
    glass: tuple[str, ...]  # of people who may approve without a second person

    @property
    def possible(self) -> bool:
        """Whether the approval can ever be given by the people there are."""
        return len(self.names) >= self.missing or bool(self.glass)


class Approvers:
    """The rights to approve in one tenant, as they stand at one moment."""

    def __init__(self, authorizer: Authorizer, setting: Json, *, self_approval: bool) -> None:
        self._authorizer = authorizer
        self._setting = setting
        self._self_approval = self_approval

    def may(self, identity: Identity, question: Question) -> RightsVerdict:
        """Whether this person's yes counts."""
        own = identity.identity_id == question.requester
        facts: dict[str, Json] = {
            "level": question.level,
            "own_request": own,
            "self_approval": self._self_approval,
        }
        action = "confirm_step" if question.step_id else "approve"
        verdict = self._authorizer.decide(identity, Permission(action=action, tenant=question.tenant, facts=facts))
        if not verdict.allowed or question.step_id or may_approve(self._setting, identity, question.plan):
            return verdict
        needed = " or ".join(self._roles(question)) or "a grant in the setting approval_rights"
        words = (
            f"{identity.name} may not approve plans of {question.plan.risk} risk with these tools; it takes {needed}."
        )
        return RightsVerdict(allowed=False, reason=words)

    def _roles(self, question: Question) -> tuple[str, ...]:
        """One of which it takes; the person who asks confirms only what is level 1."""
        roles = roles_for(self._setting, question.plan)
        return roles if question.level <= 1 else tuple(role for role in roles if role != Role.REQUESTER)

    def may_break_glass(self, identity: Identity, question: Question) -> RightsVerdict:
        """Whether this person may approve without the second person."""
        facts: dict[str, Json] = {"level": question.level, "own_request": identity.identity_id == question.requester}
        return self._authorizer.decide(identity, Permission(action="break_glass", tenant=question.tenant, facts=facts))

    def may_decline(self, identity: Identity, question: Question) -> RightsVerdict:
        """Whether this person may reject the plan or ask for changes."""
        facts: dict[str, Json] = {"own_request": identity.identity_id == question.requester}
        return self._authorizer.decide(identity, Permission(action="decline", tenant=question.tenant, facts=facts))

    def counted(
        self, decisions: Iterable[ApprovalDecision], people: Mapping[str, Identity], question: Question
    ) -> tuple[ApprovalDecision, ...]:
        """The approvals among `decisions` whose people may still give them, one a person. `people` are by id."""
        standing = {}
        for decision in decisions:
            identity = people.get(decision.who)
            if decision.decision != "approve" or identity is None:
                continue
            right = self.may_break_glass if decision.break_glass else self.may
            if right(identity, question).allowed:
                standing[decision.who] = decision
        return tuple(standing.values())

    def outlook(
        self, everybody: Iterable[Identity], question: Question, decisions: Iterable[ApprovalDecision] = ()
    ) -> Outlook:
        """Who of `everybody` may still approve, and how many have to."""
        people = {identity.identity_id: identity for identity in everybody}
        given = tuple(decisions)
        spoken = {decision.who for decision in given}
        counted = self.counted(given, people, question)
        others = [identity for who, identity in people.items() if who not in spoken]
        return Outlook(
            names=tuple(one.name for one in others if self.may(one, question).allowed),
            missing=max(question.needed - len(counted), 0),
            roles=self._roles(question),
            glass=tuple(one.name for one in others if self.may_break_glass(one, question).allowed),
        )


async def approvers_now(storage: Storage, authorizer: Authorizer, tenant: str, catalogue: Catalogue) -> Approvers:
    """The rights by the settings in force: the tenant's, else the pack's, else the usual ones. Raises `store.*`."""
    settings = await storage.tenant_settings(tenant)
    setting = settings.get(SETTING, catalogue.agent.settings.get(SETTING, DEFAULT_RIGHTS))
    return Approvers(authorizer, setting, self_approval=self_approval(settings))


def is_enough(counted: tuple[ApprovalDecision, ...], needed: int) -> bool:
    """Whether these approvals let a plan run: enough distinct people, or one who broke the glass."""
    return len({decision.who for decision in counted}) >= needed or any(item.break_glass for item in counted)
