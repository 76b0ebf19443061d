"""The one spelling of "any JSON value" used wherever data crosses a boundary."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
else:
    Json = Any  # libraries that read annotations at run time do not follow a type that names itself
JsonObject: TypeAlias = Mapping[str, Json]
