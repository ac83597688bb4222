"""The shortest lane between every two piers with its metres in each zone, so that any class's times are one product.

A deployment sails fixed lanes, the shortest ones, whatever the sea: its times follow the zones a lane passes,
its path does not change from hour to hour. They are worked out once for a region and kept on disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from data.array_cache import ArrayCache
from data.errors import NotAtSeaError
from data.forces import CraftClass
from data.geography import Helipad, Place
from routing.network.air import POINT_EVERY_M, flight_time_s
from routing.network.network import lanes_key
from routing.network.projection import WGS84, Floats
from routing.network.routes import Route, ZoneSpan
from routing.network.sea_speed import REFERENCE_SPEED_MPS

if TYPE_CHECKING:
    from routing.network.network import Network

FORMAT = "lane-book/1"
KEPT_FLIGHTS = 4_000


@dataclass(frozen=True)
class Lane:
    """One lane: lon, lat points, and its pieces in order as zone numbers and metres."""

    path: tuple[tuple[float, float], ...]
    zones: tuple[int, ...]
    metres: tuple[float, ...]

    @property
    def length_m(self) -> float:
        """The metres of the whole lane."""
        return sum(self.metres)

    def turned(self) -> Lane:
        """Return the lane sailed the other way."""
        return Lane(self.path[::-1], self.zones[::-1], self.metres[::-1])


@dataclass
class LaneBook:
    """Lanes between the known piers of a network, and, on demand, from any other point of water."""

    network: Network
    zone_m: Floats  # (piers, piers, zones) metres
    lanes: dict[tuple[int, int], Lane]
    _flights: dict[tuple[str | float, ...], Route] = field(default_factory=dict)
    _pad_zones: dict[str, str] = field(default_factory=dict)
    _others: dict[tuple[tuple[float, float], tuple[float, float]], Lane | None] = field(default_factory=dict)

    @classmethod
    def build(cls, network: Network, cache: ArrayCache | None = None) -> LaneBook:
        """Return the book of a network, from the cache when the network has not changed."""
        key = f"{lanes_key(network.region)}-{FORMAT.replace('/', '-')}"

        def make() -> dict[str, np.ndarray[Any, Any]]:
            return _lane_arrays(network)

        return cls.from_arrays(network, cache.fetch(key, make) if cache is not None else make())

    @classmethod
    def from_arrays(cls, network: Network, arrays: dict[str, np.ndarray[Any, Any]]) -> LaneBook:
        """Return the book that ``arrays`` was made from."""
        count, num_zones = len(network.lanes.known), max(1, len(network.lanes.zones.ids))
        zone_m = np.full((count, count, num_zones), np.inf)
        zone_m[range(count), range(count)] = 0.0
        lanes: dict[tuple[int, int], Lane] = {}
        points, points_at = arrays["points"], arrays["points_at"]
        zones, metres, pieces_at = arrays["piece_zones"], arrays["piece_m"], arrays["pieces_at"]
        for n, (i, j) in enumerate(arrays["pairs"].tolist()):
            path = points[points_at[n] : points_at[n + 1]]
            part = slice(pieces_at[n], pieces_at[n + 1])
            lane = Lane(tuple(map(tuple, path.tolist())), tuple(zones[part].tolist()), tuple(metres[part].tolist()))
            lanes[i, j] = lane
            zone_m[i, j] = zone_m[j, i] = np.bincount(zones[part], metres[part], minlength=num_zones)
        return cls(network, zone_m, lanes)

    def lane(self, a: Place, b: Place) -> Lane | None:
        """Return the lane from a to b, None where no water joins them."""
        i, j = self._number(a), self._number(b)
        if i is not None and j is not None:
            if i == j:
                here = ((a.lon_deg, a.lat_deg), (b.lon_deg, b.lat_deg))
                return Lane(here, (), ())
            found = self.lanes.get((min(i, j), max(i, j)))
            return found.turned() if found is not None and i > j else found
        key = (a.lon_deg, a.lat_deg), (b.lon_deg, b.lat_deg)
        if key not in self._others:
            self._others[key] = self._lane_off_the_book(a, b)
        return self._others[key]

    def zone_metres(self, a: Sequence[Place], b: Sequence[Place]) -> Floats:
        """Return (a, b, zones) metres of the lanes between places; inf where there is none."""
        rows, columns = [self._number(place) for place in a], [self._number(place) for place in b]
        out = np.full((len(a), len(b), self.zone_m.shape[2]), np.inf)
        known_rows = [n for n, row in enumerate(rows) if row is not None]
        known_columns = [n for n, column in enumerate(columns) if column is not None]
        if known_rows and known_columns:
            from_numbers = [row for row in rows if row is not None]
            to_numbers = [column for column in columns if column is not None]
            out[np.ix_(known_rows, known_columns)] = self.zone_m[np.ix_(from_numbers, to_numbers)]
        for r, row in enumerate(rows):
            for c, column in enumerate(columns):
                if (row is None or column is None) and (lane := self.lane(a[r], b[c])) is not None:
                    out[r, c] = np.bincount(np.array(lane.zones, int), lane.metres, minlength=out.shape[2])
        return out

    def flight(self, craft_class: CraftClass, a: Place, b: Place) -> Route:
        """Return a flight between two places, worked out once for a class."""
        key = (craft_class.id, a.id, a.lon_deg, a.lat_deg, b.id, b.lon_deg, b.lat_deg)
        if key not in self._flights:
            if len(self._flights) >= KEPT_FLIGHTS:
                self._flights.clear()
            self._flights[key] = self._hop(craft_class, a, b) or self.network.air_route(a, b, craft_class)
        return self._flights[key]

    def _hop(self, craft_class: CraftClass, a: Place, b: Place) -> Route | None:
        """Return a flight too short to need a point between its ends, None for a longer one."""
        length_m = float(WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)[2])
        if length_m >= POINT_EVERY_M:
            return None
        time_s = flight_time_s(length_m, craft_class)
        ends = [self.network.zone_of(place.lon_deg, place.lat_deg) for place in (a, b)]
        zones = tuple(dict.fromkeys(ends))
        return Route(
            mode="air",
            from_site=a.id,
            to_site=b.id,
            length_m=length_m,
            time_s=time_s,
            path=((a.lon_deg, a.lat_deg), (b.lon_deg, b.lat_deg)),
            estimate=False,
            zone_ids=zones,
            island_ids=tuple(dict.fromkeys((a.island_id, b.island_id))),
            # So short a flight counts as in both its zones all the way.
            zone_spans=tuple(ZoneSpan(zone, 0.0, time_s) for zone in zones),
        )

    def zone_of(self, pad: Helipad) -> str:
        """Return the zone a pad lies in."""
        if pad.id not in self._pad_zones:
            self._pad_zones[pad.id] = self.network.zone_of(pad.lon_deg, pad.lat_deg)
        return self._pad_zones[pad.id]

    def _number(self, place: Place) -> int | None:
        return self.network.lanes.known.get((place.lon_deg, place.lat_deg))

    def _lane_off_the_book(self, a: Place, b: Place) -> Lane | None:
        try:
            route = self.network.sea_route(a, b)
        except NotAtSeaError:
            return None
        numbers = {zone_id: n for n, zone_id in enumerate(self.network.lanes.zones.ids)}
        spans = route.zone_spans
        return Lane(
            route.path,
            tuple(numbers[span.zone_id] for span in spans),
            tuple((span.to_s - span.from_s) * REFERENCE_SPEED_MPS for span in spans),
        )


def _lane_arrays(network: Network) -> dict[str, np.ndarray[Any, Any]]:
    """Find the shortest lane of every pair of known piers, one search from each pier."""
    lanes, graph = network.lanes, network.lanes.graph
    places, seen = lanes.attached, lanes.attached.seen
    count, num_corners = len(places), len(graph.corners_m)
    pairs: list[tuple[int, int]] = []
    paths: list[Floats] = []
    for i in range(count):
        cost, before = graph.costs(graph.edge_lengths_m, places, seen.lengths_m, [i])
        for j in range(i + 1, count):
            straight_m = float(np.hypot(*(places.xy_m[i] - places.xy_m[j])))
            shortest_m = float(lanes.known_lengths_m[i, j])
            if not np.isfinite(shortest_m):
                continue
            trail: list[int] = []
            if shortest_m > straight_m + 1e-6:
                corners, lengths_m = seen.of(j)
                trail = _trail(int(corners[(cost[0, corners] + lengths_m).argmin()]), before[0], num_corners)
            pairs.append((i, j))
            paths.append(np.vstack([places.xy_m[i], *graph.corners_m[trail], places.xy_m[j]]))
    sizes = np.array([len(path) for path in paths], int)
    points_m = np.concatenate(paths) if paths else np.empty((0, 2))
    pair_of_point = np.repeat(np.arange(len(paths)), sizes)
    is_segment = pair_of_point[:-1] == pair_of_point[1:]
    start_m, end_m = points_m[:-1][is_segment], points_m[1:][is_segment]
    pieces = lanes.zones.cut(start_m, end_m)
    piece_m = np.hypot(*(end_m - start_m).T)[pieces.segment] * (pieces.to_t - pieces.from_t)
    piece_pair = pair_of_point[:-1][is_segment][pieces.segment]
    # Neighbouring pieces of one lane in one zone are one piece.
    new = np.ones(len(piece_pair), bool)
    new[1:] = (piece_pair[1:] != piece_pair[:-1]) | (pieces.zone[1:] != pieces.zone[:-1])
    run = np.cumsum(new) - 1
    run_m = np.bincount(run, piece_m) if len(run) else np.empty(0)
    return {
        "pairs": np.array(pairs, np.int32).reshape(-1, 2),
        "points": lanes.projection.to_degrees(points_m),
        "points_at": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        "piece_zones": pieces.zone[new],
        "piece_m": run_m,
        "pieces_at": np.searchsorted(piece_pair[new], np.arange(len(paths) + 1)).astype(np.int64),
    }


def _trail(corner: int, before: Any, num_corners: int) -> list[int]:
    path = [corner]
    while (corner := int(before[corner])) < num_corners:
        path.append(corner)
    return path[::-1]
