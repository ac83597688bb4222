"""Road estimates on an island, over bridges, and without them."""

from __future__ import annotations

import numpy as np
import pytest

from routing.network.network import Network
from tests.routing.network.skies import START, closure, forecast, hour
from tests.routing.network.small_region import VAN, bridge, place, small_region, square

SPEED_MPS = 42.0 / 3.6
LAND = {"a": square(-5000, 0, 2000), "b": square(0, 0, 2000), "c": square(5000, 0, 2000)}
AB = bridge("ab", ("a", "b"), (-3000, 0), (-2000, 0))
BC = bridge("bc", ("b", "c"), (2000, 0), (3000, 0))
BC_NORTH = bridge("bc-north", ("b", "c"), (1800, 1900), (3200, 1900))
HOME, TOWN = place("home", -4000, 0, "a"), place("town", 4000, 0, "c")


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.build(small_region(LAND, bridges=[AB, BC, BC_NORTH]))


def test_on_one_island_it_is_the_straight_way_times_circuity(network: Network) -> None:
    route = network.road_route(place("p", -6000, 0, "a"), HOME)
    assert route is not None
    assert route.length_m == pytest.approx(2000 * 1.4, rel=1e-3)
    assert route.time_s == pytest.approx(2000 * 1.4 / SPEED_MPS, rel=1e-3)
    assert route.estimate
    assert (route.bridge_ids, route.island_ids) == ((), ("a",))


def test_over_two_bridges(network: Network) -> None:
    route = network.road_route(HOME, TOWN)
    assert route is not None
    on_land_m = (1000 + 4000 + 1000) * 1.4
    assert route.length_m == pytest.approx(on_land_m + 2 * 2000, rel=1e-3)
    assert route.time_s == pytest.approx(on_land_m / SPEED_MPS + 2 * 120, rel=1e-3)
    assert route.bridge_ids == ("ab", "bc")
    assert route.island_ids == ("a", "b", "c")
    assert len(route.path) == 6


def test_times_agree_with_routes_both_ways(network: Network) -> None:
    places = [HOME, TOWN, place("mid", 0, 500, "b"), place("off", 9000, 9000, "d")]
    times_s = network.road_times_s(places, places)
    assert times_s == pytest.approx(times_s.T)
    for i, a in enumerate(places[:3]):
        for j, b in enumerate(places[:3]):
            route = network.road_route(a, b)
            assert route is not None
            assert route.time_s == pytest.approx(times_s[i, j])
    assert np.isinf(times_s[3, :3]).all()
    assert times_s[3, 3] == 0


def test_a_closed_bridge_sends_traffic_over_another_and_no_bridge_ends_it(network: Network) -> None:
    around = network.road_route(HOME, TOWN, [closure("bridge", "bc")], None, START)
    assert around is not None
    assert around.bridge_ids == ("ab", "bc-north")
    both = [closure("bridge", "bc"), closure("bridge", "bc-north")]
    assert network.road_route(HOME, TOWN, both, None, START) is None
    assert np.isinf(network.road_times_s([HOME], [TOWN], both, None, START)).all()


def test_a_closure_that_is_over_closes_nothing(network: Network) -> None:
    route = network.road_route(HOME, TOWN, [closure("bridge", "bc", -60, 0)], None, START)
    assert route is not None
    assert route.bridge_ids == ("ab", "bc")


def test_wind_above_the_bridges_limit_closes_it(network: Network) -> None:
    storm = forecast(hour("west", wind_mps=25.0), hour("east", wind_mps=25.0))
    assert network.road_route(HOME, TOWN, (), storm, START) is None


def test_closed_island_roads(network: Network) -> None:
    assert network.road_route(HOME, TOWN, [closure("road", "b")], None, START) is None


def test_a_bridge_that_is_not_usable_is_never_taken() -> None:
    import msgspec

    unbuilt = msgspec.structs.replace(AB, usable=False)
    network = Network.build(small_region(LAND, bridges=[unbuilt, BC]))
    assert network.road_route(HOME, TOWN) is None
    assert network.bridge_state(unbuilt, None, (), START).status == "closed"


def test_departures_by_road_wait_for_the_bridge(network: Network) -> None:
    route = network.road_route(HOME, TOWN)
    assert route is not None
    spans = network.closed_departures(VAN, route, None, None, None, [closure("bridge", "ab", 60, 90)], START, 240)
    takes_min = int(np.ceil(route.time_s / 60))
    assert [(span.from_min, span.to_min, span.cause) for span in spans] == [(60 - takes_min, 90, "closure:ab")]
    assert spans[0].text.en == "ab bridge: closed: exercise until 11:30"
