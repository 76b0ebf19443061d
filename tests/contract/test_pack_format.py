"""The pack that the reference shows, block by block, is one that loads."""

import re
from pathlib import Path

from opsconductor.adapters.catalogue.files import open_checker
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import open_schemas

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "pack-format.md"
BLOCK = re.compile(r"^```yaml\n# file: (\S+)\n(.*?)^```$", re.M | re.S)


def test_the_pack_of_the_reference_has_no_faults(tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == PAGE.read_text("utf-8").count("```yaml") == 8
    for name, content in blocks:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    assert open_checker(open_expressions(), open_schemas()).check(tmp_path) == ()
