"""Hold a plan while it is being put together trip by trip: what is still needed, unused, and taken."""

from __future__ import annotations

from collections.abc import Sequence

from routing.deploy.books import Books
from routing.deploy.evaluate import Stop, craft_at_pickup, score, stops_of, time_direct, time_plan, time_trip
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, Score, Trip


class DraftTables:
    """The problem's matrices as plain lists, which single look-ups read several times faster than arrays."""

    def __init__(self, problem: DeployProblem) -> None:
        self.counts: list[list[int]] = problem.counts_for.tolist()
        self.strength: list[int] = problem.strength.tolist()
        self.slots: list[int] = problem.group_slots.tolist()
        self.station: list[int] = problem.station.tolist()
        self.at_pickup: list[list[int]] = problem.group_at_pickup_min.tolist()
        self.direct: list[list[int]] = problem.group_direct_min.tolist()
        self.haul: list[list[list[int]]] = problem.haul_min.tolist()
        self.last_mile: list[list[int]] = problem.last_mile_min.tolist()
        self.load: list[int] = problem.load_min.tolist()
        self.unload: list[int] = problem.unload_min.tolist()
        self.seats: list[int] = problem.seats.tolist()
        self.deck: list[int] = problem.craft_slots.tolist()
        self.needs_at: list[list[int]] = [
            [e for e, need in enumerate(problem.echelons) if need.incident == i] for i in range(problem.num_incidents)
        ]
        horizon = problem.horizon_min
        # Groups by the minute they reach each pickup, those that never do left out.
        self.by_pickup: list[list[int]] = [
            [g for minute, g in sorted((row[p], g) for g, row in enumerate(self.at_pickup)) if minute < horizon]
            for p in range(problem.num_pickups)
        ]


class SpareGroups:
    """How many groups each station may still send; who belongs to none may always go."""

    def __init__(self, problem: DeployProblem) -> None:
        self._station: list[int] = problem.station.tolist()
        self._left: list[int] = problem.spare_groups.tolist()

    def take(self, group: int) -> bool:
        """Count a group as sent; says whether its station could spare it."""
        station = self._station[group]
        if station < 0:
            return True
        self._left[station] -= 1
        return self._left[station] >= 0


class PlanDraft:
    """Trips and direct groups decided so far; berths and vehicles are given in the order of decision."""

    def __init__(self, problem: DeployProblem, tables: DraftTables) -> None:
        self.problem, self.tables = problem, tables
        self.needed = [need.persons for need in problem.echelons]
        self.is_used = [False] * problem.num_groups
        self.spare: list[int] = problem.spare_groups.tolist()
        self.last: list[Trip | None] = [None] * problem.num_craft
        self.books = Books.empty(problem)
        self.trips: list[Trip] = []
        self.directs: list[Direct] = []

    def may_go(self, group: int) -> bool:
        """Say whether a group is unused and its station can spare it."""
        station = self.tables.station[group]
        return not self.is_used[group] and (station < 0 or self.spare[station] > 0)

    def helps(self, group: int, incident: int, needed: list[int]) -> bool:
        """Say whether a group would lessen what is still ``needed`` at an incident."""
        counts = self.tables.counts[group]
        return any(needed[e] > 0 and counts[e] > 0 for e in self.tables.needs_at[incident])

    def reduce(self, needed: list[int], group: int, incident: int) -> None:
        """Take a group's persons off what is ``needed`` at an incident."""
        counts = self.tables.counts[group]
        for e in self.tables.needs_at[incident]:
            needed[e] = max(0, needed[e] - counts[e])

    def alongside(self, craft: int, pickup: int) -> int:
        """Return when a craft can next be at a pickup."""
        return craft_at_pickup(self.problem, craft, pickup, self.last[craft])

    def timed(self, craft: int, stop: Stop) -> Trip:
        """Return the trip a craft would make next, at the earliest minutes the berths left allow."""
        return time_trip(self.problem, craft, stop, self.last[craft], self.books)

    def send(self, trip: Trip) -> None:
        """Decide a timed trip and take its berths and vehicles."""
        self.books.hold_trip(trip)
        self.last[trip.craft] = trip
        self.trips.append(trip)
        for g in trip.groups:
            self._use(g, trip.incident)

    def send_direct(self, group: int, incident: int) -> None:
        """Decide that a group goes by road or on foot."""
        self.keep_direct(time_direct(self.problem, group, incident, self.books))

    def keep_direct(self, direct: Direct) -> None:
        """Take over a group going by road with the times it has."""
        self.books.hold_direct(direct)
        self.directs.append(direct)
        self._use(direct.group, direct.incident)

    def _use(self, group: int, incident: int) -> None:
        self.is_used[group] = True
        if self.tables.station[group] >= 0:
            self.spare[self.tables.station[group]] -= 1
        self.reduce(self.needed, group, incident)


Candidate = tuple[Score, tuple[Trip, ...], tuple[Direct, ...]]


def retimed(problem: DeployProblem, draft_trips: list[Trip], directs: list[Direct]) -> Candidate:
    """Return a draft scored, with berths and vehicles given in order of readiness where that is better."""
    trips = tuple(sorted(draft_trips, key=lambda t: (t.craft, t.begin_min)))
    best = (score(problem, trips, directs), trips, tuple(directs))
    again = timed_anew(problem, trips, directs)
    return again if again is not None and again[0].total < best[0].total else best


def timed_anew(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Candidate | None:
    """Return the same choices timed and scored by the reference, None where a link is missing."""
    timed = time_plan(problem, stops_of(problem, trips), ((d.group, d.incident) for d in directs))
    return None if timed is None else (score(problem, *timed), *timed)


def trimmed(problem: DeployProblem, candidate: Candidate) -> Candidate:
    """Leave out every last trip of a craft and every direct group that the objective is no worse without."""
    best, trips, directs = candidate
    for trip in sorted(trips, key=lambda t: -t.land_min):
        if trip.land_min >= UNREACHABLE or any(t.craft == trip.craft and t.begin_min > trip.begin_min for t in trips):
            continue
        fewer = tuple(t for t in trips if t is not trip)
        anew = score(problem, fewer, directs)
        if anew.total <= best.total:
            best, trips = anew, fewer
    for direct in sorted(directs, key=lambda d: -d.arrive_min):
        less = tuple(d for d in directs if d is not direct)
        anew = score(problem, trips, less)
        if anew.total <= best.total:
            best, directs = anew, less
    return best, trips, directs
