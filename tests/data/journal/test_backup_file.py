"""What a backup says of archived hours is held against its own chain before anything is written."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from data.journal.archive import HourArchive
from data.journal.backup import BackupFaultError, write_backup
from data.journal.backup_file import BackupFile
from data.journal.events import PositionsArchived
from data.journal.fixes import fix_table
from data.journal.interface import Entry, JournalStoreError
from data.journal.inventory import opened
from data.journal.restore import restore_backup
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, fix, write
from tests.data.journal.journal_samples import opened as opening

HOUR = "20260613T19Z"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup with one archived hour."""
    store = open_store(tmp_path / "source", "drill")
    journal = store.open_journal()
    (first,) = write(journal, opening(), command_id="open")
    archive = HourArchive(tmp_path / "positions", mode="drill", journal_hash=first.hash, recorded=dict)
    one = archive.write_hour([fix_table([fix("u1", 1), fix("u2", 2)])], START, {})
    event = PositionsArchived(hour=one.hour, rows=one.rows, sha256=one.sha256)
    write(journal, Entry(stream="positions", event=event), command_id="archived")
    journal.close()
    with opened(store) as journal:
        target = tmp_path / "a.tzbackup"
        write_backup(store, journal, target, program="1", at=START, positions=tmp_path / "positions")
    return target


def test_an_archived_hour_changed_with_its_own_hashes_made_afresh_is_refused(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (name,) = [name for name in members if HOUR in name and "/archive/" in name]
    members[name] += b"more"
    manifest = json.loads(members["manifest.json"])
    for member in manifest["members"]:
        if member["name"] == name:
            member |= {"size": len(members[name]), "sha256": hashlib.sha256(members[name]).hexdigest()}
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(backup, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    with pytest.raises(BackupFaultError, match=f"archived hour '{HOUR}") as found:
        restore_backup(backup, open_store(tmp_path / "target", "drill"), "drill", positions=tmp_path / "p")
    assert "与其日志所记不符" in found.value.said("zh")
    assert not (tmp_path / "target").exists()


def test_an_archive_that_cannot_be_written_is_worded_and_the_restore_done_again(backup: Path, tmp_path: Path) -> None:
    with BackupFile(backup) as file:
        blocked = tmp_path / "p" / file.manifest.journals[-1].journal[:16]
    blocked.parent.mkdir()
    blocked.write_text("a file in the way")
    target = open_store(tmp_path / "target", "drill")
    with pytest.raises(JournalStoreError, match=r"cannot be written to .* --replace-unfinished") as found:
        restore_backup(backup, target, "drill", positions=tmp_path / "p")
    assert "无法写入" in found.value.said("zh")
    with pytest.raises(JournalStoreError, match="not finished"):
        target.open_journal()
    blocked.unlink()
    restore_backup(backup, target, "drill", positions=tmp_path / "p", replace_unfinished=True)
    assert len(list(blocked.glob("*.parquet"))) == 1


def test_a_backup_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "folder.tzbackup").mkdir()
    with pytest.raises(BackupFaultError, match=r"cannot be used: it cannot be read \(Is a directory\)"):
        BackupFile(tmp_path / "folder.tzbackup")
