"""The reduced graph against brute force: every pair of vertices tested by GEOS, plain Dijkstra."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from routing.network.obstacles import rings_of
from routing.network.sea_graph import SeaGraph
from routing.network.visibility import Sight

SIDE = 100.0


def graph_of(water: Polygon) -> SeaGraph:
    """Return the sea graph of a ready-made piece of water; no land, one zone."""
    rings = rings_of(water)
    edges = Sight(rings, cell_m=7.0).edges()
    return SeaGraph(water, rings, np.zeros(2), edges, np.ones((len(edges), 1)))


def brute_force(water: Polygon, a: np.ndarray, b: np.ndarray) -> float:
    """Return the shortest length inside the polygon, from all pairs of vertices GEOS says are covered."""
    points = np.vstack([a, b, shapely.get_coordinates(water)])
    i, j = np.triu_indices(len(points), 1)
    lines = shapely.linestrings(np.stack([points[i], points[j]], axis=1))
    seen = shapely.covers(shapely.buffer(water, 1e-9), lines)
    lengths = np.zeros((len(points), len(points)))
    lengths[i[seen], j[seen]] = np.hypot(*(points[i] - points[j]).T)[seen]
    return float(dijkstra(lengths, directed=False, indices=0)[1])


def shortest(graph: SeaGraph, a: np.ndarray, b: np.ndarray) -> float:
    return float(graph.lengths_m(graph.attach(np.vstack([a, b])))[0, 1])


@st.composite
def waters(draw: st.DrawFn) -> Polygon:
    """Draw a box of water with a few star-shaped islands, some of them merged, on an integer grid."""
    islands = []
    for _ in range(draw(st.integers(1, 5))):
        x, y = draw(st.integers(10, 90)), draw(st.integers(10, 90))
        radii = draw(st.lists(st.integers(2, 22), min_size=3, max_size=8))
        turn = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
        corners = np.column_stack([x + radii * np.cos(turn), y + radii * np.sin(turn)]).round()
        islands.append(shapely.make_valid(Polygon(corners)))
    free = shapely.difference(shapely.box(0, 0, SIDE, SIDE), shapely.union_all(islands))
    parts = [part for part in shapely.get_parts(free) if part.geom_type == "Polygon"]
    assume(parts)
    water = orient(max(parts, key=lambda part: part.area), 1.0)
    # Rings that touch in a point leave a passage of no width, which brute force slips through and no boat does.
    shrunk = shapely.buffer(water, -1e-6)
    assume(shrunk.geom_type == "Polygon" and len(shrunk.interiors) == len(water.interiors))
    return water


@settings(max_examples=60, deadline=None)
@given(waters(), st.integers(0, 10_000))
def test_reduced_graph_is_exact(water: Polygon, seed: int) -> None:
    draw = np.random.default_rng(seed)
    points = [p for p in draw.uniform(1, SIDE - 1, (60, 2)) if shapely.buffer(water, -0.01).contains(shapely.Point(p))]
    assume(len(points) >= 4)
    graph = graph_of(water)
    for a, b in zip(points[:4:2], points[1:4:2], strict=True):
        assert shortest(graph, a, b) == pytest.approx(brute_force(water, a, b), rel=1e-9)


def test_around_a_square_by_its_corners() -> None:
    water = orient(Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [[(40, 40), (40, 60), (60, 60), (60, 40)]]), 1.0)
    a, b = np.array([20.0, 50.0]), np.array([80.0, 50.0])
    assert shortest(graph_of(water), a, b) == pytest.approx(2 * np.hypot(20, 10) + 20)


def test_a_wall_across_the_water_leaves_no_way() -> None:
    water = orient(Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [[(20, 20), (20, 80), (80, 80), (80, 20)]]), 1.0)
    graph = graph_of(water)
    inside = Sight(graph.rings, cell_m=7.0)
    assert not inside.clear_between(np.array([[10.0, 50.0], [90.0, 50.0]]))[0, 1]


@settings(max_examples=40, deadline=None)
@given(waters(), st.integers(0, 10_000))
def test_reach_is_the_shortest_length_to_each_point(water: Polygon, seed: int) -> None:
    draw = np.random.default_rng(seed)
    core = shapely.buffer(water, -0.01)
    points = np.array([p for p in draw.uniform(1, SIDE - 1, (40, 2)) if core.contains(shapely.Point(p))]).reshape(-1, 2)
    assume(len(points) >= 3)
    graph = graph_of(water)
    attached = graph.attach(points)
    lengths = graph.lengths_m(attached)[0]
    to_corners = graph.costs(graph.edge_lengths_m, attached, attached.seen.lengths_m, [0])[0][0]
    ones = np.ones(len(points) + len(to_corners))
    found = graph.sight.reach(points[1:], ones, points[0], to_corners, ones[: len(to_corners) + 1], 120.0)
    within = lengths[1:] < 119.99
    assert found[within] == pytest.approx(lengths[1:][within], rel=1e-9)
    assert np.all(np.isinf(found[lengths[1:] > 120.01]))
