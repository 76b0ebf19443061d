"""What every door offers to one identity: the same few operations for HTTP, the local socket and the command line.

Reads give plain JSON data; a turn is opened here and carried out by whoever holds the engine.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.bootstrap import Engine, to_json
from opsconductor.bootstrap.turn_replay import TurnReplays
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import BadInput, NotFound, Refused
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.message_text import check_message
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput
from opsconductor.ports.authorizer import Permission
from opsconductor.ports.clock import timestamp
from opsconductor.stages.e_execute.approvals.ordered_once import NO_KEY, OrderKey
from opsconductor.stages.e_execute.approvals.reviewing import Reviewing
from opsconductor.stages.e_execute.settling.cancellation import Cancellation
from opsconductor.stages.e_execute.settling.resolution import Resolution
from opsconductor.stages.e_execute.steps.outputs import execution_of

MOST = 200


class Desk:
    """One identity's view of an engine. Every method raises `rights.denied` where the identity may not, `store.*`."""

    def __init__(self, engine: Engine, identity: Identity, channel: str) -> None:
        self._engine = engine
        self._channel = channel
        self.identity = identity

    def message(
        self, text: str, session_id: str = "", *, key: str = "", body_hash: str = "", dry_run: bool = False
    ) -> TurnInput:
        """A turn for these words, or for what they would send. Raises `request.empty`, `.too_large`, `.bad_text`."""
        check_message(text)
        self._demand("ask")
        return self._turn(
            message=text, session_id=session_id, idempotency_key=key, body_hash=body_hash, dry_run=dry_run
        )

    async def decision(self, answer: ApprovalAnswer, *, key: str = "", body_hash: str = "") -> TurnInput:
        """A turn for a decision on a stored approval; it continues the conversation that asked for it.

        Raises `approval.not_found`, `approval.reason_needed`, `request.invalid` for a word that goes with another
        decision only. Whether the hash still fits and who may decide is the gate's to say.
        """
        _check_parts(answer)
        if answer.reason:
            check_message(answer.reason)
        elif answer.break_glass or answer.decision == "request_changes":
            raise BadInput("approval.reason_needed", "This decision needs a reason; nothing was decided.")
        approval = await self._engine.storage.approval(self.identity.tenant, answer.approval_id)
        if approval is None:
            raise NotFound("approval.not_found", "There is no such approval.")
        asked = await self._engine.storage.accepted_turn(self.identity.tenant, approval.turn_id)
        return self._turn(
            trigger=Trigger.APPROVAL,
            approval=answer,
            session_id=asked.session_id if asked else "",
            turn_group=asked.turn_group if asked else "",
            idempotency_key=key,
            body_hash=body_hash,
        )

    async def undo(self, execution_id: str, reason: str = "", *, key: str = "", body_hash: str = "") -> TurnInput:
        """A turn that plans to take an execution back; it stays in the conversation where that is this identity's.

        Raises `execution.not_found`, `request.*`. What can be undone, and whether it may be, the turn tells.
        """
        self._demand("ask")
        if reason:
            check_message(reason)
        storage, tenant = self._engine.storage, self.identity.tenant
        found = await storage.execution(tenant, execution_id)
        if found is None:
            raise NotFound("execution.not_found", "There is no such execution.")
        session = await storage.session(tenant, found.session_id)
        mine = session is not None and session.identity_id == self.identity.identity_id
        return self._turn(
            trigger=Trigger.UNDO,
            undoes=execution_id,
            message=f"undo {execution_id}" + (f": {reason}" if reason else ""),
            session_id=found.session_id if mine else "",
            idempotency_key=key,
            body_hash=body_hash,
        )

    async def executions(self, limit: int) -> Json:
        """Newest first, with their results."""
        self._demand("view_records")
        return to_json(await self._engine.storage.executions(self.identity.tenant, limit=_bounded(limit)))

    async def execution(self, execution_id: str) -> JsonObject:
        """One execution with its state changes and its journal. Raises `execution.not_found`."""
        self._demand("view_records")
        storage, tenant = self._engine.storage, self.identity.tenant
        found = await storage.execution(tenant, execution_id)
        if found is None:
            raise NotFound("execution.not_found", "There is no such execution.")
        document = _object(to_json(found))
        document["moves"] = to_json(await storage.moves(tenant, execution_id))
        document["journal"] = to_json(await storage.journal(tenant, execution_id))
        return document

    async def commands(self, execution_id: str) -> Json:
        """What the plan of one execution sends, call by call, by the inventory and the pack as they are now.

        Raises `execution.not_found`, `inventory.*`.
        """
        self._demand("view_records")
        found = await self._engine.storage.execution(self.identity.tenant, execution_id)
        if found is None:
            raise NotFound("execution.not_found", "There is no such execution.")
        catalogue = self._engine.catalogues.current()
        return to_json(await self._engine.dry_run.commands(self.identity.tenant, found.plan, catalogue))

    async def output(self, output_ref: str, execution_id: str = "") -> Json:
        """The whole output that a result was cut from, of that execution where one is named.

        Raises `execution.output_not_found`.
        """
        self._demand("view_records")
        kept = await self._engine.storage.output(self.identity.tenant, output_ref)
        if kept is None or (execution_id and execution_of(output_ref) != execution_id):
            raise NotFound("execution.output_not_found", "There is no such output.")
        found: Json = json.loads(kept)
        return found

    async def cancel_execution(self, execution_id: str, reason: str = "", order: OrderKey = NO_KEY) -> JsonObject:
        """Cancel what waits; keep further steps of what runs from starting. The execution as it stands afterwards.

        Raises `execution.not_found|not_cancellable`, `request.*`.
        """
        if reason:
            check_message(reason)
        engine = self._engine
        cancellation = Cancellation(engine.storage, engine.authorizer, engine.clock)
        return _object(to_json(await cancellation.cancel(self.identity, execution_id, reason, order)))

    async def resolve_execution(
        self,
        execution_id: str,
        outcome: str,
        reason: str,
        *,
        step: str = "",
        target: str = "",
        order: OrderKey = NO_KEY,
    ) -> JsonObject:
        """Settle unknown steps as `done` or `not-done`. The execution as it stands afterwards.

        Raises `execution.not_found|not_unknown`, `approval.reason_needed`, `request.*`.
        """
        if reason:
            check_message(reason)
        engine = self._engine
        resolution = Resolution(engine.storage, engine.authorizer, engine.clock)
        resolved = await resolution.resolve(
            self.identity, execution_id, outcome, reason, step=step, target=target, order=order
        )
        return _object(to_json(resolved))

    async def turns(self, limit: int, session_id: str = "") -> Json:
        """Records, newest first."""
        self._demand("view_records")
        found = await self._engine.storage.turns(self.identity.tenant, session_id=session_id, limit=_bounded(limit))
        return to_json(found)

    async def turn(self, turn_id: str) -> JsonObject:
        """One record. Raises `turn.not_found`."""
        self._demand("view_records")
        found = await self._engine.storage.turn_record(self.identity.tenant, turn_id)
        if found is None:
            raise NotFound("turn.not_found", "There is no such finished turn.")
        return _object(to_json(found))

    async def replay(self, turn_id: str) -> JsonObject:
        """A finished turn derived again from its record; nothing is called and nothing written. Raises
        `turn.not_found`."""
        self._demand("view_records")
        engine = self._engine
        replays = TurnReplays(engine.phases, engine.storage, engine.catalogues, engine.clock)
        return _object(to_json(await replays.run(self.identity.tenant, turn_id)))

    async def approvals(self, limit: int, state: str = "") -> Json:
        """Newest first; `state` keeps those in that state. Raises `request.invalid` for a state that is none."""
        self._demand("view_records")
        if state and state not in set(ApprovalState):
            raise BadInput("request.invalid", f"state: must be one of {', '.join(ApprovalState)}.", field="state")
        wanted = ApprovalState(state) if state else None
        tenant = self.identity.tenant
        return to_json(await self._engine.storage.approvals(tenant, state=wanted, limit=_bounded(limit)))

    async def reviews_due(self) -> Json:
        """Approvals that were given without the second person and owe a review, oldest first."""
        self._demand("view_records")
        return to_json(await self._engine.storage.reviews_due(self.identity.tenant))

    async def review(self, approval_id: str, reason: str, *, agrees: bool) -> JsonObject:
        """The approval with the review that it owed. Raises `approval.*`."""
        if reason:
            check_message(reason)
        engine = self._engine
        reviewing = Reviewing(engine.storage, engine.authorizer, engine.clock)
        reviewed = await reviewing.review(self.identity, self._channel, approval_id, reason, agrees=agrees)
        return _object(to_json(reviewed))

    async def approval(self, approval_id: str) -> JsonObject:
        """One approval with the frozen plan it is about. Raises `approval.not_found`."""
        self._demand("view_records")
        storage, tenant = self._engine.storage, self.identity.tenant
        found = await storage.approval(tenant, approval_id)
        if found is None:
            raise NotFound("approval.not_found", "There is no such approval.")
        document = _object(to_json(found))
        execution = await storage.execution(tenant, found.execution_id)
        document["plan"] = to_json(execution.plan) if execution else None
        document["request"] = execution.request if execution else ""
        return document

    async def assets(self, query: AssetQuery) -> JsonObject:
        """The asset service's answer, over HTTP as for everybody. Raises `inventory.*`."""
        self._demand("read")
        return _object(to_json(await self._engine.inventory.query(self.identity.tenant, query)))

    def tools(self) -> Json:
        """The tools of the pack in use, by name."""
        self._demand("read")
        tools = self._engine.catalogues.current().tools
        return to_json(tuple(tools[name] for name in sorted(tools)))

    def tool(self, name: str) -> JsonObject:
        """One tool. Raises `tool.not_found`."""
        self._demand("read")
        found = self._engine.catalogues.current().tools.get(name)
        if found is None:
            raise NotFound("tool.not_found", f"There is no tool {name!r}.")
        return _object(to_json(found))

    async def call_level(self, name: str, targets: Sequence[str], inputs: Mapping[str, Json]) -> JsonObject:
        """The risk and approval level that this identity's call of a tool would have; nothing is run or stored.

        Raises `tool.not_found`, `request.invalid`, `gate.*`, `connector.forbidden_address`, `inventory.*`.
        """
        self._demand("read")
        catalogue = self._engine.catalogues.current()
        explain = self._engine.explain_call
        return _object(to_json(await explain.run(catalogue, self.identity, self._channel, name, targets, inputs)))

    def _demand(self, action: str) -> None:
        demand(self._engine, self.identity, action)

    def _turn(self, **opening: Any) -> TurnInput:
        return TurnInput(
            turn_id=self._engine.ids.new("turn"),
            identity=self.identity,
            channel=self._channel,
            received_at=timestamp(self._engine.clock.now()),
            **opening,
        )


def demand(engine: Engine, identity: Identity, action: str) -> None:
    """Raise `rights.denied` unless the policy allows the identity this action in its tenant."""
    verdict = engine.authorizer.decide(identity, Permission(action=action, tenant=identity.tenant))
    if not verdict.allowed:
        raise Refused("rights.denied", verdict.reason)


def _check_parts(answer: ApprovalAnswer) -> None:
    """Raise where a decision says more than it would do: nobody is to believe that it was done."""
    if answer.changes and answer.decision != "edit":
        words = "changes: only the decision edit changes a plan; nothing was decided."
        raise BadInput("request.invalid", words, field="changes")
    if answer.break_glass and answer.decision != "approve":
        words = "break_glass: only the decision approve breaks the glass; nothing was decided."
        raise BadInput("request.invalid", words, field="break_glass")


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST))


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, Mapping):
        raise TypeError("a domain value is a JSON object")
    return dict(value)
