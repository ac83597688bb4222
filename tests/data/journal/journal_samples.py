"""Small events and positions, and the moment they begin at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.journal.events import Event, NoteLogged, Recorded, WorldOpened
from data.journal.interface import Entry, Fix, Journal
from data.text import Text

START = datetime(2026, 6, 13, 19, 0, tzinfo=UTC)


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


def fix(unit_id: str, minute: float, lon_deg: float = 122.0, heading_deg: float | None = None) -> Fix:
    """A position of a unit so many minutes after the start."""
    return Fix(unit_id, START + timedelta(minutes=minute), lon_deg, 30.0, heading_deg, 1.5)
