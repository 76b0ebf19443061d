"""The engine opened in this process, for as long as one command needs it."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from opsconductor.bootstrap import Engine, FirstStart, open_engine, to_json
from opsconductor.cli.client import PhaseObserver
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.domain.turn import ApprovalAnswer, TurnReply
from opsconductor.server.administration import Administration
from opsconductor.server.credentials import Credentials, check_tenant
from opsconductor.server.desk import Desk
from opsconductor.server.import_order import ImportOrder
from opsconductor.server.people import People
from opsconductor.settings import Settings


class InProcessClient:
    """A `Client` over an engine of this process; each method is the desk's or the administration's of that name."""

    def __init__(self, engine: Engine, desk: Desk, administration: Administration) -> None:
        self._engine = engine
        self._desk = desk
        self._administration = administration
        self._people = People(engine, desk.identity)

    async def ask(
        self, text: str, session_id: str = "", observer: PhaseObserver | None = None, *, dry_run: bool = False
    ) -> Any:
        """See `Client`."""
        return to_json(await self._engine.take_turn(self._desk.message(text, session_id, dry_run=dry_run), observer))

    async def decide(self, answer: ApprovalAnswer, observer: PhaseObserver | None = None) -> Any:
        """See `Client`."""
        return to_json(await self._engine.take_turn(await self._desk.decision(answer), observer))

    async def review(self, approval_id: str, reason: str, agrees: bool) -> Any:
        """See `Client`."""
        return await self._desk.review(approval_id, reason, agrees=agrees)

    async def executions(self, limit: int) -> Any:
        """See `Client`."""
        return await self._desk.executions(limit)

    async def execution(self, execution_id: str) -> Any:
        """See `Client`."""
        return await self._desk.execution(execution_id)

    async def commands(self, execution_id: str) -> Any:
        """See `Client`."""
        return await self._desk.commands(execution_id)

    async def output(self, output_ref: str) -> Any:
        """See `Client`."""
        return await self._desk.output(output_ref)

    async def cancel_execution(self, execution_id: str, reason: str) -> Any:
        """See `Client`."""
        return await self._desk.cancel_execution(execution_id, reason)

    async def undo(self, execution_id: str, reason: str) -> Any:
        """See `Client`."""
        return to_json(await self._engine.take_turn(await self._desk.undo(execution_id, reason)))

    async def resolve_execution(self, execution_id: str, outcome: str, reason: str, step: str, target: str) -> Any:
        """See `Client`."""
        return await self._desk.resolve_execution(execution_id, outcome, reason, step=step, target=target)

    async def turns(self, limit: int, session_id: str = "") -> Any:
        """See `Client`."""
        return await self._desk.turns(limit, session_id)

    async def turn(self, turn_id: str) -> Any:
        """See `Client`."""
        return await self._desk.turn(turn_id)

    async def replay(self, turn_id: str) -> Any:
        """See `Client`."""
        return await self._desk.replay(turn_id)

    async def approvals(self, limit: int, state: str = "") -> Any:
        """See `Client`."""
        return await self._desk.approvals(limit, state)

    async def reviews_due(self) -> Any:
        """See `Client`."""
        return await self._desk.reviews_due()

    async def approval(self, approval_id: str) -> Any:
        """See `Client`."""
        return await self._desk.approval(approval_id)

    async def assets(self, query: AssetQuery) -> Any:
        """See `Client`."""
        return await self._desk.assets(query)

    async def import_assets(self, order: ImportOrder) -> Any:
        """See `Client`."""
        return await self._administration.import_assets(order)

    async def tools(self) -> Any:
        """See `Client`."""
        return self._desk.tools()

    async def tool(self, name: str) -> Any:
        """See `Client`."""
        return self._desk.tool(name)

    async def call_level(self, name: str, targets: Sequence[str], inputs: Mapping[str, str]) -> Any:
        """See `Client`."""
        return await self._desk.call_level(name, targets, inputs)

    async def identities(self) -> Any:
        """See `Client`."""
        return await self._people.identities()

    async def create_identity(self, name: str, roles: Sequence[str], kind: str) -> Any:
        """See `Client`."""
        return await self._people.create(name, roles, kind)

    async def grant(self, name: str, roles: Sequence[str], revoke: bool) -> Any:
        """See `Client`."""
        return await self._people.grant(name, roles, revoke=revoke)

    async def disable(self, name: str, enable: bool) -> Any:
        """See `Client`."""
        return await self._people.disable(name, enable=enable)

    async def self_approval(self, on: bool | None, reason: str) -> Any:
        """See `Client`."""
        return await self._people.self_approval(on, reason)

    async def tokens(self) -> Any:
        """See `Client`."""
        return await self._administration.tokens()

    async def create_token(self, name: str, label: str, lifetime_s: float | None) -> Any:
        """See `Client`."""
        return await self._administration.create_token(name, label, lifetime_s)

    async def sign_in_link(self) -> Any:
        """See `Client`: no server holds this home, so there is no page to sign in to."""
        raise Unavailable(
            "server.unreachable", "No server of this home is running.", next_step="Run: opsconductor serve"
        )

    async def revoke_token(self, token_id: str) -> Any:
        """See `Client`."""
        return await self._administration.revoke_token(token_id)


@asynccontextmanager
async def open_in_process(
    settings: Settings, acting_as: str, channel: str, tenant: str, tell: Callable[[str], None]
) -> AsyncIterator[InProcessClient]:
    """Open the engine, settle what a dead process left, and deliver what follows the replies at the end.

    `tell` is given notices: a new home's approver, and what recovery found. Raises `identity.*`, `store.*`, `pack.*`.
    """
    async with open_engine(settings) as engine:
        if engine.first_start is not None:
            tell(first_start_notice(engine.first_start))
        for reply in await engine.recover():
            tell(recovery_notice(reply))
        credentials = Credentials(engine.storage, engine.clock, engine.ids)
        if acting_as:
            identity = await credentials.identity_named(acting_as, settings.token)
        else:
            identity = await credentials.identity_of_user(os.getuid())
        check_tenant(identity, tenant)
        yield InProcessClient(engine, Desk(engine, identity, channel), Administration(engine, credentials, identity))
        await engine.outbox.run_once()
        try:
            await engine.anchor.run_once()
        except OpsConductorError as error:  # the answer stands; what is wrong with the records has to be told
            tell(f"{error.message} Check the records with: opsconductor audit verify.")


def first_start_notice(first: FirstStart) -> str:
    """What the owner of a new home has to know, once."""
    return (
        f"New home. You are {first.requester}; {first.approver} approves what needs a second person, with this token, "
        f"which is shown only now: {first.approver_token}"
    )


def recovery_notice(reply: TurnReply) -> str:
    """What recovery found out about a turn whose process died."""
    return f"Recovered {reply.turn_id}, which had been interrupted: {reply.message}"
