"""Stage B: tools, inputs and targets for a decided intent. Hard filters first; no score gets past them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsconductor.domain.assets import Vocabulary
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration, ToolBinding
from opsconductor.domain.selection import SelectionV1, ToolScore
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.ports.ids import Ids
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.schema import Schemas
from opsconductor.stages.b_select.candidates import Candidate, blocked, limitations, scored, tied
from opsconductor.stages.b_select.filters import SELECTING
from opsconductor.stages.b_select.missing import missing_parameters, which_input, which_tool
from opsconductor.stages.b_select.policy import policy_of
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.scenario_tools import bindings_in_force, reach_of
from opsconductor.stages.b_select.selected import selected_tools, without_faults
from opsconductor.stages.b_select.slots import fill
from opsconductor.stages.b_select.targets import reach
from opsconductor.stages.b_select.unanswerable import refusal, told, which_value

_ENDS: Mapping[str, str] = {
    "withdrawn": "The request was taken back.",
    "thanked": "Thanks were said and nothing was asked for.",
    "not_understood": "I still do not understand what you want.",
    "noted": "Values were stated and nothing was asked for.",
}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What one run of the stage goes by."""

    context: TurnContext
    request: Request
    label: str
    vocabulary: Vocabulary
    rules: SelectedRules
    environments: tuple[str, ...]
    selection_id: str

    def unready(self, explanation: str, **why: Any) -> SelectionV1:
        """The selection of no tool."""
        return _unready(self.selection_id, explanation, **why)


