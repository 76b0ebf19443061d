"""The engine's own limits, and that its library comes late."""

import subprocess
import sys

import pytest

from opsconductor.adapters.schema.json_schema.engine import MAX_FAULTS, open_schemas, pattern_fault
from opsconductor.domain.errors import BadInput


def test_faults_are_many_but_not_endless() -> None:
    assert len(open_schemas().faults({"items": {"type": "string"}}, list(range(1_000)))) == MAX_FAULTS


@pytest.mark.parametrize(
    ("format_name", "good", "bad"),
    [
        ("date", "2026-02-28", "2026-02-30"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "::1", ":::"),
        ("uuid", "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d"),
    ],
)
def test_formats_are_really_checked(format_name: str, good: str, bad: str) -> None:
    schemas = open_schemas()
    schemas.check_schema({"format": format_name})
    assert schemas.faults({"format": format_name}, good) == ()
    assert schemas.faults({"format": format_name}, bad)[0].message == f"must be of the format {format_name}"


def test_further_fields_may_have_a_schema() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}
    assert [fault.path for fault in open_schemas().faults(schema, {"a": "x", "b": 1, "c": "x"})] == ["c"]


def test_a_schema_that_is_no_mapping_is_refused() -> None:
    for schema in ([], {"enum": [float("nan")]}):
        with pytest.raises(BadInput) as refused:
            open_schemas().check_schema(schema)  # type: ignore[arg-type]
        assert refused.value.code == "schema.invalid"


def test_what_is_wrong_with_a_pattern_is_told() -> None:
    assert pattern_fault("a{1001}") == "invalid repetition size: {1001}"
    assert "longer" in pattern_fault("a" * 501)
    assert pattern_fault("\ud800") != ""
    assert pattern_fault("^[a-z]+$") == ""


def test_the_library_is_imported_with_the_first_check() -> None:
    script = (
        "import sys\n"
        "from opsconductor.adapters.schema.json_schema import open_schemas\n"
        "schemas = open_schemas()\n"
        "assert 'jsonschema' not in sys.modules and 're2' not in sys.modules\n"
        "schemas.check_schema({'pattern': 'a'})\n"
        "assert 'jsonschema' in sys.modules and 're2' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
