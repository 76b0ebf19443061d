"""P9 generate: stage D words the facts block; a model, where one is configured, may phrase around it.

reads: the response plan and P7's stored results
writes: nothing
"""

import asyncio

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.response import Draft, FactsBlock, ResponsePlan
from opsconductor.domain.turn import ToolPhaseResult, TurnContext
from opsconductor.ports.llm import Wording, WordingRequest
from opsconductor.stages.d_answer.answer import Answer
from opsconductor.stages.d_answer.wording import (
    decision_facts,
    info_facts,
    question_facts,
    refusal_facts,
    together,
    with_told,
)

WORDING_S = 10.0  # a model that takes longer is done without


class Generate:
    """Makes drafts. The template is always there; the model is optional and never trusted."""

    def __init__(self, answer: Answer, wording: Wording | None) -> None:
        self._answer = answer
        self._wording = wording

    async def run(
        self,
        context: TurnContext,
        plan: ResponsePlan,
        executed: ToolPhaseResult,
        hints: tuple[str, ...] = (),
        attempt: int = 1,
    ) -> Draft:
        """One draft. `hints` are what enforcement found wrong with the former one."""
        block = with_told(self._facts(context, plan, executed), executed.told)
        if self._wording is None:
            return Draft(message=plain_message(block, plan), block=block, attempt=attempt, worded_by="template")
        request = WordingRequest(
            facts=block.facts,
            must_include=plan.must_include,
            must_avoid=plan.must_avoid,
            hints=hints,
            channel=context.input.channel,
        )
        try:
            async with asyncio.timeout(WORDING_S):
                message = await self._wording.word(request)
        except (OpsConductorError, TimeoutError):
            return Draft(message=plain_message(block, plan), block=block, attempt=attempt, worded_by="template")
        return Draft(message=message, block=block, attempt=attempt, worded_by="model")

    def _facts(self, context: TurnContext, plan: ResponsePlan, executed: ToolPhaseResult) -> FactsBlock:
        if executed.execution is not None and executed.plan is not None:
            done = self._answer.execution_facts(context.catalogue, executed.plan, executed.execution)
            if executed.paused is None or executed.approval is None:
                return done
            return together(done, self._answer.step_facts(executed.plan, executed.approval))
        if executed.refusal_code:
            return refusal_facts(executed.refusal_code, executed.refusal)
        if executed.approval is not None and executed.plan is not None:
            if executed.approval.decisions or executed.approval.state is not ApprovalState.PENDING:
                return decision_facts(executed.approval)
            return self._answer.plan_facts(context.catalogue, executed.plan, executed.approval)
        if executed.clarification is not None:
            return question_facts(plan.question, plan.options)
        return info_facts(executed.info) if executed.info else refusal_facts("scope.no_tool", "")


def plain_message(block: FactsBlock, plan: ResponsePlan) -> str:
    """The plain statement: facts word for word, then what must be said. It is the fallback of every wording."""
    return "\n".join([*block.facts, *plan.must_include])
