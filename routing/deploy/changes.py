"""The small changes of a deployment problem that may help an echelon: one more craft, a berth, minutes, a window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Literal, get_args

import numpy as np

from routing.deploy.books import home_ride, shore_ride
from routing.deploy.draft import Candidate
from routing.deploy.problem import BoolArray, DeployProblem, Direct, IntArray, Spans, Trip
from routing.deploy.reach import Reach

# In the order in which a commander can have them: waiting less, a berth, a window, cover given up, more forces.
ChangeKind = Literal[
    "craft-ready",
    "group-ready",
    "pickup-berth",
    "landing-berth",
    "vehicle",
    "pickup-open",
    "landing-open",
    "cover",
    "group",
    "craft",
]
KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
# Minutes earlier that a unit is tried ready, and how many changes of each kind are tried.
EARLIER_MIN = 15
TRIED_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of the craft, group, station, site or pool in row ``index``, by ``amount`` (minutes or one)."""

    kind: ChangeKind
    index: int
    amount: int = 1


def changed(problem: DeployProblem, change: Change) -> DeployProblem:
    """Return the problem with one change; rows keep their numbers, a further craft or group comes last."""
    n, by = change.index, change.amount
    match change.kind:
        case "craft-ready":
            return replace(problem, craft_ready_min=_lowered(problem.craft_ready_min, n, by))
        case "group-ready":
            return replace(problem, ready_min=_lowered(problem.ready_min, n, by))
        case "pickup-berth":
            return replace(problem, pickup_berths=_lowered(problem.pickup_berths, n, -by))
        case "landing-berth":
            return replace(problem, landing_berths=_lowered(problem.landing_berths, n, -by))
        case "vehicle":
            return replace(problem, pool_vehicles=_lowered(problem.pool_vehicles, n, -by))
        case "pickup-open":
            return replace(
                problem,
                closed_hauls=_without(problem.closed_hauls, 1, n),
                closed_positions=_without(problem.closed_positions, 1, n),
                closed_returns=_without(problem.closed_returns, 2, n),
                closed_shifts=_without(_without(problem.closed_shifts, 1, n), 2, n),
            )
        case "landing-open":
            return replace(
                problem,
                closed_hauls=_without(problem.closed_hauls, 2, n),
                closed_returns=_without(problem.closed_returns, 1, n),
            )
        case "cover":
            return replace(problem, keep_groups=_lowered(problem.keep_groups, n, by))
        case "group":
            return _with_group(problem, n)
        case "craft":
            return _with_craft(problem, n)


def _lowered(array: IntArray, at: int, by: int) -> IntArray:
    lower = array.copy()
    lower[at] = max(0, int(lower[at]) - by)
    return lower


def _without(closed: Mapping[Any, Spans], axis: int, site: int) -> dict[Any, Spans]:
    return {key: spans for key, spans in closed.items() if key[axis] != site}


def _again(array: IntArray, row: int) -> IntArray:
    return np.concatenate([array, array[row : row + 1]])


def _with_group(problem: DeployProblem, row: int) -> DeployProblem:
    """Return the problem with a group like another beside it; it is new, so no station keeps it."""
    assert problem.counts_for_cover is not None
    station = problem.station.tolist()
    return replace(
        problem,
        strength=_again(problem.strength, row),
        skills=(*problem.skills, problem.skills[row]),
        ready_min=_again(problem.ready_min, row),
        station=np.array([*station, -1], dtype=np.int64),
        group_slots=_again(problem.group_slots, row),
        access_min=_again(problem.access_min, row),
        direct_min=_again(problem.direct_min, row),
        vehicles_home=_again(problem.vehicles_home, row),
        vehicles_shore=_again(problem.vehicles_shore, row),
        pool_home=_again(problem.pool_home, row),
        counts_for_cover=np.append(problem.counts_for_cover, False),
    )


def _with_craft(problem: DeployProblem, row: int) -> DeployProblem:
    """Return the problem with a craft like another beside it."""
    further = problem.num_craft

    def both(closed: Mapping[Any, Spans]) -> dict[Any, Spans]:
        return dict(closed) | {(further, *key[1:]): spans for key, spans in closed.items() if key[0] == row}

    return replace(
        problem,
        seats=_again(problem.seats, row),
        craft_slots=_again(problem.craft_slots, row),
        craft_ready_min=_again(problem.craft_ready_min, row),
        load_min=_again(problem.load_min, row),
        unload_min=_again(problem.unload_min, row),
        position_min=_again(problem.position_min, row),
        haul_min=_again(problem.haul_min, row),
        return_min=_again(problem.return_min, row),
        shift_min=_again(problem.shift_min, row),
        closed_hauls=both(problem.closed_hauls),
        closed_positions=both(problem.closed_positions),
        closed_returns=both(problem.closed_returns),
    )


