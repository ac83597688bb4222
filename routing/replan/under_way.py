"""Find what of a plan has begun and stays: trips that load or sail, groups on the road, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from routing.deploy.books import SharedBook
from routing.deploy.problem import UNREACHABLE, Direct, Trip, next_open
from routing.replan.berths import HeldBerths
from routing.replan.events import CraftLost, GroupAt, GroupDelayed, GroupLost, LinkClosed, LinkSlower, PierClosed, meets
from routing.replan.request import ReplanRequest


@dataclass(frozen=True)
class UnderWay:
    """What has begun and stays, with the trips that events broke off and whom they concern.

    ``at_pickup`` tells where groups of broken-off trips stand; ``lost_groups`` do not arrive anywhere any more.
    """

    trips: tuple[Trip, ...]
    directs: tuple[Direct, ...]
    broken_off: tuple[Trip, ...]
    at_pickup: tuple[GroupAt, ...]
    lost_groups: frozenset[int]

    @property
    def groups(self) -> frozenset[int]:
        """The groups that have boarded or drive."""
        return frozenset([g for t in self.trips for g in t.groups] + [d.group for d in self.directs])


def find_under_way(request: ReplanRequest) -> UnderWay:
    """Return what has begun by the minute of a request, delayed, diverted or broken off by its new events."""
    now = request.at_min
    lost_by_craft = {e.craft: e for e in request.events if isinstance(e, CraftLost)}
    held = HeldBerths(request.problem, (), request.of(PierClosed))
    landings = held.books().landings
    stay: list[Trip] = []
    broken: list[Trip] = []
    at_pickup: list[GroupAt] = []
    lost_groups = {e.group for e in request.of(GroupLost)}
    begun = [t for t in request.trips if t.begin_min <= now]
    # Trips no event touches keep their berths; those delayed or diverted find theirs among what is left.
    for trip in sorted(begun, key=lambda t: (_is_touched(request, t), t.land_min, t.craft, t.board_min)):
        lost = lost_by_craft.get(trip.craft)
        if trip.land_min - int(request.problem.unload_min[trip.craft]) > now and lost is not None:
            broken.append(trip)
            ashore_min = now if trip.depart_min > now else lost.returned_min
            if ashore_min is None:
                lost_groups |= set(trip.groups)
            else:
                at_pickup += [GroupAt(g, _stands_at(trip, g, now), max(now, ashore_min)) for g in trip.groups]
        elif trip.depart_min > now and (_cannot_depart(request, trip) or _never_lands(request, trip, landings)):
            broken.append(trip)
            at_pickup += [GroupAt(g, _stands_at(trip, g, now), now) for g in trip.groups]
        else:
            stays = trip if trip.land_min <= now else _landed(request, trip, landings)
            unload = int(request.problem.unload_min[trip.craft])
            landings.take(stays.landing, stays.land_min - unload, stays.land_min)
            stay.append(stays)
    directs = tuple(
        replace(d, arrive_min=d.arrive_min + _delay(request, d.group) * (d.arrive_min > now))
        for d in request.directs
        if set_out_of(request, d) <= now and d.group not in lost_groups
    )
    return UnderWay(
        tuple(sorted(stay, key=lambda t: (t.craft, t.board_min))),
        directs,
        tuple(broken),
        (*request.of(GroupAt), *at_pickup),
        frozenset(lost_groups),
    )


def _stands_at(trip: Trip, group: int, now: int) -> int:
    """Return the pickup at which a group of a broken-off trip stands: where it boarded, or where its craft went."""
    has_left = trip.call is not None and trip.call.depart_min <= now
    return trip.pickup if has_left else trip.pickup_of(group)


def _is_touched(request: ReplanRequest, trip: Trip) -> bool:
    """Say whether an event may change when or where a trip lands."""
    return request.is_held_up(trip) or any(
        (isinstance(e, LinkSlower) and meets(e, trip.craft, trip.pickup, trip.landing))
        or (isinstance(e, PierClosed) and (e.side, e.site) == ("landing", trip.landing))
        for e in request.events
    )


def set_out_of(request: ReplanRequest, direct: Direct) -> int:
    """Return the minute a group going by road all the way leaves home."""
    return int(request.problem.ready_min[direct.group]) if direct.set_out_min is None else direct.set_out_min


def delay_of(request: ReplanRequest, group: int) -> int:
    """Return by how many minutes a group that has not boarded is late, earlier reports included."""
    return sum(e.minutes for e in request.of(GroupDelayed) if e.group == group)


def _delay(request: ReplanRequest, group: int) -> int:
    return sum(e.minutes for e in request.events if isinstance(e, GroupDelayed) and e.group == group)


def _cannot_depart(request: ReplanRequest, trip: Trip) -> bool:
    """Say whether a trip that is loading cannot go on: its pier shuts, or its crossing is shut when it departs."""
    piers = [e for e in request.events if isinstance(e, PierClosed) and (e.side, e.site) == ("pickup", trip.pickup)]
    links = [e for e in request.events if isinstance(e, LinkClosed) and meets(e, trip.craft, trip.pickup, trip.landing)]
    shut = request.from_now_on.closed_hauls.get((trip.craft, trip.pickup, trip.landing), ())
    return (
        any(e.start_min < trip.depart_min and e.end_min > request.at_min for e in piers)
        or any(e.start_min <= trip.depart_min < e.end_min for e in links)
        or (request.now is not None and next_open(trip.depart_min, shut) != trip.depart_min)
    )


def _never_lands(request: ReplanRequest, trip: Trip, landings: SharedBook) -> bool:
    """Say whether the landings of a trip that is loading are shut for as long as anything counts."""
    horizon_min = request.problem.horizon_min
    return trip.land_min <= horizon_min < _landed(request, trip, landings).land_min


def slower_haul_min(request: ReplanRequest, trip: Trip, landing: int, only_new: bool = True) -> int:
    """Return the minutes of a trip's crossing to a landing at the pace its slowest event allows."""
    haul = int(request.problem.haul_min[trip.craft, trip.pickup, landing])
    events = request.events if only_new else request.all_events
    percent = [e.percent for e in events if isinstance(e, LinkSlower) and meets(e, trip.craft, trip.pickup, landing)]
    if request.is_rougher and haul < UNREACHABLE:
        by_now = int(request.from_now_on.haul_min[trip.craft, trip.pickup, landing])
        haul = max(haul, by_now) if by_now < UNREACHABLE else haul
    return haul if haul >= UNREACHABLE or not percent else -(-haul * max(percent) // 100)


def _landed(request: ReplanRequest, trip: Trip, landings: SharedBook) -> Trip:
    """Return a trip at sea or loading with its landing as the events leave it: later, or at another pier.

    What is left of a crossing slows down in proportion. Before a pier that is shut it waits for the pier to open, or
    turns to another landing of its incident by way of its pickup, whichever brings its groups sooner.
    """
    problem, now = request.problem, request.at_min
    unload = int(problem.unload_min[trip.craft])
    if trip.land_min - unload <= now:
        return trip
    moored = trip.depart_min + int(problem.haul_min[trip.craft, trip.pickup, trip.landing])
    slower = slower_haul_min(request, trip, trip.landing)
    haul = int(problem.haul_min[trip.craft, trip.pickup, trip.landing])
    ahead = max(0, moored - max(now, trip.depart_min))
    late = -(-ahead * slower // haul) - ahead if haul else 0
    earliest = max(trip.land_min - unload, moored + late) if late else trip.land_min - unload
    stays = _unloaded(trip, trip.landing, earliest, unload, landings)
    shut = [e for e in request.events if isinstance(e, PierClosed) and (e.side, e.site) == ("landing", trip.landing)]
    if stays.land_min == trip.land_min or not shut:
        return stays
    back = max(now, trip.depart_min) + max(0, now - trip.depart_min)
    choices = [stays]
    for landing in range(problem.num_landings):
        spans = problem.closed_hauls.get((trip.craft, trip.pickup, landing), ())
        away = slower_haul_min(request, trip, landing) + int(problem.last_mile_min[landing, trip.incident])
        if landing != trip.landing and away < UNREACHABLE and next_open(trip.depart_min, spans) == trip.depart_min:
            there = back + slower_haul_min(request, trip, landing)
            choices.append(_unloaded(trip, landing, there, unload, landings))
    return min(choices, key=lambda t: t.land_min + int(problem.last_mile_min[t.landing, t.incident]))


def _unloaded(trip: Trip, landing: int, earliest: int, unload_min: int, landings: SharedBook) -> Trip:
    land_min = landings.first_free(landing, earliest, unload_min) + unload_min
    onward_min = tuple(minute + land_min - trip.land_min for minute in trip.onward_min)
    return replace(trip, landing=landing, land_min=land_min, onward_min=onward_min)
