"""Turn land into the water a boat may plan over: kept clear of the shore, less so beside a pier.

All coordinates are UTM metres. The clearances are planning figures, not navigational ones: the
coastline itself is good to 100-200 m.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from routing.network.projection import Floats

CLEARANCE_M = 100.0
PIER_CLEARANCE_M = 15.0
PIER_RADIUS_M = 1500.0
SIMPLIFY_M = 2.0
ARC_SEGMENTS = 2  # per quarter circle


class NoWaterError(ValueError):
    """The box holds no water to route over."""


@dataclass(frozen=True)
class Rings:
    """Boundary of the water as vertices in ring order; the water lies to the left of each edge.

    ``xy`` (n, 2); ``next_of`` and ``prev_of`` (n,) vertex numbers; edge i runs from i to next_of[i].
    """

    xy: Floats
    next_of: np.ndarray[Any, np.dtype[np.int32]]
    prev_of: np.ndarray[Any, np.dtype[np.int32]]

    def corners(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """Return the vertices a shortest path may bend at: where the obstacle is convex or flat."""
        before = self.xy - self.xy[self.prev_of]
        after = self.xy[self.next_of] - self.xy
        turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        return np.flatnonzero(turn <= 1e-6).astype(np.int32)


def grown_radius(clearance_m: float) -> float:
    """Return the buffer radius that keeps ``clearance_m`` after coarse arcs and simplification.

    An arc of 2 segments a quarter sags to r cos(pi/8); simplification moves a line by up to 2 m.
    """
    return (clearance_m + SIMPLIFY_M) / cos(pi / (4 * ARC_SEGMENTS))


def free_water(land_m: MultiPolygon, box_m: Polygon, piers_m: Floats) -> Polygon:
    """Return the largest connected water inside the box that keeps its clearance from land.

    Within 1.5 km of a pier the clearance eases to 15 m, so that narrow harbours stay open.
    Raises NoWaterError when nothing is left.
    """
    wide = shapely.buffer(land_m, grown_radius(CLEARANCE_M), quad_segs=ARC_SEGMENTS)
    near = shapely.buffer(land_m, grown_radius(PIER_CLEARANCE_M), quad_segs=ARC_SEGMENTS)
    if len(piers_m):
        discs = shapely.union_all(shapely.buffer(shapely.points(piers_m), PIER_RADIUS_M, quad_segs=8))
        wide = shapely.difference(wide, discs)
    blocked = shapely.union(wide, near)
    free = shapely.simplify(shapely.difference(box_m, blocked), SIMPLIFY_M)
    parts = [part for part in shapely.get_parts(free) if isinstance(part, Polygon) and not part.is_empty]
    if not parts:
        raise NoWaterError("No water is left inside the region's bounds. Check bounds and coastline of the region.")
    return orient(max(parts, key=lambda part: part.area), 1.0)


def rings_of(water: Polygon) -> Rings:
    """Return the boundary of an oriented polygon (outer ring anticlockwise, holes clockwise)."""
    xy, next_of, prev_of, count = [], [], [], 0
    for ring in [water.exterior, *water.interiors]:
        points = shapely.get_coordinates(ring)[:-1]
        n = len(points)
        index = np.arange(n)
        xy.append(points)
        next_of.append(count + (index + 1) % n)
        prev_of.append(count + (index - 1) % n)
        count += n
    return Rings(np.vstack(xy), np.concatenate(next_of).astype(np.int32), np.concatenate(prev_of).astype(np.int32))
