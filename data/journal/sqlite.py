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
from data.journal.fixes import FixTable, fix_table, hour_of, micros_of, moment_of
from data.journal.interface import ConflictError, Entry, Fix, FixListener, Head, JournalStoreError
from data.journal.listening import enlisted, tell
from data.situation import WorldMode

# Several connections writing one WAL file could lose commits before these versions
# (sqlite.org/wal.html, "the WAL-reset bug").
_FIXED_IN = (3, 51, 3)
_BACKPORTS = {(3, 50): 7, (3, 44): 6}
_READ_CHUNK = 2000
FORMAT = 1

_SCHEMA = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    world_us INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL,
    mode TEXT NOT NULL,
    actor TEXT NOT NULL,
    command_id TEXT NOT NULL,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE INDEX event_world ON event (world_us);
CREATE TABLE command (command_id TEXT PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE unit (number INTEGER PRIMARY KEY, unit_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE position (
    unit INTEGER NOT NULL REFERENCES unit,
    world_us INTEGER NOT NULL,
    lon_deg REAL NOT NULL,
    lat_deg REAL NOT NULL,
    heading_deg REAL,
    speed_mps REAL NOT NULL,
    PRIMARY KEY (unit, world_us)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
_COLUMNS = "seq, stream, version, world_us, recorded_us, mode, actor, command_id, body, prev_hash, hash"


def check_sqlite_version(version: str) -> None:
    """Raise JournalStoreError where this SQLite may lose commits in WAL mode."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    backport = _BACKPORTS.get((major, minor))
    if (major, minor, patch) < _FIXED_IN and (backport is None or patch < backport):
        raise JournalStoreError(
            f"SQLite {version} may lose events written to a journal. Install apsw 3.51.3 or newer (it brings its own)."
        )


class SqliteJournal:
    """An append-only journal in one file; fills ``data.journal.interface.Journal``.

    Every append is on the disk before it returns (WAL, synchronous=FULL). The file is locked for this
    process: another one opening it is told so. Calls may come from any thread.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises JournalStoreError when it is held, unwritable or no journal."""
        check_sqlite_version(apsw.sqlite_lib_version())
        self.path = path
        self._lock = threading.RLock()
        self._listeners: list[Callable[[tuple[Recorded, ...]], None]] = []
        self._fix_listeners: list[FixListener] = []
        self._database = _open_owned(path)
        self._mode = self._first_mode()

    @property
    def mode(self) -> WorldMode | None:
        """The mode fixed by the first event; None while empty."""
        return self._mode

    def head(self) -> Head:
        """Return the number and hash of the last event."""
        with self._lock:
            found = self._all("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")
        return Head(seq=found[0][0], hash=found[0][1]) if found else Head(seq=0, hash=GENESIS_HASH)

    def append(
        self, entries: Sequence[Entry], *, command_id: str, actor: str, world_at: datetime, recorded_at: datetime
    ) -> tuple[Recorded, ...]:
        """Append all entries in one transaction, or none.

        A command id seen before returns what it recorded then and writes nothing. Raises ConflictError when
        a stream is not at its expected version, JournalStoreError when the file cannot be written.
        """
        if not entries:
            return ()
        with self._lock:
            if repeated := self.recorded_by(command_id):
                return repeated
            mode = self._mode or _opening_mode(entries[0])
            try:
                with _transaction(self._database):
                    rows = self._insert(entries, command_id, actor, micros_of(world_at), micros_of(recorded_at), mode)
            except apsw.Error as error:
                raise _write_error(self.path, error) from error
            self._mode = mode
            recorded = tuple(recorded_from(row) for row in rows)
        tell(self._listeners, recorded)
        return recorded

    def recorded_by(self, command_id: str) -> tuple[Recorded, ...]:
        """Return what a command recorded, in order; nothing if it is not known."""
        with self._lock:
            rows = self._all(
                f"SELECT {_COLUMNS} FROM event, (SELECT first_seq, last_seq FROM command WHERE command_id = ?) "
                "WHERE seq BETWEEN first_seq AND last_seq ORDER BY seq",
                command_id,
            )
        return tuple(recorded_from(_row(row)) for row in rows)

    def read(self, after_seq: int = 0, until: datetime | None = None) -> Iterator[Recorded]:
        """Yield events with ``seq`` above ``after_seq`` in order, up to world time ``until``."""
        for row in self._rows(after_seq, until):
            yield recorded_from(row)

    def rows(self, after_seq: int = 0) -> Iterator[Row]:
        """Yield the stored rows with ``seq`` above ``after_seq`` in order, unverified."""
        yield from self._rows(after_seq, None)

    def subscribe(self, listener: Callable[[tuple[Recorded, ...]], None]) -> Callable[[], None]:
        """Call the listener after each commit; returns the function that ends it."""
        return enlisted(self._listeners, listener)

    def subscribe_fixes(self, listener: FixListener) -> Callable[[], None]:
        """Call the listener with each batch of positions; returns the function that ends it."""
        return enlisted(self._fix_listeners, listener)

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        """Store a batch of positions; a second fix of a unit at the same moment replaces the first."""
        with self._lock:
            try:
                with _transaction(self._database):
                    numbers = self._unit_numbers({fix.unit_id for fix in fixes})
                    rows = [(numbers[fix.unit_id], micros_of(fix.world_at), *_where(fix)) for fix in fixes]
                    self._database.executemany("INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?, ?)", rows)
            except apsw.Error as error:
                raise _write_error(self.path, error) from error
        tell(self._fix_listeners, tuple(fixes))

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a world time."""
        query = """
            SELECT latest.unit_id, p.world_us, p.lon_deg, p.lat_deg, p.heading_deg, p.speed_mps
            FROM (SELECT unit_id, number, (SELECT MAX(world_us) FROM position
                                           WHERE unit = number AND world_us <= ?) AS last_us FROM unit) AS latest
            CROSS JOIN position p ON p.unit = latest.number AND p.world_us = latest.last_us
        """
        with self._lock:
            rows = self._all(query, micros_of(moment))
        return {str(row[0]): Fix(row[0], moment_of(row[1]), row[2], row[3], row[4], row[5]) for row in rows}

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``, ordered by time."""
        query = """
            SELECT unit_id, world_us, lon_deg, lat_deg, heading_deg, speed_mps FROM position JOIN unit ON number = unit
            WHERE world_us >= ? AND world_us < ? ORDER BY world_us
        """
        with self._lock:
            rows = self._all(query, micros_of(start), micros_of(end))
        return fix_table(Fix(row[0], moment_of(row[1]), row[2], row[3], row[4], row[5]) for row in rows)

    def fix_hours(self) -> tuple[datetime, ...]:
        """Return the UTC hours of which the store holds positions, oldest first."""
        with self._lock:
            rows = self._all("SELECT DISTINCT world_us / 3600000000 FROM position ORDER BY 1")
        return tuple(moment_of(row[0] * 3_600_000_000) for row in rows)

    def forget_hour(self, hour: datetime) -> None:
        """Drop the positions of one hour."""
        start_us = micros_of(hour_of(hour))
        with self._lock, _transaction(self._database):
            self._database.execute(
                "DELETE FROM position WHERE world_us >= ? AND world_us < ?", (start_us, start_us + 3_600_000_000)
            )

    def last_world_at(self) -> datetime | None:
        """Return the latest world time seen in events or positions; None while empty."""
        query = """
            SELECT MAX(last) FROM (
                SELECT MAX(world_us) AS last FROM event
                UNION ALL SELECT (SELECT MAX(world_us) FROM position WHERE unit = number) FROM unit)
        """
        with self._lock:
            micros = self._all(query)[0][0]
        return None if micros is None else moment_of(micros)

    def verify(self) -> int:
        """Check the whole hash chain and return the number of events; raises BrokenChainError."""
        return sum(1 for _ in verified(self._rows(0, None)))

    def close(self) -> None:
        """Flush and release the file."""
        with self._lock:
            self._database.close()

    def _insert(
        self, entries: Sequence[Entry], command_id: str, actor: str, world_us: int, recorded_us: int, mode: WorldMode
    ) -> list[Row]:
        head = self._all("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")
        seq, prev_hash = head[0] if head else (0, GENESIS_HASH)
        rows: list[Row] = []
        for entry in entries:
            version = self._version(entry.stream)
            if entry.expected_version is not None and entry.expected_version != version:
                raise ConflictError(entry.stream, entry.expected_version, version, self._latest(entry.stream))
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
            row_tail = (mode, actor, command_id, row.body, row.prev_hash, row.hash)
            self._database.execute(
                f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (row.seq, row.stream, row.version, world_us, recorded_us, *row_tail),
            )
            rows.append(row)
            seq, prev_hash = row.seq, row.hash
        self._database.execute("INSERT INTO command VALUES (?, ?, ?)", (command_id, rows[0].seq, rows[-1].seq))
        return rows

    def _unit_numbers(self, unit_ids: set[str]) -> dict[str, int]:
        """Return the short number of each unit in the positions table, giving new ones theirs."""
        numbers = {str(row[1]): int(row[0]) for row in self._all("SELECT number, unit_id FROM unit")}
        for unit_id in sorted(unit_ids - numbers.keys()):
            self._database.execute("INSERT INTO unit (unit_id) VALUES (?)", (unit_id,))
            numbers[unit_id] = self._database.last_insert_rowid()
        return numbers

    def _version(self, stream: str) -> int:
        return int(self._all("SELECT MAX(version) FROM event WHERE stream = ?", stream)[0][0] or 0)

    def _latest(self, stream: str) -> Recorded | None:
        found = self._all(f"SELECT {_COLUMNS} FROM event WHERE stream = ? ORDER BY version DESC LIMIT 1", stream)
        return recorded_from(_row(found[0])) if found else None

    def _rows(self, after_seq: int, until: datetime | None) -> Iterator[Row]:
        """Read in chunks, so that a long read never keeps a writer waiting."""
        query = f"SELECT {_COLUMNS} FROM event WHERE seq > ? AND world_us <= ? ORDER BY seq LIMIT {_READ_CHUNK}"
        until_us = 2**62 if until is None else micros_of(until)
        while True:
            with self._lock:
                chunk = self._all(query, after_seq, until_us)
            yield from (_row(found) for found in chunk)
            if len(chunk) < _READ_CHUNK:
                return
            after_seq = int(chunk[-1][0])

    def _first_mode(self) -> WorldMode | None:
        found = self._all("SELECT mode FROM event ORDER BY seq LIMIT 1")
        return found[0][0] if found else None

    def _all(self, query: str, *bindings: str | int) -> list[tuple[Any, ...]]:
        return self._database.execute(query, bindings).fetchall()


@contextmanager
def _transaction(database: apsw.Connection) -> Iterator[None]:
    """Commit everything done inside, or nothing; under an exclusive lock, which the first one keeps."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # a full disk has already rolled back by itself
            database.execute("ROLLBACK")
        raise


def _open_owned(path: Path) -> apsw.Connection:
    """Open the file for this process alone, creating the tables in a new one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = apsw.Connection(str(path))
    except (OSError, apsw.Error) as error:
        raise _unusable(path, error) from error
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        with _transaction(database):
            found: Any = database.pragma("user_version")
            if found == 0 and not database.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
                database.execute(_SCHEMA)
                database.execute(f"PRAGMA user_version = {FORMAT}")
                found = FORMAT
    except apsw.BusyError as error:
        database.close(True)
        raise worded(
            JournalStoreError(
                f"The journal {path} is in use by another console. Stop that one, or start this one with another "
                "store (--store FOLDER)."
            ),
            zh=f"日志 {path} 正被另一个指挥台使用。请停止那一个，或换一个存放文件夹（--store FOLDER）。",
        ) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
        database.close(True)
        raise _unusable(path, error) from error
    except apsw.Error as error:
        database.close(True)
        raise worded(
            JournalStoreError(
                f"{path} is not a journal, or is damaged: {error}. Restore it from a copy, or begin anew with another "
                "store (--store FOLDER)."
            ),
            zh=f"{path} 不是日志，或已损坏（{error}）。请从副本恢复，或换一个存放文件夹重新开始（--store FOLDER）。",
        ) from error
    if found != FORMAT:
        database.close(True)
        raise worded(
            JournalStoreError(
                f"The journal {path} has format {found}, this program writes {FORMAT}. Use the program that wrote it, "
                "or another store (--store FOLDER)."
            ),
            zh=f"日志 {path} 的格式为 {found}，本程序使用 {FORMAT}。"
            "请用写它的程序，或换一个存放文件夹（--store FOLDER）。",
        )
    return database


def _unusable(path: Path, error: Exception) -> JournalStoreError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return worded(
        JournalStoreError(
            f"The journal {path} cannot be opened or written: {reason}. Check the folder and its rights, or name "
            "another (--store FOLDER)."
        ),
        zh=f"日志 {path} 无法打开或写入（{reason}）。请检查文件夹及权限，或换一个（--store FOLDER）。",
    )


def _opening_mode(entry: Entry) -> WorldMode:
    if not isinstance(entry.event, WorldOpened):
        raise ValueError("a journal begins with WorldOpened")
    return entry.event.mode


def _write_error(path: Path, error: apsw.Error) -> JournalStoreError:
    if isinstance(error, apsw.FullError):
        return JournalStoreError(f"The disk of {path} is full; nothing was recorded. Free some space, then try again.")
    return JournalStoreError(f"The journal {path} could not be written ({error}); nothing was recorded. Try again.")


def _where(fix: Fix) -> tuple[float, float, float | None, float]:
    return fix.lon_deg, fix.lat_deg, fix.heading_deg, fix.speed_mps


def _row(found: tuple[Any, ...]) -> Row:
    seq, stream, version, world_us, recorded_us, mode, actor, command_id, body, prev_hash, own_hash = found
    return Row(
        seq=seq,
        stream=stream,
        version=version,
        world_at=moment_of(world_us),
        recorded_at=moment_of(recorded_us),
        mode=mode,
        actor=actor,
        command_id=command_id,
        body=body,
        prev_hash=prev_hash,
        hash=own_hash,
    )
