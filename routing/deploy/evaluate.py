"""Time the trips of each craft and score a plan: the plain reference every faster evaluator is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, IntArray, Score, Trip, next_open


@dataclass(frozen=True, slots=True)
class Stop:
    """One trip still without times: where it loads, where it lands, for which incident, and who rides."""

    pickup: int
    landing: int
    incident: int
    groups: tuple[int, ...]


class BerthBook:
    """Minutes at which each site's berths are taken."""

    def __init__(self, berths: IntArray) -> None:
        self._berths: list[int] = berths.tolist()
        self._taken: list[list[tuple[int, int]]] = [[] for _ in self._berths]

    def first_free(self, site: int, minute: int, length_min: int) -> int:
        """Return the first minute from ``minute`` on at which a berth is free for ``length_min``."""
        taken, berths = self._taken[site], self._berths[site]
        if length_min <= 0 or len(taken) < berths:
            return minute
        for start in sorted({minute, *(end for _, end in taken if end > minute)}):
            if self._peak(taken, start, start + length_min) < berths:
                return start
        raise AssertionError("after the last end every berth is free")

    def take(self, site: int, start: int, end: int) -> None:
        """Hold a berth from ``start`` until ``end``."""
        if end > start:
            self._taken[site].append((start, end))

    @staticmethod
    def _peak(taken: list[tuple[int, int]], start: int, end: int) -> int:
        overlapping = [(s, e) for s, e in taken if s < end and e > start]
        moments = {start, *(s for s, _ in overlapping if s > start)}
        return max(sum(1 for s, e in overlapping if s <= moment < e) for moment in moments)


def craft_at_pickup(problem: DeployProblem, craft: int, pickup: int, after: Trip | None) -> int:
    """Return the minute a craft can be at a pickup: from its start, or back from the trip before."""
    if after is None:
        cast_off = next_open(int(problem.craft_ready_min[craft]), problem.closed_positions.get((craft, pickup), ()))
        return cast_off + int(problem.position_min[craft, pickup])
    cast_off = next_open(after.land_min, problem.closed_returns.get((craft, after.landing, pickup), ()))
    return cast_off + int(problem.return_min[craft, after.landing, pickup])


def boarding_minute(problem: DeployProblem, craft: int, stop: Stop, alongside_min: int, book: BerthBook) -> int:
    """Return when loading can start: craft and groups there, a berth free, the crossing open when it departs."""
    at_pickup = problem.group_at_pickup_min
    minute = max([alongside_min, *(int(at_pickup[g, stop.pickup]) for g in stop.groups)])
    load = int(problem.load_min[craft])
    spans = problem.closed_hauls.get((craft, stop.pickup, stop.landing), ())
    while minute < UNREACHABLE:
        free = book.first_free(stop.pickup, minute, load)
        minute = next_open(free + load, spans) - load
        if minute == free:
            break
    return minute


def time_trip(
    problem: DeployProblem, craft: int, stop: Stop, after: Trip | None, pickups: BerthBook, landings: BerthBook
) -> Trip:
    """Give one trip its earliest times; a missing link shows as times of UNREACHABLE or more."""
    load, unload = int(problem.load_min[craft]), int(problem.unload_min[craft])
    alongside = craft_at_pickup(problem, craft, stop.pickup, after)
    board = boarding_minute(problem, craft, stop, alongside, pickups)
    moored = board + load + int(problem.haul_min[craft, stop.pickup, stop.landing])
    if moored < UNREACHABLE:
        moored = landings.first_free(stop.landing, moored, unload)
    return Trip(craft, stop.incident, stop.pickup, stop.landing, stop.groups, board, board + load, moored + unload)


def hold_berths(problem: DeployProblem, trip: Trip, pickups: BerthBook, landings: BerthBook) -> None:
    """Take the berths of a timed trip."""
    pickups.take(trip.pickup, trip.board_min, trip.depart_min)
    landings.take(trip.landing, trip.land_min - int(problem.unload_min[trip.craft]), trip.land_min)


