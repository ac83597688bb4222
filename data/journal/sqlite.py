"""The journal in one SQLite file, owned by one process: the store that needs no installing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from data.errors import worded
from data.journal.chain import GENESIS_HASH, Row, recorded_from, seal, verified
from data.journal.events import Recorded, WorldOpened
from data.journal.fixes import HOUR_US, FixTable, hour_of, micros_of, moment_of
from data.journal.interface import (
    ConflictError,
    Entry,
    EventListener,
    Fix,
    FixListener,
    Head,
    JournalStoreError,
    SupersededError,
)
from data.journal.listening import OrderedNews, enlisted
from data.journal.sqlite_positions import PositionTables
from data.journal.sqlite_rows import EVENT_COLUMNS, INSERT_EVENT, row_from, values_of
from data.journal.sqlite_schema import (
    check_sqlite_version,
    let_go,
    open_owned,
    read_error,
    transaction,
    write_error,
)
from data.situation import WorldMode

_READ_CHUNK = 2000


class SqliteJournal:
    """An append-only journal in one file; fills ``data.journal.interface.Journal``.

    Every append is on the disk before it returns (WAL, synchronous=FULL). The file is locked for this
    process: another one opening it is told so. Calls may come from any thread.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file, migrating one of an older format.

        Raises JournalStoreError when it is held, unwritable or no journal, StoreReadOnlyError when it is of a
        newer format or half restored.
        """
        check_sqlite_version(apsw.sqlite_lib_version())
        self.path = path
        self.is_put_aside = False
        self._lock = threading.RLock()
        self._events, self._fixes = OrderedNews(), OrderedNews()
        self._database = open_owned(path)
        self._positions = PositionTables(self._database, self._lock)
        try:
            self._mode = self._first_mode()
        except apsw.Error as error:
            let_go(self._database)
            raise read_error(path, error) from error

    @property
    def mode(self) -> WorldMode | None:
        """The mode fixed by the first event; None while empty."""
        return self._mode

    def head(self) -> Head:
        """Return the number and hash of the last event."""
        with self._read():
            seq, own_hash, _ = self._end()
        return Head(seq=seq, hash=own_hash)

    def append(
        self, entries: Sequence[Entry], *, command_id: str, actor: str, world_at: datetime, recorded_at: datetime
    ) -> tuple[Recorded, ...]:
        """Append all entries in one transaction, or none; an earlier ``world_at`` becomes that of the last event.

        A command id seen before returns what it recorded then and writes nothing. Raises ConflictError when
        a stream is not at its expected version, SupersededError when another journal was begun,
        StoreReadOnlyError when the disk is full, JournalStoreError when the file cannot be written.
        """
        if all(entry.event is None for entry in entries):
            return ()
        with self._lock:
            self._check_open()
            if repeated := self.recorded_by(command_id):
                return repeated
            mode = self._mode or _opening_mode(entries[0])
            with self._written():
                rows = self._insert(entries, command_id, actor, micros_of(world_at), micros_of(recorded_at), mode)
            self._mode = mode
            recorded = tuple(recorded_from(row) for row in rows)
            self._events.put(recorded)
        self._events.tell()
        return recorded

    def recorded_by(self, command_id: str) -> tuple[Recorded, ...]:
        """Return what a command recorded, in order; nothing if it is not known."""
        with self._read():
            rows = self._all(
                f"SELECT {EVENT_COLUMNS} FROM event, (SELECT first_seq, last_seq FROM command WHERE command_id = ?) "
                "WHERE seq BETWEEN first_seq AND last_seq ORDER BY seq",
                command_id,
            )
        return tuple(recorded_from(row_from(row)) for row in rows)

    def read(self, after_seq: int = 0, until: datetime | None = None) -> Iterator[Recorded]:
        """Yield events with ``seq`` above ``after_seq`` in order, up to world time ``until``."""
        for row in self._rows(after_seq, until):
            yield recorded_from(row)

    def rows(self, after_seq: int = 0) -> Iterator[Row]:
        """Yield the stored rows with ``seq`` above ``after_seq`` in order, unverified."""
        yield from self._rows(after_seq, None)

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call the listener with each commit in order of ``seq``, from the thread of a writer."""
        return enlisted(self._events.listeners, listener)

    def subscribe_fixes(self, listener: FixListener) -> Callable[[], None]:
        """Call the listener with each batch of positions, from the thread of a writer."""
        return enlisted(self._fixes.listeners, listener)

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        """Store a batch of positions; a second fix of a unit at the same moment replaces the first."""
        if not fixes:
            return
        with self._lock:
            self._check_open()
            with self._written():
                self._positions.record(fixes)
            self._fixes.put(tuple(fixes))
        self._fixes.tell()

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a world time, as far as the store still holds it."""
        with self._read():
            return self._positions.at(micros_of(moment))

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``, ordered by time."""
        try:
            return self._positions.between(micros_of(start), micros_of(end))
        except apsw.Error as error:
            raise read_error(self.path, error) from error

    def fix_hours(self) -> tuple[datetime, ...]:
        """Return the UTC hours of which the store holds positions, oldest first."""
        with self._read():
            return tuple(moment_of(hour * HOUR_US) for hour in self._positions.hours())

    def hour_mark(self, hour: datetime) -> int:
        """Return a number that changes with each batch that writes to an hour; it holds while the store is open."""
        with self._lock:
            return self._positions.mark(micros_of(hour_of(hour)) // HOUR_US)

    def forget_hour(self, hour: datetime, mark: int | None = None) -> bool:
        """Drop the positions of one hour, unless a batch has written to it since the mark was taken."""
        number = micros_of(hour_of(hour)) // HOUR_US
        with self._lock:
            self._check_open()
            if mark is not None and mark != self._positions.mark(number):
                return False
            with self._written():
                self._positions.forget(number)
            return True

    def tend_hours(self, now: datetime, closed_before: datetime) -> None:
        """Do nothing: a table of an hour is made in a millisecond, and a folder is not asked by place."""

    def last_world_at(self) -> datetime | None:
        """Return the latest world time seen in events or positions; None while empty."""
        with self._read():
            found = (self._all("SELECT MAX(world_us) FROM event")[0][0], self._positions.last_us())
        known = [micros for micros in found if micros is not None]
        return moment_of(max(known)) if known else None

    def verify(self) -> int:
        """Check the whole hash chain and return the number of events; raises BrokenChainError."""
        return sum(1 for _ in verified(self._rows(0, None)))

    def put_aside(self) -> None:
        """Close the file for good, with everything in it and nothing beside it, so that it may be moved.

        Raises JournalStoreError, leaving it open, when the disk is too full for that.
        """
        with self._lock:
            try:
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except apsw.Error as error:
                raise write_error(self.path, error) from error
            self.is_put_aside = True
            self._database.close()

    def close(self) -> None:
        """Flush and release the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def _read(self) -> Iterator[None]:
        """Read what is inside under the lock; where that fails, say so in words."""
        with self._lock:
            try:
                yield
            except apsw.Error as error:
                raise read_error(self.path, error) from error

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Do what is inside in one transaction; where it fails, say why and forget what was noted of it."""
        try:
            with transaction(self._database):
                yield
        except BaseException as error:
            self._positions.distrust()
            if isinstance(error, apsw.Error):
                raise write_error(self.path, error) from error
            raise

    def _check_open(self) -> None:
        if self.is_put_aside:
            raise worded(
                SupersededError(f"Another journal was begun in {self.path.parent}; this one takes no more events."),
                zh=f"{self.path.parent} 中已开始另一份日志，这一份不再接受事件。",
            )
        try:
            self._database.in_transaction  # noqa: B018
        except apsw.ConnectionClosedError as error:
            raise worded(
                JournalStoreError(f"The journal {self.path} is closed; nothing was recorded. Open it again."),
                zh=f"日志 {self.path} 已关闭，未记录任何内容。请重新打开。",
            ) from error

    def _insert(
        self, entries: Sequence[Entry], command_id: str, actor: str, world_us: int, recorded_us: int, mode: WorldMode
    ) -> list[Row]:
        seq, prev_hash, last_us = self._end()
        world_us = max(world_us, last_us)
        rows: list[Row] = []
        for entry in entries:
            version = self._version(entry.stream)
            if entry.expected_version is not None and entry.expected_version != version:
                raise ConflictError(entry.stream, entry.expected_version, version, self._latest(entry.stream))
            if entry.event is None:
                continue
            row = seal(
                entry.event,
                seq=seq + 1,
                stream=entry.stream,
                version=version + 1,
                world_at=moment_of(world_us),
                recorded_at=moment_of(recorded_us),
                mode=mode,
                actor=actor,
                command_id=command_id,
                prev_hash=prev_hash,
            )
            self._database.execute(INSERT_EVENT, values_of(row))
            rows.append(row)
            seq, prev_hash = row.seq, row.hash
        self._database.execute("INSERT INTO command VALUES (?, ?, ?)", (command_id, rows[0].seq, rows[-1].seq))
        return rows

    def _end(self) -> tuple[int, str, int]:
        """Return number, hash and world time of the last event; a time before all others while empty."""
        found = self._all("SELECT seq, hash, world_us FROM event ORDER BY seq DESC LIMIT 1")
        return (found[0][0], found[0][1], found[0][2]) if found else (0, GENESIS_HASH, -(2**62))

    def _version(self, stream: str) -> int:
        return int(self._all("SELECT MAX(version) FROM event WHERE stream = ?", stream)[0][0] or 0)

    def _latest(self, stream: str) -> Recorded | None:
        found = self._all(f"SELECT {EVENT_COLUMNS} FROM event WHERE stream = ? ORDER BY version DESC LIMIT 1", stream)
        return recorded_from(row_from(found[0])) if found else None

    def _rows(self, after_seq: int, until: datetime | None) -> Iterator[Row]:
        """Read in chunks, so that a long read never keeps a writer waiting."""
        query = f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > ? AND world_us <= ? ORDER BY seq LIMIT {_READ_CHUNK}"
        until_us = 2**62 if until is None else micros_of(until)
        while True:
            with self._read():
                chunk = self._all(query, after_seq, until_us)
            yield from (row_from(found) for found in chunk)
            if len(chunk) < _READ_CHUNK:
                return
            after_seq = int(chunk[-1][0])

    def _first_mode(self) -> WorldMode | None:
        found = self._all("SELECT mode FROM event ORDER BY seq LIMIT 1")
        return found[0][0] if found else None

    def _all(self, query: str, *bindings: str | int) -> list[tuple[Any, ...]]:
        return self._database.execute(query, bindings).fetchall()


def _opening_mode(entry: Entry) -> WorldMode:
    if not isinstance(entry.event, WorldOpened):
        raise ValueError("a journal begins with WorldOpened")
    return entry.event.mode
