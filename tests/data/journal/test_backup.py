"""Backups: a store comes back exactly, in either back end; a bad file is named and writes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import TongzhouError
from data.journal.backup import BackupFaultError, Manifest, write_backup
from data.journal.backup_file import BackupFile
from data.journal.fixes import Fix
from data.journal.interface import BrokenChainError, JournalStoreError, StoreReadOnlyError
from data.journal.inventory import first_hashes, opened
from data.journal.restore import restore_backup
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, note, write
from tests.data.journal.journal_samples import opened as opening
from tests.data.journal.tampering import tamper


def fix(unit_id: str, minute: float) -> Fix:
    """One position; every other has no heading."""
    heading = 12.5 if int(minute) % 2 else None
    return Fix(unit_id, START + timedelta(minutes=minute), 122.25, 29.75, heading, 3.5)


def filled(address: str | Path) -> None:
    """Fill a store with a journal put aside and one in use, with positions of two hours."""
    store = open_store(address, "drill")
    journal = store.open_journal()
    write(journal, opening(), note("一"), command_id="old")
    journal.record_positions([fix("u1", 1)])
    journal = store.begin_another(journal, "first", START + timedelta(minutes=5))
    write(journal, opening(), command_id="c1")
    write(journal, note("two"), note("three", stream="other"), command_id="c2", minute=3)
    journal.record_positions([fix("u1", 2), fix("u2", 3), fix("u1", 70)])
    journal.close()
    store.close()


def backed_up(address: str | Path, target: Path) -> Manifest:
    """Write a backup of a store."""
    store = open_store(address, "drill")
    with opened(store) as journal:
        return write_backup(store, journal, target, program="1", at=START)


def contents(manifest: Manifest) -> list[tuple[object, ...]]:
    """Everything a manifest says of its journals that has to survive any number of moves."""
    return [(one.name, one.at, one.journal, one.seq, one.hash, one.fixes, one.hours) for one in manifest.journals]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A sound backup."""
    filled(tmp_path / "source")
    backed_up(tmp_path / "source", tmp_path / "a.tzbackup")
    return tmp_path / "a.tzbackup"


def test_a_folder_comes_back_exactly(backup: Path, tmp_path: Path) -> None:
    restore_backup(backup, open_store(tmp_path / "target", "drill"), "drill")
    again = backed_up(tmp_path / "target", tmp_path / "b.tzbackup")
    with BackupFile(backup) as first, BackupFile(tmp_path / "b.tzbackup") as second:
        assert contents(again) == contents(first.manifest)
        assert [one.seq for one in again.journals] == [2, 3]
        for one, other in zip(first.manifest.journals, second.manifest.journals, strict=True):
            assert list(first.rows(one)) == list(second.rows(other))
            for table, twin in zip(first.fixes(one), second.fixes(other), strict=True):
                assert list(table.fixes()) == list(twin.fixes())
    store = open_store(tmp_path / "target", "drill")
    with opened(store) as journal:
        assert [one.event for one in journal.recorded_by("c2")] == [note("two").event, note("three").event]
        assert len(write(journal, note("goes on"), command_id="c3", minute=4)) == 1


def test_moved_through_postgis_and_back_the_head_is_the_same(
    backup: Path, tmp_path: Path, postgis_store_address: str
) -> None:
    restore_backup(backup, open_store(postgis_store_address, "drill"), "drill")
    between = backed_up(postgis_store_address, tmp_path / "pg.tzbackup")
    restore_backup(tmp_path / "pg.tzbackup", open_store(tmp_path / "target", "drill"), "drill")
    back = backed_up(tmp_path / "target", tmp_path / "b.tzbackup")
    with BackupFile(backup) as first:
        assert contents(first.manifest) == contents(between) == contents(back)
    store = open_store(postgis_store_address, "drill")
    with opened(store) as journal:
        assert len(write(journal, note("goes on"), command_id="c3", minute=4)) == 1
        assert journal.verify() == 4
        assert len(list(first_hashes(store))) == 1


def test_a_backup_is_taken_while_the_store_is_written(tmp_path: Path) -> None:
    filled(tmp_path / "source")
    store = open_store(tmp_path / "source", "drill")
    with opened(store) as journal:
        rows = journal.rows

        def busy(after_seq: int = 0):  # type: ignore[no-untyped-def]
            for row in rows(after_seq):
                yield row
                write(journal, note("meanwhile"), command_id=f"m{row.seq}")

        journal.rows = busy  # type: ignore[method-assign]
        manifest = write_backup(store, journal, tmp_path / "a.tzbackup", program="1", at=START)
    assert manifest.journals[-1].seq == 3
    with BackupFile(tmp_path / "a.tzbackup") as file:
        file.check()


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_backup_is_refused(backup: Path, tmp_path: Path, keep: float) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(BackupFaultError, match=r"a\.tzbackup"):
        restore_backup(backup, open_store(tmp_path / "target", "drill"), "drill")
    assert not (tmp_path / "target").exists()


