"""Rings: nobody walks over water, areas agree with the times, and each way keeps its own limits."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import numpy as np
import pytest
import shapely
from shapely.geometry import Point, box

from data.geography import Place, Region
from routing.network.foot import WALK_CIRCUITY, WALK_MPS, foot_area, foot_field
from routing.network.network import Network
from routing.network.projection import WGS84
from routing.network.rings import (
    CALM,
    MAX_WALK_MIN,
    Moment,
    RingFaultError,
    StandingUnit,
    minutes_to_points,
    points_within,
    rings,
)
from tests.routing.network.skies import START, closure, forecast, hour
from tests.routing.network.small_region import (
    BOAT,
    HELICOPTER,
    METRIC,
    VAN,
    bridge,
    lonlat,
    pad,
    pier,
    place,
    small_region,
    square,
)

# A horseshoe: two arms 200 m apart with water between, joined at the bottom; and an islet 30 m off its east arm.
HORSESHOE = shapely.union_all([box(-400, -400, 400, -200), box(-400, -200, -100, 400), box(100, -200, 400, 400)])
LAND = {"a": HORSESHOE, "b": square(6000, 0, 1000), "c": square(0, 5000, 500), "islet": box(430, 100, 600, 300)}
WEST, EAST = (-110.0, 300.0), (110.0, 300.0)
NORTH = msgspec.structs.replace(pier("north", 0, 4495), island_id="c")


@pytest.fixture(scope="module")
def region() -> Region:
    return small_region(
        LAND,
        piers=[pier("south", 0, -405), NORTH],
        pads=[pad("lit", 300, 300, night=True)],
        bridges=[bridge("span", ("a", "b"), (400, -300), (5000, 0))],
    )


@pytest.fixture(scope="module")
def network(region: Region) -> Network:
    return Network.build(region)


def _unit(where: Place, craft_class: object = None, ready_in_min: int = 0) -> StandingUnit:
    return StandingUnit("u", where, craft_class, ready_in_min)  # type: ignore[arg-type]


def _straight_s(metres: float) -> float:
    return metres * WALK_CIRCUITY / WALK_MPS


def test_round_the_bay_and_never_over_it(region: Region) -> None:
    """The arms' tips are 220 m apart over water, but 500 m down and 500 m up again over land."""
    walk = foot_field(region, place("w", *WEST), 1500.0)
    across_s = float(walk.times_s([place("e", *EAST)])[0])
    down_m = np.hypot(10, 500)
    shortest_s = _straight_s(2 * down_m + 200)
    assert shortest_s - _straight_s(40) < across_s < 1.04 * shortest_s + _straight_s(40)
    five = foot_area(region, place("w", *WEST), 300.0)
    assert not five.contains(Point(lonlat(*EAST)))
    assert five.contains(Point(lonlat(-250, 250)))


def test_no_islet_is_walked_to(region: Region) -> None:
    east = place("e", 395, 200)
    assert not shapely.intersects(foot_area(region, east, 300.0), region.island_polygons["islet"])


def test_never_short_of_the_straight_line_and_three_percent_over_it() -> None:
    plain = small_region({"a": square(0, 0, 3000)})
    walk = foot_field(plain, place("o", 0, 0), 1200.0)
    draw = np.random.default_rng(2)
    for x, y in draw.uniform(-600, 600, (60, 2)):
        straight_s = _straight_s(float(np.hypot(x, y)))
        seconds = float(walk.times_s([place("x", x, y)])[0])
        cell_s = _straight_s(float(walk.x_m[1] - walk.x_m[0]))
        assert straight_s - 1e-3 <= seconds * 1.0001 <= 1.028 * straight_s + 1.5 * cell_s
    area = METRIC.geometry_to_metres(foot_area(plain, place("o", 0, 0), 300.0)).area
    circle = np.pi * (300 * WALK_MPS / WALK_CIRCUITY) ** 2
    assert 0.94 * circle < area < 1.01 * circle


@pytest.mark.parametrize("minutes", [(1, 3, 5), (2, 20)])
def test_areas_grow_and_stay_on_land_or_water(network: Network, minutes: tuple[int, ...]) -> None:
    region = network.region
    units = [
        _unit(place("f", -300, -300)),
        _unit(place("v", 300, -300), VAN),
        _unit(region.place("south"), BOAT),
        _unit(region.place("lit"), HELICOPTER),
    ]
    found = rings(network, units, minutes)
    land = shapely.buffer(region.land, 1e-7)
    for before, after in pairwise(minutes):
        for way, area in found.by_way[before].items():
            cell_deg = 4e-4 if way == "sea" and after < 10 else 2e-3 if way == "sea" else 2e-4
            assert area.is_empty or shapely.covers(shapely.buffer(found.by_way[after][way], cell_deg), area)
        assert found.area(after).area > found.area(before).area
    for count in minutes:
        ways = found.by_way[count]
        assert land.covers(ways["foot"])
        assert land.covers(ways["road"])
        assert not shapely.intersects(ways["sea"], shapely.buffer(region.land, -1e-6))


def test_by_road_over_the_bridge_and_not_when_it_is_shut(network: Network) -> None:
    van = [_unit(place("v", 300, -300), VAN)]
    beyond = Point(lonlat(5300, 0))
    assert rings(network, van, (5,)).area(5).contains(beyond)
    assert not rings(network, van, (1,)).area(1).intersects(network.region.island_polygons["b"])
    shut = Moment(START, None, (closure("bridge", "span"),))
    assert not rings(network, van, (5,), shut).area(5).intersects(network.region.island_polygons["b"])
    point = [place("p", 5300, 0, "b")]
    assert minutes_to_points(network, van, point)[0, 0] < 5
    assert np.isinf(minutes_to_points(network, van, point, shut)[0, 0])


