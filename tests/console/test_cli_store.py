"""The store commands: what is wrong is said once, in words, with the right exit code."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from console.cli import run
from data.journal.events import AccessNoted
from data.journal.sqlite import SqliteJournal
from tests.data.journal.journal_samples import note, opened, write
from tests.data.journal.tampering import tamper


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder store of three events."""
    journal = SqliteJournal(tmp_path / "s" / "world.journal")
    write(journal, opened(), note("one"), note("two"), command_id="c1")
    journal.close()
    return tmp_path / "s"


def ran(*words: object) -> int:
    """Run a store command."""
    return run(["store", *map(str, words)])


def test_a_sound_store_and_an_edited_one(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("verify", "--store", store) == 0
    tamper(store, "UPDATE event SET actor = 'b' WHERE seq = 2")
    capsys.readouterr()
    assert ran("verify", "--store", store, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["sound"], found["journals"][0]["first_bad"]) == (False, 2)


def test_a_cut_tail_shows_by_the_anchor(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, anchors = tmp_path / "k", tmp_path / "a"
    assert ran("anchor", "--new-key", key) == 0
    assert ran("anchor", "--key", key, "--file", anchors, "--store", store) == 0
    tamper(store, "DELETE FROM event WHERE seq = 3")
    assert ran("verify", "--store", store) == 0
    capsys.readouterr()
    assert ran("verify", "--store", store, "--anchors", anchors, "--public-key", f"{key}.pub") == 1
    assert "after event 2" in capsys.readouterr().out
    assert ran("anchor", "--key", key, "--file", anchors, "--store", store) == 1
    assert len(anchors.read_text().splitlines()) == 1


def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    for command in (("verify",), ("info",), ("backup", tmp_path / "b"), ("migrate",)):
        assert ran(*command, "--store", tmp_path / "none") == 2
    assert not (tmp_path / "none").exists()


def test_a_held_store_says_who_may_back_it_up(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    holder = SqliteJournal(store / "world.journal")
    assert ran("backup", tmp_path / "b", "--store", store) == 2
    assert "--backup-folder" in capsys.readouterr().err
    holder.close()


def test_an_export_is_recorded_in_the_chain(store: Path, tmp_path: Path) -> None:
    assert ran("export", tmp_path / "x", "--format", "csv", "--since", "2026-06-13T18:00Z", "--store", store) == 0
    journal = SqliteJournal(store / "world.journal")
    last = list(journal.read())[-1]
    journal.close()
    assert isinstance(last.event, AccessNoted)
    assert (last.stream, last.event.what, last.event.subject, last.event.refused) == ("access", "export", "csv", False)
    assert last.event.detail.en == "data exported from 2026-06-13 18:00+0000"
    assert last.actor.startswith("cli:")


def test_a_database_is_made_filled_and_its_columns_beside_the_text_are_checked(
    store: Path, tmp_path: Path, postgis_store_address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("backup", tmp_path / "b", "--store", store) == 0
    assert ran("init", postgis_store_address) == 0
    assert ran("restore", tmp_path / "b.tzbackup", postgis_store_address) == 0
    assert ran("info", postgis_store_address) == 0
    assert ran("verify", postgis_store_address) == 0
    with psycopg.connect(postgis_store_address, autocommit=True) as link:
        link.execute("ALTER TABLE tongzhou_drill.event DISABLE TRIGGER ALL")
        link.execute("UPDATE tongzhou_drill.event SET kind = 'OrderIssued' WHERE seq = 2")
    capsys.readouterr()
    assert ran("verify", postgis_store_address) == 1
    assert "Event 2 is sound, but the column 'kind'" in capsys.readouterr().out
    with psycopg.connect(postgis_store_address, autocommit=True) as link:
        link.execute("UPDATE tongzhou_drill.event SET kind = 'NoteLogged' WHERE seq = 2")
        link.execute("DELETE FROM tongzhou_drill.event WHERE seq = 3")
    assert ran("verify", postgis_store_address) == 1
    assert "cut off after event 2" in capsys.readouterr().out
