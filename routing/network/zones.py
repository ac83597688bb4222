"""Which forecast zone a point lies in, and how much of a line lies in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from data.geography import SeaZone
from routing.network.projection import Floats, Projection

Index = NDArray[np.int64]
CHUNK = 4096  # segments against all borders at once: keeps the tables within a few megabytes


@dataclass(frozen=True)
class Pieces:
    """Segments cut at zone borders: ``segment`` (p,), ``from_t`` and ``to_t`` in 0..1, ``zone`` numbers."""

    segment: Index
    from_t: Floats
    to_t: Floats
    zone: Index


class ZoneMap:
    """The zones of a region in UTM metres. Where zones overlap the first wins; outside all, the nearest."""

    def __init__(self, zones: Sequence[SeaZone], projection: Projection) -> None:
        self.ids = tuple(zone.id for zone in zones)
        self._projection = projection
        rings = [projection.to_metres(np.asarray(zone.ring, float)) for zone in zones]
        self._polygons = np.array([Polygon(ring) for ring in rings], dtype=object)
        closed = [shapely.get_coordinates(polygon.exterior) for polygon in self._polygons]
        self._rings = closed
        borders = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in closed]) if closed else np.empty((0, 4))
        # A border shared by two zones would cut every line twice.
        flip = (borders[:, 0] > borders[:, 2]) | ((borders[:, 0] == borders[:, 2]) & (borders[:, 1] > borders[:, 3]))
        borders[flip] = borders[flip][:, [2, 3, 0, 1]]
        self._borders: Floats = np.unique(borders, axis=0)

    def index_of(self, xy_m: Floats) -> Index:
        """Return the zone number of each UTM point (n, 2)."""
        found = np.full(len(xy_m), -1)
        for number, ring in enumerate(self._rings):
            open_ones = np.flatnonzero(found < 0)
            if not len(open_ones):
                break
            found[open_ones[is_inside(ring, xy_m[open_ones])]] = number
        outside = np.flatnonzero(found < 0)
        if len(outside):
            if not len(self._polygons):
                found[outside] = 0
            else:
                points = shapely.points(xy_m[outside])
                found[outside] = shapely.distance(self._polygons[None, :], points[:, None]).argmin(axis=1)
        return found

    def zone_of(self, lon_deg: float, lat_deg: float) -> str:
        """Return the zone id of a WGS 84 point; the nearest zone when it lies in none."""
        return self.ids[int(self.index_of(self._projection.to_metres(np.array([[lon_deg, lat_deg]])))[0])]

    def cut(self, start_m: Floats, end_m: Floats) -> Pieces:
        """Cut segments (n, 2) to (n, 2) at zone borders; pieces come in order along each segment."""
        count = len(start_m)
        along = end_m - start_m
        segment: list[Index] = [np.arange(count)]
        at: list[Floats] = [np.zeros(count)]
        for first in range(0, count, CHUNK):
            hit, t = self._crossings(start_m[first : first + CHUNK], along[first : first + CHUNK])
            segment.append(hit + first)
            at.append(t)
        numbers, starts = np.concatenate(segment), np.concatenate(at)
        order = np.lexsort((starts, numbers))
        numbers, starts = numbers[order], starts[order]
        ends = np.append(starts[1:], 1.0)
        ends[np.append(numbers[1:] != numbers[:-1], True)] = 1.0
        middle = start_m[numbers] + ((starts + ends) / 2)[:, None] * along[numbers]
        return Pieces(numbers, starts, ends, self.index_of(middle))

    def _crossings(self, start_m: Floats, along: Floats) -> tuple[Index, Floats]:
        """Return segment number and place (0..1) of each crossing of a segment with a border."""
        px, py, qx, qy = (column[None, :] for column in self._borders.T)
        dx, dy = qx - px, qy - py
        x, y = start_m[:, :1] - px, start_m[:, 1:] - py
        side_a = dx * y - dy * x
        side_b = side_a + dx * along[:, 1:] - dy * along[:, :1]
        hit, border = np.nonzero((side_a > 0) != (side_b > 0))
        t = side_a[hit, border] / (side_a[hit, border] - side_b[hit, border])
        dx, dy = dx[0, border], dy[0, border]
        on = ((x[hit, border] + t * along[hit, 0]) * dx + (y[hit, border] + t * along[hit, 1]) * dy) / (
            dx * dx + dy * dy
        )
        real = (on >= 0) & (on <= 1)
        return hit[real], t[real]

    def lengths_m(self, start_m: Floats, end_m: Floats) -> Floats:
        """Return (n, zones): the metres of each segment inside each zone."""
        pieces = self.cut(start_m, end_m)
        lengths = np.hypot(*(end_m - start_m).T)
        width = max(1, len(self.ids))
        weights = (pieces.to_t - pieces.from_t) * lengths[pieces.segment]
        flat: Floats = np.bincount(
            pieces.segment * width + pieces.zone, weights, minlength=len(start_m) * width
        ).astype(float)
        return flat.reshape(len(start_m), width)


def is_inside(ring: Floats, xy_m: Floats) -> NDArray[np.bool_]:
    """Tell which points lie inside a closed ring, by counting crossings of a ray to the east.

    Zones have a handful of corners and are asked about from several threads, where a prepared GEOS
    geometry may not be shared.
    """
    if len(xy_m) > CHUNK:
        return np.concatenate([is_inside(ring, part) for part in np.array_split(xy_m, len(xy_m) // CHUNK + 1)])
    (px, py), (qx, qy) = ring[:-1].T, ring[1:].T
    x, y = xy_m[:, :1], xy_m[:, 1:]
    level = np.where(qy == py, 1.0, qy - py)  # a level edge spans nothing, whatever it is divided by
    crossing_x = px + (y - py) * ((qx - px) / level)
    odd: NDArray[np.bool_] = (((py > y) != (qy > y)) & (x < crossing_x)).sum(axis=1) % 2 == 1
    return odd
