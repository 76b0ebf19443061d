"""The shapes on the wire: what requests must look like, and what the API reference says of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opsconductor.bootstrap import to_json
from opsconductor.domain.errors import BadInput
from opsconductor.domain.execution import ExecutionResultV1
from opsconductor.domain.json_value import Json
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnReply

M = TypeVar("M", bound=BaseModel)


class WireModel(BaseModel):
    """A request body: exactly these fields, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PipelineRequest(WireModel):
    """A question or an order in plain words."""

    request: str = Field(description="The words, at most 16 KiB.", examples=["How many assets do we have?"])
    session_id: str | None = Field(
        None, description="Continues that conversation; left out: a new one.", max_length=100
    )


class ExecuteRequest(WireModel):
    """A person's decision on exactly one frozen plan."""

    approval_id: str = Field(description="Which approval.", max_length=100)
    plan_hash: str = Field(description="The hash of the plan that was shown.", max_length=100)
    decision: Literal["approve", "reject"] = Field(description="approve runs the plan; reject ends it.")
    reason: str = Field("", description="Why; kept with the decision.", max_length=1000)


@dataclass(frozen=True, kw_only=True)
class PipelineReply(TurnReply):
    """The reply of one turn, as `ask --json` prints it, with two names that HTTP clients look for."""

    requires_approval: bool
    execution_result: ExecutionResultV1 | None  # the same as `execution`


class Problem(BaseModel):
    """RFC 9457: what went wrong, its stable code, and what to try next. Further members give the facts."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="urn:opsconductor:error: and the code")
    title: str = Field(description="The kind of error in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What is wrong here, one sentence")
    instance: str = Field(description="The path that was called")
    code: str = Field(description="Stable code area.reason")
    next_step: str = Field(description="What to try next")


def reply_json(reply: TurnReply) -> Mapping[str, Json]:
    """The reply as HTTP tells it."""
    document: Any = to_json(reply)
    return {
        **document,
        "requires_approval": reply.kind is ReplyKind.APPROVAL_REQUIRED,
        "execution_result": document["execution"],
    }


def parse(model: type[M], value: Mapping[str, Json]) -> M:
    """`value` as a request. Raises `request.invalid` naming the first field that does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput("request.invalid", f"{name or 'the body'}: {first['msg']}.", field=name) from error