def test_a_flipped_bit_anywhere_is_refused_or_harmless(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    with BackupFile(backup) as file:
        sound = contents(file.manifest)
    refused = 0
    for place in range(0, len(whole), 41):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            with BackupFile(backup) as file:
                file.check()
                assert contents(file.manifest) == sound
        except BackupFaultError:
            refused += 1
    assert refused > len(whole) // 41 * 0.5


def rewritten(backup: Path, change: dict[str, bytes]) -> None:
    """Write the zip anew with some members changed, so that its own checksums hold."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | change
    with zipfile.ZipFile(backup, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_a_changed_event_in_a_backup_is_named(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        events = archive.read("journals/1/events.jsonl")
    rewritten(backup, {"journals/1/events.jsonl": events.replace(b"two", b"TWO")})
    with pytest.raises(BackupFaultError, match=r"journals/1/events\.jsonl"):
        restore_backup(backup, open_store(tmp_path / "target", "drill"), "drill")
    assert not (tmp_path / "target").exists()


def test_a_newer_format_and_another_file_are_said(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    rewritten(backup, {"manifest.json": json.dumps(manifest | {"format": 99}).encode()})
    with pytest.raises(BackupFaultError, match="format 99"):
        BackupFile(backup)
    (tmp_path / "text").write_text("nothing of the kind")
    with pytest.raises(BackupFaultError, match="no backup"):
        BackupFile(tmp_path / "text")


def test_a_store_that_is_not_empty_or_of_another_mode_is_never_written(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(JournalStoreError, match="not empty"):
        restore_backup(backup, open_store(tmp_path / "source", "drill"), "drill")
    with pytest.raises(BackupFaultError, match="mode drill"):
        restore_backup(backup, open_store(tmp_path / "target", "live"), "live")
    assert not (tmp_path / "target").exists()


def test_postgis_that_is_not_empty_is_never_written(backup: Path, postgis_store_address: str) -> None:
    filled(postgis_store_address)
    for replace in (False, True):
        with pytest.raises(JournalStoreError, match="not empty"):
            restore_backup(backup, open_store(postgis_store_address, "drill"), "drill", replace_unfinished=replace)


_KILLED = """
import os, signal, sys
from pathlib import Path
from data.journal import restore
from data.journal.store import open_store
restore.CHUNK_ROWS = 1
store = open_store(sys.argv[2], "drill")
importer = restore.importer_for(store)
write, written = importer.import_rows, []
def stop_at_fourth(rows):
    write(rows)
    written.append(1)
    if len(written) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
importer.import_rows = stop_at_fourth
restore.restore_backup(Path(sys.argv[1]), store, "drill", importer=importer)
"""


@pytest.mark.parametrize("kind", ["folder", "postgis"])
def test_a_restore_killed_in_the_middle_is_refused_and_can_be_done_again(
    backup: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    address = str(tmp_path / "target") if kind == "folder" else request.getfixturevalue("postgis_store_address")
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(backup), address], env=dict(os.environ), check=False)
    assert ended.returncode == -signal.SIGKILL
    with pytest.raises(StoreReadOnlyError, match="not finished"):
        open_store(address, "drill").open_journal()
    with pytest.raises(JournalStoreError, match="replace-unfinished"):
        restore_backup(backup, open_store(address, "drill"), "drill")
    restore_backup(backup, open_store(address, "drill"), "drill", replace_unfinished=True)
    with BackupFile(backup) as file:
        assert contents(backed_up(address, tmp_path / "b.tzbackup")) == contents(file.manifest)


def test_a_changed_journal_is_not_backed_up(tmp_path: Path) -> None:
    filled(tmp_path / "source")
    tamper(tmp_path / "source", "UPDATE event SET actor = 'b' WHERE seq = 2")
    with pytest.raises(BrokenChainError, match="Event 2"):
        backed_up(tmp_path / "source", tmp_path / "a.tzbackup")
    assert list(tmp_path.glob("*a.tzbackup*")) == []


def test_every_fault_is_worded_in_chinese(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(TongzhouError) as found:
        restore_backup(backup, open_store(tmp_path / "source", "drill"), "drill")
    assert "不是空的" in found.value.said("zh")
    (tmp_path / "text").write_text("nothing of the kind")
    with pytest.raises(TongzhouError) as found:
        BackupFile(tmp_path / "text")
    assert "无法使用" in found.value.said("zh")
