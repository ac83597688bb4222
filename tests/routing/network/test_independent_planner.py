"""Lengths equal those of extremitypathfinder, an independent exact planner, on a piece of the real coast."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from extremitypathfinder import PolygonEnvironment

from data.geography import Region
from routing.network.obstacles import Rings, free_water, rings_of
from routing.network.projection import projection
from routing.network.sea_graph import SeaGraph
from routing.network.visibility import Sight

# Small enough for the other planner, whose time grows with the square of the corners.
CENTRE_DEG, HALF_M = (122.28, 29.93), 4_500.0
NUM_POINTS = 8


def piece_of_coast(region: Region) -> SeaGraph:
    """Return the sea graph of a square about Shenjiamen, with its clearances."""
    metric = projection(region.utm_epsg)
    x, y = metric.to_metres(np.array([CENTRE_DEG]))[0]
    box_m = shapely.box(x - HALF_M, y - HALF_M, x + HALF_M, y + HALF_M)
    land_m = metric.geometry_to_metres(region.land)
    piers_m = metric.to_metres(np.array([(pier.lon_deg, pier.lat_deg) for pier in region.piers.values()]))
    water = free_water(land_m, box_m, piers_m)
    rings = rings_of(water)
    origin_m = rings.xy.min(axis=0) - 1000
    rings = replace(rings, xy=rings.xy - origin_m)
    edges = Sight(rings).edges()
    return SeaGraph(water, rings, origin_m, edges, np.ones((len(edges), 1)))


def rings_as_lists(rings: Rings, water: shapely.Polygon, origin_m: np.ndarray) -> list[np.ndarray]:
    return [shapely.get_coordinates(ring)[:-1] - origin_m for ring in (water.exterior, *water.interiors)]


def test_ratio_to_the_independent_planner_is_one(zhoushan: Region) -> None:
    graph = piece_of_coast(zhoushan)
    outer, *holes = rings_as_lists(graph.rings, graph.water, graph.origin_m)
    assert len(holes) >= 3
    other = PolygonEnvironment()
    other.store(outer, holes, validate=False)
    other.prepare()
    core = shapely.buffer(graph.water, -30)
    draw = np.random.default_rng(5)
    west, south, east, north = graph.water.bounds
    points = draw.uniform((west, south), (east, north), (400, 2))
    points = points[shapely.contains_xy(core, *points.T)][:NUM_POINTS]
    ours = graph.lengths_m(graph.attach(points))
    bent = 0
    for i, j in combinations(range(NUM_POINTS), 2):
        _, theirs_m = other.find_shortest_path(tuple(points[i] - graph.origin_m), tuple(points[j] - graph.origin_m))
        assert ours[i, j] / theirs_m == pytest.approx(1.0, abs=1e-3)
        bent += ours[i, j] > np.hypot(*(points[i] - points[j])) + 1
    assert bent >= 5  # or the test would show nothing
