"""Asked before each changing step: do the approvals still stand, on exactly these bytes, by people who still may?"""

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Execution, StepError
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep
from opsconductor.domain.step_ids import planned_id, undoes
from opsconductor.ports.authorizer import Authorizer, Permission
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approval_manager import STEP_BY_STEP
from opsconductor.stages.e_execute.approvals.approvers import Question, approvers_now, is_enough
from opsconductor.stages.e_execute.approvals.envelopes import is_intact
from opsconductor.stages.e_execute.steps.run_context import RunContext


class StandingRights:
    """A `RightsCheck` over the store and the policies as they are at that moment. What cannot be read is a no."""

    def __init__(self, storage: Storage, authorizer: Authorizer) -> None:
        self._storage = storage
        self._authorizer = authorizer

    async def __call__(self, run: RunContext, step: PlanStep) -> StepError | None:
        """Why the step must not begin, or None."""
        try:
            return await self._refusal(run, step)
        except OpsConductorError as error:
            words = f"Whether this may still run could not be looked up: {error.message}"
            return StepError(code=error.code, message=words, next_step=error.next_step)

    async def _refusal(self, run: RunContext, step: PlanStep) -> StepError | None:
        execution = run.execution
        stored = await self._storage.execution(execution.tenant, execution.execution_id)
        known = await self._storage.approvals_of(execution.tenant, execution.execution_id)
        approval = next((one for one in known if not one.step_id and _signs(one, execution, stored)), None)
        planned = next((one for one in execution.plan.steps if one.step_id == planned_id(step.step_id)), None)
        if approval is None or planned is None or step.tool not in (planned.tool, planned.undo):
            return _refused("approval.hash_mismatch", "This step is in no plan that was approved.")
        if undoes(step.step_id):
            return None  # taking back what was approved needs no new word: half done is worse than undone
        words = await self._withdrawn(run, approval)
        if words:
            return _refused("rights.denied", words)
        if approval.level < STEP_BY_STEP:
            return None
        asked = [one for one in known if one.step_id == planned.step_id and _signs(one, execution, stored)]
        for confirmation in asked:
            words = await self._withdrawn(run, confirmation)
            if not words:
                return None
        return _refused("approval.hash_mismatch", "Nobody has confirmed this step.")

    async def _withdrawn(self, run: RunContext, approval: Approval) -> str:
        """Whose right is gone since, in words; "" while all stand."""
        execution = run.execution
        if self._authorizer.policy_digest != approval.envelope.policy_digest:
            return "The access policy has changed since this was approved."
        requester = await self._storage.identity_by_id(execution.tenant, execution.requester)
        if requester is None or not self._may_order(requester, execution, approval.level):
            return "The person who ordered this may no longer order it."
        rights = await approvers_now(self._storage, self._authorizer, execution.tenant, run.catalogue)
        people: dict[str, Identity] = {}
        for decision in approval.decisions:
            identity = await self._storage.identity_by_id(execution.tenant, decision.who)
            if identity is not None:
                people[decision.who] = identity
        counted = rights.counted(approval.decisions, people, Question.of(approval, execution.plan))
        if is_enough(counted, approval.needed):
            return ""
        standing = {decision.who for decision in counted}
        gone = [one.who_name for one in approval.decisions if one.decision == "approve" and one.who not in standing]
        return f"{', '.join(gone) or 'Whoever approved this'} may no longer approve it."

    def _may_order(self, requester: Identity, execution: Execution, level: int) -> bool:
        facts: dict[str, Json] = {"tools": [step.tool for step in execution.plan.steps], "level": level}
        permission = Permission(action="change", tenant=execution.tenant, facts=facts)
        return self._authorizer.decide(requester, permission).allowed


def _signs(approval: Approval, execution: Execution, stored: Execution | None) -> bool:
    """Whether the approval was consumed for the plan that is stored, and that is the plan that runs."""
    return (
        approval.state is ApprovalState.CONSUMED
        and stored is not None
        and is_intact(approval, stored)
        and is_intact(approval, execution)
    )


def _refused(code: str, words: str) -> StepError:
    return StepError(code=code, message=f"Nothing was run: {words}")