def test_a_boat_lands_its_people_who_walk_on(network: Network) -> None:
    region = network.region
    boat = _unit(region.place("south"), BOAT)
    sail_min = network.sea_times_s([region.place("south")], [region.place("north")], BOAT)[0, 0] / 60
    point = place("p", 0, 4600, "c")
    walk_min = _straight_s(100) / 60
    minutes = minutes_to_points(network, [boat], [point, place("far", 6000, 0, "b")])[0]
    assert minutes[0] == pytest.approx(sail_min + 2 + walk_min, abs=0.4)  # half of a turn-round of 5: 3 in, 2 out
    assert np.isinf(minutes[1])
    before, after = int(minutes[0] - 1.5), int(np.ceil(minutes[0] + 0.5))
    found = rings(network, [boat], (before, after))
    assert found.area(after).contains(Point(point.lon_deg, point.lat_deg))
    assert not found.area(before).contains(Point(point.lon_deg, point.lat_deg))
    assert "foot" in found.by_way[after]


def test_weather_keeps_boats_in_and_darkness_helicopters_down(network: Network) -> None:
    region = network.region
    units = [_unit(region.place("south"), BOAT), _unit(region.place("lit"), HELICOPTER)]
    gale = Moment(START, forecast(hour(wind_mps=25.0, gust_mps=35.0), hour("east", wind_mps=25.0, gust_mps=35.0)))
    assert rings(network, units, (20,), gale).area(20).is_empty
    assert np.isinf(minutes_to_points(network, units, [region.place("north")], gale)).all()
    assert not rings(network, units, (20,), Moment(START)).area(20).is_empty
    dark = pad("dark", -300, 300, night=False)
    unlit = Network(small_region(LAND, [pier("south", 0, -405), NORTH], [dark]), network.lanes)
    flyer = [_unit(unlit.region.place("dark"), HELICOPTER)]
    assert not rings(unlit, flyer, (20,), Moment(START)).area(20).is_empty
    assert rings(unlit, flyer, (20,), Moment(datetime(2026, 6, 1, 15, tzinfo=UTC))).area(20).is_empty


def test_a_helicopter_needs_its_start_and_landing(network: Network) -> None:
    flyer = [_unit(network.region.place("lit"), HELICOPTER)]
    found = rings(network, flyer, (3, 5))
    assert "air" not in found.by_way[3] or found.by_way[3]["air"].is_empty
    radius_m = np.sqrt(abs(WGS84.geometry_area_perimeter(found.by_way[5]["air"])[0]) / np.pi)
    assert radius_m == pytest.approx(60 * 60, rel=0.01)


def test_readiness_counts(network: Network) -> None:
    here = place("f", -300, -300)
    late = rings(network, [_unit(here, ready_in_min=2)], (1, 3))
    assert late.area(1).is_empty
    assert late.area(3).equals_exact(rings(network, [_unit(here)], (1,)).area(1), 1e-9)
    assert minutes_to_points(network, [_unit(here, ready_in_min=2)], [here])[0, 0] == pytest.approx(2)


def test_who_is_near_what_by_way(network: Network) -> None:
    region = network.region
    units = [_unit(place("f", -300, -300)), _unit(place("v", 300, -300), VAN)]
    points = [place("p", -300, -250), place("q", 5300, 0, "b"), region.place("lit")]
    table = points_within(units, minutes_to_points(network, units, points))
    assert table[1]["foot"].tolist() == [True, False, False]
    assert table[5]["road"].tolist() == [True, True, True]
    assert not table[5]["sea"].any()


@pytest.mark.parametrize("minutes", [(0,), (601,)])
def test_minutes_that_make_no_sense(network: Network, minutes: tuple[int, ...]) -> None:
    with pytest.raises(RingFaultError, match="minutes") as caught:
        rings(network, [], minutes)
    assert "须在" in caught.value.said("zh")
    with pytest.raises(RingFaultError, match="ready_in_min"):
        rings(network, [_unit(place("f", 0, 0), ready_in_min=-1)])


def test_on_the_shipped_region(zhoushan: Region, zhoushan_network: Network) -> None:
    """Shenjiamen: areas and times agree for points about the pier, and no walker leaves Zhoushan island."""
    here = zhoushan.place("shenjiamen-banshengdong")
    units = [_unit(here), _unit(here, zhoushan.craft_classes["rhib-12m"])]
    found = rings(zhoushan_network, units, (1, 3, 5), CALM)
    on_foot = rings(zhoushan_network, units[:1], (5,)).area(5)
    assert not on_foot.is_empty
    assert shapely.buffer(zhoushan.island_polygons["zhoushan"], 1e-7).covers(on_foot)
    assert found.area(1).area < found.area(3).area < found.area(5).area
    walk = foot_field(zhoushan, here, 60.0 * MAX_WALK_MIN)
    draw = np.random.default_rng(1)
    inside = 0
    fine = foot_field(zhoushan, here, 300.0)
    for lon, lat in np.array([here.lon_deg, here.lat_deg]) + draw.uniform(-0.004, 0.004, (150, 2)):
        spot = Place(id="x", kind="incident", name=here.name, island_id="zhoushan", lon_deg=lon, lat_deg=lat)
        if not zhoushan.island_polygons["zhoushan"].contains(Point(lon, lat)):
            continue
        seconds = float(fine.times_s([spot])[0])
        if abs(seconds - 300) > 15:
            assert on_foot.contains(Point(lon, lat)) == (seconds < 300), (lon, lat, seconds)
            inside += seconds < 300
    assert inside > 10
    assert np.isfinite(walk.times_s([here])).all()