class Select:
    """Chooses among the intent's tools; the gate, not this stage, judges whether they may run."""

    def __init__(self, ids: Ids, schemas: Schemas, inventory: Inventory) -> None:
        self._ids = ids
        self._schemas = schemas
        self._inventory = inventory

    async def run(
        self,
        context: TurnContext,
        decision: DecisionV1,
        customer: CustomerUpdate,
        rules: SelectedRules,
        orchestration: Orchestration,
    ) -> SelectionV1:
        """The selection; not ready with a question, missing inputs, or the reason why nothing here can serve.

        Raises `inventory.*` when the inventory has to be read and does not answer.
        """
        selection_id = self._ids.new("sel")
        bindings = bindings_in_force(context, decision, orchestration)
        if not bindings and (decision.intent is None or decision.out_of_scope or decision.ends_as):
            return _unready(selection_id, _nothing_to_do(decision), clarification=decision.clarification)
        request = Request.of(decision)
        asked = _Asked(
            context=context,
            request=request,
            label=decision.intent.label if decision.intent is not None else "",
            vocabulary=await self._vocabulary(context.tenant, request),
            rules=rules,
            environments=customer.facets.get("environment", ()),
            selection_id=selection_id,
        )
        if bindings:
            return await self._of_scenario(asked, bindings, orchestration)
        if decision.clarification is not None:
            return asked.unready("A question is open.", clarification=decision.clarification)
        return await self._of_intent(asked)

    async def _vocabulary(self, tenant: str, request: Request) -> Vocabulary:
        """The inventory's words, when the request selects by any: a plain question costs no look-up."""
        if not (request.named(SELECTING) or request.unheard):
            return Vocabulary(revision=0, values={})
        return await self._inventory.vocabulary(tenant)

    async def _of_intent(self, asked: _Asked) -> SelectionV1:
        catalogue = asked.context.catalogue
        intent = catalogue.intents_by_label.get(asked.label)
        tools = [catalogue.tools[name] for name in intent.tools if name in catalogue.tools] if intent else []
        if intent is None or not tools:
            words = f"No tool of this installation serves {asked.label}."
            return asked.unready(words, refusal_code="scope.no_tool")
        if words := refusal(asked.request, intent, tools):
            return asked.unready(words, refusal_code="scope.no_tool")
        if unknown := which_value(asked.request, tools, asked.vocabulary):
            return asked.unready(unknown.question, clarification=unknown)
        candidates = scored([await self._judged(tool, asked) for tool in tools], asked.request, asked.rules)
        best = candidates[0]
        rest = tuple(one.shown for one in candidates[1:])
        if best.blocked:
            shown = tuple(one.shown for one in candidates)
            return asked.unready(best.blocked, alternatives=shown, refusal_code=best.code)
        if len(tied(candidates)) > 1:
            shown = tuple(one.shown for one in candidates)
            question = which_tool([one.tool for one in tied(candidates)])
            return asked.unready(question.question, alternatives=shown, clarification=question)
        left_out = told(asked.request, intent, [best.tool])
        return await self._chosen(asked, (best,), _why(candidates), alternatives=rest, left_out=left_out)

    async def _judged(self, tool: Tool, asked: _Asked) -> Candidate:
        filled = without_faults(self._schemas, tool, fill(tool, asked.request, {}, asked.vocabulary))
        found = await reach(asked.request, tool, self._inventory, asked.context.tenant, asked.vocabulary)
        words, code = blocked(tool, filled, found)
        return Candidate(tool=tool, filled=filled, reach=found, blocked=words, code=code)

    async def _of_scenario(
        self, asked: _Asked, bindings: Sequence[ToolBinding], orchestration: Orchestration
    ) -> SelectionV1:
        candidates = []
        for binding in bindings:
            tool = asked.context.catalogue.tools.get(binding.tool)
            if tool is None:
                words = f"The scenario's tool {binding.tool} is not in the catalogue."
                return asked.unready(words, refusal_code="scope.no_tool")
            filled = fill(tool, asked.request, orchestration.inputs, asked.vocabulary)
            filled = without_faults(self._schemas, tool, filled)
            name = str(orchestration.inputs.get(tool.targets_input, ""))
            found = await reach_of(name, asked.request, self._inventory, asked.context.tenant)
            words, code = blocked(tool, filled, found)
            if words:
                return asked.unready(words, refusal_code=code)
            reason = "; ".join(orchestration.moves) or "the scenario runs it"
            candidates.append(Candidate(tool=tool, filled=filled, reach=found, reason=reason))
        explanation = "; ".join(f"{one.tool.name}: {one.reason}" for one in candidates)
        return await self._chosen(asked, candidates, explanation)

    async def _chosen(
        self,
        asked: _Asked,
        chosen: Sequence[Candidate],
        explanation: str,
        *,
        alternatives: tuple[ToolScore, ...] = (),
        left_out: tuple[str, ...] = (),
    ) -> SelectionV1:
        """The tools as they will be planned, one after the other, and what is still missing."""
        tools, selected = selected_tools(chosen)
        policy = policy_of(selected, tools, asked.environments)
        missing = missing_parameters(chosen)
        question = None
        if missing:
            question = await which_input(chosen, asked.request, self._inventory, asked.context.tenant)
        return SelectionV1(
            selection_id=asked.selection_id,
            tools=selected,
            alternatives=alternatives,
            policy=policy,
            requires_approval=policy.approval_level > 0,
            missing_params=missing,
            explanation=explanation,
            limitations=(*limitations(chosen, asked.request), *left_out),
            clarification=question,
            ready=not missing,
        )


def _unready(selection_id: str, explanation: str, **why: Any) -> SelectionV1:
    return SelectionV1(selection_id=selection_id, tools=(), ready=False, explanation=explanation, **why)


def _nothing_to_do(decision: DecisionV1) -> str:
    return _ENDS.get(decision.ends_as, "Nothing was understood that a tool could do.")


def _why(candidates: Sequence[Candidate]) -> str:
    """One line: the choice with its reason, then what else was considered."""
    best, *others = candidates
    said = f"{best.tool.name}: {best.reason}."
    if not others:
        return said
    also = "; ".join(f"{one.tool.name} ({one.blocked or one.reason})" for one in others)
    return f"{said} Also considered: {also}."
