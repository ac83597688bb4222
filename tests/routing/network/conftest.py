"""The shipped region's network, built once a session."""

from __future__ import annotations

import pytest

from data.geography import Region
from routing.network.network import Network


@pytest.fixture(scope="session")
def zhoushan_network(zhoushan: Region) -> Network:
    """The network of the shipped region, freshly built, never from a cache."""
    return Network.build(zhoushan)
