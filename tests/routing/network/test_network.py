"""The facade: states of places, departures, flights, reach, islands, cache."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.array_cache import ArrayCache
from data.geography import Region
from routing.network.network import Network, lanes_key
from tests.routing.network.skies import START, closure, forecast, hour
from tests.routing.network.small_region import (
    BOAT,
    HELICOPTER,
    METRIC,
    lonlat,
    pad,
    pier,
    place,
    small_region,
    square,
)

NORTH, SOUTH = pier("north", -500, 2000, (300, 60)), pier("south", 6000, -2000, (120, 240), "east")
DARK, LIT = pad("dark", -500, 0, night=False), pad("lit", 6000, 0, night=True)
LAND = {"a": square(0, 0, 2000), "b": square(6000, 0, 2000)}


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.build(small_region(LAND, [NORTH, SOUTH], [DARK, LIT]))


def test_pier_state_without_a_class_is_limited_when_only_some_may_berth(network: Network) -> None:
    region = network.region
    assert network.pier_state(NORTH, None, forecast(hour()), (), START).status == "open"
    swell = forecast(hour(hs_m=1.5, wave_from_deg=0.0), hour(hours_on=4))
    state = network.pier_state(NORTH, None, swell, (), START)
    assert (state.status, state.limit) == ("closed", "berth_waves")
    assert state.until_at == START + timedelta(hours=4)
    assert [kind.id for kind in region.craft_classes.values() if kind.mode == "sea"] == ["boat"]


def test_some_classes_shut_out_make_a_pier_limited(zhoushan: Region, zhoushan_network: Network) -> None:
    exposed = next(
        one for one in zhoushan.piers.values() if one.exposure_from_deg is not None and "quay" in one.berthing
    )
    assert exposed.exposure_from_deg is not None
    hours = [hour(zone_id, hs_m=1.2, wave_from_deg=exposed.exposure_from_deg) for zone_id in zhoushan.zones]
    state = zhoushan_network.pier_state(exposed, None, forecast(*hours), (), START)
    assert state.status == "limited"
    assert state.text is not None


def test_pad_state_by_night(network: Network) -> None:
    midnight = START + timedelta(hours=14)
    assert network.pad_state(DARK, None, None, (), midnight).limit == "daylight"
    assert network.pad_state(LIT, HELICOPTER, None, (), midnight).status == "open"
    assert network.pad_state(DARK, HELICOPTER, None, (), START).status == "open"


def test_departures_wait_for_the_zone_the_boat_will_be_in(network: Network) -> None:
    route = network.sea_route(network.region.place("north"), network.region.place("south"), BOAT)
    west_s = route.zone_spans[0].to_s
    gale = forecast(
        hour("west"), hour("east", hours_on=0), hour("east", hours_on=1, wind_mps=17.0), hour("east", hours_on=2)
    )
    spans = network.closed_departures(BOAT, route, NORTH, SOUTH, gale, (), START, 360)
    enters_min, arrives_min = int(west_s // 60), int(np.ceil(route.time_s / 60))
    wind = [span for span in spans if span.cause == "wind:east"]
    assert [(span.from_min, span.to_min) for span in wind] == [(60 - arrives_min, 120 - enters_min)]
    assert wind[0].text.en == "east waters: wind 17.0 m/s over its limit 13.8 until 12:00"


def test_departures_wait_for_the_pier_at_arrival_not_at_departure(network: Network) -> None:
    route = network.sea_route(network.region.place("north"), network.region.place("south"), BOAT)
    arrives_min = int(np.ceil(route.time_s / 60))
    spans = network.closed_departures(BOAT, route, NORTH, SOUTH, None, [closure("pier", "south", 60, 90)], START, 360)
    assert [(span.from_min, span.to_min, span.cause) for span in spans] == [
        (60 - arrives_min, 90 - arrives_min, "closure:south")
    ]


def test_a_flight_into_a_field_waits_for_daylight(network: Network) -> None:
    field = place("field", 6000, 0)
    route = network.air_route(network.region.place("dark"), field, HELICOPTER)
    spans = network.closed_departures(HELICOPTER, route, LIT, None, None, (), START, 24 * 60)
    assert {span.cause for span in spans} == {"daylight:field"}
    assert network.closed_departures(HELICOPTER, route, LIT, LIT, None, (), START, 24 * 60) == []


def test_a_flight_is_the_great_circle_with_start_and_landing(network: Network) -> None:
    route = network.air_route(network.region.place("dark"), network.region.place("lit"), HELICOPTER)
    assert route.length_m == pytest.approx(6500, rel=1e-3)
    assert route.time_s == pytest.approx(6500 / 60 + 240, rel=1e-3)
    assert route.zone_ids == ("west", "east")
    assert route.zone_spans[-1].to_s == pytest.approx(route.time_s)


def test_islands_are_found_by_point(network: Network) -> None:
    assert network.island_at(*lonlat(0, 0)) == "a"
    assert network.island_at(*lonlat(6000, 0)) == "b"
    assert network.island_at(*lonlat(3000, 0)) is None


def test_reach_is_what_routes_reach(network: Network) -> None:
    origin = network.region.place("north")
    minutes = (5, 10)
    areas = network.isochrones(origin, BOAT, minutes)
    assert set(areas) == set(minutes)
    assert areas[10].area > areas[5].area > 0
    assert not shapely.intersects(areas[10], shapely.buffer(network.region.land, -1e-6))
    draw = np.random.default_rng(3)
    judged = 0
    for x, y in draw.uniform(-9000, 9000, (120, 2)):
        lon, lat = lonlat(x, y)
        if not network.lanes.graph.water.contains(shapely.Point(METRIC.to_metres(np.array([[lon, lat]]))[0])):
            continue
        time_s = network.sea_route(origin, place("x", x, y), BOAT).time_s
        for count in minutes:
            if abs(time_s - 60 * count) > 20:  # an outline is good to about a cell, 150 m or 15 s
                assert areas[count].contains(shapely.Point(lon, lat)) == (time_s < 60 * count), (x, y, time_s)
                judged += 1
    assert judged > 100


def test_a_network_from_the_cache_answers_as_the_built_one(tmp_path: Path, network: Network) -> None:
    cache = ArrayCache(tmp_path)
    region = network.region
    stages: list[str] = []
    Network.build(region, cache, lambda stage, fraction: stages.append(stage))
    assert set(stages) == {"water", "lanes", "check against land", "zones", "piers"}
    stages.clear()
    kept = Network.build(region, cache, lambda stage, fraction: stages.append(stage))
    assert stages == []
    a, b = region.place("north"), region.place("south")
    assert kept.sea_route(a, b, BOAT) == network.sea_route(a, b, BOAT)


def test_the_cache_key_follows_coast_piers_and_zones(network: Network) -> None:
    key = lanes_key(network.region)
    assert key == lanes_key(small_region(LAND, [NORTH, SOUTH], [DARK, LIT]))
    assert key == lanes_key(small_region(LAND, [NORTH, SOUTH], [DARK]))
    assert key != lanes_key(small_region(LAND, [NORTH]))
    assert key != lanes_key(small_region({"a": square(0, 0, 2001)}, [NORTH, SOUTH]))


def test_a_cached_network_routes_between_piers_without_the_compiler(tmp_path: Path) -> None:
    """The server stays small: numba, scipy.optimize and geopandas are not loaded for known piers."""
    program = """
import sys
from pathlib import Path
from data.array_cache import ArrayCache
from routing.network.network import Network
from tests.routing.network.small_region import BOAT
from tests.routing.network.test_network import DARK, LAND, LIT, NORTH, SOUTH, small_region
network = Network.build(small_region(LAND, [NORTH, SOUTH], [DARK, LIT]), ArrayCache(Path(sys.argv[1])))
if sys.argv[2] == "judge":
    network.sea_route(network.region.place("north"), network.region.place("south"), BOAT)
    print(sorted(name for name in ("numba", "scipy.optimize", "geopandas") if name in sys.modules))
"""
    root = Path(__file__).parents[3]
    for step in ("build", "judge"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), step], cwd=root, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "[]"
