"""A store in a folder of one console: the journal in one SQLite file, those put aside beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from data.journal.interface import Journal
from data.journal.memory_shared import MemoryShared
from data.journal.shared import Shared
from data.journal.sqlite import SqliteJournal

JOURNAL_NAME = "world.journal"


class FolderStore:
    """Fills ``data.journal.store.Store``; the file is locked for this process while its journal is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown = str(folder)
        self._shared = MemoryShared()

    @property
    def shared(self) -> Shared:
        """What this one console shares with nobody."""
        return self._shared

    def open_journal(self) -> Journal:
        """Return the folder's journal, an empty one where there is none.

        Raises ``data.journal.interface.JournalStoreError`` when another process holds it or it is no journal.
        """
        return SqliteJournal(self.folder / JOURNAL_NAME)

    def begin_another(self, journal: Journal, name: str, at: datetime) -> Journal:
        """Move the journal's file into ``archive`` and return a new empty one.

        Raises JournalStoreError, leaving everything in place, when the disk is too full to close the file whole.
        """
        archive = self.folder / "archive"
        archive.mkdir(parents=True, exist_ok=True)
        if isinstance(journal, SqliteJournal):
            journal.put_aside()
        (self.folder / JOURNAL_NAME).rename(archive / f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{name}.journal")
        return self.open_journal()

    def is_current(self, journal: Journal) -> bool:
        """Tell whether a journal is still the one in use; only this console can begin another."""
        return not (isinstance(journal, SqliteJournal) and journal.is_put_aside)

    def close(self) -> None:
        """Take this console's seats off."""
        self._shared.close()
