"""Assets, the questions the inventory answers, and how a mention in a sentence matches them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.domain.json_value import Json, JsonObject

FILTER_FIELDS = (
    "type",
    "role",
    "platform",
    "os",
    "environment",
    "site",
    "owner",
    "status",
    "source",
    "name",
    "service",
)
"""Fields that filters and groupings may name."""


@dataclass(frozen=True, kw_only=True)
class AssetService:
    """A named service that runs on an asset."""

    name: str
    port: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One thing under care. Identity: (tenant, source, source_id)."""

    asset_id: str
    tenant: str  # isolation tenant, from the caller; never from a file
    name: str
    type: str  # snake case, for example windows_workstation, linux_server, device, virtual_machine
    source: str  # seed | lab | csv | ansible | netbox
    source_id: str
    role: str = ""
    platform: str = ""  # windows | linux | network | "" when unknown; what tools declare in `platforms`
    os: str = ""  # as the source words it
    environment: str = ""  # production | staging | … | ""
    site: str = ""
    owner: str = ""  # an imported `tenant` column lands here
    status: str = "active"
    ip: str = ""
    criticality: str = "medium"  # low | medium | high
    services: tuple[AssetService, ...] = ()
    connection: Mapping[str, Json] = field(default_factory=dict)  # connector, port, username, credential_ref, host_key
    attributes: Mapping[str, Json] = field(default_factory=dict)  # anything else the source said


@dataclass(frozen=True, kw_only=True)
class AssetQuery:
    """A question to the asset service. `query_type`: count | list | show | search | group."""

    query_type: str
    filters: Mapping[str, Json] = field(default_factory=dict)  # field → value or list of values, all must hold
    group_by: str = "type"
    text: str = ""  # for search
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class AssetAnswer:
    """The asset service's answer. `total_count` counts all matches, whatever `limit` says."""

    success: bool
    total_count: int
    breakdown: Mapping[str, int]  # by type, or by `group_by`
    assets: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AssetMatch:
    """One asset that a mention may mean."""

    asset_id: str
    name: str
    type: str
    platform: str
    environment: str
    site: str
    owner: str
    services: tuple[str, ...]
    criticality: str
    exact: bool  # False: a near spelling, which only ever leads to a question
    score: float = 1.0  # 1.0 for exact, similarity 0–1 otherwise


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A piece of the sentence and what the inventory knows under that name."""

    text: str
    kind: str  # host | ip | service
    matches: tuple[AssetMatch, ...]  # for a service: the assets that run it


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The distinct words of one tenant's inventory, by field, for slot filling."""

    revision: int
    values: Mapping[str, tuple[str, ...]]  # field of FILTER_FIELDS (without name) → distinct values
