"""The lab's key pairs: one for the client, one for each host, made once and readable by their owner alone."""

import os
from pathlib import Path

import asyncssh

from opsconductor.domain.errors import Unavailable


def key_pair(path: Path) -> asyncssh.SSHKey:
    """The ed25519 private key in that file, made on first use; mode 0600 is restored if it was loosened.

    Raises Unavailable (`lab.start_failed`) when the file is there and is no key.
    """
    if not path.exists():
        _write_secret(path, asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    path.chmod(0o600)
    try:
        return asyncssh.read_private_key(path)
    except asyncssh.KeyImportError as error:
        raise Unavailable("lab.start_failed", f"{path.name} in the lab's keys is not a private key.") from error


def public_line(key: asyncssh.SSHKey) -> str:
    """The public half as known_hosts and authorized_keys write it, without a comment."""
    return key.export_public_key().decode("ascii").strip()


def _write_secret(path: Path, content: bytes) -> None:
    """Never readable by others, not even for a moment; whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.replace(path)
