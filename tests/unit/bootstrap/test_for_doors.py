"""What doors need beside the engine."""

import pytest

from opsconductor.bootstrap import IMPORTERS, fault_log, open_importer, to_json
from opsconductor.domain.errors import BadInput
from opsconductor.domain.identity import Identity, Role
from opsconductor.settings import Settings


def test_each_importer_opens_and_another_is_refused(settings: Settings) -> None:
    for kind in IMPORTERS:
        assert hasattr(open_importer(settings, kind), "read")
    with pytest.raises(BadInput):
        open_importer(settings, "excel")


def test_a_domain_value_is_plain_json() -> None:
    identity = Identity(identity_id="idn_1", tenant="default", name="x", roles=frozenset({Role.ADMIN}))
    assert to_json(identity) == {
        "identity_id": "idn_1",
        "tenant": "default",
        "name": "x",
        "kind": "human",
        "roles": ["admin"],
        "os_uid": None,
        "disabled": False,
    }


def test_a_fault_of_a_door_is_written_down(settings: Settings) -> None:
    reference = fault_log(settings).report(ValueError("secret"), "door")
    written = (settings.home / "logs" / "faults.jsonl").read_text("utf-8")
    assert reference in written
    assert "secret" not in written
