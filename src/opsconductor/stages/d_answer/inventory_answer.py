"""Words an asset service's answer: counts, breakdowns and lists, each number with its place in the stored output."""

from collections.abc import Mapping

from opsconductor.domain.json_value import Json
from opsconductor.domain.response import Evidence

LISTED = 20


def is_inventory_answer(output: Json) -> bool:
    """True for the shape every answer of the asset service has."""
    return isinstance(output, Mapping) and isinstance(output.get("total_count"), int) and "breakdown" in output


def inventory_facts(
    output: Mapping[str, Json], inputs: Mapping[str, Json], nouns: Mapping[str, Json], step: str
) -> tuple[list[str], list[Evidence]]:
    """Sentences and evidence for one answer of the asset service."""
    evidence: list[Evidence] = []
    total = output.get("total_count")
    count = total if isinstance(total, int) else 0
    evidence.append(Evidence(claim=str(count), step=step, path="output.total_count", value=count))
    kind = str(inputs.get("query_type", "show"))
    breakdown = output.get("breakdown")
    assets = output.get("assets")
    if kind == "show" and isinstance(assets, (list, tuple)):
        return _described(assets, evidence, step), evidence
    head = _head(count, inputs, nouns, evidence, step)
    if kind in ("list", "search") and isinstance(assets, (list, tuple)):
        lines = _listed(assets, count, evidence, step)
    elif isinstance(breakdown, Mapping) and not (len(breakdown) == 1 and _by_one_type(inputs)):
        lines = _broken_down(breakdown, inputs, nouns, evidence, step)
    else:
        lines = []
    return ["\n".join([head + (":" if lines else "."), *lines])], evidence


def _by_one_type(inputs: Mapping[str, Json]) -> bool:
    """The one type asked for is the noun of the sentence already; a breakdown by type would only repeat it."""
    filters = inputs.get("filters")
    by_type = str(inputs.get("group_by") or "type") == "type"
    return by_type and isinstance(filters, Mapping) and isinstance(filters.get("type"), str)


def _head(
    count: int, inputs: Mapping[str, Json], nouns: Mapping[str, Json], evidence: list[Evidence], step: str
) -> str:
    """As the seed says it: You have 6 assets in the system; or with the filters that were applied."""
    noun = "asset" if count == 1 else "assets"
    filters = inputs.get("filters")
    wanted = filters.get("type") if isinstance(filters, Mapping) else None
    if isinstance(filters, Mapping) and isinstance(wanted, str):
        noun = noun_for(wanted, count, nouns)
        evidence.append(Evidence(claim=noun, step=step, path="input.filters.type", value=wanted))
        filters = {name: value for name, value in filters.items() if name != "type"}
    said = []
    if isinstance(filters, Mapping):
        for name, value in filters.items():
            words = " or ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
            evidence.append(Evidence(claim=words, step=step, path=f"input.filters.{name}", value=value))
            said.append(f"{name} {words}")
    text = inputs.get("text")
    if text:
        evidence.append(Evidence(claim=str(text), step=step, path="input.text", value=text))
        said.append(f"matching {text}")
    head = f"You have {count} {noun}"
    return f"{head} with {', '.join(said)}" if said else head if wanted else f"{head} in the system"


def _broken_down(
    breakdown: Mapping[str, Json],
    inputs: Mapping[str, Json],
    nouns: Mapping[str, Json],
    evidence: list[Evidence],
    step: str,
) -> list[str]:
    by_type = str(inputs.get("group_by") or "type") == "type"
    ordered = sorted(breakdown.items(), key=lambda item: (-_number(item[1]), item[0]))
    lines = []
    for name, value in ordered:
        count = _number(value)
        evidence.append(Evidence(claim=str(count), step=step, path=f"output.breakdown.{name}", value=count))
        words = noun_for(name, count, nouns) if by_type else name or "(none)"
        evidence.append(Evidence(claim=words, step=step, path="output.breakdown", value=name))
        lines.append(f"- {count} {words}" if by_type else f"- {words}: {count}")
    return lines


def _listed(assets: list[Json] | tuple[Json, ...], count: int, evidence: list[Evidence], step: str) -> list[str]:
    lines = []
    for index, asset in enumerate(assets[:LISTED]):
        if not isinstance(asset, Mapping):
            continue
        parts = []
        for field in ("name", "type", "os", "environment", "site", "ip"):
            value = asset.get(field)
            if value:
                words = str(value).replace("_", " ") if field == "type" else str(value)
                evidence.append(Evidence(claim=words, step=step, path=f"output.assets.{index}.{field}", value=value))
                parts.append(words)
        lines.append("- " + " · ".join(parts))
    if count > len(lines):
        evidence.append(Evidence(claim=str(len(lines)), step=step, path="output.assets", value=len(lines)))
        lines.append(f"- … the first {len(lines)} are shown")
    return lines


DETAILS = ("type", "os", "role", "environment", "site", "owner", "status", "ip", "criticality")


def _described(assets: list[Json] | tuple[Json, ...], evidence: list[Evidence], step: str) -> list[str]:
    """What the inventory records of each asset: a sentence of its fields, and its services."""
    facts = []
    for index, asset in enumerate(assets[:LISTED]):
        if not isinstance(asset, Mapping):
            continue
        where = f"output.assets.{index}"
        name = str(asset.get("name", ""))
        evidence.append(Evidence(claim=name, step=step, path=f"{where}.name", value=asset.get("name")))
        parts = []
        for field in DETAILS:
            value = asset.get(field)
            if value:
                words = str(value).replace("_", " ") if field == "type" else str(value)
                evidence.append(Evidence(claim=words, step=step, path=f"{where}.{field}", value=value))
                parts.append(f"{field} {words}")
        parts.extend(_services(asset.get("services"), f"{where}.services", evidence, step))
        facts.append(f"{name}: {', '.join(parts)}.")
    return facts


def _services(services: Json, where: str, evidence: list[Evidence], step: str) -> list[str]:
    parts = []
    for place, service in enumerate(services if isinstance(services, (list, tuple)) else ()):
        by_name = isinstance(service, Mapping)
        label = str(service.get("name")) if isinstance(service, Mapping) else str(service)
        path = f"{where}.{place}.name" if by_name else f"{where}.{place}"
        evidence.append(Evidence(claim=label, step=step, path=path, value=label))
        parts.append(f"service {label}")
    return parts


def noun_for(name: str, count: int, nouns: Mapping[str, Json]) -> str:
    """The word for `count` assets of a type: from the pack's nouns, else made from the type's name."""
    noun = nouns.get(name)
    if isinstance(noun, Mapping):
        return str(noun.get("one" if count == 1 else "many", name))
    if isinstance(noun, (list, tuple)) and len(noun) == 2:
        return str(noun[0] if count == 1 else noun[1])
    words = str(noun) if noun else name.replace("_", " ")
    return words if count == 1 or words.endswith("s") else f"{words}s"


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
