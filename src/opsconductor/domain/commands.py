"""What a plan would send, call by call: the answer of a dry run."""

from dataclasses import dataclass, field

from opsconductor.domain.json_value import JsonObject


@dataclass(frozen=True, kw_only=True)
class PlannedCommand:
    """One call as it would be made. Secrets are hidden in it, and nothing of it has been sent."""

    step_id: str
    purpose: str  # run | read_back (before and after the step) | verify (between parts) | undo (when a failure asks)
    tool: str
    target: str  # asset name, "" when the step has none
    connector: str
    request: JsonObject = field(default_factory=dict)  # e.g. argv, address | method, url, body
    note: str = ""  # what of it is known only at run time, or why it would not be sent
