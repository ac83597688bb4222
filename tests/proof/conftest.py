"""A cluster whose commits are on the disk before they are acknowledged, for everything that kills or cuts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgis_cluster import NOT_INSTALLED, PostgisCluster, private_cluster
from tests.system_packages import postgis_bin


@pytest.fixture(scope="package")
def durable_server() -> Iterator[PostgisCluster]:
    """The cluster, with full syncing."""
    if postgis_bin() is None:
        pytest.skip(NOT_INSTALLED)
    with private_cluster(durable=True) as cluster:
        yield cluster


@pytest.fixture
def durable_database(durable_server: PostgisCluster) -> Iterator[str]:
    """The name of a fresh database of it."""
    name = durable_server.fresh_database()
    yield name
    durable_server.drop_database(name)


@pytest.fixture
def durable_address(durable_server: PostgisCluster, durable_database: str) -> str:
    """The address of that database."""
    return durable_server.address(durable_database)
