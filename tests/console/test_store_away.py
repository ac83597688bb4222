"""A database that is away, or goes away in the middle, is said with the remedy; reading claims nothing of writing."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from console.cli import run
from data.journal.interface import StoreUnreachableError
from data.journal.postgis import appending, attempts, journal
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, note, write
from tests.data.journal.journal_samples import opened as opening

READING = ["info", "verify", "export", "backup", "retain"]
MAYBE_WRITTEN = ("recorded", "已被记录")


def words_of(command: str, folder: Path) -> list[str]:
    """A command with what it needs beside the store."""
    more = {"export": [str(folder / "x")], "backup": [str(folder / "b")], "retain": ["--hours", "24"]}
    return ["store", command, *more.get(command, [])]


@pytest.fixture(scope="module")
def nobody() -> str:
    """The address of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"postgresql://tongzhou@127.0.0.1:{port}/tongzhou"


@pytest.mark.parametrize("command", READING)
def test_where_nobody_answers_a_command_that_reads_says_so_and_no_more(
    command: str, nobody: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words_of(command, tmp_path), "--store", nobody]) == 2
    told = capsys.readouterr()
    assert "does not answer. Check that the server runs, and the host and port in the address." in told.err
    assert not any(word in told.err for word in MAYBE_WRITTEN)
    assert told.out == ""
    assert list(tmp_path.iterdir()) == [], "nothing half written stays"


@pytest.fixture
def filled(postgis_store_address: str) -> str:
    """A store of three events."""
    store = open_store(postgis_store_address, "drill")
    kept = store.open_journal()
    write(kept, opening(), note("one"), note("two"), command_id="c1")
    kept.close()
    store.close()
    return postgis_store_address


def gone(*_: Any, **__: Any) -> Any:
    """Answer as a connection does that was cut."""
    raise psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.mark.postgis
@pytest.mark.parametrize("command", ["info", "verify", "export", "backup"])
def test_a_database_that_goes_away_in_the_middle_of_reading(
    command: str, filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(attempts, "PERSIST_S", 0.05)
    monkeypatch.setattr(appending, "rows_after", gone)
    assert run([*words_of(command, tmp_path), "--store", filled]) == 2
    told = capsys.readouterr()
    assert "does not answer" in told.err
    assert not any(word in told.err for word in MAYBE_WRITTEN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgis
@pytest.mark.parametrize("write_again", ["append", "begin_another"])
def test_a_database_that_goes_away_in_the_middle_of_writing_may_have_written(
    write_again: str, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(filled, "drill")
    kept = store.open_journal()
    monkeypatch.setattr(attempts, "PERSIST_S", 0.05)
    monkeypatch.setattr(journal, "ACT_S", 0.05)
    monkeypatch.setattr(store.connections, "lent", gone)  # type: ignore[attr-defined]
    tries: dict[str, Callable[[], object]] = {
        "append": lambda: write(kept, note("three"), command_id="c2"),
        "begin_another": lambda: store.begin_another(kept, "first", START),
    }
    with pytest.raises(StoreUnreachableError, match=r"may have been recorded\.$") as found:
        tries[write_again]()
    assert found.value.said("zh").endswith("刚才的操作可能已被记录。")
    monkeypatch.undo()
    kept.close()
    store.close()


@pytest.mark.postgis
def test_an_export_that_could_not_be_recorded_says_so_and_is_still_whole(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(journal, "ACT_S", 0.05)
    monkeypatch.setattr(appending, "append", gone)
    assert run([*words_of("export", tmp_path), "--store", filled]) == 0
    told = capsys.readouterr()
    assert "this export could not be recorded" in told.err
    assert "may have been recorded" in told.err
    assert len(told.out.splitlines()) == len(list((tmp_path / "x").iterdir())) > 0
