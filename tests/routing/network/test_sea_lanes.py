"""Routes by sea: known lengths, snapping, rough zones, and the shipped region's lanes against land."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations

import msgspec
import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from data.errors import NotAtSeaError
from data.geography import Region
from routing.network.network import Network, NoSeaWayError
from routing.network.projection import projection
from routing.network.sea_graph import crosses_land
from routing.network.sea_speed import REFERENCE_SPEED_MPS, speed_factor
from tests.routing.network.skies import START, forecast, hour
from tests.routing.network.small_region import BOAT, METRIC, lonlat, pier, place, small_region, square

ISLAND = {"a": square(0, 0, 2000)}
PIERS = [pier("w", -2000, 0), pier("e", 2000, 0)]


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.build(small_region(ISLAND, PIERS))


def test_around_a_square_island_keeps_its_clearance(network: Network) -> None:
    route = network.sea_route(place("x", -6000, 0), place("y", 6000, 0))
    # Two straight legs to the corners at 100-111 m off, and one along the side.
    off = 2105
    by_hand = 2 * np.hypot(6000 - off, off) + 2 * off
    assert route.length_m == pytest.approx(by_hand, rel=0.005)
    assert route.time_s == pytest.approx(route.length_m / REFERENCE_SPEED_MPS)
    assert route.path[0] == pytest.approx(lonlat(-6000, 0))
    assert route.path[-1] == pytest.approx(lonlat(6000, 0))


def test_a_clear_line_is_straight(network: Network) -> None:
    route = network.sea_route(place("x", -6000, -6000), place("y", 6000, -5000))
    assert route.length_m == pytest.approx(np.hypot(12_000, 1000), rel=1e-6)
    assert len(route.path) == 2


def test_zone_spans_follow_the_route(network: Network) -> None:
    route = network.sea_route(place("x", -6000, -6000), place("y", 6000, -6000), BOAT)
    assert route.zone_ids == ("west", "east")
    assert route.zone_spans[0].from_s == 0
    assert route.zone_spans[0].to_s == pytest.approx(route.zone_spans[1].from_s)
    assert route.zone_spans[1].to_s == pytest.approx(route.time_s)


def test_a_pier_on_the_shore_is_moved_to_the_water_beside_it(network: Network) -> None:
    lon, lat = network.nearest_water(*lonlat(-2000, 0))
    moved = METRIC.to_metres(np.array([[lon, lat], lonlat(-2000, 0)]))
    assert 15 <= np.hypot(*(moved[0] - moved[1])) < 20


def test_a_place_far_inland_is_named_in_the_error() -> None:
    big = Network.build(small_region({"a": square(0, 0, 5000)}))
    with pytest.raises(NotAtSeaError, match=r"'deep'.*open water"):
        big.sea_route(place("deep", 0, 0), place("y", 9000, 0))


def test_a_pool_cut_off_from_the_sea_is_named_in_the_error() -> None:
    ring = Polygon(square(0, 0, 3000).exterior.coords, [square(0, 0, 2500).exterior.coords])
    land = small_region({"a": square(0, 0, 3000)})
    holed = METRIC.geometry_to_degrees(
        shapely.transform(ring, lambda xy: xy + METRIC.to_metres(np.array([[122.5, 30.0]])))
    )
    region = Region(
        **{**{f: getattr(land, f) for f in land.__dataclass_fields__}, "land": shapely.multipolygons([holed])}
    )
    with pytest.raises(NotAtSeaError, match=r"'pool'.*cut off"):
        Network.build(region).sea_route(place("pool", 2300, 0), place("y", 9000, 0))


def test_places_no_water_joins() -> None:
    # A point in the sea and one behind a wall that reaches across the whole box: its side is a pool, not the sea.
    wall = Polygon([(-500, -40_000), (500, -40_000), (500, 40_000), (-500, 40_000)])
    network = Network.build(small_region({"a": wall}))
    with pytest.raises(NotAtSeaError):
        network.sea_route(place("x", -9000, 0), place("y", 9000, 0))
    assert issubclass(NoSeaWayError, NotAtSeaError)


def test_known_and_unknown_places_give_the_same_lengths(network: Network) -> None:
    known = [network.region.place("w"), network.region.place("e")]
    bare = Network.build(small_region(ISLAND, PIERS))
    bare.lanes.known.clear()
    assert bare.sea_lengths_m(known) == pytest.approx(network.sea_lengths_m(known))
    assert bare.sea_route(*known).length_m == pytest.approx(network.sea_route(*known).length_m)


def test_lanes_kept_with_the_network_are_those_a_search_finds(zhoushan: Region, zhoushan_network: Network) -> None:
    piers = [zhoushan.place(name) for name in sorted(zhoushan.piers)[::8]]
    searched = replace(zhoushan_network.lanes, known={})
    paces = np.ones(len(zhoushan.zones))
    for a, b in permutations(piers, 2):
        kept, found = zhoushan_network.lanes.lane(a, b, paces), searched.lane(a, b, paces)
        assert kept is not None
        assert found is not None
        assert kept.length_m == pytest.approx(found.length_m, abs=1e-6)
        assert np.hypot(*np.diff(kept.xy_m, axis=0).T).sum() == pytest.approx(kept.length_m)


def test_speed_falls_from_a_third_of_the_limit_to_it() -> None:
    assert speed_factor(0.6, 2.0) == 1.0
    assert speed_factor(1.3, 2.0) == pytest.approx(0.8)
    assert speed_factor(2.0, 2.0) == pytest.approx(0.6)
    assert speed_factor(9.0, 2.0) == pytest.approx(0.6)
    assert speed_factor(9.0, None) == 1.0


def test_a_rough_zone_slows_the_part_of_the_way_inside_it(network: Network) -> None:
    a, b = place("x", -6000, -6000), place("y", 6000, -6000)
    rough = forecast(hour("west"), hour("east", hs_m=2.0))
    calm_s = network.sea_route(a, b, BOAT).time_s
    route = network.sea_route(a, b, BOAT, rough, START)
    east_share = 0.5
    assert route.time_s == pytest.approx(calm_s * (1 - east_share + east_share / 0.6), rel=0.01)
    assert network.sea_times_s([a], [b], BOAT, rough, START)[0, 0] == pytest.approx(route.time_s)


def test_a_rough_zone_is_avoided_where_that_is_quicker() -> None:
    # The island reaches farther into the west, so that the short way round it lies in the east.
    network = Network.build(small_region({"a": square(-600, 0, 2000)}, []))
    a, b = place("x", 200, 6000), place("y", 200, -6000)
    calm = network.sea_route(a, b, BOAT)
    rough = forecast(hour("west"), hour("east", hs_m=2.0))
    avoiding = network.sea_route(a, b, BOAT, rough, START)
    assert "west" not in calm.zone_ids
    assert avoiding.time_s < calm.time_s / 0.6
    assert avoiding.length_m > calm.length_m


def test_times_agree_with_routes_in_a_rough_sea(zhoushan: Region, zhoushan_network: Network) -> None:
    names = sorted(zhoushan.piers)[::9]
    places = [zhoushan.place(name) for name in names]
    boat = zhoushan.craft_classes["rhib-12m"]
    hours = [hour(zone_id, hs_m=0.3 + 0.15 * n) for n, zone_id in enumerate(zhoushan.zones)]
    rough = forecast(*hours)
    times = zhoushan_network.sea_times_s(places, places, boat, rough, START)
    lengths = zhoushan_network.sea_lengths_m(places)
    for i, j in combinations(range(len(places)), 2):
        route = zhoushan_network.sea_route(places[i], places[j], boat, rough, START)
        assert route.time_s == pytest.approx(times[i, j], rel=1e-4)
        assert route.length_m >= lengths[i, j] - 0.01
        assert times[i, j] >= lengths[i, j] / boat.cruise_mps - 0.01


def test_no_lane_between_any_two_piers_touches_land(zhoushan: Region, zhoushan_network: Network) -> None:
    metric = projection(zhoushan.utm_epsg)
    land_m = metric.geometry_to_metres(zhoushan.land)
    piers = [zhoushan.place(name) for name in zhoushan.piers]
    starts, ends = [], []
    for a, b in combinations(piers, 2):
        xy_m = metric.to_metres(np.array(zhoushan_network.sea_route(a, b).path))
        starts.append(xy_m[:-1])
        ends.append(xy_m[1:])
    assert len(starts) == len(piers) * (len(piers) - 1) // 2
    assert not crosses_land(np.vstack(starts), np.vstack(ends), land_m).any()


def test_the_check_against_land_finds_a_planted_crossing(zhoushan_network: Network) -> None:
    lanes = zhoushan_network.lanes
    inland = lanes.land_m.geoms[0].representative_point()
    start = np.array([[inland.x, inland.y], lanes.attached.xy_m[0]])
    end = np.array([lanes.attached.xy_m[0], lanes.attached.xy_m[0] + [0.1, 0.0]])
    assert crosses_land(start, end, lanes.land_m).tolist() == [True, False]


def test_every_edge_of_the_shipped_region_keeps_off_land(zhoushan_network: Network) -> None:
    graph = zhoushan_network.lanes.graph
    ends = graph.corners_m[graph.edges]
    assert len(graph.edges) > 100_000
    assert not crosses_land(ends[:, 0], ends[:, 1], zhoushan_network.lanes.land_m).any()


def test_every_shipped_pier_has_water(zhoushan: Region, zhoushan_network: Network) -> None:
    assert len(zhoushan_network.lanes.known) == len({(p.lon_deg, p.lat_deg) for p in zhoushan.piers.values()})
    lengths = zhoushan_network.sea_lengths_m([zhoushan.place(name) for name in zhoushan.piers])
    assert np.isfinite(lengths).all()
    assert lengths == pytest.approx(lengths.T, rel=1e-9)


def test_a_faster_class_is_no_slower(zhoushan: Region, zhoushan_network: Network) -> None:
    a, b = (zhoushan.place(name) for name in sorted(zhoushan.piers)[:2])
    fast = msgspec.structs.replace(BOAT, cruise_mps=2 * BOAT.cruise_mps)
    assert zhoushan_network.sea_route(a, b, fast).time_s == pytest.approx(
        zhoushan_network.sea_route(a, b, BOAT).time_s / 2
    )
