"""Time trips at berths that others hold already, and at piers that are closed for a span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from routing.deploy.books import Books, Ride, SharedBook, home_ride, shore_ride
from routing.deploy.evaluate import Stop, time_directs, time_trips
from routing.deploy.problem import DeployProblem, Direct, IntArray, Spans, Trip
from routing.replan.events import PierClosed, PierSide


class ClosingBook(SharedBook):
    """Berths at which nothing is handled in the closed spans of their site."""

    def __init__(self, berths: IntArray, closed: dict[int, Spans]) -> None:
        super().__init__(berths)
        self._closed = closed

    def first_free(self, where: int, minute: int, length_min: int, count: int = 1) -> int:
        """Return the first minute from ``minute`` on at which a berth is free and open for ``length_min``."""
        spans = self._closed.get(where, ())
        while True:
            minute = super().first_free(where, minute, length_min, count)
            shut = [end for start, end in spans if minute < end and minute + max(length_min, 1) > start]
            if not shut:
                return minute
            minute = max(shut)


@dataclass(frozen=True)
class HeldBerths:
    """The trips that hold their berths whatever is decided, the vehicles that are out, and the closures of piers."""

    problem: DeployProblem
    trips: tuple[Trip, ...]
    closures: tuple[PierClosed, ...]
    rides: tuple[tuple[Ride, int], ...] = ()

    def books(self) -> Books:
        """Return books with what is held entered."""
        pickups = self._book("pickup", self.problem.pickup_berths)
        landings = self._book("landing", self.problem.landing_berths)
        books = Books(self.problem, pickups, landings, SharedBook(self.problem.pool_vehicles))
        for trip in self.trips:
            books.hold_trip(trip)
        for ride, start in self.rides:
            ride.hold(books.pools, start, self.problem.horizon_min)
        return books

    def with_trips(self, trips: Iterable[Trip]) -> HeldBerths:
        """Return the same with more trips that hold their berths."""
        return replace(self, trips=(*self.trips, *trips))

    def with_rides(self, rides: tuple[tuple[Ride, int], ...]) -> HeldBerths:
        """Return the same with more vehicles that are out."""
        return replace(self, rides=(*self.rides, *rides)) if rides else self

    def vehicles_suffice(self) -> bool:
        """Say whether no pool has more vehicles out than it holds."""
        onward = [
            (shore_ride(self.problem, g, trip.landing, trip.incident), trip.onward_of(g))
            for trip in self.trips
            for g in trip.groups
        ]
        rides = [*self.rides, *((ride, start) for ride, start in onward if ride is not None)]
        spans = [(ride.pool, start, start + ride.taken_min, ride.count) for ride, start in rides]
        horizon_min = self.problem.horizon_min
        return all(
            sum(count for other, begin, end, count in spans if other == pool and begin <= start < end)
            <= self.problem.pool_vehicles[pool]
            for pool, start, _, _ in spans
            if start < horizon_min
        )

    def _book(self, side: PierSide, berths: IntArray) -> SharedBook:
        closed: dict[int, Spans] = {}
        for one in self.closures:
            if one.side == side:
                closed[one.site] = (*closed.get(one.site, ()), (one.start_min, one.end_min))
        return ClosingBook(berths, closed) if closed else SharedBook(berths)


def time_stops(problem: DeployProblem, stops: Sequence[Sequence[Stop]], held: HeldBerths) -> tuple[Trip, ...] | None:
    """Time every craft's stops in order after what is held, or return None where a link is missing."""
    return time_trips(problem, stops, held.books())


def time_answer(
    problem: DeployProblem, stops: Sequence[Sequence[Stop]], ways: Iterable[tuple[int, int]], held: HeldBerths
) -> tuple[tuple[Trip, ...], tuple[Direct, ...]] | None:
    """Time groups by road, (group, incident), then every craft's stops, after what is held; None without a link."""
    books = held.books()
    directs = time_directs(problem, ways, books)
    trips = time_trips(problem, stops, books)
    return None if trips is None else (trips, directs)


def rides_out(problem: DeployProblem, trips: Iterable[Trip], directs: Iterable[Direct]) -> tuple[tuple[Ride, int], ...]:
    """Return the vehicles that groups of trips and drives that have begun took from home, and when."""
    found: list[tuple[Ride, int]] = []
    for trip in trips:
        for g, start in zip(trip.groups, trip.set_out_min, strict=False):
            if (ride := home_ride(problem, g, int(problem.access_min[g, trip.pickup_of(g)]))) is not None:
                found.append((ride, start))
    for d in directs:
        ride = home_ride(problem, d.group, int(problem.direct_min[d.group, d.incident]))
        if ride is not None and d.set_out_min is not None:
            found.append((ride, d.set_out_min))
    return tuple(found)
