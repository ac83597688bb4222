"""Events of the journal in words, a page at a time."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice

from console.api.shapes import EventOut
from console.world import World
from data.journal.events import Event, Recorded, UnknownEvent
from data.journal.interface import Journal
from data.journal.picture import Picture
from data.journal.views import LogLine
from data.journal.wording import Named, say_event
from data.text import Text

NAME_LENGTH = 16
ACCESS_STREAM = "access"
WITHHELD = Text("访问记录（无权查看）", "An entry of the access journal, which you may not see")


def journal_name(journal: Journal) -> str:
    """Return what names a journal: the beginning of its first event's hash; empty while there is none."""
    first = next(iter(islice(journal.rows(0), 1)), None)
    return first.hash[:NAME_LENGTH] if first else ""


def event_rows(world: World, journal: Journal, after: int, limit: int, sees_access: bool) -> list[EventOut]:
    """Return up to ``limit`` events above ``after`` that the picture holds already, in order.

    What the picture has not folded yet is left for the next page: its words need the names of that moment.
    Who may not see the access journal gets its events without their words, so that the numbers have no gaps.
    """
    picture = world.picture
    known = picture.seq
    if after >= known:
        return []
    try:
        page = [one for one in islice(journal.read(after), min(limit, known - after)) if one.seq <= known]
    except Exception:
        if world.journal is journal:
            raise
        page = []  # another scenario began and this journal was closed
    if world.journal is not journal:
        return []
    return [_row(one, picture) if sees_access or one.stream != ACCESS_STREAM else _withheld(one) for one in page]


def _row(recorded: Recorded, picture: Picture) -> EventOut:
    line = _line(picture.log, recorded.seq)
    if line is not None:
        text, subject_ids = line.text, line.subject_ids
    else:
        named = Named(picture.units, picture.incidents, picture.alarms, picture.moves)
        text, subject_ids = say_event(recorded.event, named)
    return EventOut(
        seq=recorded.seq,
        kind=_kind(recorded.event),
        stream=recorded.stream,
        version=recorded.version,
        world_at=recorded.world_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        text=text,
        subject_ids=subject_ids,
    )


def _kind(event: Event | UnknownEvent) -> str:
    return event.kind if isinstance(event, UnknownEvent) else type(event).__name__


def _withheld(recorded: Recorded) -> EventOut:
    return EventOut(
        seq=recorded.seq,
        kind=_kind(recorded.event),
        stream=recorded.stream,
        version=recorded.version,
        world_at=recorded.world_at,
        recorded_at=recorded.recorded_at,
        actor="",
        text=WITHHELD,
        subject_ids=(),
    )


def _line(log: list[LogLine], seq: int) -> LogLine | None:
    found = bisect_left(log, seq, key=lambda line: line.seq)
    return log[found] if found < len(log) and log[found].seq == seq else None
