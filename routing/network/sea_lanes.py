"""Sea routes and matrices between places: the sea graph with the region's piers already attached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from data.errors import NotAtSeaError
from data.geography import Place, Region
from routing.network.projection import Floats, Projection
from routing.network.recent import Recent
from routing.network.sea_graph import Attached, OnProgress, SeaGraph
from routing.network.visibility import Ints, Seen
from routing.network.zones import ZoneMap

KEPT_POINTS = 512
KEPT_PACES = 24
KEPT_SEARCHES = 96
Key = tuple[float, float]


@dataclass(frozen=True)
class Lane:
    """A way over water: UTM points (n, 2), metres, seconds."""

    xy_m: Floats
    length_m: float
    time_s: float


@dataclass
class SeaLanes:
    """The sea graph, its known places, and memories of recent questions (lost without harm)."""

    graph: SeaGraph
    zones: ZoneMap
    projection: Projection
    land_m: MultiPolygon
    known: dict[Key, int]
    attached: Attached
    known_lengths_m: Floats
    trail_start: Ints
    trail_corners: Ints
    _points: Recent[Key, Attached] = field(default_factory=lambda: Recent(KEPT_POINTS))
    _edge_s: Recent[tuple[float, ...], Floats] = field(default_factory=lambda: Recent(KEPT_PACES))
    _searches: Recent[tuple[float, ...], tuple[Floats, Any]] = field(default_factory=lambda: Recent(KEPT_SEARCHES))

    @classmethod
    def arrays(
        cls, region: Region, projection: Projection, zones: ZoneMap, on_progress: OnProgress | None = None
    ) -> dict[str, np.ndarray[Any, Any]]:
        """Build the graph, attach every pier that has water, and return all of it as arrays."""
        report = on_progress or (lambda stage, fraction: None)
        land_m = projection.geometry_to_metres(region.land)
        piers = [(pier.lon_deg, pier.lat_deg) for pier in region.piers.values()]
        piers_m = projection.to_metres(np.array(piers, float).reshape(-1, 2)) if piers else np.empty((0, 2))
        box_m = projection.geometry_to_metres(shapely.box(*region.bounds_deg))
        graph = SeaGraph.build(land_m, box_m, piers_m, zones, on_progress)
        report("piers", 0.0)
        known: list[Key] = []
        snapped: list[Floats] = []
        for (lon_deg, lat_deg), point_m, pier in zip(piers, piers_m, region.piers.values(), strict=True):
            if (lon_deg, lat_deg) in known:
                continue
            try:
                snapped.append(graph.snap((lon_deg, lat_deg), point_m, pier.id, land_m))
            except NotAtSeaError:
                continue  # said again, with its words, when somebody asks for a route from it
            known.append((lon_deg, lat_deg))
        attached = graph.attach(np.array(snapped, float).reshape(-1, 2))
        lengths_m, trails = _known_ways(graph, attached)
        return graph.arrays() | {
            "known": np.array(known, float).reshape(-1, 2),
            "known_xy_m": attached.xy_m,
            "seen_start": attached.seen.start,
            "seen_corners": attached.seen.corners,
            "seen_lengths_m": attached.seen.lengths_m,
            "known_lengths_m": lengths_m,
            "trail_start": _starts([len(trail) for trail in trails]),
            "trail_corners": np.array([corner for trail in trails for corner in trail], np.int32),
        }

    @classmethod
    def from_arrays(
        cls, arrays: dict[str, np.ndarray[Any, Any]], region: Region, projection: Projection, zones: ZoneMap
    ) -> SeaLanes:
        """Return the lanes that ``arrays`` was made from."""
        seen = Seen(arrays["seen_start"], arrays["seen_corners"], arrays["seen_lengths_m"])
        return cls(
            graph=SeaGraph.from_arrays(arrays),
            zones=zones,
            projection=projection,
            land_m=projection.geometry_to_metres(region.land),
            known={(float(lon), float(lat)): number for number, (lon, lat) in enumerate(arrays["known"])},
            attached=Attached(arrays["known_xy_m"], seen),
            known_lengths_m=arrays["known_lengths_m"],
            trail_start=arrays["trail_start"],
            trail_corners=arrays["trail_corners"],
        )

    def point(self, place: Place) -> Attached:
        """Return one place on the water with what it sees; raises NotAtSeaError naming the place."""
        key = (place.lon_deg, place.lat_deg)
        if key in self.known:
            number = self.known[key]
            corners, lengths_m = self.attached.seen.of(number)
            return Attached(self.attached.xy_m[number : number + 1], Seen(_starts([len(corners)]), corners, lengths_m))

        def attach() -> Attached:
            point_m = self.projection.to_metres(np.array([key]))[0]
            return self.graph.attach(self.graph.snap(key, point_m, place.id, self.land_m)[None])

        return self._points.get(key, attach)

    def lengths_m(self, places: Sequence[Place]) -> Floats:
        """Return (n, n) shortest metres by sea; inf where none. Known places come from the cache."""
        keys = [(place.lon_deg, place.lat_deg) for place in places]
        if all(key in self.known for key in keys):
            numbers = [self.known[key] for key in keys]
            return self.known_lengths_m[np.ix_(numbers, numbers)]
        return self.graph.lengths_m(joined([self.point(place) for place in places]))

    def times_s(self, a: Sequence[Place], b: Sequence[Place], paces: Floats) -> Floats:
        """Return (a, b) least seconds by sea at the pace (s/m) of each zone; inf where none."""
        if np.ptp(paces) == 0.0:
            every = [*a, *b]
            lengths_m = self.lengths_m(every)[: len(a), len(a) :]
            return np.asarray(lengths_m * paces[0])
        targets = joined([self.point(place) for place in b])
        target_cost = self._spoke_costs(targets, paces)
        out = np.empty((len(a), len(b)))
        for row, place in enumerate(a):
            source = self.point(place)
            cost, _ = self._from(source, paces)
            out[row] = self.graph.between(cost, targets, target_cost)[0]
            for column, other in enumerate(b):
                straight = self._straight(source.xy_m[0], targets.xy_m[column], place, other)
                if straight is not None:
                    direct_s = (self.zones.lengths_m(source.xy_m, targets.xy_m[column : column + 1]) @ paces).item()
                    out[row, column] = min(out[row, column], direct_s)
        return out

    def lane(self, a: Place, b: Place, paces: Floats) -> Lane | None:
        """Return the quickest way between two places at the pace of each zone; None without one."""
        source, target = self.point(a), self.point(b)
        numbers = self.known.get((a.lon_deg, a.lat_deg)), self.known.get((b.lon_deg, b.lat_deg))
        if np.ptp(paces) == 0.0 and numbers[0] is not None and numbers[1] is not None:
            return self._known_lane(numbers[0], numbers[1], float(paces[0]))
        xy_m = np.vstack([source.xy_m, target.xy_m])
        direct_s = np.inf
        if self._straight(source.xy_m[0], target.xy_m[0], a, b) is not None:
            direct_s = (self.zones.lengths_m(source.xy_m, target.xy_m) @ paces).item()
        if not np.isfinite(direct_s) or np.ptp(paces) > 0.0:
            cost, before = self._from(source, paces)
            corners, _ = target.seen.of(0)
            total = cost[0, corners] + self._spoke_costs(target, paces)
            if len(total) and total.min() < direct_s:
                path = _trail(int(corners[total.argmin()]), before[0], len(self.graph.corners_m))
                xy_m = np.vstack([source.xy_m, self.graph.corners_m[path], target.xy_m])
            elif not np.isfinite(direct_s):
                return None
        length_m = float(np.hypot(*np.diff(xy_m, axis=0).T).sum())
        return Lane(xy_m, length_m, float((self.zones.lengths_m(xy_m[:-1], xy_m[1:]) @ paces).sum()))

    def costs_to_corners(self, origin: Attached, paces: Floats) -> Floats:
        """Return (corners,) least seconds from one point to every corner."""
        return np.asarray(self._from(origin, paces)[0][0])

    def _known_lane(self, source: int, target: int, pace: float) -> Lane | None:
        """Return the shortest way between two known places, found when the lanes were built."""
        length_m = float(self.known_lengths_m[source, target])
        if not np.isfinite(length_m):
            return None
        way = source * len(self.known) + target
        trail = self.trail_corners[self.trail_start[way] : self.trail_start[way + 1]]
        ends_m = self.attached.xy_m
        xy_m = np.vstack([ends_m[source], *self.graph.corners_m[trail], ends_m[target]])
        return Lane(xy_m, length_m, length_m * pace)

    def _straight(self, a_m: Floats, b_m: Floats, a: Place, b: Place) -> float | None:
        """Return the straight metres when two water points see each other."""
        length_m = float(np.hypot(*(a_m - b_m)))
        keys = (a.lon_deg, a.lat_deg), (b.lon_deg, b.lat_deg)
        if keys[0] in self.known and keys[1] in self.known:
            shortest_m = self.known_lengths_m[self.known[keys[0]], self.known[keys[1]]]
            return length_m if shortest_m <= length_m + 1e-6 else None
        return length_m if np.isfinite(self.graph.straight_m(np.vstack([a_m, b_m]))[0, 1]) else None

    def _from(self, source: Attached, paces: Floats) -> tuple[Floats, Any]:
        """Return cost (1, corners) and predecessors from one point; recent searches are remembered."""

        def search() -> tuple[Floats, Any]:
            return self.graph.costs(self._edge_costs(paces), source, self._spoke_costs(source, paces), [0])

        return self._searches.get((*source.xy_m[0], *paces), search)

    def _edge_costs(self, paces: Floats) -> Floats:
        if np.ptp(paces) == 0.0:
            return np.asarray(self.graph.edge_lengths_m * paces[0])
        return self._edge_s.get(tuple(paces), lambda: np.asarray(self.graph.zone_lengths_m @ paces))

    def _spoke_costs(self, points: Attached, paces: Floats) -> Floats:
        """Return the seconds along each line of sight of attached points."""
        if np.ptp(paces) == 0.0:
            return np.asarray(points.seen.lengths_m * paces[0])
        starts = np.repeat(points.xy_m, np.diff(points.seen.start), axis=0)
        return self.zones.lengths_m(starts, self.graph.corners_m[points.seen.corners]) @ paces


def joined(points: Sequence[Attached]) -> Attached:
    """Return several attached points as one set."""
    seen = Seen(
        _starts([len(point.seen.corners) for point in points]),
        np.concatenate([point.seen.corners for point in points]),
        np.concatenate([point.seen.lengths_m for point in points]),
    )
    return Attached(np.vstack([point.xy_m for point in points]), seen)


def _known_ways(graph: SeaGraph, attached: Attached) -> tuple[Floats, list[list[int]]]:
    """Return (n, n) shortest metres between attached places and, row by row, the corners each way bends at."""
    if not len(attached):
        return np.empty((0, 0)), []
    seen = attached.seen
    cost, before = graph.costs(graph.edge_lengths_m, attached, seen.lengths_m, range(len(attached)))
    straight_m, bent_m = graph.straight_m(attached.xy_m), graph.between(cost, attached, seen.lengths_m)
    trails: list[list[int]] = []
    for source, target in np.ndindex(bent_m.shape):
        if bent_m[source, target] < straight_m[source, target]:
            corners, spokes_m = seen.of(target)
            last = int(corners[(cost[source, corners] + spokes_m).argmin()])
            trails.append(_trail(last, before[source], len(graph.corners_m)))
        else:
            trails.append([])
    return np.minimum(straight_m, bent_m), trails


def _trail(corner: int, before: Any, num_corners: int) -> list[int]:
    """Return the corners from a search's source to one corner, in order."""
    path = [corner]
    while (corner := int(before[corner])) < num_corners:
        path.append(corner)
    return path[::-1]


def _starts(counts: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
