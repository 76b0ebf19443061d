"""Credentials are files that nobody else can read, under plain names only."""

import os
from pathlib import Path

import pytest

from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.domain.errors import Unavailable


def put(path: Path, content: bytes = b"hunter2", mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


async def refusal(secrets: FileSecrets, reference: str) -> str:
    with pytest.raises(Unavailable) as error:
        await secrets.get("default", reference)
    assert error.value.code == "secret.missing"
    return error.value.message


async def test_a_file_of_the_folder_or_elsewhere(tmp_path: Path) -> None:
    put(tmp_path / "db-key")
    other = put(tmp_path / "client.pem", b"pem")
    secrets = FileSecrets(tmp_path, {"lab-key": other})
    assert await secrets.get("default", "db-key") == b"hunter2"
    assert await secrets.get("default", "lab-key") == b"pem"


@pytest.mark.parametrize(
    "reference", ["", "..", "../db-key", "a/b", "/etc/passwd", "a.b", ".hidden", "-x", "a\x00", "a\nb", "x" * 65, "é"]
)
async def test_a_name_that_is_no_plain_word_is_refused(tmp_path: Path, reference: str) -> None:
    put(tmp_path / "a.b")
    await refusal(FileSecrets(tmp_path / "keys"), reference)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
async def test_a_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    put(tmp_path / "db-key", mode=mode)
    assert "chmod 600" in await refusal(FileSecrets(tmp_path), "db-key")


async def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    secrets = FileSecrets(tmp_path)
    for reference in ("folder", "pipe", "nowhere"):
        assert reference in await refusal(secrets, reference)
