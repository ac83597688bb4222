"""Time the trips of each craft and score a plan: the plain reference every faster evaluator is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.deploy.books import Books, SharedBook, home_ride, shore_ride
from routing.deploy.problem import UNREACHABLE, Call, DeployProblem, Direct, Score, Spans, Trip, next_open


@dataclass(frozen=True, slots=True)
class EarlierStop:
    """An earlier pickup of a trip still without times, and who boards there."""

    pickup: int
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """One trip still without times: where it loads, where it lands, for which incident, who is aboard at the end."""

    pickup: int
    landing: int
    incident: int
    groups: tuple[int, ...]
    call: EarlierStop | None = None

    @property
    def first_pickup(self) -> int:
        """The pickup it calls at first."""
        return self.pickup if self.call is None else self.call.pickup

    @property
    def boarding(self) -> tuple[int, ...]:
        """The groups that board at the pickup, those of the earlier call left out."""
        return self.groups if self.call is None else tuple(g for g in self.groups if g not in self.call.groups)


def craft_at_pickup(problem: DeployProblem, craft: int, pickup: int, after: Trip | None) -> int:
    """Return the minute a craft can be at a pickup: from its start, or back from the trip before."""
    if after is None:
        cast_off = next_open(int(problem.craft_ready_min[craft]), problem.closed_positions.get((craft, pickup), ()))
        return cast_off + int(problem.position_min[craft, pickup])
    cast_off = next_open(after.land_min, problem.closed_returns.get((craft, after.landing, pickup), ()))
    return cast_off + int(problem.return_min[craft, after.landing, pickup])


def first_loading(problem: DeployProblem, craft: int, stop: Stop, after: Trip | None) -> int:
    """Return when a trip could begin to load if berths and vehicles were free."""
    groups = stop.groups if stop.call is None else stop.call.groups
    there = (int(problem.group_at_pickup_min[g, stop.first_pickup]) for g in groups)
    return max([craft_at_pickup(problem, craft, stop.first_pickup, after), *there])


def _loading(pickup: int, minute: int, load_min: int, spans: Spans, berths: SharedBook) -> int:
    """Return when loading can start from a minute on: a berth free, the crossing open when it departs."""
    while minute < UNREACHABLE:
        free = berths.first_free(pickup, minute, load_min)
        minute = next_open(free + load_min, spans) - load_min
        if minute == free:
            break
    return minute


def time_trip(problem: DeployProblem, craft: int, stop: Stop, after: Trip | None, books: Books) -> Trip:
    """Give one trip its earliest times; a missing link shows as times of UNREACHABLE or more.

    Vehicles go to its groups by number, on either shore.
    """
    load, unload = int(problem.load_min[craft]), int(problem.unload_min[craft])
    pools = books.pools.copy() if problem.has_pools else books.pools
    set_out: dict[int, int] = {}
    there: dict[int, int] = {}
    for g in sorted(stop.groups):
        pickup = stop.pickup if stop.call is None or g not in stop.call.groups else stop.call.pickup
        there[g] = int(problem.group_at_pickup_min[g, pickup])
        if problem.has_pools:
            set_out[g], there[g] = _driven(problem, pools, g, int(problem.access_min[g, pickup]))
    ready = max((there[g] for g in stop.boarding), default=0)
    alongside = craft_at_pickup(problem, craft, stop.first_pickup, after)
    call: Call | None = None
    if stop.call is not None:
        spans = problem.closed_shifts.get((craft, stop.call.pickup, stop.pickup), ())
        minute = max([alongside, *(there[g] for g in stop.call.groups)])
        minute = _loading(stop.call.pickup, minute, load, spans, books.pickups)
        call = Call(stop.call.pickup, stop.call.groups, minute, minute + load)
        alongside = minute + load + int(problem.shift_min[craft, stop.call.pickup, stop.pickup])
    spans = problem.closed_hauls.get((craft, stop.pickup, stop.landing), ())
    board = _loading(stop.pickup, max(alongside, ready), load, spans, books.pickups)
    moored = board + load + int(problem.haul_min[craft, stop.pickup, stop.landing])
    if moored < UNREACHABLE:
        moored = books.landings.first_free(stop.landing, moored, unload)
    land = moored + unload
    onward = _onward(problem, pools, stop, land) if problem.has_pools else {}
    return Trip(
        craft,
        stop.incident,
        stop.pickup,
        stop.landing,
        stop.groups,
        board,
        board + load,
        land,
        call,
        tuple(set_out[g] for g in stop.groups if set_out),
        tuple(onward[g] for g in stop.groups if onward),
    )


def _driven(problem: DeployProblem, pools: SharedBook, group: int, way_min: int) -> tuple[int, int]:
    """Take vehicles for a group's way from home; return when it sets out and when it is there."""
    ready, ride = int(problem.ready_min[group]), home_ride(problem, group, way_min)
    if ride is None or ready >= problem.horizon_min:
        return ready, ready + way_min
    start = ride.set_out(pools, ready)
    ride.hold(pools, start, problem.horizon_min)
    return start, start + ride.there_min


def _onward(problem: DeployProblem, pools: SharedBook, stop: Stop, land_min: int) -> dict[int, int]:
    """Take vehicles from the landing to the scene; return when each group leaves the landing."""
    left: dict[int, int] = {}
    for g in sorted(stop.groups):
        ride = shore_ride(problem, g, stop.landing, stop.incident)
        start = land_min
        if ride is not None and land_min < problem.horizon_min:
            start = ride.set_out(pools, land_min)
            ride.hold(pools, start, problem.horizon_min)
        left[g] = start
    return left


