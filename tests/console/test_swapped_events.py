"""A journal in which two events changed places: every command names the first bad one, and none goes on with it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from console.cli import run
from data.journal.anchor import new_key
from data.journal.store import open_store
from tests.data.journal.journal_samples import note, write
from tests.data.journal.journal_samples import opened as opening
from tests.data.journal.tampering import tamper

SWAP = (
    "UPDATE {0} SET seq = -1 WHERE seq = 2",
    "UPDATE {0} SET seq = 2 WHERE seq = 3",
    "UPDATE {0} SET seq = 3 WHERE seq = -1",
)


@pytest.fixture(params=["folder", pytest.param("postgis", marks=pytest.mark.postgis)])
def swapped(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of each kind whose events 2 and 3 changed places, with an hour of positions."""
    address = str(tmp_path / "s")
    if request.param == "postgis":
        address = str(request.getfixturevalue("postgis_store_address"))
    store = open_store(address, "drill")
    journal = store.open_journal()
    write(journal, opening(), note("one"), note("two", stream="other"), note("three"), command_id="c1")
    journal.close()
    store.close()
    if request.param == "postgis":
        with psycopg.connect(address, autocommit=True) as link:
            link.execute("ALTER TABLE tongzhou_drill.event DISABLE TRIGGER ALL")
            for statement in SWAP:
                link.execute(statement.format("tongzhou_drill.event"))
    else:
        tamper(tmp_path / "s", ";".join(SWAP).format("event"))
    return address


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["verify"], 1),
        (["backup", "{0}/b"], 2),
        (["export", "{0}/x"], 2),
        (["anchor", "--key", "{0}/key", "--file", "{0}/a"], 1),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_the_first_bad_event_is_named(
    swapped: str, words: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_key(tmp_path / "key")
    assert run(["store", *(word.format(tmp_path) for word in words), "--store", swapped]) == code
    told = "".join(capsys.readouterr())
    assert "Event 2 ('other' version 1, by a) does not follow event 1 as that stands" in told
    assert "Restore the journal from a copy" in told
    assert not any((tmp_path / name).exists() for name in ("b.tzbackup", "x", "a"))
