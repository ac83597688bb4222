"""One foreseer and one report of the typhoon for all tests of the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.array_cache import ArrayCache
from data.geography import Region
from data.isolation import IsolationReport
from data.roster import Forces, read_forces
from data.scenario import read_scenario
from data.situation import Situation
from routing.deploy.lane_book import LaneBook
from routing.isolate.foresee import Foreseer
from routing.network.network import Network

REGION_FOLDER = Path(__file__).parents[3] / "data" / "zhoushan"


@pytest.fixture(scope="session")
def book(zhoushan_network: Network, network_cache: ArrayCache) -> LaneBook:
    """The lanes of the shipped region."""
    return LaneBook.build(zhoushan_network, network_cache)


@pytest.fixture(scope="session")
def foreseer(zhoushan: Region, zhoushan_network: Network, book: LaneBook) -> Foreseer:
    """A foreseer of the shipped region."""
    return Foreseer(zhoushan, zhoushan_network, book)


@pytest.fixture(scope="session")
def forces(zhoushan: Region) -> Forces:
    """The shipped forces."""
    return read_forces(REGION_FOLDER, zhoushan)


@pytest.fixture(scope="session")
def typhoon(zhoushan: Region, forces: Forces) -> Situation:
    """The situation of the typhoon scenario."""
    return read_scenario("typhoon-approach", zhoushan, forces).situation()


@pytest.fixture(scope="session")
def report(foreseer: Foreseer, typhoon: Situation) -> IsolationReport:
    """The isolation forecast of the typhoon."""
    return foreseer.report(typhoon, 30, tonight=True)