def time_direct(problem: DeployProblem, group: int, incident: int, books: Books | None = None) -> Direct:
    """Give a group going by road all the way its earliest times with the vehicles that are free."""
    if books is None or not problem.has_pools:
        return Direct(group, incident, int(problem.group_direct_min[group, incident]))
    ready, ride = int(problem.ready_min[group]), home_ride(problem, group, int(problem.direct_min[group, incident]))
    if ride is None:
        return Direct(group, incident, int(problem.group_direct_min[group, incident]), ready)
    start = ride.set_out(books.pools, ready)
    return Direct(group, incident, start + ride.there_min, start)


def time_directs(problem: DeployProblem, ways: Iterable[tuple[int, int]], books: Books) -> tuple[Direct, ...]:
    """Give groups going by road to an incident, (group, incident), their times; vehicles go by number of the group."""
    directs: list[Direct] = []
    for group, incident in sorted(ways):
        directs.append(time_direct(problem, group, incident, books))
        books.hold_direct(directs[-1])
    return tuple(directs)


def time_plan(
    problem: DeployProblem, stops: Sequence[Sequence[Stop]], ways: Iterable[tuple[int, int]]
) -> tuple[tuple[Trip, ...], tuple[Direct, ...]] | None:
    """Time groups by road, which take vehicles first, then every craft's stops; None where a link is missing."""
    books = Books.empty(problem)
    directs = time_directs(problem, ways, books)
    trips = time_trips(problem, stops, books)
    return None if trips is None else (trips, directs)


def time_trips(
    problem: DeployProblem, stops: Sequence[Sequence[Stop]], books: Books | None = None
) -> tuple[Trip, ...] | None:
    """Time every craft's stops in order at what is free in the books, or return None where a link is missing.

    Berths and vehicles are given in the order in which trips could begin to load if all of them were free (ties to the
    lower craft).
    """
    books = Books.empty(problem) if books is None else books
    done: list[Trip] = []
    last: dict[int, Trip] = {}
    position = [0] * len(stops)
    ready = {c: first_loading(problem, c, row[0], None) for c, row in enumerate(stops) if row}
    while ready:
        craft = min(ready, key=lambda c: (ready[c], c))
        if ready.pop(craft) >= UNREACHABLE:
            return None
        trip = time_trip(problem, craft, stops[craft][position[craft]], last.get(craft), books)
        if trip.land_min >= UNREACHABLE:
            return None
        books.hold_trip(trip)
        done.append(trip)
        last[craft] = trip
        position[craft] += 1
        if position[craft] < len(stops[craft]):
            ready[craft] = first_loading(problem, craft, stops[craft][position[craft]], trip)
    return tuple(sorted(done, key=lambda t: (t.craft, t.begin_min)))


def trip_minutes(problem: DeployProblem, trip: Trip, before: Trip | None) -> int:
    """Return the craft-minutes of a trip: coming to the pickup, loading, crossing, unloading; waiting is free."""
    c, first = trip.craft, trip.first_pickup
    minutes = problem.position_min[c, first] if before is None else problem.return_min[c, before.landing, first]
    if trip.call is not None:
        minutes += problem.load_min[c] + problem.shift_min[c, first, trip.pickup]
    return int(minutes + problem.load_min[c] + problem.haul_min[c, trip.pickup, trip.landing] + problem.unload_min[c])


def home_way_min(problem: DeployProblem, group: int, way_min: int) -> int:
    """Return how long a group's way from where it stands takes, in turns where its pool has too few vehicles."""
    ride = home_ride(problem, group, way_min)
    return way_min if ride is None else ride.there_min


def scene_minute(problem: DeployProblem, trip: Trip, group: int) -> int:
    """Return the minute one of a trip's groups is at the scene."""
    ride = shore_ride(problem, group, trip.landing, trip.incident)
    way_min = int(problem.last_mile_min[trip.landing, trip.incident]) if ride is None else ride.there_min
    return trip.onward_of(group) + way_min


def arrivals(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> list[tuple[int, int, int]]:
    """Return (minute, incident, group) of every arrival within the horizon, earliest first."""
    found = [(scene_minute(problem, t, g), t.incident, g) for t in trips for g in t.groups]
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
    craft_used = problem.weights.craft * len({trip.craft for trip in trips})
    craft_minutes = problem.weights.craft_minute * minutes
    return Score(unmet, echelon_time, cover_lost, craft_minutes, tuple(complete), tuple(arrived), craft_used)


def in_sequence(trips: Sequence[Trip]) -> list[tuple[Trip | None, Trip]]:
    """Return each trip with the one its craft made before it."""
    last: dict[int, Trip] = {}
    pairs: list[tuple[Trip | None, Trip]] = []
    for trip in sorted(trips, key=lambda t: (t.craft, t.begin_min, t.depart_min)):
        pairs.append((last.get(trip.craft), trip))
        last[trip.craft] = trip
    return pairs


def stops_of(problem: DeployProblem, trips: Sequence[Trip]) -> list[list[Stop]]:
    """Return each craft's trips without their times, in order."""
    stops: list[list[Stop]] = [[] for _ in range(problem.num_craft)]
    for _, trip in in_sequence(trips):
        call = None if trip.call is None else EarlierStop(trip.call.pickup, trip.call.groups)
        stops[trip.craft].append(Stop(trip.pickup, trip.landing, trip.incident, trip.groups, call))
    return stops
