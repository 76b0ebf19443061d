"""The same order twice: one that is open, or that this very turn group gave before, is named and not made again."""

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.execution import Execution
from opsconductor.domain.turn import TurnContext
from opsconductor.ports.storage import Storage


class OpenOrders:
    """Looks an order up by its tool key."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def same_as(self, context: TurnContext, key: str) -> Execution | None:
        """The execution that is this order: open in the tenant, or of this turn group in whatever state.

        None for "" (reads are never the same order). Raises `store.*`.
        """
        if not key:
            return None
        known = await self._storage.open_execution(context.tenant, key)
        group = context.input.turn_group
        if known is not None or not group or group == context.input.turn_id:
            return known
        given = await self._storage.executions_of_group(context.tenant, group)
        return next((one for one in reversed(given) if one.tool_key == key), None)

    async def question_of(self, execution: Execution) -> Approval | None:
        """The approval that the execution waits for, or None."""
        asked = await self._storage.approvals_of(execution.tenant, execution.execution_id)
        waiting = (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED)
        return next((one for one in reversed(asked) if one.state in waiting), None)
