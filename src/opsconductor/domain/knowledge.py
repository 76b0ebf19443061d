"""Intents, glossary and memories: what understanding draws on."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Mode(StrEnum):
    """What a request wants: to know, to change, or it is not clear yet."""

    INFO = "info"
    ACT = "act"
    CLARIFY = "clarify"


UNDO_INTENT = "automation/undo"
"""The intent of an order to take back what was done; no pack declares it, since its tools are those of the undo."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One intent as the pack declares it."""

    category: str  # information | asset_management | monitoring | troubleshooting | automation | configuration
    action: str
    mode: Mode
    description: str
    examples: tuple[str, ...]  # with entities masked: "restart {service} on {host}"
    tools: tuple[str, ...] = ()  # tools that serve it, preferred first
    answer: str = ""  # fixed wording for intents that need no tool (help)

    @cached_property
    def label(self) -> str:
        """`category/action`."""
        return f"{self.category}/{self.action}"


@dataclass(frozen=True, kw_only=True)
class GlossaryItem:
    """A word of this organisation and what it means to the inventory or the catalogue."""

    term: str
    meaning: str
    aliases: tuple[str, ...] = ()
    replace_with: str = ""  # canonical words put in its place before understanding; empty: explain only


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Something that happened or holds, recalled by the memories lane. Free text never reaches a planner."""

    memory_id: str
    tenant: str
    kind: str  # episode | entity | relation
    text: str
    entities: tuple[str, ...]  # inventory ids and service names it is about
    turn_id: str
    valid_from: str
    valid_to: str | None = None
    recorded_at: str = ""
