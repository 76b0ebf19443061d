"""What a command asks of an engine, wherever it runs: in this process, or in the server that holds the home."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.turn import ApprovalAnswer
from opsconductor.server.import_order import ImportOrder

PhaseObserver = Callable[[str, str, float], None]
"""Called with a phase's name, "start" or "end", and milliseconds since the turn began."""


class Client(Protocol):
    """Answers are plain JSON data, in the shapes that HTTP gives. Every method raises OpsConductorError."""

    async def ask(
        self, text: str, session_id: str = "", observer: PhaseObserver | None = None, *, dry_run: bool = False
    ) -> Any:
        """One turn for these words: the reply; with `dry_run` only what would be sent."""
        ...

    async def decide(self, answer: ApprovalAnswer, observer: PhaseObserver | None = None) -> Any:
        """One turn for a decision on exactly that plan: the reply."""
        ...

    async def review(self, approval_id: str, reason: str, agrees: bool) -> Any:
        """The approval with the review that it owed."""
        ...

    async def executions(self, limit: int) -> Any:
        """Executions, newest first."""
        ...

    async def execution(self, execution_id: str) -> Any:
        """One execution with moves and journal."""
        ...

    async def commands(self, execution_id: str) -> Any:
        """What an execution's plan sends, call by call."""
        ...

    async def output(self, output_ref: str) -> Any:
        """A whole output that a result was cut from."""
        ...

    async def cancel_execution(self, execution_id: str, reason: str) -> Any:
        """The execution, cancelled or asked to stop."""
        ...

    async def undo(self, execution_id: str, reason: str) -> Any:
        """One turn that plans to take an execution back: the reply."""
        ...

    async def resolve_execution(self, execution_id: str, outcome: str, reason: str, step: str, target: str) -> Any:
        """The execution with its unknown steps settled."""
        ...

    async def turns(self, limit: int, session_id: str = "") -> Any:
        """Records of finished turns, newest first."""
        ...

    async def turn(self, turn_id: str) -> Any:
        """One record."""
        ...

    async def replay(self, turn_id: str) -> Any:
        """A turn derived again from its record."""
        ...

    async def approvals(self, limit: int, state: str = "") -> Any:
        """Approvals, newest first."""
        ...

    async def reviews_due(self) -> Any:
        """Approvals that owe a review, oldest first."""
        ...

    async def approval(self, approval_id: str) -> Any:
        """One approval with envelope and plan."""
        ...

    async def assets(self, query: AssetQuery) -> Any:
        """The asset service's answer."""
        ...

    async def import_assets(self, order: ImportOrder) -> Any:
        """What an import changed, or would change."""
        ...

    async def tools(self) -> Any:
        """The tools of the pack in use."""
        ...

    async def tool(self, name: str) -> Any:
        """One tool."""
        ...

    async def call_level(self, name: str, targets: Sequence[str], inputs: Mapping[str, str]) -> Any:
        """The risk and approval level of a call, part by part, without running anything."""
        ...

    async def identities(self) -> Any:
        """Who there is, by name."""
        ...

    async def create_identity(self, name: str, roles: Sequence[str], kind: str) -> Any:
        """A new identity."""
        ...

    async def grant(self, name: str, roles: Sequence[str], revoke: bool) -> Any:
        """An identity with these roles more, or less."""
        ...

    async def disable(self, name: str, enable: bool) -> Any:
        """An identity that acts no more, or acts again."""
        ...

    async def self_approval(self, on: bool | None, reason: str) -> Any:
        """The tenant's switch of self-approval, changed where `on` says so."""
        ...

    async def tokens(self) -> Any:
        """Tokens without their secrets."""
        ...

    async def create_token(self, name: str, label: str, lifetime_s: float | None) -> Any:
        """A new bearer token with its `secret`."""
        ...

    async def sign_in_link(self) -> Any:
        """A new one-time link to the running server's page, as `url`. Raises `server.unreachable` when none runs."""
        ...

    async def revoke_token(self, token_id: str) -> Any:
        """The end of a token."""
        ...
