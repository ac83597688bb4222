"""How long people take between the places of one island, on foot over land or by road, in whole minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot

import numpy as np
import numpy.typing as npt

from data.geography import Place, Region
from data.holding import WalkMode
from data.local_teams import LocalKind
from routing.deploy.problem_input import UNREACHABLE
from routing.network.foot import WALK_CIRCUITY, WALK_MPS, foot_field
from routing.network.projection import projection
from routing.network.road import RoadNetwork

# Assumed: these have a vehicle at hand, ready in a minute; others walk, or are fetched where that is quicker.
RIDING: frozenset[LocalKind] = frozenset({"police", "auxiliary", "enforcement", "medical", "township", "reinforcement"})
MOUNT_MIN, FETCH_MIN = 1, 10
WALKERS, RIDERS = 0, 1
# Longer walks are not worked out: whoever has no vehicle is fetched.
LONGEST_WALK_S = 7200.0

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ways:
    """Minutes between places: ``minutes[mode, from, to]``, by what means, for walkers and for riders."""

    minutes: IntArray
    by_road: npt.NDArray[np.bool_]

    def means(self, mode: int, start: int, end: int) -> WalkMode:
        """Return how somebody goes from one place to another."""
        if start == end or self.minutes[mode, start, end] == 0:
            return "none"
        return "road" if self.by_road[mode, start, end] else "foot"


def island_ways(region: Region, places: Sequence[Place], shut_roads: frozenset[str] = frozenset()) -> Ways:
    """Return the ways between places of one island; ``shut_roads`` are islands whose roads are closed."""
    foot = foot_minutes(region, places)
    road_s = RoadNetwork(region, shut_islands=shut_roads).times_s(places, places)
    road = np.full(foot.shape, UNREACHABLE, np.int64)
    finite = np.isfinite(road_s)
    road[finite] = np.ceil(road_s[finite] / 60).astype(np.int64)
    minutes = np.empty((2, len(places), len(places)), np.int64)
    by_road = np.empty(minutes.shape, np.bool_)
    for mode, more in ((WALKERS, FETCH_MIN), (RIDERS, MOUNT_MIN)):
        driven = np.where(road < UNREACHABLE, road + more, UNREACHABLE)
        by_road[mode] = driven < foot
        minutes[mode] = np.minimum(driven, foot)
        np.fill_diagonal(minutes[mode], 0)
    return Ways(minutes, by_road)


def foot_minutes(region: Region, places: Sequence[Place]) -> IntArray:
    """Return whole minutes on foot between places over the land of their island."""
    count = len(places)
    walked_s = np.full((count, count), np.inf)
    if count:
        within_s = min(LONGEST_WALK_S, 60.0 + 2.0 * _span_m(region, places) * WALK_CIRCUITY / WALK_MPS)
        for number, place in enumerate(places):
            walked_s[number] = foot_field(region, place, within_s).times_s(places)
    # A walk is as long there as back: where the grid finds it one way only, that counts for both.
    walked_s = np.minimum(walked_s, walked_s.T)
    np.fill_diagonal(walked_s, 0.0)
    out = np.full((count, count), UNREACHABLE, np.int64)
    finite = np.isfinite(walked_s)
    out[finite] = [ceil(seconds / 60 - 1e-9) for seconds in walked_s[finite]]
    return out


def _span_m(region: Region, places: Sequence[Place]) -> float:
    xy_m = projection(region.utm_epsg).to_metres(np.array([(place.lon_deg, place.lat_deg) for place in places], float))
    low, high = xy_m.min(axis=0), xy_m.max(axis=0)
    return hypot(float(high[0] - low[0]), float(high[1] - low[1]))
