"""Every journal of a store: the one in use and those put aside, each opened only while it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import apsw

from data.errors import worded
from data.journal.chain import Row
from data.journal.folder_store import JOURNAL_NAME, FolderStore
from data.journal.interface import BrokenChainError, Journal, JournalStoreError
from data.journal.sqlite import SqliteJournal
from data.journal.store import Store

ASIDE_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Stored:
    """One journal of a store: its name and when it was put aside, both None for the one in use."""

    name: str | None
    at: datetime | None
    journal: Journal


def check_store_is_there(store: Store) -> None:
    """Raise JournalStoreError where a folder holds no journal: looking at a store must not make one."""
    if isinstance(store, FolderStore) and not (store.folder / JOURNAL_NAME).is_file():
        raise worded(
            JournalStoreError(
                f"There is no store in {store.folder}. Check the address (--store), or make one: tongzhou store init"
            ),
            zh=f"{store.folder} 中没有存储。请核对地址（--store），或新建：tongzhou store init",
        )


def each_journal(store: Store, current: Journal) -> Iterator[Stored]:
    """Yield the journals of a store, those put aside first, oldest first; each is closed before the next."""
    if isinstance(store, FolderStore):
        yield from _of_folder(store)
    else:
        yield from _of_database(store)
    yield Stored(None, None, current)


def first_hashes(store: Store) -> Iterator[str]:
    """Yield the hash of the first event of each journal put aside."""
    aside = _of_folder(store) if isinstance(store, FolderStore) else _of_database(store)
    for one in aside:
        for row in one.journal.rows():
            yield row.hash
            break


def stored_rows(journal: Journal, after_seq: int = 0) -> Iterator[Row]:
    """Yield the stored rows; raises BrokenChainError where the file itself is damaged."""
    last = after_seq
    try:
        for row in journal.rows(after_seq):
            yield row
            last = row.seq
    except (apsw.Error, UnicodeDecodeError, OverflowError) as error:
        raise worded(
            BrokenChainError(
                f"Event {last + 1} cannot be read: the file is damaged ({error}). Restore it from a copy."
            ),
            zh=f"第 {last + 1} 条事件无法读取：文件已损坏（{error}）。请从副本恢复。",
        ) from error


def aside_name(name: str, at: datetime) -> str:
    """Return the name of the file that a journal of a folder is put aside in."""
    return f"{at.astimezone(UTC):{ASIDE_STAMP}}-{name}.journal"


@contextmanager
def opened(store: Store) -> Iterator[Journal]:
    """Open the journal in use of a store that is there, and release both; raises JournalStoreError."""
    try:
        check_store_is_there(store)
        journal = store.open_journal()
        try:
            yield journal
        finally:
            journal.close()
    finally:
        store.close()


def _of_folder(store: FolderStore) -> Iterator[Stored]:
    for file in sorted((store.folder / "archive").glob("*.journal")):
        stamp, _, name = file.stem.partition("-")
        journal = SqliteJournal(file)
        try:
            yield Stored(name or file.stem, _moment(stamp, file), journal)
        finally:
            journal.close()


def _of_database(store: Store) -> Iterator[Stored]:
    from data.journal.postgis.attempts import asked
    from data.journal.postgis.journal import PostgisJournal
    from data.journal.postgis.store import PostgisStore

    if not isinstance(store, PostgisStore):
        raise TypeError(f"{type(store).__name__} is no store this program knows")
    query = "SELECT journal_id, name, at FROM put_aside ORDER BY journal_id"
    for journal_id, name, at in asked(store.connections, lambda link: link.execute(query).fetchall()):
        journal = PostgisJournal(store.connections, int(journal_id))
        try:
            yield Stored(str(name), at.astimezone(UTC), journal)
        finally:
            journal.close()


def _moment(stamp: str, file: Path) -> datetime:
    """Return when a file was put aside: as its name says, else when it was last changed."""
    for form in (ASIDE_STAMP, "%Y%m%dT%H%M%SZ"):
        try:
            return datetime.strptime(stamp, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
