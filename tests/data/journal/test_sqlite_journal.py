"""What the SQLite store adds: one owner, crash safety, tampering shown, worded errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from data.journal.interface import BrokenChainError, JournalStoreError
from data.journal.sqlite import SqliteJournal, check_sqlite_version
from tests.data.journal.journal_samples import note, opened, write

WRITER = """
import itertools, os, sys
from pathlib import Path
from data.journal.sqlite import SqliteJournal
from tests.data.journal.journal_samples import note, write
journal = SqliteJournal(Path(sys.argv[1]))
acks = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for number in itertools.count():
    command_id = f"{sys.argv[3]}-{number}"
    write(journal, *(note(str(part)) for part in range(1 + number % 3)), command_id=command_id)
    os.write(acks, f"{command_id}\\n".encode())
"""


@pytest.mark.parametrize("version", ["3.40.1", "3.50.6", "3.51.2", "3.44.5"])
def test_sqlite_that_may_lose_commits_is_refused(version: str) -> None:
    with pytest.raises(JournalStoreError, match=version):
        check_sqlite_version(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "3.50.7", "3.44.6", "4.0.0"])
def test_sqlite_with_the_repair_is_taken(version: str) -> None:
    check_sqlite_version(version)


def test_second_process_is_told_the_journal_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "world.journal"
    journal = SqliteJournal(path)
    script = (
        f"from pathlib import Path; from data.journal.sqlite import SqliteJournal; SqliteJournal(Path({str(path)!r}))"
    )
    second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert second.returncode == 1
    assert "is in use by another console" in second.stderr
    journal.close()
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


def test_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "world.journal"
    path.write_text("these are somebody's notes, not a database\n" * 200)
    before = path.read_bytes()
    with pytest.raises(JournalStoreError, match="not a journal"):
        SqliteJournal(path)
    assert path.read_bytes() == before


def test_journal_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "world.journal"
    SqliteJournal(path).close()
    with apsw.Connection(str(path)) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(JournalStoreError, match="format 99"):
        SqliteJournal(path)


def test_folder_that_cannot_be_made_is_worded(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    with pytest.raises(JournalStoreError, match="cannot be opened"):
        SqliteJournal(tmp_path / "taken" / "world.journal")


def _journal_of_five(path: Path) -> None:
    journal = SqliteJournal(path)
    write(journal, opened(), command_id="open")
    for number in range(4):
        write(journal, note(f"line {number}"), command_id=f"c{number}")
    assert journal.verify() == 5
    journal.close()


TAMPERINGS = {
    "body": ("UPDATE event SET body = replace(body, 'line 1', 'line X') WHERE seq = 3", "Event 3 .*was changed"),
    "actor": ("UPDATE event SET actor = 'nobody' WHERE seq = 4", "Event 4 .*was changed"),
    "time": ("UPDATE event SET world_us = world_us + 1 WHERE seq = 2", "Event 2 .*was changed"),
    "removed": ("DELETE FROM event WHERE seq = 3", "Event 3 is missing"),
    "hash": ("UPDATE event SET hash = prev_hash WHERE seq = 5", "Event 5 .*was changed"),
}


@pytest.mark.parametrize("kind", sorted(TAMPERINGS))
def test_tampering_is_shown_with_the_first_bad_event(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "world.journal"
    _journal_of_five(path)
    statement, named = TAMPERINGS[kind]
    database = apsw.Connection(str(path))
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        database.execute(statement)
    database.execute("DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete")
    database.execute(statement)
    database.close()
    journal = SqliteJournal(path)
    with pytest.raises(BrokenChainError, match=named):
        journal.verify()
    journal.close()


def test_full_disk_is_worded_and_loses_nothing(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "world.journal")
    write(journal, opened(), command_id="open")
    journal._database.pragma("max_page_count", 40)
    written = 1

    def write_until_full() -> None:
        nonlocal written
        for number in range(400):
            write(journal, note("x" * 2000), command_id=f"c{number}")
            written += 1

    with pytest.raises(JournalStoreError, match="is full; nothing was recorded"):
        write_until_full()
    assert journal.verify() == written > 10
    journal.close()


def test_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    path, acks = tmp_path / "world.journal", tmp_path / "acks"
    journal = SqliteJournal(path)
    write(journal, opened(), command_id="open")
    journal.close()
    for round_number in range(4):
        before = acks.stat().st_size if acks.exists() else 0
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(acks), f"r{round_number}"])
        deadline = time.monotonic() + 30
        while (acks.stat().st_size if acks.exists() else 0) < before + 200 and time.monotonic() < deadline:
            time.sleep(0.005 + 0.003 * round_number)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        journal = SqliteJournal(path)
        journal.verify()
        acknowledged = acks.read_text().split()
        assert len(acknowledged) > 20 * (round_number + 1)
        for command_id in acknowledged:
            number = int(command_id.rsplit("-", 1)[1])
            assert len(journal.recorded_by(command_id)) == 1 + number % 3, f"{command_id} was lost or cut"
        journal.close()
