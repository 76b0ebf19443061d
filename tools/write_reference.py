"""Write what docs/reference takes from the code: the JSON Schemas of the contracts and the table of error codes.

Usage: .venv/bin/python tools/write_reference.py. Run it whenever a contract or an error code changes;
tests/architecture/test_reference.py says when that was forgotten.
"""

import json
import re
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import opsconductor.domain
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.error_codes import CODES
from opsconductor.domain.execution import ExecutionResultV1
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.response import ResponseV1
from opsconductor.domain.selection import SelectionV1
from opsconductor.domain.turn import TurnReply

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
DOMAIN = Path(opsconductor.domain.__file__).parent
CONTRACTS = (DecisionV1, SelectionV1, PlanV1, ExecutionResultV1, ResponseV1, TurnReply)
CLASS = re.compile(r"^class (\w+)\b.*?(?=^\S|\Z)", re.M | re.S)
COMMENTED_FIELD = re.compile(r"^    (\w+): [^#\n]*  # (.+)$", re.M)
ERROR_CODES_HEAD = """\
# Error codes

An error has a stable code `area.reason`, one sentence that says what is wrong here, and the next thing to try. Codes
are never reused for something else. The HTTP status stands in the problem document; the exit code is that of the
command line. What happens after a turn was accepted is told in its reply (HTTP status 200), with the same code in
`error`; the exit code is then that of the reply's kind.

This page is written by `tools/write_reference.py` from `src/opsconductor/domain/error_codes.py`.
"""


def contract_schema(contract: type) -> str:
    """The JSON Schema of what is written for `contract`, as a file holds it."""
    schema = TypeAdapter(contract).json_schema(mode="serialization")
    words = {name: fields for file in DOMAIN.glob("*.py") for name, fields in commented_fields(file)}
    for name, part in {contract.__name__: schema, **schema.get("$defs", {})}.items():
        _describe(part, words.get(name, {}))
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def commented_fields(file: Path) -> list[tuple[str, dict[str, str]]]:
    """The classes of a module, and what stands beside their fields."""
    found = CLASS.finditer(file.read_text("utf-8"))
    return [(one[1], dict(COMMENTED_FIELD.findall(one[0]))) for one in found]


def error_codes_page() -> str:
    """Every code by area."""
    areas: dict[str, list[str]] = {}
    for code, spec in CODES.items():
        row = f"| `{code}` | {spec.status} | {spec.exit} | {spec.next_step} |"
        areas.setdefault(code.split(".")[0], []).append(row)
    head = ("| code | HTTP | exit | next step |", "|---|---|---|---|")
    return "\n".join([ERROR_CODES_HEAD, *("\n".join([f"## {area}", "", *head, *areas[area], ""]) for area in areas)])


def pages() -> dict[str, str]:
    """Path below docs/reference → content."""
    schemas = {f"schemas/{contract.__name__}.json": contract_schema(contract) for contract in CONTRACTS}
    return {**schemas, "error-codes.md": error_codes_page()}


def main() -> None:
    """Write every page."""
    for path, content in pages().items():
        file = REFERENCE / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, "utf-8")


def _describe(part: dict[str, Any], words: dict[str, str]) -> None:
    """What stands beside a field in the code becomes its description; titles repeat its name and go."""
    for name, field in part.get("properties", {}).items():
        field.pop("title", None)
        if name in words:
            field["description"] = words[name]


if __name__ == "__main__":
    main()
