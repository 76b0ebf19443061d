"""`audit`: is what was recorded still what happened?"""

import asyncio
from typing import TYPE_CHECKING

from opsconductor.cli.options import AsJson, Tenant

if TYPE_CHECKING:
    from opsconductor.domain.audit import AuditVerdict
    from opsconductor.domain.json_value import JsonObject

FAULTY = 5


def verify(tenant: Tenant = "", as_json: AsJson = False) -> int:
    """Check the audit chains, offline: are the rows as they were written, and are they all there?

    Every tenant is checked unless one is named. Exit code 0: whole and complete; 5: not.
    """
    from opsconductor.bootstrap.audit_examination import verify_audit
    from opsconductor.cli.printing import say_json
    from opsconductor.settings import load_settings

    verdicts = asyncio.run(verify_audit(load_settings(), tenant))
    if as_json:
        say_json([_as_json(one) for one in verdicts])
    else:
        for one in verdicts:
            _tell(one)
    return FAULTY if any(one.broken_at is not None or one.missing or one.altered for one in verdicts) else 0


def _as_json(verdict: "AuditVerdict") -> "JsonObject":
    return {
        "tenant": verdict.tenant,
        "rows": verdict.rows,
        "integrity": verdict.integrity,
        "broken_at": verdict.broken_at,
        "altered": list(verdict.altered),
        "completeness": verdict.completeness,
        "missing": list(verdict.missing),
    }


def _tell(verdict: "AuditVerdict") -> None:
    from opsconductor.cli.printing import say

    at = f": row {verdict.broken_at} is not what was written" if verdict.broken_at is not None else ""
    say(f"Tenant {verdict.tenant}: {verdict.rows} rows")
    say(f"  integrity:    {verdict.integrity}{at}")
    for words in verdict.altered:
        say(f"    {words}")
    say(f"  completeness: {verdict.completeness}")
    for words in verdict.missing:
        say(f"    {words}")
