"""The tables of the SQLite store: opening a file for this process alone, making and migrating its tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from data.errors import worded
from data.journal.interface import JournalStoreError, StoreReadOnlyError
from data.journal.sqlite_positions import SCHEMA as POSITIONS_SCHEMA
from data.journal.sqlite_positions import take_over_single_table
from data.journal.store import half_restored

# Several connections writing one WAL file could lose commits before these versions
# (sqlite.org/wal.html, "the WAL-reset bug").
_FIXED_IN = (3, 51, 3)
_BACKPORTS = {(3, 50): 7, (3, 44): 6}
FORMAT = 2
# A key in the table ``setting`` that a restore sets before its first row and takes away after its last.
RESTORING = "restoring"

_EVENTS = """
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
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
_SETTINGS = "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"


def _to_format_2(database: apsw.Connection) -> None:
    """Positions move from one table into one an hour."""
    database.execute(_SETTINGS + POSITIONS_SCHEMA)
    take_over_single_table(database)


# One step from each older format to the next.
_STEPS: dict[int, Callable[[apsw.Connection], None]] = {1: _to_format_2}


def check_sqlite_version(version: str) -> None:
    """Raise JournalStoreError where this SQLite may lose commits in WAL mode."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    backport = _BACKPORTS.get((major, minor))
    if (major, minor, patch) < _FIXED_IN and (backport is None or patch < backport):
        raise worded(
            JournalStoreError(
                f"SQLite {version} may lose events written to a journal. Install apsw 3.51.3 or newer (it brings its "
                "own)."
            ),
            zh=f"SQLite {version} 可能丢失写入日志的事件。请安装 apsw 3.51.3 或更新版本（自带 SQLite）。",
        )


@contextmanager
def transaction(database: apsw.Connection) -> Iterator[None]:
    """Commit everything done inside, or nothing; under an exclusive lock, which the first one keeps."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # a full disk has already rolled back by itself
            database.execute("ROLLBACK")
        raise


def open_owned(path: Path) -> apsw.Connection:
    """Open the file for this process alone, making its tables if it is new and migrating those of an older format.

    Raises JournalStoreError when it is held, unwritable or no journal, StoreReadOnlyError when it is of a newer
    format or a restore into it was not finished.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # a new one is for its owner alone; SQLite gives its side files the same rights
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        database = apsw.Connection(str(path))
    except (OSError, apsw.Error) as error:
        raise unusable(path, error) from error
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        with transaction(database):
            _bring_up(database, path)
    except apsw.BusyError as error:
        let_go(database)
        raise worded(
            JournalStoreError(
                f"The journal {path} is in use by another console. Stop that one, or start this one with another "
                "store (--store FOLDER)."
            ),
            zh=f"日志 {path} 正被另一个指挥台使用。请停止那一个，或换一个存放文件夹（--store FOLDER）。",
        ) from error
    except apsw.FullError as error:
        let_go(database)
        raise write_error(path, error) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
        let_go(database)
        raise unusable(path, error) from error
    except apsw.Error as error:
        let_go(database)
        raise worded(
            JournalStoreError(
                f"{path} is not a journal, or is damaged: {error}. Restore it from a copy, or begin anew with another "
                "store (--store FOLDER)."
            ),
            zh=f"{path} 不是日志，或已损坏（{error}）。请从副本恢复，或换一个存放文件夹重新开始（--store FOLDER）。",
        ) from error
    except BaseException:
        let_go(database)
        raise
    return database


def write_error(path: Path, error: apsw.Error) -> JournalStoreError:
    """Return what to tell of a failed write, which has left nothing behind."""
    if isinstance(error, apsw.FullError):
        return worded(
            StoreReadOnlyError(f"The disk of {path} is full; nothing was recorded. Free some space, then try again."),
            zh=f"{path} 所在磁盘已满，未记录任何内容。请腾出空间后重试。",
        )
    return worded(
        JournalStoreError(f"The journal {path} could not be written ({error}); nothing was recorded. Try again."),
        zh=f"日志 {path} 无法写入（{error}），未记录任何内容。请重试。",
    )


def read_error(path: Path, error: apsw.Error) -> JournalStoreError:
    """Return what to tell of a failed read, which has changed nothing."""
    return worded(
        JournalStoreError(
            f"The journal {path} could not be read ({error}). Try again; if it stays so, look after the disk."
        ),
        zh=f"日志 {path} 无法读取（{error}）。请重试；若仍如此，请检查磁盘。",
    )


def let_go(database: apsw.Connection) -> None:
    """Close a connection that cannot be used; what it has to say about that is no news."""
    with suppress(apsw.Error):
        database.close(True)


def _bring_up(database: apsw.Connection, path: Path) -> None:
    """Make the tables of a new file, or bring those of an older format up to this one, all in one transaction."""
    found: Any = database.pragma("user_version")
    if found == 0 and not database.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        database.execute(_EVENTS + _SETTINGS + POSITIONS_SCHEMA)
    elif found > FORMAT or found not in (*_STEPS, FORMAT):
        raise _other_format(path, found)
    else:
        for older in range(found, FORMAT):
            _STEPS[older](database)
        if database.execute("SELECT 1 FROM setting WHERE name = ?", (RESTORING,)).fetchone():
            raise half_restored(str(path.parent))
    if found != FORMAT:
        database.execute(f"PRAGMA user_version = {FORMAT}")


def _other_format(path: Path, found: int) -> JournalStoreError:
    return worded(
        StoreReadOnlyError(
            f"The journal {path} has format {found}, this program writes {FORMAT}. Use the program that wrote it, "
            "or another store (--store FOLDER)."
        ),
        zh=f"日志 {path} 的格式为 {found}，本程序使用 {FORMAT}。请用写它的程序，或换一个存放文件夹（--store FOLDER）。",
    )


def unusable(path: Path, error: Exception) -> JournalStoreError:
    """Return what to tell of a file that cannot be opened."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return worded(
        JournalStoreError(
            f"The journal {path} cannot be opened or written: {reason}. Check the folder and its rights, or name "
            "another (--store FOLDER)."
        ),
        zh=f"日志 {path} 无法打开或写入（{reason}）。请检查文件夹及权限，或换一个（--store FOLDER）。",
    )
