"""What depends on the changed assets, as far as the inventory says: other assets that name them in `depends_on`.

`depends_on` is an attribute that a source may give, for example a column of a CSV file: names of assets or services,
as a list or divided by commas, semicolons or spaces. Only the first thousand assets of an environment are looked at.
"""

import re
from collections.abc import Iterable, Sequence

from opsconductor.domain.assets import Asset, AssetQuery
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep
from opsconductor.ports.inventory import Inventory

MOST_LOOKED_AT = 1_000
ATTRIBUTE = "depends_on"


async def count_dependents(
    inventory: Inventory, tenant: str, steps: Iterable[PlanStep], assets: Sequence[Asset]
) -> int:
    """How many other assets of the same environments say that they depend on what `steps` change; 0 for reads.

    Raises `inventory.*`.
    """
    changing = [step for step in steps if step.effect != "read"]
    changed = {target.asset_id for step in changing for target in step.targets}
    touched = [asset for asset in assets if asset.asset_id in changed]
    environments = sorted({asset.environment for asset in touched if asset.environment})
    if not environments:
        return 0
    wanted = {name.casefold() for asset in touched for name in (asset.name, *_services(asset, changing))}
    query = AssetQuery(query_type="list", filters={"environment": list(environments)}, limit=MOST_LOOKED_AT)
    rows = (await inventory.query(tenant, query)).assets
    return sum(
        row.get("asset_id") not in changed and not wanted.isdisjoint(_named(row.get("attributes"))) for row in rows
    )


def _services(asset: Asset, changing: Sequence[PlanStep]) -> list[str]:
    """The services of the asset that are changed: the one a step names, else all of them."""
    here = [step for step in changing if any(target.asset_id == asset.asset_id for target in step.targets)]
    named = {str(step.inputs.get("service", "")) for step in here}
    return [service.name for service in asset.services if "" in named or service.name in named]


def _named(attributes: Json) -> set[str]:
    value = attributes.get(ATTRIBUTE) if isinstance(attributes, dict) else None
    texts = value if isinstance(value, list | tuple) else [value]
    return {word.casefold() for text in texts if isinstance(text, str) for word in re.split(r"[,;\s]+", text) if word}
