"""An order to undo: what was done last in the conversation, or one execution by its id, becomes a selection of tools.

The plan made of it is judged, approved and run like any other; nothing undoes itself.
"""

from dataclasses import dataclass

from opsconductor.domain.decision import DecisionV1, IntentGuess
from opsconductor.domain.errors import NotFound
from opsconductor.domain.execution import Execution
from opsconductor.domain.knowledge import UNDO_INTENT, Mode
from opsconductor.domain.rules import RuleVerdict, SelectedRules
from opsconductor.domain.selection import SelectionV1
from opsconductor.domain.turn import Trigger, TurnContext
from opsconductor.ports.ids import Ids
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approvals.undo_order import UndoOrders


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """The tools that take an execution back, and what is told of them."""

    selection: SelectionV1
    rules: SelectedRules  # those that bore on what is taken back, and those of this turn
    told: str


class PlanUndo:
    """Finds what is to be taken back and what takes it back."""

    def __init__(self, orders: UndoOrders, storage: Storage, ids: Ids) -> None:
        self._orders = orders
        self._storage = storage
        self._ids = ids

    def decision(self, context: TurnContext) -> DecisionV1:
        """What an order by id means; there are no words to understand."""
        category, _, action = UNDO_INTENT.partition("/")
        return DecisionV1(
            decision_id=self._ids.new("dec"),
            mode=Mode.ACT,
            intent=IntentGuess(category=category, action=action, confidence=1.0),
            entities=(),
            overall_confidence=1.0,
            confidence_level="high",
            request=context.input.message,
            previous_intent=context.session.last_intent,
        )

    async def run(self, context: TurnContext, rules: SelectedRules) -> Undoing:
        """The selection. Raises `execution.not_found|not_undoable|changed_since|unresolved`, `store.*`,
        `inventory.*`: nothing was run then."""
        execution = await self._meant(context)
        tools = await self._orders.tools(context.catalogue, execution)
        record = await self._storage.turn_record(context.tenant, execution.turn_id)
        what = ", then ".join(tool.reason.removeprefix("takes back ").rpartition(" of ")[0] for tool in tools)
        return Undoing(
            selection=SelectionV1(
                selection_id=self._ids.new("sel"),
                tools=tools,
                requires_approval=True,
                explanation=f"The declared undo of {execution.execution_id}, newest change first.",
            ),
            rules=_with(rules, record.rules if record is not None else (), context),
            told=f"It takes back {what} of {execution.execution_id} ({execution.request}).",
        )

    async def _meant(self, context: TurnContext) -> Execution:
        if context.input.trigger is not Trigger.UNDO:
            return await self._orders.last_change(context.tenant, context.session.session_id)
        found = await self._storage.execution(context.tenant, context.input.undoes)
        if found is None:
            raise NotFound("execution.not_found", "There is no such execution. Nothing was run.")
        return found


def _with(rules: SelectedRules, verdicts: tuple[RuleVerdict, ...], context: TurnContext) -> SelectedRules:
    """This turn's rules, and those that were in force when the change was made: its undo is no way round them."""
    known = {rule.rule_id for rule in rules.rules}
    kept = {verdict.rule_id for verdict in verdicts if verdict.kept} - known
    added = tuple(rule for rule in context.catalogue.rules if rule.enabled and rule.rule_id in kept)
    return SelectedRules(rules=(*rules.rules, *added), verdicts=rules.verdicts)
