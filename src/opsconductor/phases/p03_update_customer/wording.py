"""Questions about targets, in words: what is unknown, what may be meant, and choices that resolve when repeated."""

from collections import Counter
from collections.abc import Iterable, Sequence

from opsconductor.domain.assets import AssetMatch

MOST_CHOICES = 5
LONGEST_ECHO = 80


def listed(items: Sequence[str], word: str = "or") -> str:
    """`a, b or c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def echoed(text: str) -> str:
    """What the person wrote, cut to a length that a sentence bears."""
    return text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 1] + "…"


def labels_of(matches: Iterable[AssetMatch]) -> dict[str, AssetMatch]:
    """A distinct name for each asset: the name if that is enough, else with site, owner, type, and at last the id."""
    assets = list({match.asset_id: match for match in matches}.values())
    alike = Counter(match.name.casefold() for match in assets)
    labels = [match.name if alike[match.name.casefold()] == 1 else _placed(match) for match in assets]
    for detailed in (_detailed, _identified):
        count = Counter(label.casefold() for label in labels)
        labels = [
            label if count[label.casefold()] == 1 else detailed(match)
            for label, match in zip(labels, assets, strict=True)
        ]
    return dict(zip(labels, assets, strict=True))


def _placed(match: AssetMatch) -> str:
    site = f" at {match.site}" if match.site else ""
    owner = f" (owner {match.owner})" if match.owner else ""
    return f"{match.name}{site}{owner}"


def _detailed(match: AssetMatch) -> str:
    parts = [f"owner {match.owner}" if match.owner else "", match.type.replace("_", " "), match.environment]
    site = f" at {match.site}" if match.site else ""
    return f"{match.name}{site} ({', '.join(part for part in parts if part)})"


def _identified(match: AssetMatch) -> str:
    return f"{match.name} (id {match.asset_id})"
