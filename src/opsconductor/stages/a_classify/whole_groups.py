"""Where a place and a service together name a whole group, no single host has to be asked for: "billing in staging"."""

from collections.abc import Iterable, Sequence

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.entities import Entity

PLACES = ("environment", "site", "owner")


def names_whole_group(tools: Sequence[Tool], entities: Iterable[Entity]) -> bool:
    """Whether every tool may go to all that run the named services in the named places, and there are some.

    A change may only where it is rolled out part by part; a named host is never widened.
    """
    named = tuple(entities)
    if any(one.type in ("host", "ip") for one in named):
        return False
    services = [one for one in named if one.type == "service" and one.match == "exact"]
    places = [one for one in named if one.type in PLACES and one.match == "exact"]
    return bool(services and places and tools) and all(map(_takes_many, tools)) and _runs_there(services, places)


def _takes_many(tool: Tool) -> bool:
    return tool.max_targets > 1 and (tool.effect is Effect.READ or bool(tool.canary or tool.batch))


def _runs_there(services: Sequence[Entity], places: Sequence[Entity]) -> bool:
    """Whether each service runs somewhere that is in all of the places' kinds."""
    kinds = {place.type for place in places}
    wanted = {kind: {place.value.casefold() for place in places if place.type == kind} for kind in kinds}
    return all(
        any(
            match.exact and all(str(getattr(match, kind)).casefold() in wanted[kind] for kind in kinds)
            for match in service.matches
        )
        for service in services
    )
