"""Checks the audit chains of a home without an engine: are the rows as they were written, and are they all there?

A finished turn's row holds the digest of its record, so that the chain answers the same two questions for records.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.audit_anchor.sealed_file import SealedFileAnchor
from opsconductor.adapters.record_digest import RECORD
from opsconductor.bootstrap.audit_key import audit_key
from opsconductor.bootstrap.storage_alone import open_storage_alone
from opsconductor.domain.audit import AuditHead, AuditVerdict, ChainedAudit
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.errors import BadInput
from opsconductor.domain.execution import Execution
from opsconductor.ports.storage import Storage
from opsconductor.settings import Settings

PAGE = 1000
MOST_NAMED = 20
"""So many faults of a kind are named one by one; the rest is a number."""

FINISHED = "turn.finished"

Fact = tuple[str, str, str, str, str]
"""Action, subject, step, target and attempt of a row: what an effect must have left in the chain."""


async def verify_audit(settings: Settings, tenant: str = "") -> tuple[AuditVerdict, ...]:
    """The verdict on each tenant's chain, or on one tenant's.

    Raises `request.invalid` for a tenant without a chain, `store.*`, `home.unusable`, `audit.broken`.
    """
    key = audit_key(settings)
    heads = SealedFileAnchor(settings.home / "keys" / "audit.anchor", key).heads()
    async with open_storage_alone(settings) as storage:
        tenants = sorted({*await storage.tenants(), *heads})
        if tenant and tenant not in tenants:
            raise BadInput("request.invalid", f"There is no chain of a tenant named {tenant}.")
        wanted = [tenant] if tenant else tenants
        verdicts = [await verify_chain(storage, HmacSeal(key), one, heads.get(one)) for one in wanted]
    return tuple(one if one.tenant in heads or not one.rows else _without_anchor(one) for one in verdicts)


def _without_anchor(verdict: AuditVerdict) -> AuditVerdict:
    """Nothing outside the store tells how far the chain had come, so nobody can say that all of it is there."""
    return replace(verdict, missing=("no anchor tells how far the chain had come", *verdict.missing))


async def verify_chain(storage: Storage, seal: HmacSeal, tenant: str, anchored: AuditHead | None) -> AuditVerdict:
    """Read a whole chain once, and hold it against its head, its anchor, the journal of effects and the records."""
    rows, broken_at, previous = 0, None, bytes(32)
    last = AuditHead(seq=0, hash="")
    facts: set[Fact] = set()
    sealed: dict[str, str] = {}
    rewritten = False
    async for page in _pages(storage, tenant):
        if broken_at is None:
            broken_at = seal.verify(page, previous, last.seq)
        rows += len(page)
        facts.update(map(_fact, page))
        sealed.update((row.entry.subject, _sealed(row)) for row in page if row.entry.action == FINISHED)
        rewritten = rewritten or any(anchored and row.seq == anchored.seq and row.hash != anchored.hash for row in page)
        last = AuditHead(seq=page[-1].seq, hash=page[-1].hash)
        previous = bytes.fromhex(last.hash)
    if rewritten and anchored is not None:
        broken_at = min(broken_at or anchored.seq, anchored.seq)
    altered, gone = await _records(storage, tenant, sealed)
    missing = [*await _cut_off(storage, tenant, last, anchored), *await _unaudited(storage, tenant, facts), *gone]
    return AuditVerdict(
        tenant=tenant,
        rows=rows,
        broken_at=broken_at,
        missing=tuple(_shortened(missing)),
        altered=tuple(_shortened(altered)),
    )


async def _pages(storage: Storage, tenant: str) -> AsyncIterator[Sequence[ChainedAudit]]:
    after = 0
    while page := await storage.audit(tenant, after=after, limit=PAGE):
        yield page
        after = page[-1].seq


async def _cut_off(storage: Storage, tenant: str, last: AuditHead, anchored: AuditHead | None) -> list[str]:
    """Rows that were once the chain's end and are gone."""
    seq, _ = await storage.audit_head(tenant)
    furthest = max(seq, anchored.seq if anchored is not None else 0)
    return [f"rows {last.seq + 1} to {furthest} are gone from the end"] if furthest > last.seq else []


async def _unaudited(storage: Storage, tenant: str, facts: set[Fact]) -> list[str]:
    """Effects that the journal holds and the chain does not tell."""
    missing = []
    async for execution in _executions(storage, tenant):
        reads = {step.step_id for step in execution.plan.steps if step.effect == Effect.READ}
        if len(reads) == len(execution.plan.steps):
            continue
        for row in await storage.journal(tenant, execution.execution_id):
            intent = row.intent
            fact = ("step.intent", execution.execution_id, intent.step_id, intent.target, str(intent.attempt))
            if intent.step_id not in reads and fact not in facts:
                where = f"{intent.step_id} on {intent.target} of {execution.execution_id}"
                missing.append(f"no row tells of {where}, attempt {intent.attempt}")
    return missing


async def _records(storage: Storage, tenant: str, sealed: dict[str, str]) -> tuple[list[str], list[str]]:
    """Records that are not what their rows seal; and records without a row, and rows without a record.

    A row that an earlier version wrote seals nothing ("" in `sealed`): its record is only looked for.
    """
    altered, gone, left, before = [], [], dict(sealed), ""
    while page := await storage.record_digests(tenant, limit=PAGE, before=before):
        for turn_id, digest in page:
            told = left.pop(turn_id, None)
            if told is None:
                gone.append(f"no row tells that turn {turn_id} was finished")
            elif told and told != digest:
                altered.append(f"the record of turn {turn_id} is not the one that was sealed")
        before = page[-1][0]
    return altered, [*gone, *(f"the record of turn {turn_id} is gone" for turn_id in left)]


async def _executions(storage: Storage, tenant: str) -> AsyncIterator[Execution]:
    before = ""
    while page := await storage.executions(tenant, limit=PAGE, before=before):
        for execution in page:
            yield execution
        before = page[-1].execution_id


def _fact(row: ChainedAudit) -> Fact:
    detail: Mapping[str, object] = row.entry.detail
    step, target, attempt = (str(detail.get(name, "")) for name in ("step", "target", "attempt"))
    return row.entry.action, row.entry.subject, step, target, attempt


def _sealed(row: ChainedAudit) -> str:
    """The digest of the record that the row seals; "" where it seals none."""
    return str(row.entry.detail.get(RECORD, ""))


def _shortened(found: Sequence[str]) -> Iterable[str]:
    yield from found[:MOST_NAMED]
    if len(found) > MOST_NAMED:
        yield f"and {len(found) - MOST_NAMED} more"
