"""A frozen plan as it has to be judged when somebody approves it: for whom it would run, and what holds by now."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from opsconductor.domain.approvals import Approval
from opsconductor.domain.assets import Asset
from opsconductor.domain.execution import Execution
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.rules import RuleVerdict
from opsconductor.domain.turn import GateVerdict, TurnContext
from opsconductor.ports.storage import Storage


@dataclass(frozen=True, kw_only=True)
class FrozenPlan:
    """What the gate needs to judge a plan again; all but the plan is as it is now."""

    execution: Execution
    level: int  # at which people are asked to approve
    requester: Identity | None  # None when there is no such identity any more
    customer: Mapping[str, Json]  # the requester's customer data
    assets: tuple[Asset, ...]  # the plan's targets
    channel: str = ""
    intent: str | None = None  # None when the turn that planned it has no record
    verdicts: tuple[RuleVerdict, ...] = ()  # on the rules, from the turn that planned it


Judge = Callable[[FrozenPlan], Awaitable[GateVerdict]]
"""The gate's verdict on a frozen plan; `refuse` keeps it from running."""


async def load_frozen_plan(
    storage: Storage, context: TurnContext, execution: Execution, approval: Approval, assets: tuple[Asset, ...]
) -> FrozenPlan:
    """The plan with what the store knows of its requester and of the turn that made it. Raises `store.*`."""
    record = await storage.turn_record(execution.tenant, execution.turn_id)
    decision = record.reply.decision if record is not None else None
    return FrozenPlan(
        execution=execution,
        level=approval.level,
        requester=await storage.identity_by_id(execution.tenant, execution.requester),
        customer=await _customer_data(storage, context, execution),
        assets=assets,
        channel=record.channel if record is not None else context.input.channel,
        intent=decision.intent.label if decision is not None and decision.intent is not None else None,
        verdicts=record.rules if record is not None else (),
    )


async def _customer_data(storage: Storage, context: TurnContext, execution: Execution) -> Mapping[str, Json]:
    """Of the session that the plan belongs to, wherever it is approved."""
    if context.session.session_id == execution.session_id:
        return {key: entry.value for key, entry in context.customer_data.items()}
    session = await storage.session(execution.tenant, execution.session_id)
    customer_id = session.customer_id if session is not None else execution.requester
    stored = await storage.customer_data(execution.tenant, customer_id)
    return {key: entry.value for key, entry in stored.items()}
