"""Craft, where they are and when free, the berths they take, and the next trip each could make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data.forces import CraftClass, CraftState
from data.geography import Place
from routing.handling import load_minutes, unload_minutes
from routing.isolate.chains import Chain, Chains

# A trip that finds its berths taken this often is not tried again for that craft and pier.
MOST_WAITS = 30


@dataclass(frozen=True)
class Trip:
    """One trip in whole minutes: coming, loading, crossing, unloading."""

    craft: str
    start: Place
    site: Place
    to: Place
    leave_min: int
    load_min: int
    depart_min: int
    arrive_min: int
    done_min: int
    carried: float
    coming: Chain
    carrying: Chain


@dataclass
class CraftAt:
    """A craft in the making of a plan: where it will be free, and from when; its trips in order of time."""

    state: CraftState
    craft_class: CraftClass
    place: Place
    free_min: int
    trips: list[Trip] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The craft's id."""
        return self.state.craft.id


@dataclass
class Berths:
    """Which berths are taken when; loading and unloading each take one."""

    capacity: dict[str, int]
    taken: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def is_free(self, site_id: str, first: int, last: int) -> bool:
        """Say whether a berth is free over ``[first, last)``."""
        spans = self.taken.get(site_id, [])
        over = [(a, b) for a, b in spans if a < last and b > first]
        if len(over) < self.capacity[site_id]:
            return True
        edges = [first, *(a for a, _ in over if a > first)]
        return all(sum(a <= edge < b for a, b in over) < self.capacity[site_id] for edge in edges)

    def take(self, site_id: str, first: int, last: int) -> None:
        """Take a berth over ``[first, last)``."""
        self.taken.setdefault(site_id, []).append((first, last))


class Trips:
    """Finds and books trips; every trip is open from its first minute to its last."""

    def __init__(self, chains: Chains, berths: Berths) -> None:
        self.chains, self.berths = chains, berths

    def next_trip(
        self, craft: CraftAt, sites: Sequence[Place], havens: Sequence[Place], load: float, ready_min: int = 0
    ) -> Trip | None:
        """Return the trip of a craft that is over first, from any of some sites to any of some others.

        ``ready_min`` is when who or what is carried is there to be loaded; ``load`` is how much a seat takes one of.
        """
        found = [
            trip
            for site in sites
            if self.chains.fits(craft.craft_class, site)
            and (trip := self._from(craft, site, havens, load, ready_min)) is not None
        ]
        return min(found, key=lambda trip: (trip.done_min, trip.site.id, trip.to.id), default=None)

    def book(self, craft: CraftAt, trip: Trip) -> None:
        """Enter a trip: the craft is free where it ends, its berths are taken."""
        craft.trips.append(trip)
        craft.place, craft.free_min = trip.to, trip.done_min
        self.berths.take(trip.site.id, trip.load_min, trip.depart_min)
        self.berths.take(trip.to.id, trip.arrive_min, trip.done_min)

    def _from(self, craft: CraftAt, site: Place, havens: Sequence[Place], load: float, ready_min: int) -> Trip | None:
        kind = craft.craft_class
        coming = self.chains.coming(kind, craft.place, site)
        if coming is None:
            return None
        loading, best = load_minutes(kind), None
        leave = craft.free_min
        for _ in range(MOST_WAITS):
            open_min = coming.next_open(leave)
            if open_min is None:
                return None
            leave = open_min
            loaded = coming.end(leave)
            if loaded - loading < ready_min:
                leave += ready_min - (loaded - loading)
                continue
            if self.berths.is_free(site.id, loaded - loading, loaded):
                break
            leave += 1
        else:
            return None
        for haven in havens:
            if haven.id == site.id:
                continue
            carrying = self.chains.carrying(kind, site, haven)
            if carrying is None or (best is not None and loaded + carrying.least_min >= best.done_min):
                continue
            trip = self._over(craft, coming, carrying, site, haven, leave, loaded, load)
            if trip is not None and (best is None or trip.done_min < best.done_min):
                best = trip
        return best

    def _over(
        self, craft: CraftAt, coming: Chain, carrying: Chain, site: Place, haven: Place, leave: int, loaded: int,
        load: float,
    ) -> Trip | None:  # fmt: skip
        """Return the trip that leaves once loaded, as soon as the way and a berth at its end are open."""
        loading, unloading = load_minutes(craft.craft_class), unload_minutes(craft.craft_class)
        depart = loaded
        for _ in range(MOST_WAITS):
            open_min = carrying.next_open(depart)
            if open_min is None:
                return None
            depart = open_min
            done = carrying.end(depart)
            if self.berths.is_free(haven.id, done - unloading, done) and self.berths.is_free(
                site.id, loaded - loading, depart
            ):
                return Trip(
                    craft=craft.id, start=craft.place, site=site, to=haven, leave_min=leave,
                    load_min=loaded - loading, depart_min=depart, arrive_min=done - unloading, done_min=done,
                    carried=load, coming=coming, carrying=carrying,
                )  # fmt: skip
            depart += 1
        return None


def latest_start_min(trips: Sequence[Trip]) -> int:
    """Return the last minute at which the first of one craft's trips may begin, all that follow moving along.

    Every way stays open for each trip as late as that; berths are not looked at.
    """
    slack = _slack(trips[0])
    first, last = trips[0].leave_min, trips[0].leave_min + slack
    if are_open(trips, last):
        return last
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if are_open(trips, middle) else (first, middle)
    return first


def are_open(trips: Sequence[Trip], leave_min: int) -> bool:
    """Say whether one craft's trips are all open if the first begins at a minute and no other before its time."""
    free_min = leave_min
    for trip in trips:
        leave = max(free_min, trip.leave_min)
        if trip.coming.next_open(leave) != leave:
            return False
        depart = max(trip.coming.end(leave), trip.depart_min)
        if trip.carrying.next_open(depart) != depart:
            return False
        free_min = trip.carrying.end(depart)
    return True


def _slack(trip: Trip) -> int:
    """Return by how much one trip may be later by its own ways."""
    waits = trip.depart_min - trip.coming.end(trip.leave_min)
    over = trip.carrying.open_until(trip.depart_min) - trip.depart_min
    return max(0, min(waits + over, trip.coming.open_until(trip.leave_min) - trip.leave_min))
