"""The record of a finished turn, to try on what follows a reply."""

from opsconductor.domain.execution import ExecutionResultV1
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import Trigger, TurnRecord, TurnReply
from opsconductor.testing.turns import MOMENT


def a_record(
    message: str = "restart billing", *, plan: PlanV1 | None = None, execution: ExecutionResultV1 | None = None
) -> TurnRecord:
    """An answer to the requester's `message`, with what was planned and executed."""
    reply = TurnReply(
        turn_id="turn_1", session_id="sess_1", kind=ReplyKind.ANSWER, message="Done.", plan=plan, execution=execution
    )
    return TurnRecord(
        turn_id="turn_1",
        tenant="default",
        session_id="sess_1",
        number=1,
        turn_group="turn_1",
        trigger=Trigger.MESSAGE,
        channel="cli",
        requester="id_1",
        message=message,
        started_at=MOMENT,
        completed_at=MOMENT,
        reply=reply,
        rules=(),
        rejected_values=(),
        scenario_moves=(),
        lanes={},
        verdict=None,
        enforcement={},
        pack="contract 1",
        catalogue_digest="sha256:contract",
        configuration_digest="sha256:configuration",
    )
