"""A journal with an event of a newer program: every command keeps it whole, says so, and writes nothing behind it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from console.cli import run
from console.commands import LogNote
from console.world import World
from data.geography import Region
from data.journal.anchor import new_key, read_anchors
from data.journal.chain import Row
from data.journal.fixes import Fix
from data.journal.sqlite import SqliteJournal
from tests.console.test_server import REGION, SERVE, wait_for_links
from tests.console.world_samples import SampleStory, at, open_world
from tests.data.journal.journal_samples import note, write
from tests.data.journal.journal_samples import opened as opening
from tests.data.journal.newer_event import BODY, followed_by_newer, put, rows_in


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stays on this machine beside a database lies in the test's own folder."""
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path / "home"))


@pytest.fixture
def rows(tmp_path: Path) -> tuple[Row, ...]:
    """The rows of a journal whose last event is of a newer program."""
    journal = SqliteJournal(tmp_path / "known.journal")
    write(journal, opening(), note("one"), command_id="c1")
    known = tuple(journal.rows())
    journal.close()
    return followed_by_newer(known)


@pytest.fixture(params=["folder", pytest.param("postgis", marks=pytest.mark.postgis)])
def address(request: pytest.FixtureRequest, tmp_path: Path, rows: tuple[Row, ...]) -> str:
    """A store of each kind that holds them."""
    found = str(tmp_path / "s")
    if request.param == "postgis":
        found = str(request.getfixturevalue("postgis_store_address"))
    put(rows, found)
    return found


def ran(*words: object) -> int:
    """Run a store command."""
    return run(["store", *map(str, words)])


def test_it_is_counted_and_verified_and_said(
    address: str, rows: tuple[Row, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("info", address, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["journals"]
    assert (found["events"], found["head"]) == (3, rows[-1].hash)
    assert ran("verify", address) == 0
    told = capsys.readouterr().out
    assert "3 events hold" in told
    assert "1 of them were written by a newer program (SonarContact)" in told
    assert ran("verify", address, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["journals"]
    assert found["unknown"] == {"SonarContact": 1}
    assert rows_in(address) == rows


def test_it_is_anchored(address: str, rows: tuple[Row, ...], tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    assert ran("anchor", "--key", tmp_path / "key", "--file", tmp_path / "a", "--store", address) == 0
    (anchor,) = read_anchors(tmp_path / "a")
    assert (anchor.seq, anchor.hash) == (3, rows[-1].hash)
    assert ran("verify", address, "--anchors", tmp_path / "a", "--public-key", public) == 0


def test_it_is_carried_by_a_backup_into_either_kind_of_store(
    address: str, rows: tuple[Row, ...], tmp_path: Path
) -> None:
    assert ran("backup", tmp_path / "b", "--store", address) == 0
    assert ran("restore", tmp_path / "b.tzbackup", tmp_path / "again") == 0
    assert rows_in(tmp_path / "again") == rows
    assert rows_in(tmp_path / "again")[-1].body == BODY
    assert ran("verify", tmp_path / "again") == 0


def test_it_is_exported_as_a_line_and_the_export_says_it_left_no_record(
    address: str, rows: tuple[Row, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("export", tmp_path / "x", "--format", "csv", "--store", address) == 0
    assert "the journal holds events of a newer program" in capsys.readouterr().err
    (file,) = (tmp_path / "x").glob("*log*.csv")
    assert pd.read_csv(file)["kind"].tolist()[-1] == "SonarContact"
    assert rows_in(address) == rows


def test_nothing_is_dropped_from_it(address: str, rows: tuple[Row, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("retain", "--hours", 1, "--store", address) == 2
    assert "Event 3" in (told := capsys.readouterr().err)
    assert "'SonarContact'" in told
    assert ran("migrate", address) == 0
    assert ran("init", address) == 0
    assert rows_in(address) == rows


def test_it_is_served_read_only(tmp_path: Path, zhoushan: Region, request: pytest.FixtureRequest, address: str) -> None:
    world, _ = open_world(tmp_path / "world", zhoushan)
    newer = followed_by_newer(tuple(world.journal.rows()))
    unit_id = next(iter(world.picture.units))
    world.close()
    target = str(tmp_path / "served")
    if address.startswith("postgresql"):
        request.getfixturevalue("postgis_server").empty_database(request.getfixturevalue("_store_database"))
        target = address
    put(newer, target)
    world = World.open(target, zhoushan, network=None, scenario=SampleStory(zhoushan))
    assert world.picture.incidents, "what is known is shown"
    assert (world.health.state, world.health.may_try) == ("read_only", False)
    refused = world.execute(LogNote(text="on top of it"), "li")
    assert refused.refusal is not None
    assert f"event {newer[-1].seq} of the journal" in refused.refusal.en
    assert not world.record_fixes((Fix(unit_id, at(1), 122.0, 30.0, None, 1.5),))
    world.close()
    assert rows_in(target) == newer


def test_the_served_console_says_at_its_start_that_it_is_read_only_and_ends_clean(
    tmp_path: Path, zhoushan: Region
) -> None:
    world, _ = open_world(tmp_path / "world", zhoushan)
    newer = followed_by_newer(tuple(world.journal.rows()))
    world.close()
    put(newer, tmp_path / "served")
    lines = tmp_path / "lines"
    with lines.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(tmp_path / "served"), str(REGION)], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_for_links(process, lines, 1)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0
    assert (
        f"READ ONLY: event {newer[-1].seq} of the journal is of a kind this program does not know" in lines.read_text()
    )
    assert rows_in(tmp_path / "served") == newer
