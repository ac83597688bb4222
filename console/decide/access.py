"""Decide notes of the access journal: written as they are, in a stream of their own."""

from __future__ import annotations

from console.commands import NoteAccess
from console.decide.ground import Ground
from data.journal.events import AccessNoted
from data.journal.interface import Entry

ACCESS_STREAM = "access"


def note_access(command: NoteAccess, ground: Ground) -> list[Entry]:
    """A note hangs on no version: two consoles may write theirs at once."""
    noted = AccessNoted(
        what=command.what,
        subject=command.subject,
        detail=command.detail,
        refused=command.refused,
        count=command.count,
    )
    return [Entry(stream=ACCESS_STREAM, event=noted)]
