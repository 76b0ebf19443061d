"""SelectionV1: which tools stage B chose, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.domain.decision import Clarification
from opsconductor.domain.json_value import Json


@dataclass(frozen=True, kw_only=True)
class SelectedTool:
    """A chosen tool with the inputs the words give it."""

    name: str
    reason: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    targets: tuple[str, ...] = ()  # asset ids
    missing: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    left: str = ""  # as in PlanStep


@dataclass(frozen=True, kw_only=True)
class MissingParameter:
    """An input that only a person can give; becomes a form field or a question."""

    name: str
    type: str
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class ToolScore:
    """An alternative that was considered."""

    name: str
    score: float
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SelectionPolicy:
    """A provisional view of risk; the gate's verdict is the one recorded."""

    risk: str
    approval_level: int
    environment: str
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SelectionV1:
    """Tools in order, alternatives with scores, and whether everything needed is known."""

    selection_id: str
    tools: tuple[SelectedTool, ...]
    alternatives: tuple[ToolScore, ...] = ()
    requires_approval: bool = False
    policy: SelectionPolicy | None = None
    missing_params: tuple[MissingParameter, ...] = ()
    ready: bool = True
    explanation: str = ""
    clarification: Clarification | None = None  # the one question that would make it ready, with choices
    limitations: tuple[str, ...] = ()  # what the request names and the tools do not take, one sentence each
    refusal_code: str = ""  # when no answer of the requester can make it ready
    schema: str = "SelectionV1"
