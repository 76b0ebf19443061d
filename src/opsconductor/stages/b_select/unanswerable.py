"""What a request asks and no tool can be told: such words are refused or asked about, and never left out in silence."""

import re
from collections.abc import Sequence

from opsconductor.domain.assets import Vocabulary
from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import EXCLUDED_HERE, OF_THE_COUNT, Entity
from opsconductor.domain.knowledge import Intent
from opsconductor.stages.b_select.filters import SELECTING
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.slots import FILTERS

CHOICES = 5
_NEAR = 16  # characters between `not` and what it excludes
_PLURALS = {"status": "statuses"}


def selects_by_filters(tool: Tool) -> bool:
    """Whether the tool answers about all assets that its filters leave."""
    return not tool.targets_input and FILTERS in tool.properties


def refusal(request: Request, intent: Intent, tools: Sequence[Tool]) -> str:
    """Why no tool of the intent can answer what is asked, one sentence and what to ask instead; empty when one can."""
    inventory = any(selects_by_filters(tool) for tool in tools)
    for condition in request.conditions:
        if condition.type == "attribute" and _nobody_tells(condition, request, intent, tools):
            return f"No tool of this installation can tell “{condition.text}” of an asset; ask without it."
        if condition.type == "exclusion" and (inventory or _excludes(condition, request)):
            return f"I cannot exclude or compare yet; ask without “{condition.text}”."
        if condition.type == "comparison" and inventory and condition.value != OF_THE_COUNT:
            return f"I cannot exclude or compare yet; ask without “{condition.text}”."
        if condition.type == "live_state" and inventory and not _where_it_runs(condition, request):
            return (
                f"The inventory does not know live state, so not which assets are {condition.text};"
                " ask about a host instead, such as “is app-01 reachable?”."
            )
    return ""


def told(request: Request, intent: Intent, tools: Sequence[Tool]) -> tuple[str, ...]:
    """Conditions that are left out of an answer and said to be."""
    names = " and ".join(tool.name for tool in tools)
    left_out = []
    for one in request.conditions:
        if one.type == "comparison" and one.value == OF_THE_COUNT and any(map(selects_by_filters, tools)):
            left_out.append(f"{names} compares nothing: “{one.text}” is yours to judge by the count.")
        if one.type == "attribute" and not _known_to(one, intent, tools) and request.named(("service",)):
            left_out.append(f"{names} cannot tell “{one.text}”: it was not looked at.")
    return tuple(left_out)


def which_value(request: Request, tools: Sequence[Tool], vocabulary: Vocabulary) -> Clarification | None:
    """The question about the first value that no asset has, with up to five that exist; None when none matters.

    It matters where it would be a filter: in a question to the inventory, and where a group is to be acted upon.
    """
    inventory = any(map(selects_by_filters, tools))
    if not inventory and request.named(("host", "ip")):
        return None
    for entity in request.unheard:
        field = entity.type
        if field == "service" and not inventory:
            continue  # which host runs it is asked for elsewhere
        known = [_spoken(field, value) for value in vocabulary.values.get(field, ()) if value][:CHOICES]
        listed = f" Known {_PLURALS.get(field, field + 's')}: {', '.join(known)}." if known else ""
        return Clarification(
            question=f"I know no {field} {entity.text}.{listed}",
            options=tuple(known),
            reason="unknown_target",
            subject=entity.text,
        )
    return None


def _nobody_tells(attribute: Entity, request: Request, intent: Intent, tools: Sequence[Tool]) -> bool:
    """A question about something that neither the intent nor its tools speak of; beside a service it is only told."""
    looks = all(tool.effect is Effect.READ for tool in tools)
    return looks and not request.named(("service",)) and not _known_to(attribute, intent, tools)


def _known_to(attribute: Entity, intent: Intent, tools: Sequence[Tool]) -> bool:
    words = [intent.description, *intent.examples]
    for tool in tools:
        words += [tool.name.replace("-", " "), tool.description, *(name.replace("_", " ") for name in tool.output)]
    return re.search(rf"\b{re.escape(attribute.value)}", " ".join(words), re.IGNORECASE) is not None


def _excludes(exclusion: Entity, request: Request) -> bool:
    """Whether something of the inventory stands right behind `not`, or anything at all behind `except`."""
    if exclusion.value == EXCLUDED_HERE:
        return True
    kinds = (*SELECTING, "host", "ip")
    return any(entity.type in kinds and 0 < entity.start - exclusion.end < _NEAR for entity in request.entities)


def _where_it_runs(state: Entity, request: Request) -> bool:
    """`where is billing running` asks where it is installed, which the inventory knows."""
    services = [*request.named(("service",)), *(one for one in request.unheard if one.type == "service")]
    return state.value == "running" and bool(services)


def _spoken(field: str, value: str) -> str:
    """A value as it can be said again: types in the plural, as they are counted."""
    if field != "type":
        return value
    words = value.replace("_", " ")
    return words if words.endswith("s") else f"{words}s"
