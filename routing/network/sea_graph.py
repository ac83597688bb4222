"""The sea lanes of a region: built once, checked against land, kept as arrays, searched in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import MultiPolygon, Point, Polygon

from data.errors import NotAtSeaError, worded
from routing.network.obstacles import Rings, free_water, rings_of
from routing.network.projection import Floats
from routing.network.visibility import Ints, Seen, Sight, spread
from routing.network.zones import ZoneMap

OnProgress = Callable[[str, float], None]
SNAP_M = 2000.0
NUDGE_M = 0.5  # keeps a snapped point off the boundary, where lines of sight are ill defined
MARGIN_M = 1000.0
PIECE_M = 10_000.0


@dataclass(frozen=True)
class Attached:
    """Water points with what they see: ``xy_m`` (n, 2) UTM."""

    xy_m: Floats
    seen: Seen

    def __len__(self) -> int:
        return len(self.xy_m)


@dataclass(frozen=True)
class SeaGraph:
    """Corners of the water and the checked edges between them.

    ``edges`` (m, 2) corner numbers; ``zone_lengths_m`` (m, zones) metres of each edge in each zone.
    ``water`` is the UTM polygon with clearances taken off. Rings are relative to ``origin_m``.
    """

    water: Polygon
    rings: Rings
    origin_m: Floats
    edges: Ints
    zone_lengths_m: Floats

    @classmethod
    def build(
        cls,
        land_m: MultiPolygon,
        box_m: Polygon,
        piers_m: Floats,
        zones: ZoneMap,
        on_progress: OnProgress | None = None,
    ) -> SeaGraph:
        """Build the graph from land and bounds (UTM metres); every edge is checked against land."""
        report = on_progress or (lambda stage, fraction: None)
        report("water", 0.0)
        water = free_water(land_m, box_m, piers_m)
        rings = rings_of(water)
        origin_m = rings.xy.min(axis=0) - MARGIN_M
        rings = Rings(rings.xy - origin_m, rings.next_of, rings.prev_of)
        sight = Sight(rings)
        edges = sight.edges(lambda fraction: report("lanes", fraction))
        report("check against land", 0.0)
        corners_m = rings.xy[sight.corners] + origin_m
        edges = edges[~crosses_land(corners_m[edges[:, 0]], corners_m[edges[:, 1]], land_m)]
        report("zones", 0.0)
        start_m, end_m = corners_m[edges[:, 0]], corners_m[edges[:, 1]]
        parts = spread(lambda first, last: zones.lengths_m(start_m[first:last], end_m[first:last]), len(edges))
        zone_lengths_m = np.vstack(parts)
        return cls(water, rings, origin_m, edges, zone_lengths_m)

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return the graph as arrays for the cache."""
        return {
            "water": np.frombuffer(shapely.to_wkb(self.water), np.uint8),
            "ring_xy": self.rings.xy,
            "ring_next": self.rings.next_of,
            "ring_prev": self.rings.prev_of,
            "origin_m": self.origin_m,
            "edges": self.edges,
            "zone_lengths_m": self.zone_lengths_m.astype(np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray[Any, Any]]) -> SeaGraph:
        """Return the graph that ``arrays`` was made from."""
        rings = Rings(arrays["ring_xy"], arrays["ring_next"], arrays["ring_prev"])
        water = shapely.from_wkb(arrays["water"].tobytes())
        return cls(water, rings, arrays["origin_m"], arrays["edges"], arrays["zone_lengths_m"])

    @cached_property
    def sight(self) -> Sight:
        """Lines of sight over this water."""
        return Sight(self.rings)

    @cached_property
    def corners_m(self) -> Floats:
        """UTM metres of each corner (n, 2)."""
        return self.rings.xy[self.sight.corners] + self.origin_m

    @cached_property
    def edge_lengths_m(self) -> Floats:
        """Length of each edge (m,)."""
        ends = self.corners_m[self.edges]
        return np.asarray(np.hypot(*(ends[:, 0] - ends[:, 1]).T))

    @cached_property
    def _rows(self) -> tuple[Ints, Ints, Ints]:
        """Both directions of every edge as CSR: row starts, columns, edge numbers."""
        count = len(self.corners_m)
        u, v = self.edges.T
        number = np.arange(len(self.edges), dtype=np.int32)
        tail, head, edge = np.concatenate([u, v]), np.concatenate([v, u]), np.concatenate([number, number])
        order = np.lexsort((head, tail))
        start = np.zeros(count + 1, np.int32)
        start[1:] = np.cumsum(np.bincount(tail, minlength=count))
        return start, head[order].astype(np.int32), edge[order]

    def snap(self, lon_lat: tuple[float, float], point_m: Floats, name: str, land_m: MultiPolygon) -> Floats:
        """Return the water point (2,) UTM to use for a place: itself, or the nearest within 2 km.

        Raises NotAtSeaError when the sea is farther, or when land lies between it and a pool of water.
        """
        here = Point(point_m)
        if self.water.contains(here):
            return point_m
        nearest = shapely.get_coordinates(shapely.shortest_line(self.water, here))[0]
        away_m = float(np.hypot(*(nearest - point_m)))
        where = f"'{name}' ({lon_lat[0]:.4f}, {lon_lat[1]:.4f})"
        if away_m > SNAP_M:
            raise worded(
                NotAtSeaError(f"{where} is {away_m / 1000:.1f} km from open water. Choose a point by the shore."),
                zh=f"{where} 距开阔水面 {away_m / 1000:.1f} km。请选岸边的点。",
            )
        if not land_m.intersects(here) and land_m.intersects(shapely.linestrings([point_m, nearest])):
            raise worded(
                NotAtSeaError(f"{where} lies in water that is cut off from the sea. Choose a point in open water."),
                zh=f"{where} 所在水面与海不相通。请选开阔水面的点。",
            )
        return self._nudged(nearest, point_m)

    def _nudged(self, edge_point_m: Floats, from_m: Floats) -> Floats:
        """Return a point 0.5 m inside the water beside a point of its boundary."""
        away = edge_point_m - from_m
        first = np.arctan2(away[1], away[0]) if np.any(away) else 0.0
        for turn in np.linspace(0.0, 2 * np.pi, 16, endpoint=False):
            for sign in (1.0, -1.0):
                angle = first + sign * turn / 2
                moved = edge_point_m + NUDGE_M * np.array([np.cos(angle), np.sin(angle)])
                if self.water.contains(Point(moved)):
                    return np.asarray(moved, float)
        return edge_point_m

    def attach(self, xy_m: Floats) -> Attached:
        """Return what each water point (n, 2) sees; compiles on first use."""
        return Attached(xy_m, self.sight.seen_from(xy_m - self.origin_m))

    def straight_m(self, xy_m: Floats) -> Floats:
        """Return (n, n) straight lengths between water points that see each other, else inf."""
        clear = self.sight.clear_between(xy_m - self.origin_m)
        lengths = np.hypot(*np.moveaxis(xy_m[:, None] - xy_m[None], 2, 0))
        return np.where(clear, lengths, np.inf)

    def costs(
        self, edge_cost: Floats, points: Attached, point_cost: Floats, sources: Sequence[int]
    ) -> tuple[Floats, Ints]:
        """Return cost (k, corners) and predecessor (k, corners + points) from some of the points.

        ``point_cost`` is the cost along ``points.seen``. A predecessor of ``corners + i`` means point i.
        """
        start, head, edge = self._rows
        count, seen = len(start) - 1, points.seen
        data = np.concatenate([edge_cost[edge], point_cost])
        indices = np.concatenate([head, seen.corners])
        indptr = np.concatenate([start, start[-1] + seen.start[1:]])
        size = count + len(points)
        graph = csr_array((data, indices, indptr), shape=(size, size))
        cost, before = dijkstra(graph, indices=[count + i for i in sources], return_predecessors=True)
        return cost[:, :count], before

    def between(self, cost: Floats, points: Attached, point_cost: Floats) -> Floats:
        """Return (k, points): the least cost over corners, given the cost (k, corners) to each corner."""
        seen = points.seen
        out = np.full((len(cost), len(points)), np.inf)
        filled = np.flatnonzero(np.diff(seen.start))
        if len(filled):
            out[:, filled] = np.minimum.reduceat(cost[:, seen.corners] + point_cost, seen.start[filled], axis=1)
        return out

    def lengths_m(self, points: Attached, straight_m: Floats | None = None) -> Floats:
        """Return (n, n) shortest lengths between points, inf where there is no way."""
        straight = self.straight_m(points.xy_m) if straight_m is None else straight_m
        return np.minimum(straight, self.all_costs(self.edge_lengths_m, points, points.seen.lengths_m))

    def all_costs(self, edge_cost: Floats, points: Attached, point_cost: Floats) -> Floats:
        """Return (n, n): the least cost over corners between all points; compiled, on all cores."""
        from routing.network.search_kernels import costs_between  # numba: only when needed

        start, head, edge = self._rows
        data, seen = edge_cost[edge], points.seen

        def part(first: int, last: int) -> Floats:
            found: Floats = costs_between(first, last, start, head, data, seen.start, seen.corners, point_cost)
            return found

        return np.vstack(spread(part, len(points)))


