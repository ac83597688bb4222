"""Restores at the same time and restores not finished: refused in words that name the way out, nothing mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from data.journal.backup import write_backup
from data.journal.chain import Row
from data.journal.interface import JournalStoreError, StoreReadOnlyError
from data.journal.inventory import each_journal, opened
from data.journal.restore import importer_for, restore_backup
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, fix, note, write
from tests.data.journal.journal_samples import opened as opening


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of a journal put aside and one in use."""
    store = open_store(tmp_path / "source", "drill")
    journal = store.open_journal()
    write(journal, opening(), note("one"), command_id="old")
    journal = store.begin_another(journal, "first", START)
    write(journal, opening(), note("two"), command_id="new")
    journal.record_positions([fix("u1", 1)])
    write_backup(store, journal, tmp_path / "a.tzbackup", program="1", at=START)
    journal.close()
    store.close()
    return tmp_path / "a.tzbackup"


def heads(address: str) -> list[tuple[str | None, int, str]]:
    """How each journal of a store ends."""
    store = open_store(address, "drill")
    with opened(store) as journal:
        found = []
        for one in each_journal(store, journal):
            head = one.journal.head()
            found.append((one.name, head.seq, head.hash))
        return found


def restored(backup: Path, address: str, *, replace: bool = False, meanwhile: Callable[[], None] | None = None) -> None:
    """Restore a backup, doing something once its first journal is put aside and rows of the second are written."""
    store = open_store(address, "drill")
    importer = importer_for(store)
    write_rows, chunks = importer.import_rows, [0]

    def hooked(rows: Iterable[Row]) -> None:
        write_rows(rows)
        chunks[0] += 1
        if meanwhile is not None and chunks[0] == 2:
            meanwhile()

    importer.import_rows = hooked  # type: ignore[method-assign]
    try:
        restore_backup(backup, store, "drill", replace_unfinished=replace, importer=importer)
    finally:
        store.close()


@pytest.mark.parametrize("replace", [False, True])
def test_a_second_restore_at_the_same_time_is_refused_and_harms_nothing(
    backup: Path, store_address: str, tmp_path: Path, replace: bool
) -> None:
    told: list[JournalStoreError] = []

    def second() -> None:
        with pytest.raises(JournalStoreError) as found:
            restored(backup, store_address, replace=replace)
        told.append(found.value)
        with pytest.raises(JournalStoreError):
            open_store(store_address, "drill").open_journal()

    restored(backup, store_address, meanwhile=second)
    (error,) = told
    assert str(error).startswith("Another restore into")
    assert "另一个恢复正在写入" in error.said("zh")
    assert heads(store_address) == heads(str(tmp_path / "source"))


def test_a_restore_that_was_not_finished_is_told_with_the_way_out(
    backup: Path, store_address: str, tmp_path: Path
) -> None:
    class StoppedError(Exception):
        pass

    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        restored(backup, store_address, meanwhile=stop)
    store = open_store(store_address, "drill")
    with pytest.raises(StoreReadOnlyError, match="tongzhou store restore BACKUP ADDRESS --replace-unfinished") as found:
        store.open_journal()
    assert store.shown in str(found.value)
    assert found.value.said("zh").endswith("tongzhou store restore 备份 地址 --replace-unfinished")
    store.close()
    with pytest.raises(JournalStoreError, match="add --replace-unfinished"):
        restored(backup, store_address)
    restored(backup, store_address, replace=True)
    assert heads(store_address) == heads(str(tmp_path / "source"))
