"""Small events and the stores under test; another back end joins by a line in ``STORES``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.journal.events import Event, NoteLogged, Recorded, WorldOpened
from data.journal.interface import Entry, Journal
from data.journal.sqlite import SqliteJournal
from data.text import Text

START = datetime(2026, 6, 13, 19, 0, tzinfo=UTC)
STORES: dict[str, Callable[[Path], Journal]] = {"sqlite": SqliteJournal}


def opened() -> Entry:
    """The event every journal begins with."""
    event = WorldOpened(
        region_id="zhoushan",
        region_hash="",
        mode="drill",
        scenario_id="sample",
        title=Text("样例", "Sample"),
        start_at=START,
    )
    return Entry(stream="world", event=event)


def note(text: str, stream: str = "log", expected_version: int | None = None) -> Entry:
    """A line for the log, in any stream."""
    event: Event = NoteLogged(text=text, incident_id=None)
    return Entry(stream=stream, event=event, expected_version=expected_version)


def write(
    journal: Journal, *entries: Entry, command_id: str, minute: int = 0, actor: str = "a"
) -> tuple[Recorded, ...]:
    """Append entries at a minute after the start."""
    at = START + timedelta(minutes=minute)
    return journal.append(entries, command_id=command_id, actor=actor, world_at=at, recorded_at=at)
