"""Fixtures that every room may use: the shipped region, a private PostGIS, a Chromium."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from data.geography import Region
from data.region_reader import read_region
from routing.network.network import Network
from tests.system_packages import chromium, postgis_bin

ROOT = Path(__file__).parent.parent
ARTEFACTS = ROOT / "tests" / "artefacts"


@pytest.fixture(scope="session")
def zhoushan() -> Region:
    """The shipped region, read once."""
    return read_region(ROOT / "data" / "zhoushan")


@pytest.fixture(scope="session")
def zhoushan_network(zhoushan: Region) -> Network:
    """The shipped region's networks, built afresh once a session so that no old cache is trusted."""
    return Network.build(zhoushan)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to drive; tests that ask for it are left out where there is none."""
    if not (found := chromium()):
        pytest.skip("no Chromium: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots are kept (not in git)."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS


def _as_postgres() -> dict[str, object]:
    # PostgreSQL refuses to run as root, so root hands the cluster to the user its package made.
    return {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


@pytest.fixture(scope="session")
def postgis_cluster() -> Iterator[str]:
    """A private throw-away cluster on a socket of its own, PostGIS in its template; yields its connection string."""
    bin_folder = postgis_bin()
    if bin_folder is None:
        pytest.skip("no PostGIS: apt-get install postgresql-15-postgis-3")
    with tempfile.TemporaryDirectory(prefix="tz-pg-") as name:
        folder = Path(name)
        user = _as_postgres()
        if user:
            subprocess.run(["chown", "postgres", name], check=True)
        cluster = folder / "cluster"

        def run(program: str, *words: str) -> None:
            command = [str(bin_folder / program), "-D", str(cluster), *words]
            subprocess.run(command, check=True, cwd="/", capture_output=True, **user)  # type: ignore[call-overload]

        run("initdb", "-U", "console", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        # A throw-away cluster for ordinary tests: nothing here tests what a power cut leaves.
        quick = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        run("pg_ctl", "-w", "-l", f"{name}/log", "-o", f"-c listen_addresses='' -k {name} {quick}", "start")
        try:
            address = f"host={name} user=console"
            with psycopg.connect(f"{address} dbname=template1", autocommit=True) as connection:
                connection.execute("CREATE EXTENSION postgis")
            yield address
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")


@pytest.fixture
def postgis(postgis_cluster: str) -> Iterator[psycopg.Connection]:
    """A connection to a fresh database with PostGIS."""
    with psycopg.connect(f"{postgis_cluster} dbname=postgres", autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS trial WITH (FORCE)")
        admin.execute("CREATE DATABASE trial TEMPLATE template1")
    with psycopg.connect(f"{postgis_cluster} dbname=trial", autocommit=True) as connection:
        yield connection
