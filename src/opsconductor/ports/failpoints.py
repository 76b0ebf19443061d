"""Named places where tests may stop or fail the engine; a no-op in production."""

from typing import Protocol

PLACES: tuple[str, ...] = (
    "start.before_commit",  # nothing of the run is stored
    "start.after_commit",  # it is running; nothing has been sent
    "step.before_intent",  # read back once; nothing is written down
    "step.after_intent",  # written down; nothing has been sent
    "step.after_effect",  # it may have happened; nobody knows yet
    "step.before_result",  # judged; not written down
    "step.after_result",  # written down; not told
    "step.before_retry",  # an attempt is proven to have done nothing; the next one is not written down
    "step.between_targets",  # one target is done, the next one not begun
    "rollout.before_verify",  # a part of the targets is done; whether it is well is not known
    "rollout.after_verify",
    "undo.before_intent",  # the same places, of an effect that is taken back
    "undo.after_intent",
    "undo.after_effect",
    "undo.before_result",
    "undo.after_result",
    "pause.before",  # every confirmed step is done; the pause is not stored
    "closing.before",  # every step is done; the execution's end is not stored
)
"""Every place in stage E where a test may stop or fail the engine, in the order a run passes them."""


class Failpoints(Protocol):
    """Called at places where a crash is most dangerous."""

    async def hit(self, name: str) -> None:
        """Reach the failpoint `name`, for example `step.after_intent`."""
        ...


class NoFailpoints:
    """The production engine: nothing happens."""

    async def hit(self, name: str) -> None:
        """Do nothing."""
