"""Time trips at berths that others hold already, and at piers that are closed for a span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.deploy.books import Books, SharedBook
from routing.deploy.evaluate import Stop, time_trips
from routing.deploy.problem import DeployProblem, IntArray, Spans, Trip
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
    """The trips that hold their berths whatever is decided, and the closures of piers."""

    problem: DeployProblem
    trips: tuple[Trip, ...]
    closures: tuple[PierClosed, ...]

    def books(self) -> Books:
        """Return books with what is held entered."""
        pickups = self._book("pickup", self.problem.pickup_berths)
        landings = self._book("landing", self.problem.landing_berths)
        books = Books(self.problem, pickups, landings, SharedBook(self.problem.pool_vehicles))
        for trip in self.trips:
            books.hold_trip(trip)
        return books

    def with_trips(self, trips: Iterable[Trip]) -> HeldBerths:
        """Return the same with more trips that hold their berths."""
        return HeldBerths(self.problem, (*self.trips, *trips), self.closures)

    def _book(self, side: PierSide, berths: IntArray) -> SharedBook:
        closed: dict[int, Spans] = {}
        for one in self.closures:
            if one.side == side:
                closed[one.site] = (*closed.get(one.site, ()), (one.start_min, one.end_min))
        return ClosingBook(berths, closed) if closed else SharedBook(berths)


def time_stops(problem: DeployProblem, stops: Sequence[Sequence[Stop]], held: HeldBerths) -> tuple[Trip, ...] | None:
    """Time every craft's stops in order after what is held, or return None where a link is missing."""
    return time_trips(problem, stops, held.books())
