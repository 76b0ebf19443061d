"""Words that hint at risk, for the record and the reader. The gate never reads them: risk comes from the plan."""

import re
from collections.abc import Iterable

from opsconductor.domain.risk import is_production

CHANGING_VERBS = frozenset((
    "apply", "bounce", "change", "clear", "copy", "create", "cycle", "decommission", "delete", "deploy", "destroy",
    "disable", "drop", "enable", "encrypt", "erase", "format", "grant", "halt", "install", "kill", "migrate", "move",
    "open", "patch", "provision", "purge", "reboot", "reinstall", "reload", "relaunch", "remove", "rename", "reset",
    "resize", "restart", "restore", "revoke", "roll", "rollback", "rotate", "scale", "shutdown", "start", "stop",
    "terminate", "truncate", "uninstall", "update", "upgrade", "wipe", "write",
))  # fmt: skip
"""Verbs that change something, each as a whole word."""

_TOKEN = re.compile(r"[^\s,;:!?()\"']+")


def risk_hints(text: str, environments: Iterable[str]) -> tuple[str, ...]:
    """`verb:restart` for each changing verb of `text`, `target:production` when words or `environments` say so.

    A verb or environment counts as a whole word only: `reproduction-lab` and `start-page` hint at nothing.
    """
    tokens = [token.strip(".-").casefold() for token in _TOKEN.findall(text)]
    hints = [f"verb:{token}" for token in dict.fromkeys(tokens) if token in CHANGING_VERBS]
    named = any(token in {"production", "prod"} for token in tokens)
    if named or any(is_production(environment) for environment in environments):
        hints.append("target:production")
    return tuple(hints)
