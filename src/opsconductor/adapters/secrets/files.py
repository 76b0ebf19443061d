"""Credentials as files of the home's key folder, each readable by its owner only."""

import asyncio
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from opsconductor.domain.errors import Unavailable

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class FileSecrets:
    """`<folder>/<reference>`, or a file elsewhere that bootstrap names for a reference."""

    def __init__(self, folder: Path, elsewhere: Mapping[str, Path] | None = None) -> None:
        self._folder = folder
        self._elsewhere = dict(elsewhere or {})

    async def get(self, tenant: str, reference: str) -> bytes:
        """The file's bytes. Raises `secret.missing` for an unknown name or a file others can read."""
        if not NAME.fullmatch(reference):
            raise Unavailable("secret.missing", "The credential's name is not a plain word.")
        path = self._elsewhere.get(reference, self._folder / reference)
        try:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):  # a pipe would be waited for
                raise Unavailable("secret.missing", f"The credential {reference} is not a plain file.")
            if stat.S_IMODE(mode) & 0o077:
                raise Unavailable("secret.missing", f"The credential {reference} can be read by others; chmod 600 it.")
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise Unavailable("secret.missing", f"There is no credential {reference} on this machine.") from error
