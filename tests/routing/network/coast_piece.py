"""A square of the real coast small enough for an independent exact planner, and that planner's lengths."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import shapely
from extremitypathfinder import PolygonEnvironment

from data.geography import Region
from routing.network.obstacles import free_water, rings_of
from routing.network.projection import projection
from routing.network.sea_graph import SeaGraph
from routing.network.visibility import Sight

# About Shenjiamen harbour. The other planner's time grows with the square of the corners.
CENTRE_DEG, HALF_M = (122.28, 29.93), 4_500.0


def piece_of_coast(region: Region) -> SeaGraph:
    """Return the sea graph of the square, with its clearances."""
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


def points_in(graph: SeaGraph, count: int, seed: int) -> np.ndarray:
    """Return (count, 2) points of water, 30 m or more off its edge."""
    core = shapely.buffer(graph.water, -30)
    west, south, east, north = graph.water.bounds
    points = np.random.default_rng(seed).uniform((west, south), (east, north), (40 * count, 2))
    return points[shapely.contains_xy(core, *points.T)][:count]


def lengths_by_both(graph: SeaGraph, points: np.ndarray) -> list[tuple[float, float, float]]:
    """Return for each pair of points our length, the independent planner's, and the straight one."""
    outer, *holes = [
        shapely.get_coordinates(ring)[:-1] - graph.origin_m for ring in (graph.water.exterior, *graph.water.interiors)
    ]
    other = PolygonEnvironment()
    other.store(outer, holes, validate=False)
    other.prepare()
    ours_m = graph.lengths_m(graph.attach(points))
    local = points - graph.origin_m
    found = []
    for i, j in combinations(range(len(points)), 2):
        _, theirs_m = other.find_shortest_path(tuple(local[i]), tuple(local[j]))
        assert theirs_m is not None
        found.append((float(ours_m[i, j]), float(theirs_m), float(np.hypot(*(local[i] - local[j])))))
    return found
