"""Keep what is shared and scarce: berths at each site and the road vehicles of each pool, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass

from routing.deploy.problem import NO_POOL, DeployProblem, IntArray
from routing.deploy.trips import Direct, Trip


class SharedBook:
    """Minutes at which berths of a site, or vehicles of a pool, are taken."""

    def __init__(self, held: IntArray) -> None:
        self._held: list[int] = held.tolist()
        self._taken: list[list[tuple[int, int, int]]] = [[] for _ in self._held]

    def first_free(self, where: int, minute: int, length_min: int, count: int = 1) -> int:
        """Return the first minute from ``minute`` on at which so many are free for ``length_min``."""
        taken, held = self._taken[where], self._held[where]
        if length_min <= 0 or sum(number for _, _, number in taken) + count <= held:
            return minute
        for start in sorted({minute, *(end for _, end, _ in taken if end > minute)}):
            if self._peak(taken, start, start + length_min) + count <= held:
                return start
        raise AssertionError("after the last end all are free")

    def copy(self) -> SharedBook:
        """Return a book with the same entries, to try something out in."""
        twin = SharedBook.__new__(SharedBook)
        twin._held, twin._taken = self._held, [list(taken) for taken in self._taken]
        return twin

    def take(self, where: int, start: int, end: int, count: int = 1) -> None:
        """Hold so many from ``start`` until ``end``."""
        if end > start:
            self._taken[where].append((start, end, count))

    @staticmethod
    def _peak(taken: list[tuple[int, int, int]], start: int, end: int) -> int:
        overlapping = [(s, e, n) for s, e, n in taken if s < end and e > start]
        moments = {start, *(s for s, _, _ in overlapping if s > start)}
        return max(sum(n for s, e, n in overlapping if s <= moment < e) for moment in moments)


@dataclass(frozen=True, slots=True)
class Books:
    """The berths of pickups and landings and the pools of vehicles that a plan in the making takes."""

    problem: DeployProblem
    pickups: SharedBook
    landings: SharedBook
    pools: SharedBook

    @classmethod
    def empty(cls, problem: DeployProblem) -> Books:
        """Return books in which nothing is taken."""
        return cls(
            problem,
            SharedBook(problem.pickup_berths),
            SharedBook(problem.landing_berths),
            SharedBook(problem.pool_vehicles),
        )

    def hold_trip(self, trip: Trip) -> None:
        """Take the berths and vehicles of a timed trip."""
        problem, call = self.problem, trip.call
        if call is not None:
            self.pickups.take(call.pickup, call.board_min, call.depart_min)
        self.pickups.take(trip.pickup, trip.board_min, trip.depart_min)
        self.landings.take(trip.landing, trip.land_min - int(problem.unload_min[trip.craft]), trip.land_min)
        for g, start in zip(trip.groups, trip.set_out_min, strict=False):
            ride = home_ride(problem, g, int(problem.access_min[g, trip.pickup_of(g)]))
            self._hold_ride(ride, start)
        for g, start in zip(trip.groups, trip.onward_min, strict=False):
            self._hold_ride(shore_ride(problem, g, trip.landing, trip.incident), start)

    def hold_direct(self, direct: Direct) -> None:
        """Take the vehicles of a group going by road all the way."""
        if direct.set_out_min is not None:
            way_min = int(self.problem.direct_min[direct.group, direct.incident])
            self._hold_ride(home_ride(self.problem, direct.group, way_min), direct.set_out_min)

    def _hold_ride(self, ride: Ride | None, start: int) -> None:
        if ride is not None:
            ride.hold(self.pools, start, self.problem.horizon_min)


@dataclass(frozen=True, slots=True)
class Ride:
    """A group's way in vehicles of a pool: how many at once, for how long until they are back, and when it is there.

    A pool of fewer than the group needs drives several times, and the group is there with the last.
    """

    pool: int
    count: int
    taken_min: int
    there_min: int

    def set_out(self, pools: SharedBook, minute: int) -> int:
        """Return the first minute from ``minute`` on at which the vehicles are free."""
        return pools.first_free(self.pool, minute, self.taken_min, self.count)

    def hold(self, pools: SharedBook, start: int, horizon_min: int) -> None:
        """Take the vehicles from ``start`` on; what happens after the horizon takes nothing, for nobody counts then."""
        pools.take(self.pool, start, min(start + self.taken_min, horizon_min), self.count)


def home_ride(problem: DeployProblem, group: int, way_min: int) -> Ride | None:
    """Return a group's ride from where it stands, None where no vehicle it needs is scarce."""
    return _ride(problem, int(problem.pool_home[group]), int(problem.vehicles_home[group]), way_min)


def shore_ride(problem: DeployProblem, group: int, landing: int, incident: int) -> Ride | None:
    """Return a group's ride from a landing to a scene, None where no vehicle it needs is scarce."""
    way_min = int(problem.last_mile_min[landing, incident])
    return _ride(problem, int(problem.pool_shore[landing, incident]), int(problem.vehicles_shore[group]), way_min)


def _ride(problem: DeployProblem, pool: int, vehicles: int, way_min: int) -> Ride | None:
    if pool == NO_POOL or vehicles <= 0 or way_min <= 0 or way_min >= problem.horizon_min:
        return None
    held = int(problem.pool_vehicles[pool])
    rounds = -(-vehicles // held)
    return Ride(pool, min(vehicles, held), 2 * rounds * way_min, (2 * rounds - 1) * way_min)
