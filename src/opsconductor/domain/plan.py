"""PlanV1 and the approval envelope: the bytes that are approved are the bytes that run."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.domain.assets import Asset
from opsconductor.domain.json_value import Json, JsonObject

READS_AT_ONCE = 10
"""So many targets of one step are read at a time; changes go one by one."""


@dataclass(frozen=True, kw_only=True)
class PlannedTarget:
    """A resolved target: what the inventory said when the plan was frozen."""

    asset_id: str
    name: str
    platform: str = ""
    environment: str = ""
    criticality: str = "medium"
    reach: str = ""  # digest of its address, connection, type, role and services: how it is reached and what it is


def planned_target(asset: Asset) -> PlannedTarget:
    """The target as the inventory has it now; equal to the one of a plan while nothing that matters has changed."""
    services = [[service.name, service.port] for service in asset.services]
    reached: Json = [asset.ip, dict(asset.connection), asset.type, asset.role, services]
    return PlannedTarget(
        asset_id=asset.asset_id,
        name=asset.name,
        platform=asset.platform,
        environment=asset.environment,
        criticality=asset.criticality,
        reach=_text_digest(reached),
    )


def reading_digest(reading: Json) -> str:
    """The digest of what a probe read; equal readings have equal digests."""
    return _text_digest(reading)


def _text_digest(value: Json) -> str:
    """Of a value that may hold what canonical JSON refuses, such as fractional numbers."""
    return hashlib.sha256(_sorted_json(value).encode()).hexdigest()[:32]


_sorted_json = json.JSONEncoder(sort_keys=True).encode


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """One step. It runs once per target, or once when there is no target."""

    step_id: str
    description: str
    tool: str
    tool_digest: str
    inputs: Mapping[str, Json]
    targets: tuple[PlannedTarget, ...] = ()
    depends_on: tuple[str, ...] = ()
    preconditions: tuple[str, ...] = ()
    success_criteria: tuple[str, ...] = ()
    on_failure: str = "stop"  # stop | continue | undo
    probe: bool = False
    undo: str = ""
    undo_inputs: Mapping[str, Json] = field(default_factory=dict)  # input → {"input": NAME} | {"before": FIELD} | text
    left: str = ""  # digest of what the probe has to read before the effect, else nothing is run; "" = anything
    verify: str = ""  # reading tool run on each part of the targets before the next part begins
    canary: int = 0  # so many targets go first, alone; 0 = no canary
    batch: int = 0  # then so many at a time; 0 = all the rest
    concurrency: int = 1  # targets worked on at once within a part
    retries: int = 0  # further attempts after a failed one; only reads and idempotent effects
    retry_pause_ms: int = 0  # before the first retry; doubles with each
    estimate_ms: int = 0  # over all targets
    timeout_ms: int = 0  # per target
    effect: str = "read"
    risk: str = "low"
    outside_inventory: bool = False  # a read whose address the inventory does not hold
    credential_ref: str = ""
    connector: str = ""
    request: JsonObject = field(default_factory=dict)  # argv or http as it would be sent; secrets left out


@dataclass(frozen=True, kw_only=True)
class BlastRadius:
    """How far a plan reaches."""

    targets: int = 0
    criticality: str = "low"  # highest of its targets
    dependents: int = 0


@dataclass(frozen=True, kw_only=True)
class PlanV1:
    """What would run. `plan_id` derives from `plan_digest`, so the same plan has the same id."""

    plan_id: str
    plan_digest: str
    steps: tuple[PlanStep, ...]
    estimate_s: float  # critical path
    timeout_s: float  # of the execution
    risk: str
    risk_reasons: tuple[str, ...]
    approval_level: int
    blast_radius: BlastRadius
    strategy: str = "simple"  # simple | sequential | parallel
    canary: bool = False
    predicted_changes: tuple[str, ...] = ()
    inventory_revision: int = 0
    schema: str = "PlanV1"


@dataclass(frozen=True, kw_only=True)
class ApprovalEnvelope:
    """Everything an approval binds (safety §2.3). Its SHA-256 over canonical JSON is the `plan_hash`."""

    version: int
    tenant: str
    execution_id: str
    requester: str
    plan_digest: str
    steps: tuple[JsonObject, ...]  # tool, tool digest, arguments, target ids, credential, effect, timeout
    risk: str
    approval_level: int
    policy_digest: str
    catalogue_digest: str
    inventory_revision: int
    expires_at: str
    nonce: str
    strategy: str = ""  # in what order the steps run
    needed: int = 1  # distinct people who must approve
    step_id: str = ""  # the one step that is confirmed; "" = the whole plan


def plan_content(steps: tuple[PlanStep, ...]) -> Json:
    """The content a `plan_digest` covers: what runs where, nothing that varies between two equal plans."""
    return [hashed_step(step) for step in steps]


def hashed_step(step: PlanStep) -> JsonObject:
    """One step as plan_digest and the envelope hash it."""
    return {
        "id": step.step_id,
        "tool": step.tool,
        "tool_digest": step.tool_digest,
        "arguments": dict(step.inputs),
        "targets": [target.asset_id for target in step.targets],
        "reach": [target.reach for target in step.targets],
        "depends_on": list(step.depends_on),
        "preconditions": list(step.preconditions),
        "success_criteria": list(step.success_criteria),
        "probe": step.probe,
        "on_failure": step.on_failure,
        "undo": step.undo,
        "undo_inputs": dict(step.undo_inputs),
        "verify": step.verify,
        "rollout": [step.canary, step.batch, step.concurrency],
        "retries": [step.retries, step.retry_pause_ms],
        "effect": step.effect,
        "risk": step.risk,
        "outside_inventory": step.outside_inventory,
        "connector": step.connector,
        "request": _text_digest(step.request),
        "timeout_ms": step.timeout_ms,
        "credential_ref": step.credential_ref,
        **({"left": step.left} if step.left else {}),
    }


def envelope_content(envelope: ApprovalEnvelope) -> JsonObject:
    """The envelope as the bytes to hash are made from."""
    return {
        "version": envelope.version,
        "tenant": envelope.tenant,
        "execution_id": envelope.execution_id,
        "requester": envelope.requester,
        "plan_digest": envelope.plan_digest,
        "steps": list(envelope.steps),
        "risk": envelope.risk,
        "approval_level": envelope.approval_level,
        "policy_digest": envelope.policy_digest,
        "catalogue_digest": envelope.catalogue_digest,
        "inventory_revision": envelope.inventory_revision,
        "expires_at": envelope.expires_at,
        "nonce": envelope.nonce,
        "strategy": envelope.strategy,
        "needed": envelope.needed,
        "step_id": envelope.step_id,
    }
