"""Restore a backup into an empty store: row by row as it was, closed to everybody until the last is checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from data.errors import worded
from data.journal.backup import BackedUpJournal, BackupFaultError, Manifest, sync_folder
from data.journal.backup_file import BackupFile, check_head
from data.journal.chain import Row, chain_report
from data.journal.fixes import FixTable
from data.journal.folder_store import FolderStore
from data.journal.interface import JournalStoreError
from data.journal.store import Store
from data.situation import WorldMode

CHUNK_ROWS = 2000
CHUNK_FIXES = 20_000


class RowImporter(Protocol):
    """Writes rows as they are into an empty store; nobody opens the store between ``begin`` and ``finish``."""

    def begin(self, replace_unfinished: bool) -> None:
        """Mark the store as being restored.

        ``replace_unfinished`` first takes away what an unfinished restore left, and nothing else. Raises
        JournalStoreError where the store is not empty, holds an unfinished restore that is not to be replaced, or
        another restore into it is running.
        """

    def begin_journal(self) -> None:
        """Begin another journal; those before it were put aside."""

    def import_rows(self, rows: Iterable[Row]) -> None:
        """Write a chunk of rows of the journal begun, in one transaction."""

    def import_fixes(self, table: FixTable) -> None:
        """Write a chunk of positions of the journal begun, in one transaction."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows written of the journal begun, read back from the store."""

    def end_journal(self, aside: tuple[str, datetime] | None) -> None:
        """Enter the journal's commands and head, and put it aside under a name and a moment unless it is in use."""

    def finish(self) -> None:
        """Take the mark away: the store is whole."""

    def close(self) -> None:
        """Release the store, whole or not."""


def restore_backup(
    file: Path,
    store: Store,
    mode: WorldMode,
    *,
    positions: Path | None = None,
    replace_unfinished: bool = False,
    importer: RowImporter | None = None,
) -> Manifest:
    """Check a backup through, write it into an empty store of its mode and return its manifest.

    ``positions`` is the folder that archived hours are brought back to. Raises BackupFaultError before anything is
    written where the backup is not sound or of another mode; JournalStoreError where the store is not empty.
    """
    with BackupFile(file) as backup:
        backup.check()
        if backup.manifest.mode != mode:
            raise worded(
                BackupFaultError(
                    f"The backup {file} is of mode {backup.manifest.mode}, the store is for {mode}: a drill must never "
                    f"become live work. Give --mode {backup.manifest.mode}."
                ),
                zh=f"备份 {file} 的模式为 {backup.manifest.mode}，存储用于 {mode}：演练不得变成实战。"
                f"请用 --mode {backup.manifest.mode}。",
            )
        importer = importer or importer_for(store)
        try:
            importer.begin(replace_unfinished)
            for journal in backup.manifest.journals:
                _bring_back(backup, journal, importer)
                if positions is not None:
                    _bring_archive(backup, journal, positions)
            importer.finish()
        finally:
            importer.close()
        return backup.manifest


def importer_for(store: Store) -> RowImporter:
    """Return what writes rows into a store."""
    if isinstance(store, FolderStore):
        from data.journal.sqlite_import import SqliteImporter

        return SqliteImporter(store.folder)
    from data.journal.postgis.importing import PostgisImporter
    from data.journal.postgis.store import PostgisStore

    if not isinstance(store, PostgisStore):
        raise TypeError(f"{type(store).__name__} is no store this program knows")
    return PostgisImporter(store)


def not_empty(shown: str) -> JournalStoreError:
    """Return the wording of a store that holds something already."""
    return worded(
        JournalStoreError(
            f"The store {shown} is not empty; a restore never writes over a journal. Name an empty one (--store)."
        ),
        zh=f"存储 {shown} 不是空的；恢复绝不覆盖已有日志。请指定一个空的存储（--store）。",
    )


def unfinished(shown: str) -> JournalStoreError:
    """Return the wording of a store in which a restore was not finished."""
    return worded(
        JournalStoreError(
            f"A restore into {shown} was begun and not finished. To take away what it left and begin again, add "
            "--replace-unfinished."
        ),
        zh=f"向 {shown} 的恢复没有完成。要清除其残留并重新开始，请加 --replace-unfinished。",
    )


def restoring_now(shown: str) -> JournalStoreError:
    """Return the wording of a store that another restore is writing into."""
    return worded(
        JournalStoreError(
            f"Another restore into {shown} is running; nothing was written by this one. Wait until that one is "
            "finished, or name another empty store (--store)."
        ),
        zh=f"另一个恢复正在写入 {shown}，本次未写入任何内容。请等它完成，或指定另一个空的存储（--store）。",
    )


def _bring_back(backup: BackupFile, journal: BackedUpJournal, importer: RowImporter) -> None:
    importer.begin_journal()
    for chunk in _chunks(backup.rows(journal)):
        importer.import_rows(chunk)
    for table in backup.fixes(journal):
        for start in range(0, len(table), CHUNK_FIXES):
            importer.import_fixes(table.rows(slice(start, start + CHUNK_FIXES)))
    report = chain_report(importer.rows())
    if report.fault is not None:
        raise report.fault
    check_head((report.events, report.head_hash), journal)
    is_aside = journal.name is not None and journal.at is not None
    importer.end_journal((journal.name or "", journal.at) if is_aside and journal.at else None)


def _bring_archive(backup: BackupFile, journal: BackedUpJournal, positions: Path) -> None:
    folder = positions / journal.journal[:16]
    for name in journal.archive:  # names that the journal's own chain gives, as the check found
        target, temporary = folder / name, folder / f".{name}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                for chunk in backup.chunks(f"{journal.folder}/archive/{name}"):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(target)
            sync_folder(folder)
        except OSError as error:
            raise worded(
                JournalStoreError(
                    f"The archived positions cannot be written to {folder}: {error.strerror}. The store stays closed. "
                    "Check the folder and the space on its disk, then restore again with --replace-unfinished."
                ),
                zh=f"定位归档无法写入 {folder}（{error.strerror}）。存储保持关闭。请检查文件夹和磁盘空间，"
                "再加 --replace-unfinished 重新恢复。",
            ) from error
        finally:
            with suppress(OSError):
                temporary.unlink()


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk
