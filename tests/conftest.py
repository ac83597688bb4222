"""Fixtures that every room may use: the shipped region, a private PostGIS, a Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from data.geography import Region
from data.region_reader import read_region
from routing.network.network import Network
from tests.postgis_cluster import NOT_INSTALLED, PostgisCluster, private_cluster
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


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[PostgisCluster]:
    """A private throw-away cluster that the whole session shares."""
    if postgis_bin() is None:
        pytest.skip(NOT_INSTALLED)
    with private_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgis_cluster(postgis_server: PostgisCluster) -> str:
    """The connection string of the session's cluster."""
    return postgis_server.conninfo


@pytest.fixture(scope="session")
def _store_database(postgis_server: PostgisCluster) -> str:
    return postgis_server.fresh_database()


@pytest.fixture
def postgis_store_address(postgis_server: PostgisCluster, _store_database: str) -> str:
    """The ``postgresql://`` address of a database with PostGIS and no store in it yet."""
    postgis_server.empty_database(_store_database)
    return postgis_server.address(_store_database)


@pytest.fixture
def postgis(postgis_cluster: str) -> Iterator[psycopg.Connection]:
    """A connection to a fresh database with PostGIS."""
    with psycopg.connect(f"{postgis_cluster} dbname=postgres", autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS trial WITH (FORCE)")
        admin.execute("CREATE DATABASE trial TEMPLATE template1")
    with psycopg.connect(f"{postgis_cluster} dbname=trial", autocommit=True) as connection:
        yield connection
