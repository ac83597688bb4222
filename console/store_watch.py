"""Keep watch over a world's store: its health now, and the commands whose outcome nobody knows yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from console.audience import AnswerListener, HealthListener
from console.health import Answer, Health, health_after, unfoldable_event, unknown_event, well
from console.i18n import both
from data.journal.events import Recorded, UnknownEvent
from data.text import Text

# A command cut off may still be under way in the database: it counts as not recorded after so many looks.
LOOKS_BEFORE_NO = 3


def _wall_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Asked:
    """A command that went to the store and of which nothing was heard."""

    actor: str
    what: Text
    looks: int = 0


class StoreWatch:
    """Health of one world's store; ``tell`` hears it before and after each change, ``answer`` what was found."""

    def __init__(self, tell: HealthListener, answer: AnswerListener, wall_now: Callable[[], datetime] = _wall_now):
        self._tell, self._answer, self._wall_now = tell, answer, wall_now
        self.health = well(wall_now())
        self._asked: dict[str, _Asked] = {}
        self._barred: Health | None = None

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The ids of commands whose outcome is not known."""
        return tuple(self._asked)

    def refusal(self) -> Text | None:
        """Return why nothing may be recorded now, None where a command may be tried."""
        return None if self.health.may_try else self.health.refusal(self._wall_now())

    def note(self, error: Exception) -> None:
        """Take an error of the store into account."""
        after = health_after(error, self._wall_now())
        if after is not None and after.state != self.health.state:
            self._become(after)

    def look_for_unknown(self, events: Iterable[Recorded]) -> None:
        """Where an event is of a newer program, nothing is written by this one until another journal."""
        for one in events:
            if isinstance(one.event, UnknownEvent):
                self._bar(unknown_event(one.event.kind, one.seq, self._wall_now()))

    def note_unfoldable(self, seq: int) -> None:
        """An event could not be taken into the picture: nothing is decided on a picture that lacks it."""
        self._bar(unfoldable_event(seq, self._wall_now()))

    def note_another_journal(self) -> None:
        """What barred the journal before does not concern the one now in use."""
        self._barred = None
        if self.health.state == "read_only":
            self._become(well(self._wall_now()))

    def note_answer(self) -> None:
        """The store has answered."""
        if self.health.state == "unreachable":
            self._become(self._barred or well(self._wall_now()))

    def note_written(self) -> None:
        """The store has taken something in."""
        if not self.health.is_ok and self.health.may_try:
            self._become(well(self._wall_now()))

    def lost(self, command_id: str, actor: str, what: Text) -> None:
        """Remember a command that may have been recorded or not."""
        self._asked[command_id] = _Asked(actor, what)

    def settle(self, recorded: Mapping[str, bool]) -> None:
        """Tell who gave a command whether it was recorded, once that is sure."""
        for command_id, found in recorded.items():
            asked = self._asked.get(command_id)
            if asked is None:
                continue
            asked.looks += 1
            if not found and asked.looks < LOOKS_BEFORE_NO:
                continue
            del self._asked[command_id]
            text = both("health.was_recorded" if found else "health.was_not_recorded", what=asked.what)
            self._answer(Answer(actor=asked.actor, command_id=command_id, recorded=found, text=text))

    def _bar(self, health: Health) -> None:
        if self._barred is None:
            self._barred = health
            self._become(health)

    def _become(self, after: Health) -> None:
        before, self.health = self.health, after
        self._tell(before, after)
