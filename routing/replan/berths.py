"""Time trips at berths that others hold already, and at piers that are closed for a span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.deploy.evaluate import BerthBook, Stop, craft_at_pickup, hold_berths, time_trip
from routing.deploy.problem import UNREACHABLE, DeployProblem, IntArray, Spans, Trip
from routing.replan.events import PierClosed, PierSide


class ClosingBook(BerthBook):
    """Berths at which nothing is handled in the closed spans of their site."""

    def __init__(self, berths: IntArray, closed: dict[int, Spans]) -> None:
        super().__init__(berths)
        self._closed = closed

    def first_free(self, site: int, minute: int, length_min: int) -> int:
        """Return the first minute from ``minute`` on at which a berth is free and open for ``length_min``."""
        spans = self._closed.get(site, ())
        while True:
            minute = super().first_free(site, minute, length_min)
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

    def books(self) -> tuple[BerthBook, BerthBook]:
        """Return a book of pickups and one of landings with what is held entered."""
        pickups = self._book("pickup", self.problem.pickup_berths)
        landings = self._book("landing", self.problem.landing_berths)
        for trip in self.trips:
            hold_berths(self.problem, trip, pickups, landings)
        return pickups, landings

    def with_trips(self, trips: Iterable[Trip]) -> HeldBerths:
        """Return the same with more trips that hold their berths."""
        return HeldBerths(self.problem, (*self.trips, *trips), self.closures)

    def _book(self, side: PierSide, berths: IntArray) -> BerthBook:
        closed: dict[int, Spans] = {}
        for one in self.closures:
            if one.side == side:
                closed[one.site] = (*closed.get(one.site, ()), (one.start_min, one.end_min))
        return ClosingBook(berths, closed) if closed else BerthBook(berths)


def time_stops(problem: DeployProblem, stops: Sequence[Sequence[Stop]], held: HeldBerths) -> tuple[Trip, ...] | None:
    """Time every craft's stops in order after what is held, or return None where a link is missing.

    Berths are given in the order in which trips could load if every berth were free (ties to the lower craft), as in
    ``routing.deploy.evaluate.time_trips``.
    """
    pickups, landings = held.books()
    done: list[Trip] = []
    last: dict[int, Trip] = {}
    position = [0] * len(stops)
    ready: dict[int, int] = {}

    def make_ready(c: int) -> None:
        if position[c] < len(stops[c]):
            stop = stops[c][position[c]]
            there = (int(problem.group_at_pickup_min[g, stop.pickup]) for g in stop.groups)
            ready[c] = max(craft_at_pickup(problem, c, stop.pickup, last.get(c)), *there)

    for c in range(len(stops)):
        make_ready(c)
    while ready:
        craft = min(ready, key=lambda c: (ready[c], c))
        if ready.pop(craft) >= UNREACHABLE:
            return None
        trip = time_trip(problem, craft, stops[craft][position[craft]], last.get(craft), pickups, landings)
        if trip.land_min >= UNREACHABLE:
            return None
        hold_berths(problem, trip, pickups, landings)
        done.append(trip)
        last[craft] = trip
        position[craft] += 1
        make_ready(craft)
    return tuple(sorted(done, key=lambda t: (t.craft, t.board_min)))
