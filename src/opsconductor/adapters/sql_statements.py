"""SQL stands in `.sql` files: each statement under a line `-- name: what it is for`."""

import re
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files

_HEAD = re.compile(r"^-- (\w+): (.+)$", re.MULTILINE)


class Statements:
    """The named statements of one file of a package's folder `queries`; read at the first use."""

    def __init__(self, package: str, name: str) -> None:
        """`queries/NAME.sql` of `package`."""
        self._package = package
        self._name = name

    def __getitem__(self, name: str) -> str:
        """The text of the statement; KeyError when there is none of that name."""
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the file."""
        return iter(self._found)

    @cached_property
    def _found(self) -> dict[str, str]:
        text = (files(self._package) / "queries" / f"{self._name}.sql").read_text("utf-8")
        heads = list(_HEAD.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        found: dict[str, str] = {}
        for head, end in zip(heads, ends, strict=True):
            if head[1] in found:
                raise ValueError(f"{self._name}.sql holds {head[1]} twice")
            found[head[1]] = text[head.end() : end].strip().removesuffix(";")
        return found
