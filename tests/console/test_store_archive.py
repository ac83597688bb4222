"""Archived hours through backup, restore and verify by the command line, from and to either kind of store."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console.cli import run
from console.cli_store_keep import archive_of
from console.paths import positions_folder
from data.journal.backup import write_backup
from data.journal.backup_file import BackupFile
from data.journal.events import PositionsArchived
from data.journal.fixes import Fix
from data.journal.history import HOUR, PositionHistory
from data.journal.interface import Entry, Journal
from data.journal.inventory import opened
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, fix, write
from tests.data.journal.journal_samples import opened as opening

BACK_ENDS = ["folder", pytest.param("postgis", marks=pytest.mark.postgis)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stays on this machine beside a database lies in the test's own folder."""
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(params=BACK_ENDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet, of each back end in turn."""
    if request.param == "folder":
        return str(tmp_path / "source")
    return str(request.getfixturevalue("postgis_store_address"))


def put_away(journal: Journal, folder: Path, hour: datetime, *, forget: bool) -> None:
    """Archive an hour as a console does: the file, then its hash into the chain, then out of the store."""
    archive = archive_of(journal, folder)
    history = PositionHistory(journal, archive)
    for one in history.put_away(hour):
        event = PositionsArchived(hour=one.hour, rows=one.rows, sha256=one.sha256)
        write(journal, Entry(stream="positions", event=event), command_id=one.sha256, minute=400)
    history.leave()
    if forget:
        history = PositionHistory(journal, archive_of(journal, folder))
        assert history.forget(hour)
        history.leave()


def fill(address: str) -> Path:
    """Fill a store with a journal put aside and one in use, hours of both archived; return the archive's folder."""
    folder = positions_folder(open_store(address, "drill").shown, "drill")
    store = open_store(address, "drill")
    journal = store.open_journal()
    write(journal, opening(), command_id="old")
    journal.record_positions([fix("u9", 5)])
    put_away(journal, folder, START, forget=True)
    journal = store.begin_another(journal, "first", START + timedelta(minutes=401))
    write(journal, opening(), command_id="new")
    for hour in range(4):
        journal.record_positions([fix(f"u{unit}", 60 * hour + unit, 122 + unit / 10) for unit in range(5)])
    put_away(journal, folder, START, forget=True)
    put_away(journal, folder, START + HOUR, forget=False)
    journal.close()
    store.close()
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of an archive by its name below the folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def known(address: str, folder: Path) -> list[Fix]:
    """Every position of the journal in use, wherever it is kept."""
    store = open_store(address, "drill")
    with opened(store) as journal:
        history = PositionHistory(journal, archive_of(journal, folder))
        found = history.fixes_between(START, START + 5 * HOUR)
        history.leave()
    return sorted(found.fixes(), key=lambda one: (one.world_at, one.unit_id))


def ran(*words: object) -> int:
    """Run a store command."""
    return run(["store", *map(str, words)])


def emptied(address: str, request: pytest.FixtureRequest) -> str:
    """An empty store of the same kind: another folder, or the database with its schemas taken away."""
    if not address.startswith("postgresql"):
        return f"{address}-again"
    server = request.getfixturevalue("postgis_server")
    server.empty_database(request.getfixturevalue("_store_database"))
    return address


def test_archived_hours_come_back_byte_for_byte(
    address: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(address)
    before, positions = files_of(folder), known(address, folder)
    assert len(before) == 3
    assert len(positions) == 20
    assert ran("backup", tmp_path / "b", "--store", address) == 0
    target = emptied(address, request)
    if target == address:
        folder.rename(tmp_path / "away")
    assert ran("restore", tmp_path / "b.tzbackup", target) == 0
    again = positions_folder(open_store(target, "drill").shown, "drill")
    assert files_of(again) == before
    assert known(target, again) == positions
    capsys.readouterr()
    assert ran("verify", target, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["sound"], found["archived_hours_unchecked"], found["faults"]) == (True, 0, [])


def test_a_folder_with_its_archive_moves_into_a_database_and_back(tmp_path: Path, postgis_store_address: str) -> None:
    source = str(tmp_path / "source")
    folder = fill(source)
    assert ran("backup", tmp_path / "a", "--store", source) == 0
    assert ran("restore", tmp_path / "a.tzbackup", postgis_store_address) == 0
    assert ran("backup", tmp_path / "b", "--store", postgis_store_address) == 0
    assert ran("restore", tmp_path / "b.tzbackup", tmp_path / "back") == 0
    back = positions_folder(str(tmp_path / "back"), "drill")
    assert files_of(back) == files_of(folder)
    assert known(str(tmp_path / "back"), back) == known(source, folder)
    assert ran("verify", tmp_path / "back") == 0


@pytest.mark.parametrize("harm", ["missing", "changed", "of another hour"])
def test_verify_and_backup_name_an_hour_that_is_not_as_the_chain_says(
    address: str, tmp_path: Path, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(address)
    in_use = sorted(folder.rglob("20260613T19Z-*"), key=lambda file: file.stat().st_mtime_ns)[-1]
    other = next(folder.rglob("20260613T20Z-*"))
    whole = in_use.read_bytes()
    if harm == "missing":
        in_use.unlink()
    elif harm == "changed":
        in_use.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    else:
        in_use.write_bytes(other.read_bytes())
    assert ran("verify", address) == 1
    told = capsys.readouterr().out
    assert "archived positions of 2026-06-13 19:00Z" in told
    assert told.count("archived positions of") == 1
    assert ran("backup", tmp_path / "b", "--store", address) == 1
    told = capsys.readouterr().out
    assert "lacks 1 archived hours of positions: 2026-06-13 19:00Z." in told
    with BackupFile(tmp_path / "b.tzbackup") as file:
        file.check()
        one = file.manifest.journals[-1]
        assert (one.lacking, len(one.archive)) == ((START,), 1)


def test_an_archive_that_is_gone_altogether_is_named_hour_by_hour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(str(tmp_path / "source"))
    folder.rename(tmp_path / "away")
    assert ran("verify", tmp_path / "source") == 1
    assert capsys.readouterr().out.count("is missing") == 3


@pytest.mark.postgis
def test_a_machine_without_the_archive_of_a_database_says_what_it_did_not_check(
    postgis_store_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(postgis_store_address)
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path / "another machine"))
    assert ran("verify", postgis_store_address) == 0
    assert "3 archived hours of positions were not checked" in capsys.readouterr().out
    assert ran("backup", tmp_path / "b", "--store", postgis_store_address) == 1
    assert "lacks 3 archived hours" in capsys.readouterr().out


def test_an_hour_put_away_and_dropped_while_the_backup_runs_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "positions"
    store = open_store(tmp_path / "source", "drill")
    with contextlib.closing(store.open_journal()) as journal:
        write(journal, opening(), command_id="new")
        journal.record_positions([fix("u1", 1), fix("u1", 61), fix("u2", 62)])
        listed = journal.fix_hours

        def then_put_away() -> tuple[datetime, ...]:
            hours = listed()
            journal.fix_hours = listed  # type: ignore[method-assign]
            put_away(journal, folder, START + HOUR, forget=True)
            return hours

        journal.fix_hours = then_put_away  # type: ignore[method-assign]
        manifest = write_backup(store, journal, tmp_path / "a.tzbackup", program="1", at=START, positions=folder)
    one = manifest.journals[-1]
    assert one.hours == (START,)
    assert len(one.archive) == 1
    assert one.lacking == ()


def test_retain_drops_what_the_archive_holds_whole_and_nothing_else(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(address)
    before = known(address, folder)
    assert ran("retain", "--hours", 24, "--store", address) == 0
    assert "Dropped 0 hours of positions; 0 more" in capsys.readouterr().out
    assert ran("retain", "--hours", 1, "--store", address) == 0
    assert "Dropped 1 hours of positions; 2 more" in capsys.readouterr().out
    assert hours_in(address) == [2, 3]
    assert known(address, folder) == before
    assert ran("verify", address) == 0


def test_retain_keeps_an_hour_that_was_heard_of_again_or_whose_file_is_changed(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(address)
    late(address, fix("u7", 65))
    assert ran("retain", "--hours", 1, "--store", address) == 0
    assert hours_in(address) == [1, 2, 3]
    (file,) = folder.rglob("20260613T20Z-*")
    file.write_bytes(file.read_bytes() + b"more")
    capsys.readouterr()
    assert ran("retain", "--hours", 1, "--store", address) == 1
    assert "The archived positions of 2026-06-13 20:00Z" in capsys.readouterr().out
    assert hours_in(address) == [1, 2, 3]


def hours_in(address: str) -> list[int]:
    """The hours of which the store holds positions, counted from the start."""
    with opened(open_store(address, "drill")) as journal:
        return [(hour - START) // HOUR for hour in journal.fix_hours()]


def late(address: str, one: Fix) -> None:
    """Record a position after its hour was archived."""
    with opened(open_store(address, "drill")) as journal:
        journal.record_positions([one])
