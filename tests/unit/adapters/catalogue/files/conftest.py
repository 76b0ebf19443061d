"""A small sound pack that a test spoils in one place, and what the checker then says."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from opsconductor.adapters.catalogue.files.checking import Checked, Checker
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import open_schemas

FILES: Mapping[str, str] = {
    "agent.yaml": """\
pack: small
version: 1.10
id: ops
name: Ops
description: Looks at disks.
""",
    "tools/disk-look.yaml": """\
name: disk-look
version: "1"
description: Looks at a disk.
effect: read
risk: low
connector: ssh
platforms: [linux]
targets: {input: host, max: 5}
inputs:
  type: object
  required: [host, path]
  properties:
    host: {type: string, x-entity: asset}
    path: {type: string, x-entity: file_path, pattern: ^/}
run:
  argv: [df, {input: path}]
output:
  used: {type: integer, unit: percent}
  full: {type: boolean}
estimate: 0.5
timeout_class: fast_read
success:
  - expression: output.used <= 100
    message: More than all of it is used.
answer: "{target.name}: {output.used} percent used, {output.full|full:not full}."
target_label: "{path} on {target.name}"
""",
    "tools/disk-clean.yaml": """\
name: disk-clean
version: "1"
description: Cleans a disk.
effect: idempotent
risk: medium
connector: ssh
platforms: [linux]
targets: {input: host, max: 1}
inputs:
  type: object
  required: [host]
  properties:
    host: {type: string, x-entity: asset}
run:
  argv: [clean]
estimate: 5
timeout_class: fast_change
probe:
  run:
    argv: [df]
  settle: 1.5
  done: after.used < before.used
  not_done: after.used >= before.used
""",
    "rules/rules.yaml": """\
- id: R-deny
  title: Not at night
  description: Nobody cleans at night.
  scope: GLOBAL
  effect: deny
  hard: true
  condition: mode == "act" && has(customer.night) && customer.night
- id: R-say
  title: Say it
  description: Say what it does.
  scope: AGENT
  effect: must_say
  condition: '"disk-clean" in tools'
  text: "{host} is cleaned."
  relations:
    depends_on: [R-deny]
""",
    "scenarios/triage.yaml": """\
id: triage
version: 1
title: Look at a disk
description: Somebody says that a disk is full.
intents: [monitoring/disk]
steps:
  - id: ask
    kind: QUESTION
    variable: host
    text: Which host?
  - id: look
    kind: ACTION
    binding:
      tool: disk-look
      variables: {host: host, path: file_path}
  - id: conclude
    kind: LOGIC
    transitions:
      - target: end
        priority: 1
        condition: output.full
        text: "suggest: clean {host}"
      - target: end
        text: All is well on {host}.
""",
    "intents/intents.yaml": """\
- label: monitoring/disk
  mode: info
  description: Looks at a disk.
  tools: [disk-look]
  examples:
    - how full is {file_path} on {host}
    - is the disk of {host} full
- label: automation/clean
  mode: act
  description: Cleans a disk.
  tools: [disk-clean]
  examples:
    - clean {host}
- label: information/help
  mode: info
  description: Helps.
  answer: |
    I can do this:
    {tools}
  examples: [help]
""",
    "glossary.yaml": """\
- term: box
  meaning: A host.
  aliases: [boxen]
  replace_with: host
""",
    "customer_fields.yaml": """\
- key: night
  scope: SESSION
  type: boolean
  description: Whether it is night.
  examples:
    - night is {value}
""",
    "out_of_scope.yaml": """\
examples:
  - delete {host}
""",
}


class SmallPack:
    """A folder with the small pack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = dict(FILES)
        for name in self.files:
            self.write(name, self.files[name])

    def write(self, name: str, content: str | bytes) -> None:
        """Give a file this content."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def edit(self, name: str, old: str, new: str) -> int:
        """Replace the one `old` in a file; the line where it stands."""
        text = (self.folder / name).read_text("utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in {name}: {old!r}"
        self.write(name, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def check(self) -> Checked:
        """What the checker makes of it."""
        return Checker(open_expressions(), open_schemas()).check_folder(self.folder)

    def faults(self) -> list[str]:
        """`file:line: fault — remedy`, in order."""
        return [f"{one.file}:{one.line}: {one.fault} — {one.remedy}" for one in self.check().faults]


@pytest.fixture
def pack(tmp_path: Path) -> SmallPack:
    return SmallPack(tmp_path / "small")
