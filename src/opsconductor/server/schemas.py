"""The shapes on the wire: what requests must look like, and what the API reference says of the answers.

Plain dataclasses: pydantic reads them when the first request comes, not when the module is imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from opsconductor.bootstrap import to_json
from opsconductor.domain.errors import BadInput
from opsconductor.domain.execution import ExecutionResultV1
from opsconductor.domain.json_value import Json
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnReply

T = TypeVar("T")

ONLY_THESE_FIELDS = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class PipelineRequest:
    """A question or an order in plain words."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    request: Annotated[str, Field(description="The words, at most 16 KiB.", examples=["How many assets do we have?"])]
    session_id: Annotated[
        str | None, Field(description="Continues that conversation; left out: a new one.", max_length=100)
    ] = None
    dry_run: Annotated[
        bool, Field(description="Only tell what would be sent, as `commands`; nothing is run.", strict=True)
    ] = False


@dataclass(frozen=True, kw_only=True)
class ExecuteRequest:
    """A person's decision on exactly one frozen plan."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    approval_id: Annotated[str, Field(description="Which approval.", max_length=100)]
    plan_hash: Annotated[str, Field(description="The hash of the plan that was shown.", max_length=100)]
    decision: Annotated[
        Literal["approve", "reject", "request_changes", "edit"],
        Field(
            description="approve runs the plan once enough people have approved it; reject ends it; request_changes "
            "sends it back to its requester, who makes a new plan of it with edit and `changes`."
        ),
    ]
    reason: Annotated[str, Field(description="Why; kept with the decision.", max_length=1000)] = ""
    changes: Annotated[
        Mapping[str, Mapping[str, Any]], Field(description="edit: by step, the inputs to replace.", max_length=50)
    ] = field(default_factory=dict)
    break_glass: Annotated[
        bool,
        Field(description="approve without the second person; needs a reason, and owes a review.", strict=True),
    ] = False


@dataclass(frozen=True, kw_only=True)
class ReviewRequest:
    """What a second person says of an approval that was given without one."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    reason: Annotated[str, Field(description="What was found; kept with the review.", max_length=1000)]
    agrees: Annotated[bool, Field(description="Whether it was right to approve it alone.", strict=True)] = True


@dataclass(frozen=True, kw_only=True)
class CancelRequest:
    """An order to stop an execution."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    reason: Annotated[str, Field(description="Why; kept with the execution.", max_length=1000)] = ""


@dataclass(frozen=True, kw_only=True)
class UndoRequest:
    """An order to take an execution back."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    reason: Annotated[str, Field(description="Why; kept with the new plan.", max_length=1000)] = ""


@dataclass(frozen=True, kw_only=True)
class ResolveRequest:
    """What a person found out about steps whose outcome is unknown."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    outcome: Annotated[
        Literal["done", "not-done"], Field(alias="as", description="Whether it happened, by the person's own look.")
    ]
    reason: Annotated[str, Field(description="How that is known; kept with the step.", max_length=1000)]
    step: Annotated[str, Field(description="Only that step; left out: all that are unknown.", max_length=200)] = ""
    target: Annotated[str, Field(description="Only on that target, by name or id.", max_length=300)] = ""


@dataclass(frozen=True, kw_only=True)
class PipelineReply(TurnReply):
    """The reply of one turn, as `ask --json` prints it, with two names that HTTP clients look for."""

    requires_approval: bool
    execution_result: ExecutionResultV1 | None  # the same as `execution`


def reply_json(reply: TurnReply) -> Mapping[str, Json]:
    """The reply as HTTP tells it."""
    document: Any = to_json(reply)
    return {
        **document,
        "requires_approval": reply.kind is ReplyKind.APPROVAL_REQUIRED,
        "execution_result": document["execution"],
    }


def parse(kind: type[T], value: Mapping[str, Json]) -> T:
    """`value` as a request of that kind. Raises `request.invalid` naming the first field that does not fit."""
    try:
        return cast(T, _adapter(kind).validate_python(value))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput("request.invalid", f"{name or 'the body'}: {first['msg']}.", field=name) from error


def json_schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of a request of that kind."""
    return _adapter(kind).json_schema()


def _new_adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(_new_adapter)
