"""An order to change something is never understood as a question, however alike the words are."""

import re

from opsconductor.domain.knowledge import Intent, Mode

_LEAD = re.compile(
    r"(?:(?:please|kindly|now|then|ok|okay|hey|hi|hello|just|go ahead and|can you|could you|would you|will you|can we|"
    r"could we|let us|let's|i want you to|i need you to|i want to|i need to|i'd like to|i would like to|we need to|"
    r"you should|you must)[,\s]+)*([a-z-]+)"
)
_CHANGING = frozenset((
    "add", "assign", "clone", "create", "decommission", "delete", "deploy", "destroy", "disable", "enable", "encrypt",
    "erase", "format", "grant", "install", "kill", "migrate", "mute", "patch", "provision", "purge", "reboot",
    "reconfigure", "reinstall", "remove", "rename", "replace", "reset", "resize", "restart", "revoke", "rotate",
    "shutdown", "terminate", "truncate", "uninstall", "unmute", "upgrade", "wipe",
))  # fmt: skip
"""Verbs that, said first, ask for a change and for nothing else."""


def mistaken_for_a_question(text: str, intent: Intent) -> bool:
    """True when `text` begins by ordering a change and `intent` only looks; a verb of its own examples is its own."""
    verb = _first_verb(text)
    if intent.mode is not Mode.INFO or verb not in _CHANGING:
        return False
    return verb not in {_first_verb(example) for example in intent.examples}


def _first_verb(text: str) -> str:
    match = _LEAD.match(text.casefold().strip())
    return match[1] if match else ""
