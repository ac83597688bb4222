"""Open a journal by the path of its store."""

from __future__ import annotations

from pathlib import Path

from data.journal.interface import Journal
from data.journal.sqlite import SqliteJournal


def open_journal(path: Path) -> Journal:
    """Return the journal kept at a path, creating an empty one where there is none.

    Raises ``data.journal.sqlite.JournalStoreError`` when another process holds it or it is no journal.
    """
    return SqliteJournal(path)
