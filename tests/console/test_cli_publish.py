"""Publishing a region from the command line: the rows written, and what a newcomer's database may lack."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from console import cli_words
from console.cli import BAD_INPUT, DONE, run
from data.geography import Region

REGION = str(Path(__file__).parent.parent.parent / "data" / "zhoushan")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_words, "LANGUAGE", "en")


def refusal(capsys: pytest.CaptureFixture[str], address: str) -> str:
    """What a publication that fails says, on one line."""
    assert run(["region", "publish", REGION, address]) == BAD_INPUT
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return " ".join(said.err.split())


@pytest.mark.postgis
def test_the_rows_written_are_told_by_table(
    postgis: psycopg.Connection, postgis_cluster: str, zhoushan: Region, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["region", "publish", REGION, f"{postgis_cluster} dbname=trial"]) == DONE
    told = capsys.readouterr().out.split()
    assert told[told.index("pier") + 1] == str(len(zhoushan.piers))
    assert postgis.execute("SELECT count(*) FROM region.pier").fetchone() == (len(zhoushan.piers),)


@pytest.mark.postgis
def test_a_database_without_postgis_is_told_how_to_get_it(
    postgis: psycopg.Connection, postgis_cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    postgis.execute("DROP EXTENSION postgis CASCADE")
    assert "CREATE EXTENSION postgis" in refusal(capsys, f"{postgis_cluster} dbname=trial")


@pytest.mark.postgis
def test_a_role_without_the_right_is_told_what_to_ask_for(
    postgis: psycopg.Connection, postgis_cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    postgis.execute("DROP ROLE IF EXISTS guest")
    postgis.execute("CREATE ROLE guest LOGIN")
    guest = postgis_cluster.replace("user=console", "user=guest")
    assert "GRANT CREATE ON DATABASE" in refusal(capsys, f"{guest} dbname=trial")


def test_no_server_is_said_so_without_the_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(capsys, f"host={tmp_path} user=somebody password=hunter2 dbname=trial")
    assert "cannot be reached" in said
    assert "hunter2" not in said


def test_an_address_that_is_none_is_told_the_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert "postgresql://user@host:5432/name" in refusal(capsys, "blah")