def time_trips(problem: DeployProblem, stops: Sequence[Sequence[Stop]]) -> tuple[Trip, ...] | None:
    """Time every craft's stops in order, or return None where a link is missing.

    Berths are given in the order in which trips could load if every berth were free (ties to the lower craft).
    """
    pickups, landings = BerthBook(problem.pickup_berths), BerthBook(problem.landing_berths)
    done: list[Trip] = []
    last: list[Trip | None] = [None] * problem.num_craft
    position = [0] * problem.num_craft
    waiting = [c for c in range(problem.num_craft) if stops[c]]
    ready: dict[int, int] = {}
    while waiting:
        for c in waiting:
            if c not in ready:
                stop = stops[c][position[c]]
                alongside = craft_at_pickup(problem, c, stop.pickup, last[c])
                ready[c] = max([alongside, *(int(problem.group_at_pickup_min[g, stop.pickup]) for g in stop.groups)])
        craft = min(waiting, key=lambda c: (ready[c], c))
        trip = time_trip(problem, craft, stops[craft][position[craft]], last[craft], pickups, landings)
        if trip.land_min >= UNREACHABLE:
            return None
        hold_berths(problem, trip, pickups, landings)
        done.append(trip)
        last[craft] = trip
        del ready[craft]
        position[craft] += 1
        if position[craft] == len(stops[craft]):
            waiting.remove(craft)
    return tuple(sorted(done, key=lambda t: (t.craft, t.board_min)))


def trip_minutes(problem: DeployProblem, trip: Trip, before: Trip | None) -> int:
    """Return the craft-minutes of a trip: coming to the pickup, loading, crossing, unloading; waiting is free."""
    c = trip.craft
    approach = (
        problem.position_min[c, trip.pickup] if before is None else problem.return_min[c, before.landing, trip.pickup]
    )
    return int(approach + problem.load_min[c] + problem.haul_min[c, trip.pickup, trip.landing] + problem.unload_min[c])


def arrivals(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> list[tuple[int, int, int]]:
    """Return (minute, incident, group) of every arrival within the horizon, earliest first."""
    found = [
        (t.land_min + int(problem.last_mile_min[t.landing, t.incident]), t.incident, g) for t in trips for g in t.groups
    ]
    found += [(d.arrive_min, d.incident, d.group) for d in directs]
    return sorted(a for a in found if a[0] <= problem.horizon_min)


def score(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Score:
    """Return the objective's terms of a plan whose times are given."""
    came = arrivals(problem, trips, directs)
    unmet = echelon_time = 0
    complete: list[int | None] = []
    arrived: list[int] = []
    for e, need in enumerate(problem.echelons):
        persons, at = 0, None
        for minute, incident, group in came:
            if incident == need.incident:
                persons += int(problem.counts_for[group, e])
                if at is None and persons >= need.persons:
                    at = minute
        complete.append(at)
        arrived.append(persons)
        price = problem.weights.minute * need.weight
        if at is None:
            unmet += price * (problem.unmet_min + problem.weights.missing_min * (need.persons - persons))
        else:
            echelon_time += price * at
    used = [g for t in trips for g in t.groups] + [d.group for d in directs]
    cover_lost = sum(int(problem.cover_points[g]) for g in used)
    minutes = sum(trip_minutes(problem, trip, before) for before, trip in in_sequence(trips))
    return Score(
        unmet, echelon_time, cover_lost, problem.weights.craft_minute * minutes, tuple(complete), tuple(arrived)
    )


def in_sequence(trips: Sequence[Trip]) -> list[tuple[Trip | None, Trip]]:
    """Return each trip with the one its craft made before it."""
    last: dict[int, Trip] = {}
    pairs: list[tuple[Trip | None, Trip]] = []
    for trip in sorted(trips, key=lambda t: (t.craft, t.board_min, t.depart_min)):
        pairs.append((last.get(trip.craft), trip))
        last[trip.craft] = trip
    return pairs


def stops_of(problem: DeployProblem, trips: Sequence[Trip]) -> list[list[Stop]]:
    """Return each craft's trips without their times, in order."""
    stops: list[list[Stop]] = [[] for _ in range(problem.num_craft)]
    for _, trip in in_sequence(trips):
        stops[trip.craft].append(Stop(trip.pickup, trip.landing, trip.incident, trip.groups))
    return stops
