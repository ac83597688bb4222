"""The shipped region's network, built once and kept between test runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.array_cache import ArrayCache
from data.geography import Region
from routing.deploy.deployment import Planner
from routing.network.network import Network


@pytest.fixture(scope="session")
def network_cache(request: pytest.FixtureRequest) -> ArrayCache:
    """Where test runs keep networks."""
    assert request.config.cache is not None
    return ArrayCache(Path(request.config.cache.mkdir("networks")))


@pytest.fixture(scope="session")
def zhoushan_network(zhoushan: Region, network_cache: ArrayCache) -> Network:
    """The network of the shipped region."""
    return Network.build(zhoushan, network_cache)


@pytest.fixture(scope="session")
def planner(zhoushan: Region, zhoushan_network: Network, network_cache: ArrayCache) -> Planner:
    """A planner of the shipped region."""
    return Planner(zhoushan, zhoushan_network, network_cache)
