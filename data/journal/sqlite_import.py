"""Write restored rows into SQLite files as they were."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from data.journal.backup import sync_folder
from data.journal.chain import Row
from data.journal.fixes import FixTable
from data.journal.folder_store import JOURNAL_NAME
from data.journal.interface import StoreReadOnlyError
from data.journal.inventory import aside_name
from data.journal.restore import CHUNK_ROWS, not_empty, restoring_now, unfinished
from data.journal.sqlite_positions import PositionTables
from data.journal.sqlite_rows import EVENT_COLUMNS, INSERT_EVENT, row_from, values_of
from data.journal.sqlite_schema import (
    RESTORING,
    let_go,
    open_owned,
    read_error,
    transaction,
    unusable,
    write_error,
)

_TAILS = ("", "-wal", "-shm")


class SqliteImporter:
    """Fills ``data.journal.restore.RowImporter`` for a folder.

    The file in use is there and marked from ``begin`` on, so that the folder cannot be opened; a journal put aside
    is written under a name of its own and renamed once it is whole. A file of its own is locked throughout, so that
    two restores never take each other's files away.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._archive = folder, folder / "archive"
        self._in_use = folder / JOURNAL_NAME
        self._part = self._archive / "restoring.part"
        self._lock: apsw.Connection | None = None
        self._guard: apsw.Connection | None = None
        self._database: apsw.Connection | None = None
        self._positions: PositionTables | None = None
        self._path = self._in_use

    def begin(self, replace_unfinished: bool) -> None:
        """Make the marked file in use; raises JournalStoreError where the folder is not empty or being restored."""
        self._lock = _locked(self._archive / "restoring.lock", str(self._folder))
        if self._in_use.exists():
            self._clear(replace_unfinished)
        elif any(self._archive.glob("*.journal")):
            raise not_empty(str(self._folder))
        self._guard = open_owned(self._in_use)
        self._guard.execute("INSERT INTO setting VALUES (?, 'yes')", (RESTORING,))

    def begin_journal(self) -> None:
        """Begin a journal in a file of its own, beside what was put aside before."""
        self._archive.mkdir(parents=True, exist_ok=True)
        _remove(self._part)
        self._path = self._part
        self._database = open_owned(self._part)
        self._database.execute("INSERT INTO setting VALUES (?, 'yes')", (RESTORING,))
        self._positions = PositionTables(self._database, threading.RLock())

    def import_rows(self, rows: Iterable[Row]) -> None:
        """Write a chunk of rows in one transaction."""
        chunk = [values_of(row) for row in rows]
        database = self._open()
        with self._worded(), transaction(database):
            database.executemany(INSERT_EVENT, chunk)

    def import_fixes(self, table: FixTable) -> None:
        """Write a chunk of positions in one transaction."""
        database = self._open()
        assert self._positions is not None
        with self._worded(), transaction(database):
            self._positions.record(tuple(table.fixes()))

    def rows(self) -> Iterator[Row]:
        """Yield the rows written, read back in chunks."""
        after, found = 0, list[tuple[Any, ...]]()
        query = f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT {CHUNK_ROWS}"
        while found := self._open().execute(query, (after,)).fetchall():
            yield from map(row_from, found)
            after = int(found[-1][0])

    def end_journal(self, aside: tuple[str, datetime] | None) -> None:
        """Enter the commands; put the file aside, or leave it marked to take the place of the one in use."""
        database = self._open()
        with self._worded(), transaction(database):
            database.execute("INSERT INTO command SELECT command_id, min(seq), max(seq) FROM event GROUP BY command_id")
            if aside is not None:
                database.execute("DELETE FROM setting WHERE name = ?", (RESTORING,))
        self._shut()
        if aside is not None:
            self._part.rename(self._archive / aside_name(aside[0], aside[1].astimezone(UTC)))

    def finish(self) -> None:
        """Put the last journal, still marked, in the place of the guard, and take its mark away."""
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        for tail in _TAILS[1:]:
            self._in_use.with_name(self._in_use.name + tail).unlink(missing_ok=True)
        self._part.replace(self._in_use)
        sync_folder(self._folder)
        with self._worded():
            database = apsw.Connection(str(self._in_use))
            database.execute("PRAGMA synchronous = FULL")
            database.execute("DELETE FROM setting WHERE name = ?", (RESTORING,))
        database.close()

    def close(self) -> None:
        """Release the files."""
        for database in (self._database, self._guard, self._lock):
            if database is not None:
                database.close(True)
        self._database = self._guard = self._lock = None

    def _clear(self, replace_unfinished: bool) -> None:
        """Take away what an unfinished restore left; an empty journal may stand."""
        try:
            database = open_owned(self._in_use)
        except StoreReadOnlyError:
            if not _is_marked(self._in_use):
                raise
            if not replace_unfinished:
                raise unfinished(str(self._folder)) from None
            for file in (*self._archive.glob("*.journal"), self._part, self._in_use):
                _remove(file)
            return
        holds_events = database.execute("SELECT 1 FROM event LIMIT 1").fetchone() is not None
        database.close()
        if holds_events or any(self._archive.glob("*.journal")):
            raise not_empty(str(self._folder))

    def _open(self) -> apsw.Connection:
        if self._database is None:
            raise RuntimeError("no journal was begun")
        return self._database

    def _shut(self) -> None:
        database = self._open()
        with self._worded():
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        database.close()
        self._database = self._positions = None

    def _worded(self) -> _Worded:
        return _Worded(self._path)


class _Worded:
    """Say in words why a write failed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        if isinstance(error, apsw.Error):
            raise write_error(self._path, error) from error


def _locked(path: Path, shown: str) -> apsw.Connection:
    """Return a lock that ends with this process at the latest; the empty file stays, so that all lock the same one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = apsw.Connection(str(path))
    except (OSError, apsw.Error) as error:
        raise unusable(path, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except apsw.BusyError as error:
        let_go(lock)
        raise restoring_now(shown) from error
    except apsw.Error as error:
        let_go(lock)
        raise unusable(path, error) from error
    return lock


def _is_marked(path: Path) -> bool:
    database = apsw.Connection(str(path))
    try:
        return database.execute("SELECT 1 FROM setting WHERE name = ?", (RESTORING,)).fetchone() is not None
    except apsw.Error as error:
        raise read_error(path, error) from error
    finally:
        database.close()


def _remove(file: Path) -> None:
    for tail in _TAILS:
        file.with_name(file.name + tail).unlink(missing_ok=True)
