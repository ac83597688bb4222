"""Road times between places of an island and over its bridges, estimated until real roads are imported.

A stretch on land is the straight distance times the region's circuity at its road speed; a bridge has
its own length and speed. Every length is therefore an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.geography import Bridge, Place, Region
from routing.network.projection import WGS84, Floats

Table = np.ndarray[Any, np.dtype[Any]]


class RoadNetwork:
    """Bridge ends joined over islands and bridges; ``shut`` bridges and islands are left out of it."""

    def __init__(
        self, region: Region, shut_bridges: frozenset[str] = frozenset(), shut_islands: frozenset[str] = frozenset()
    ) -> None:
        self.region, self.shut_islands = region, shut_islands
        self.bridges: list[Bridge] = [
            bridge for bridge in region.bridges.values() if bridge.usable and bridge.id not in shut_bridges
        ]
        ends = [
            end
            for bridge in self.bridges
            for end in (
                (bridge.from_island, bridge.from_lon_deg, bridge.from_lat_deg),
                (bridge.to_island, bridge.to_lon_deg, bridge.to_lat_deg),
            )
        ]
        self._islands = np.array([end[0] for end in ends], dtype=object)
        self._lonlat: Floats = np.array([end[1:] for end in ends], float).reshape(-1, 2)
        self._time_s, self._next = self._between_ends()

    def land_s_per_m(self) -> float:
        """Return seconds for a straight metre on land."""
        return self.region.road_circuity / (self.region.road_speed_kmh / 3.6)

    def times_s(self, a: Sequence[Place], b: Sequence[Place]) -> Floats:
        """Return (a, b) seconds by road, inf where no road leads."""
        out = self._on_one_island_s(a, b)
        if len(self._lonlat):
            outward, inward = self._to_ends_s(a), self._to_ends_s(b)
            for row in range(len(a)):
                at_end = (outward[row][:, None] + self._time_s).min(axis=0)
                out[row] = np.minimum(out[row], (at_end[None, :] + inward).min(axis=1))
        return out

    def ends_s(self, place: Place) -> list[tuple[str, float, float, float]]:
        """Return island, lon, lat of every open bridge's ends with the seconds there by road, those reached only."""
        if not len(self._lonlat):
            return []
        there_s = (self._to_ends_s([place])[0][:, None] + self._time_s).min(axis=0)
        return [
            (str(island), float(lon), float(lat), float(seconds))
            for island, (lon, lat), seconds in zip(self._islands, self._lonlat, there_s, strict=True)
            if np.isfinite(seconds)
        ]

    def way(self, a: Place, b: Place) -> tuple[float, float, list[tuple[float, float]], list[Bridge], list[str]] | None:
        """Return seconds, metres, lon-lat points, bridges and islands of the quickest way; None without one."""
        direct_s = float(self._on_one_island_s([a], [b])[0, 0])
        best_s, first, last = direct_s, -1, -1
        if len(self._lonlat):
            total = self._to_ends_s([a])[0][:, None] + self._time_s + self._to_ends_s([b])[0][None, :]
            place = int(total.argmin())
            if total.flat[place] < direct_s:
                best_s = float(total.flat[place])
                first, last = divmod(place, len(self._lonlat))
        if not np.isfinite(best_s):
            return None
        points, bridges = [(a.lon_deg, a.lat_deg)], []
        islands, length_m, here = [a.island_id], 0.0, first
        if first >= 0:
            stops = [first]
            while here != last:
                here = int(self._next[here, last])
                stops.append(here)
            for before, stop in zip([-1, *stops[:-1]], stops, strict=True):
                if before >= 0 and before // 2 == stop // 2:
                    bridges.append(self.bridges[stop // 2])
                    length_m += 1000 * bridges[-1].length_km
                else:
                    length_m += self._land_m(points[-1], tuple(self._lonlat[stop]))
                points.append((float(self._lonlat[stop, 0]), float(self._lonlat[stop, 1])))
                if self._islands[stop] != islands[-1]:
                    islands.append(str(self._islands[stop]))
        length_m += self._land_m(points[-1], (b.lon_deg, b.lat_deg))
        points.append((b.lon_deg, b.lat_deg))
        return best_s, length_m, points, bridges, islands

    def _land_m(self, a: tuple[float, ...], b: tuple[float, ...]) -> float:
        return float(WGS84.inv(a[0], a[1], b[0], b[1])[2]) * self.region.road_circuity

    def _straight_m(self, a: Floats, b: Floats) -> Floats:
        rows, columns = np.meshgrid(np.arange(len(a)), np.arange(len(b)), indexing="ij")
        flat = WGS84.inv(a[rows.ravel(), 0], a[rows.ravel(), 1], b[columns.ravel(), 0], b[columns.ravel(), 1])[2]
        return np.asarray(flat, float).reshape(len(a), len(b))

    def _joined(self, a: Table, b: Table) -> Table:
        """Return (a, b): whether two islands are one whose roads are open."""
        shut = np.isin(a.astype(str), list(self.shut_islands)) if self.shut_islands else np.zeros(len(a), bool)
        joined: Table = (a[:, None] == b[None, :]) & ~shut[:, None]
        return joined

    def _on_one_island_s(self, a: Sequence[Place], b: Sequence[Place]) -> Floats:
        time_s = self._straight_m(_lonlat(a), _lonlat(b)) * self.land_s_per_m()
        return np.where(self._joined(_islands(a), _islands(b)), time_s, np.inf)

    def _to_ends_s(self, places: Sequence[Place]) -> Floats:
        time_s = self._straight_m(_lonlat(places), self._lonlat) * self.land_s_per_m()
        return np.where(self._joined(_islands(places), self._islands), time_s, np.inf)

    def _between_ends(self) -> tuple[Floats, Table]:
        """Return (ends, ends) seconds and the next end on the way (Floyd and Warshall, 1962)."""
        count = len(self._lonlat)
        if not count:
            return np.empty((0, 0)), np.empty((0, 0), int)
        time_s = np.where(
            self._joined(self._islands, self._islands),
            self._straight_m(self._lonlat, self._lonlat) * self.land_s_per_m(),
            np.inf,
        )
        np.fill_diagonal(time_s, 0.0)
        for number, bridge in enumerate(self.bridges):
            crossing_s = 3600 * bridge.length_km / bridge.speed_kmh
            time_s[2 * number, 2 * number + 1] = time_s[2 * number + 1, 2 * number] = crossing_s
        following = np.tile(np.arange(count), (count, 1))
        for middle in range(count):
            through = time_s[:, middle, None] + time_s[None, middle, :]
            better = through < time_s
            time_s = np.where(better, through, time_s)
            following = np.where(better, following[:, middle, None], following)
        return time_s, following


def _lonlat(places: Sequence[Place]) -> Floats:
    return np.array([(place.lon_deg, place.lat_deg) for place in places], float).reshape(-1, 2)


def _islands(places: Sequence[Place]) -> Table:
    return np.array([place.island_id for place in places], dtype=object)
