"""Lines cut at zone borders against GEOS; points inside against GEOS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.geography import Region, SeaZone
from data.text import Text
from routing.network.zones import ZoneMap, is_inside
from tests.routing.network.small_region import CENTRE_M, METRIC, lonlat, small_region, square

ZONES = ZoneMap(list(small_region({"a": square(0, 0, 500)}).zones.values()), METRIC)


def test_points_inside_agree_with_geos() -> None:
    ring = np.array([(0, 0), (10, 1), (6, 5), (9, 11), (2, 8), (0, 0)], float)
    points = np.random.default_rng(1).uniform(-2, 12, (2000, 2))
    assert np.array_equal(is_inside(ring, points), shapely.contains_xy(shapely.Polygon(ring), *points.T))


def test_metres_in_each_zone_of_the_shipped_region_agree_with_geos(zhoushan: Region) -> None:
    from routing.network.projection import projection

    metric = projection(zhoushan.utm_epsg)
    zones = ZoneMap(list(zhoushan.zones.values()), metric)
    draw = np.random.default_rng(2)
    west, south, east, north = zhoushan.bounds_deg
    ends = [
        metric.to_metres(
            np.column_stack([draw.uniform(west + 0.05, east - 0.05, 60), draw.uniform(south + 0.05, north - 0.05, 60)])
        )
        for _ in "ab"
    ]
    found = zones.lengths_m(*ends)
    polygons = [shapely.Polygon(metric.to_metres(np.array(zone.ring))) for zone in zhoushan.zones.values()]
    lines = shapely.linestrings(np.stack(ends, axis=1))
    assert found.sum(axis=1) == pytest.approx(shapely.length(lines))
    taken = shapely.Polygon()
    for number, polygon in enumerate(polygons):
        inside = shapely.length(shapely.intersection(lines, shapely.difference(polygon, taken)))
        # Rings that meet along a parallel leave slivers in UTM, where it bends; those go to the nearest zone.
        assert (found[:, number] - inside).min() > -0.01
        assert (found[:, number] - inside).max() < 300
        taken = shapely.union(taken, polygon)


def test_a_line_over_a_border_is_cut_there_in_order() -> None:
    start, end = CENTRE_M + np.array([[-3000.0, 900.0]]), CENTRE_M + np.array([[1000.0, 900.0]])
    pieces = ZONES.cut(start, end)
    assert [ZONES.ids[number] for number in pieces.zone] == ["west", "east"]
    assert pieces.to_t[0] == pytest.approx(0.75, abs=0.01)
    assert pieces.from_t[1] == pieces.to_t[0]


def test_a_point_outside_every_zone_belongs_to_the_nearest() -> None:
    assert ZONES.zone_of(*lonlat(-60_000, 0)) == "west"
    assert ZONES.zone_of(*lonlat(60_000, 0)) == "east"


def test_where_zones_overlap_the_first_wins() -> None:
    ring = (lonlat(-500, -500), lonlat(500, -500), lonlat(500, 500), lonlat(-500, 500))
    one, two = (SeaZone(id=name, name=Text(name, name), ring=ring, source="test") for name in ("one", "two"))
    assert ZoneMap([one, two], METRIC).zone_of(*lonlat(0, 0)) == "one"