def changes_for(problem: DeployProblem, reach: Reach, plan: Candidate, echelon: int) -> list[Change]:
    """Return the changes worth trying for one echelon of a plan, the first of every kind before the second of any.

    Of each kind they are those that bear on it most: the last to come, and what could come before it is complete.
    """
    score, trips, directs = plan
    need, complete = problem.echelons[echelon], score.complete_min[echelon]
    until = problem.horizon_min if complete is None else complete - 1
    counts = problem.counts_for[:, echelon] > 0
    last_first = sorted((t for t in trips if t.incident == need.incident), key=lambda t: (-t.land_min, t.craft))
    by_craft = np.where(counts[:, None], reach.by_craft_min[:, :, need.incident], problem.horizon_min + 1)
    soonest = by_craft.min(axis=0, initial=problem.horizon_min + 1)
    craft = [int(c) for c in np.argsort(soonest, kind="stable") if soonest[c] <= until]
    arrive = reach.arrive_min[:, need.incident]
    groups = [int(g) for g in np.argsort(arrive, kind="stable") if counts[g] and arrive[g] <= until]
    kinds = [
        [Change("craft", c) for c in _unlike(craft, problem.position_min, problem.seats[:, None])],
        [Change("group", g) for g in _unlike(groups, problem.access_min, problem.direct_min)],
        [Change("cover", s) for s in _full_stations(problem, groups, trips, directs)],
        list(_earlier(problem, last_first, craft, counts)),
        list(_berths(problem, last_first, trips)),
        list(_vehicles(problem, last_first)),
        list(_windows(problem, need.incident, until)),
    ]
    rows = zip_longest(*(kind[:TRIED_A_KIND] for kind in kinds))
    return [change for row in rows for change in row if change is not None]


def _full_stations(
    problem: DeployProblem, groups: Sequence[int], trips: Sequence[Trip], directs: Sequence[Direct]
) -> list[int]:
    """Return the stations that send all they may and keep a group that would count, the nearest first."""
    used = {g for t in trips for g in t.groups} | {d.group for d in directs}
    kept = dict.fromkeys(int(problem.station[g]) for g in groups if g not in used and problem.station[g] >= 0)
    sent = [int(problem.station[g]) for g in used]
    return [s for s in kept if problem.keep_groups[s] > 0 and sent.count(s) >= problem.spare_groups[s]]


def _earlier(
    problem: DeployProblem, last_first: Sequence[Trip], craft: Sequence[int], counts: BoolArray
) -> Iterator[Change]:
    """Yield craft and groups that could be ready sooner, by turns."""
    boats = [c for c in dict.fromkeys([*(t.craft for t in last_first), *craft]) if problem.craft_ready_min[c] > 0]
    aboard = [
        g for g in dict.fromkeys(g for t in last_first for g in t.groups) if counts[g] and problem.ready_min[g] > 0
    ]
    for c, g in zip_longest(boats, aboard):
        if c is not None:
            yield Change("craft-ready", c, min(EARLIER_MIN, int(problem.craft_ready_min[c])))
        if g is not None:
            yield Change("group-ready", g, min(EARLIER_MIN, int(problem.ready_min[g])))


def _berths(problem: DeployProblem, last_first: Sequence[Trip], trips: Sequence[Trip]) -> Iterator[Change]:
    """Yield the sites of the last trips where more craft call than there are berths."""
    for place in dict.fromkeys(t.landing for t in last_first):
        if sum(1 for t in trips if t.landing == place) > problem.landing_berths[place]:
            yield Change("landing-berth", place)
    for p in dict.fromkeys(t.pickup for t in last_first):
        if sum(1 for t in trips if t.pickup == p) > problem.pickup_berths[p]:
            yield Change("pickup-berth", p)


def _vehicles(problem: DeployProblem, last_first: Sequence[Trip]) -> Iterator[Change]:
    """Yield the pools for whose vehicles somebody of the last trips waits, or is driven in turns."""
    pools: dict[int, None] = {}
    for trip in last_first:
        for g, out, onward in zip(trip.groups, trip.set_out_min, trip.onward_min, strict=False):
            ashore = shore_ride(problem, g, trip.landing, trip.incident)
            home = home_ride(problem, g, int(problem.access_min[g, trip.pickup_of(g)]))
            for ride, waits in ((ashore, onward > trip.land_min), (home, out > problem.ready_min[g])):
                if ride is not None and (waits or 2 * ride.there_min > ride.taken_min):
                    pools[ride.pool] = None
    for pool in pools:
        yield Change("vehicle", pool)


def _windows(problem: DeployProblem, incident: int, until_min: int) -> Iterator[Change]:
    """Yield the sites whose departures are closed for a while."""
    for place in _shut(2, problem.closed_hauls):
        if problem.last_mile_min[place, incident] <= until_min:
            yield Change("landing-open", place)
    for p in _shut(1, problem.closed_hauls, problem.closed_positions):
        yield Change("pickup-open", p)


def _shut(axis: int, *closed: Mapping[Any, Spans]) -> list[int]:
    """Return the sites of the links with closed spans, those of most links first."""
    count: dict[int, int] = {}
    for links in closed:
        for key in links:
            count[key[axis]] = count.get(key[axis], 0) + 1
    return sorted(count, key=lambda site: (-count[site], site))


def _unlike(rows: list[int], *features: IntArray) -> list[int]:
    """Return the first of each set of rows that stand at one place and carry as much."""
    seen: dict[bytes, int] = {}
    for row in rows:
        seen.setdefault(b"".join(np.ascontiguousarray(feature[row]).tobytes() for feature in features), row)
    return list(seen.values())
