"""One realm of the World: what its targets are like, and how it meets a request. Everything follows from its log."""

from dataclasses import dataclass

from opsconductor.testing.world.log import ASKED, BEHAVES, DONE, LOOKED, REFUSED, RealmLog, WorldEntry

AT_ONCE = "at_once"  # do it, then say so
DONE_THEN_HANG_UP = "done_then_hang_up"  # do it; the connection breaks before the answer
LATE = "late"  # the connection breaks; it is done `after_s` later
NEVER = "never"  # the connection breaks; it is never done
REFUSE = "refuse"  # say no; it is never done
SLOW = "slow"  # do it `after_s` later, in real time, and say so then

BEHAVIOURS = (AT_ONCE, DONE_THEN_HANG_UP, LATE, NEVER, REFUSE, SLOW)
UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class Met:
    """How a request was met: its number, and what is left to do about it."""

    number: int
    behaviour: str
    after_s: float


class Realm:
    """Targets that share a log. Time is that of those who ask: what is due by then happens before they are answered."""

    def __init__(self, log: RealmLog) -> None:
        """As the log left it."""
        self._log = log

    def behave(self, now: float, verb: str, mark: str, behaviour: str, after_s: float) -> None:
        """Requests of `verb` with `mark` are met so, one after the other as this was said; the last word holds.

        `after_s` in seconds.
        """
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"{behaviour!r} is none of {', '.join(BEHAVIOURS)}.")
        self._append(now, BEHAVES, verb=verb, mark=mark, behaviour=behaviour, after_s=after_s)

    def ask(self, now: float, verb: str, mark: str, target: str) -> Met:
        """A request for an effect. It is in the log before anything happens."""
        self.pass_time(now)
        behaviour, after_s = self._behaviour(verb, mark)
        due = {AT_ONCE: now, DONE_THEN_HANG_UP: now, LATE: now + after_s, SLOW: now + after_s}.get(behaviour)
        asked = self._append(now, ASKED, verb=verb, mark=mark, target=target, behaviour=behaviour, due=due)
        if behaviour == REFUSE:
            self._append(now, REFUSED, verb=verb, mark=mark, target=target, ask=asked.number)
        self.pass_time(now)
        return Met(number=asked.number, behaviour=behaviour, after_s=after_s)

    def pass_time(self, now: float) -> None:
        """What is due happens, in order of its time."""
        done = {entry.ask for entry in self._log.entries if entry.what == DONE}
        waiting = [entry for entry in self._log.entries if entry.due is not None and entry.number not in done]
        due = sorted((one.due, one.number, one) for one in waiting if one.due is not None and one.due <= now)
        for at, number, entry in due:
            self._append(at, DONE, verb=entry.verb, mark=entry.mark, target=entry.target, ask=number)

    def read(self, now: float, target: str) -> dict[str, int]:
        """Somebody looks at a target, and sees what `seen` says."""
        self.pass_time(now)
        self._append(now, LOOKED, verb="read", mark="", target=target)
        return self.seen(now, target)

    def seen(self, now: float, target: str) -> dict[str, int]:
        """What can be seen of a target: how often it was changed, and how many changes were taken back."""
        self.pass_time(now)
        done = [entry for entry in self._log.entries if entry.what == DONE and entry.target == target]
        undone = sum(entry.verb == UNDO for entry in done)
        return {"count": len(done) - 2 * undone, "undone": undone}

    def _behaviour(self, verb: str, mark: str) -> tuple[str, float]:
        said = [one for one in self._log.entries if (one.verb, one.mark) == (verb, mark)]
        words = [(one.behaviour, one.after_s) for one in said if one.what == BEHAVES] or [(AT_ONCE, 0.0)]
        asked = sum(one.what == ASKED for one in said)
        return words[min(asked, len(words) - 1)]

    def _append(
        self,
        at: float,
        what: str,
        *,
        verb: str,
        mark: str,
        target: str = "",
        ask: int = 0,
        behaviour: str = "",
        after_s: float = 0.0,
        due: float | None = None,
    ) -> WorldEntry:
        return self._log.append(
            WorldEntry(
                number=len(self._log.entries) + 1,
                at=at,
                what=what,
                verb=verb,
                mark=mark,
                target=target,
                ask=ask,
                behaviour=behaviour,
                after_s=after_s,
                due=due,
            )
        )
