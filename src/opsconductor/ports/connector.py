"""How a step reaches the world. A connector is told exactly what to do and reports exactly what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import ToolRun
from opsconductor.domain.json_value import Json, JsonObject


@dataclass(frozen=True, kw_only=True)
class ConnectorCall:
    """One call. Inputs are data; nothing of them is spliced into a command line or URL."""

    run: ToolRun
    inputs: Mapping[str, Json]
    tenant: str
    timeout_s: float
    target: Asset | None = None
    credential_ref: str = ""
    changing: bool = False  # whether it may have an effect; then only the far side's own word tells that it has ended


@dataclass(frozen=True, kw_only=True)
class ConnectorResult:
    """What came back. `outcome`: done, refused_before_effect, or unknown (sent, and no proof either way)."""

    outcome: str  # "done" | "not_sent" | "unknown"
    output: Json = None  # parsed output, U+0000 removed, size-capped
    request: JsonObject = field(default_factory=dict)  # what was sent, secrets left out
    response: JsonObject = field(default_factory=dict)  # status or exit, bytes
    ok: bool = False  # the far side reported success (2xx | exit in ok_exits)
    error_code: str = ""  # connector.* when not ok
    error: str = ""


class Connector(Protocol):
    """Performs calls of one kind. Never raises for what the far side does; cancellation ends the call."""

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """Do it once; no retry. `not_sent` promises that nothing reached the far side."""
        ...


@runtime_checkable
class Previewing(Connector, Protocol):
    """A connector that can tell what a call would send."""

    def preview(self, call: ConnectorCall) -> JsonObject:
        """All that `call` would later tell as its `request`, and the body; nothing is sent, resolved or looked up."""
        ...
