"""Turns to try a phase or a stage on: a context, a snapshot and resolved entities with nothing special about them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opsconductor.domain.assets import AssetMatch
from opsconductor.domain.catalogue import Catalogue, Effect, RiskLevel, Tool, ToolRun
from opsconductor.domain.entities import Entity
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import Configured, CustomerUpdate, Session, TurnContext, TurnInput
from opsconductor.testing.contracts.lanes import a_catalogue

MOMENT = "2026-05-05T12:00:00.000Z"


def a_session(**changes: Any) -> Session:
    """A new session of the requester."""
    session = Session(session_id="sess_1", tenant="default", agent="ops", customer_id="id_1", identity_id="id_1")
    return replace(session, **changes)


def a_context(
    message: str = "how full is the disk on app-01",
    *,
    catalogue: Catalogue | None = None,
    session: Session | None = None,
    settings: Mapping[str, Json] | None = None,
    **turn: Any,
) -> TurnContext:
    """The context of a message; `settings` are the agent's, `turn` replaces fields of the input."""
    identity = Identity(identity_id="id_1", tenant="default", name="requester", roles=frozenset({Role.REQUESTER}))
    return TurnContext(
        input=replace(TurnInput(turn_id="turn_1", identity=identity, message=message), **turn),
        tenant="default",
        session=session or a_session(),
        customer_data={},
        fields=(),
        mask={},
        glossary=(),
        configuration={key: Configured(value=value, source="pack") for key, value in (settings or {}).items()},
        configuration_digest="sha256:configuration",
        catalogue=catalogue or a_catalogue(),
        started_at=MOMENT,
    )


def a_snapshot(text: str = "how full is the disk on app-01", masked: str = "", **changes: Any) -> SituationalSnapshot:
    """The snapshot of `text`; `masked` defaults to the text itself."""
    return replace(SituationalSnapshot(text=text, masked_text=masked or text), **changes)


def an_asset_match(name: str, **changes: Any) -> AssetMatch:
    """A Linux server in staging, found exactly; its id is `asset_NAME`."""
    match = AssetMatch(
        asset_id=f"asset_{name}",
        name=name,
        type="linux_server",
        platform="linux",
        environment="staging",
        site="lab",
        owner="",
        services=("billing",),
        criticality="medium",
        exact=True,
    )
    return replace(match, **changes)


def a_host(name: str, text: str = "", **changes: Any) -> Entity:
    """A host mention resolved to one asset; `text` is the message it stands in, `changes` go to the asset match."""
    start = max(text.lower().find(name.lower()), 0)
    match = an_asset_match(name, **changes)
    return Entity(
        type="host",
        value=name,
        text=name,
        start=start,
        end=start + len(name),
        asset_id=match.asset_id,
        matches=(match,),
    )


def a_word(kind: str, value: str, text: str = "", written: str = "") -> Entity:
    """A mention of any other type, written as `written` (else as its value) in the message `text`."""
    written = written or value
    start = max(text.lower().find(written.lower()), 0)
    return Entity(type=kind, value=value, text=written, start=start, end=start + len(written))


def an_update(*entities: Entity, **changes: Any) -> CustomerUpdate:
    """P3's result for these resolved entities; the facets are those of their assets."""
    matches = [entity.matches[0] for entity in entities if entity.asset_id]
    facets = {
        key: tuple(dict.fromkeys(str(getattr(match, key)) for match in matches if getattr(match, key)))
        for key in ("environment", "platform", "type", "site", "owner", "criticality")
    }
    known = {key: values for key, values in facets.items() if values}
    return replace(CustomerUpdate(customer_data={}, entities=entities, facets=known), **changes)


def a_tool(name: str, **changes: Any) -> Tool:
    """A read on one Linux host over SSH; `changes` replace fields."""
    tool = Tool(
        name=name,
        version="1",
        description=name.replace("-", " "),
        platforms=("linux",),
        effect=Effect.READ,
        risk=RiskLevel.LOW,
        connector="ssh",
        inputs=object_schema(host={"type": "string", "x-entity": "host"}),
        run=ToolRun(argv=("true",)),
        output={},
        estimate_s=1.0,
        timeout_class="fast_read",
        targets_input="host",
        digest=f"sha256:{name}",
    )
    return replace(tool, **changes)


def object_schema(*optional: str, **properties: Json) -> JsonObject:
    """A closed JSON Schema object; all properties are required but those named as optional."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