def crosses_land(start_m: Floats, end_m: Floats, land_m: MultiPolygon) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell for each segment (n, 2) to (n, 2) whether it touches land; asked of GEOS, not of our own kernels."""
    # GEOS looks land up by a line's box: a long slanting line in pieces is asked far less.
    count = np.maximum(1, np.ceil(np.hypot(*(end_m - start_m).T) / PIECE_M)).astype(int)
    owner = np.repeat(np.arange(len(start_m)), count)
    first = np.cumsum(count) - count
    step = (np.arange(len(owner)) - first[owner])[:, None]
    along = (end_m - start_m)[owner] / count[owner, None]
    lines = shapely.linestrings(np.stack([start_m[owner] + step * along, start_m[owner] + (step + 1) * along], axis=1))
    parts = np.array_split(np.arange(len(lines)), 2)
    # A prepared geometry may not be shared by threads, so each has a copy of its own.
    copies = [shapely.from_wkb(shapely.to_wkb(land_m)) for _ in parts]
    for copy in copies:
        shapely.prepare(copy)
    with ThreadPoolExecutor(max_workers=2) as pool:
        hit = np.concatenate(list(pool.map(lambda k: shapely.intersects(copies[k], lines[parts[k]]), range(2))))
    crossing = np.zeros(len(start_m), bool)
    crossing[owner[hit]] = True
    return crossing
