"""Find every rule a timed plan breaks, each rule read straight off the problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from routing.deploy.books import home_ride, shore_ride
from routing.deploy.evaluate import home_way_min, in_sequence
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, Trip, next_open

Rule = Callable[[DeployProblem, Sequence[Trip], Sequence[Direct]], Iterator[str]]


def one_task_a_group(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No group rides twice, or rides and drives."""
    used = [g for t in trips for g in t.groups] + [d.group for d in directs]
    for group in sorted(set(used)):
        if used.count(group) > 1:
            yield f"group {group} is used {used.count(group)} times"


def seats_suffice(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Nobody stands: persons aboard fit the seats."""
    for t in trips:
        persons = sum(int(problem.strength[g]) for g in t.groups)
        if persons > problem.seats[t.craft]:
            yield f"craft {t.craft} carries {persons} persons on {problem.seats[t.craft]} seats"


def deck_suffices(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Vehicles aboard fit the deck."""
    for t in trips:
        slots = sum(int(problem.group_slots[g]) for g in t.groups)
        if slots > problem.craft_slots[t.craft]:
            yield f"craft {t.craft} carries {slots} deck slots of vehicles on {problem.craft_slots[t.craft]}"


def groups_are_there(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Loading starts when every group has reached the pickup; a trip carries somebody, from each pickup it calls at."""
    for t in trips:
        if not t.groups:
            yield f"craft {t.craft} crosses empty at {t.board_min}"
        elif t.call is not None and not 0 < len(set(t.call.groups) & set(t.groups)) < len(t.groups):
            yield f"craft {t.craft} calls at pickups {t.call.pickup} and {t.pickup}, and nobody boards at one of them"
        for n, g in enumerate(t.groups):
            pickup = t.pickup_of(g)
            board = t.board_min if t.call is None or pickup == t.pickup else t.call.board_min
            if _there_min(problem, g, pickup, t.set_out_min[n] if t.set_out_min else None) > board:
                yield f"group {g} boards at {board} before it reaches pickup {pickup}"


def _there_min(problem: DeployProblem, group: int, pickup: int, set_out_min: int | None) -> int:
    start = int(problem.ready_min[group]) if set_out_min is None else set_out_min
    return max(start, int(problem.ready_min[group])) + home_way_min(
        problem, group, int(problem.access_min[group, pickup])
    )


def calls_are_on_the_way(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """After an earlier call the craft crosses to the pickup, leaving loaded and in an open minute."""
    for t in trips:
        if t.call is None:
            continue
        shift = int(problem.shift_min[t.craft, t.call.pickup, t.pickup])
        if shift >= UNREACHABLE:
            yield f"craft {t.craft} may not call at pickup {t.call.pickup} before {t.pickup}"
        if t.call.depart_min < t.call.board_min + problem.load_min[t.craft]:
            yield f"craft {t.craft} leaves pickup {t.call.pickup} at {t.call.depart_min} before it is loaded"
        if t.board_min < t.call.depart_min + shift:
            yield f"craft {t.craft} loads at {t.board_min} before it can have come from pickup {t.call.pickup}"
        spans = problem.closed_shifts.get((t.craft, t.call.pickup, t.pickup), ())
        if next_open(t.call.depart_min, spans) != t.call.depart_min:
            yield f"craft {t.craft} leaves pickup {t.call.pickup} at {t.call.depart_min} in a closed span"


def vehicles_suffice(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No more road vehicles of a pool are out at once than it has, there and back; none leaves before its group can."""
    if not problem.has_pools:
        return
    taken: dict[int, list[tuple[int, int, int]]] = {}
    for t in trips:
        if len(t.set_out_min) != len(t.groups) or len(t.onward_min) != len(t.groups):
            yield f"craft {t.craft} does not say when its groups of the trip at {t.board_min} set out"
            continue
        for g, start, onward in zip(t.groups, t.set_out_min, t.onward_min, strict=True):
            if start < problem.ready_min[g]:
                yield f"group {g} sets out at {start} before it is ready"
            if onward < t.land_min:
                yield f"group {g} leaves the landing at {onward} before it is ashore"
            home = home_ride(problem, g, int(problem.access_min[g, t.pickup_of(g)]))
            for ride, minute in ((home, start), (shore_ride(problem, g, t.landing, t.incident), onward)):
                if ride is not None:
                    taken.setdefault(ride.pool, []).append((minute, minute + ride.taken_min, ride.count))
    for d in directs:
        ride = home_ride(problem, d.group, int(problem.direct_min[d.group, d.incident]))
        if ride is not None and d.set_out_min is not None:
            taken.setdefault(ride.pool, []).append((d.set_out_min, d.set_out_min + ride.taken_min, ride.count))
    for pool, spans in taken.items():
        for minute in {start for start, _, _ in spans if start < problem.horizon_min}:
            out = sum(count for start, end, count in spans if start <= minute < end)
            if out > problem.pool_vehicles[pool]:
                yield f"pool {pool} has {out} of its {problem.pool_vehicles[pool]} vehicles out at {minute}"


def craft_are_there(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Loading starts when the craft has come from its start or from its trip before, leaving in an open minute."""
    for before, t in in_sequence(trips):
        if before is None:
            spans = problem.closed_positions.get((t.craft, t.first_pickup), ())
            off = next_open(int(problem.craft_ready_min[t.craft]), spans)
            alongside = off + int(problem.position_min[t.craft, t.first_pickup])
        else:
            spans = problem.closed_returns.get((t.craft, before.landing, t.first_pickup), ())
            off = next_open(before.land_min, spans)
            alongside = off + int(problem.return_min[t.craft, before.landing, t.first_pickup])
        if t.begin_min < alongside:
            yield f"craft {t.craft} loads at {t.begin_min} but is alongside at {alongside}"


def crossings_take_their_time(
    problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]
) -> Iterator[str]:
    """Loading, crossing and unloading last at least as long as they must, over a link that exists."""
    for t in trips:
        haul = int(problem.haul_min[t.craft, t.pickup, t.landing])
        if haul >= UNREACHABLE or problem.last_mile_min[t.landing, t.incident] >= UNREACHABLE:
            yield f"craft {t.craft} has no way from pickup {t.pickup} by landing {t.landing} to incident {t.incident}"
        if t.depart_min < t.board_min + problem.load_min[t.craft]:
            yield f"craft {t.craft} departs at {t.depart_min} before it is loaded"
        if t.land_min < t.depart_min + haul + problem.unload_min[t.craft]:
            yield f"craft {t.craft} has landed at {t.land_min} sooner than it can"


def departures_are_open(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No crossing departs in a closed minute."""
    for t in trips:
        spans = problem.closed_hauls.get((t.craft, t.pickup, t.landing), ())
        if next_open(t.depart_min, spans) != t.depart_min:
            yield f"craft {t.craft} departs at {t.depart_min} in a closed span"


def berths_suffice(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No more craft load or unload at a site at once than it has berths."""
    loading: dict[int, list[tuple[int, int]]] = {}
    unloading: dict[int, list[tuple[int, int]]] = {}
    for t in trips:
        load = int(problem.load_min[t.craft])
        loading.setdefault(t.pickup, []).append((t.depart_min - load, t.depart_min))
        if t.call is not None:
            loading.setdefault(t.call.pickup, []).append((t.call.depart_min - load, t.call.depart_min))
        unloading.setdefault(t.landing, []).append((t.land_min - int(problem.unload_min[t.craft]), t.land_min))
    for name, held, berths in (
        ("pickup", loading, problem.pickup_berths),
        ("landing", unloading, problem.landing_berths),
    ):
        for site, spans in held.items():
            for minute in {start for start, _ in spans}:
                craft = sum(1 for start, end in spans if start <= minute < end)
                if craft > berths[site]:
                    yield f"{name} {site} has {craft} craft on {berths[site]} berths at {minute}"


def standing_cover_is_kept(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Each station keeps its floor of groups."""
    used = [g for t in trips for g in t.groups] + [d.group for d in directs]
    for station, spare in enumerate(problem.spare_groups.tolist()):
        sent = sum(1 for g in used if problem.station[g] == station)
        if sent > spare:
            yield f"station {station} sends {sent} groups and may send {spare}"


def directs_take_their_time(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """A group by road arrives when the road lets it."""
    for d in directs:
        start = int(problem.ready_min[d.group]) if d.set_out_min is None else d.set_out_min
        way_min = home_way_min(problem, d.group, int(problem.direct_min[d.group, d.incident]))
        soonest = max(start, int(problem.ready_min[d.group])) + way_min
        if d.arrive_min < soonest or d.arrive_min >= UNREACHABLE:
            yield f"group {d.group} arrives by road at {d.arrive_min} sooner than it can"


RULES: tuple[Rule, ...] = (
    one_task_a_group,
    seats_suffice,
    deck_suffices,
    groups_are_there,
    calls_are_on_the_way,
    vehicles_suffice,
    craft_are_there,
    crossings_take_their_time,
    departures_are_open,
    berths_suffice,
    standing_cover_is_kept,
    directs_take_their_time,
)


def find_faults(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> list[str]:
    """Return every broken rule in words; empty for a plan that can be carried out."""
    return [fault for rule in RULES for fault in rule(problem, trips, directs)]
