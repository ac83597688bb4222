"""Turn an officer's pins into trips that are made whatever else is decided."""

from __future__ import annotations

from data.errors import worded
from routing.deploy.draft import SpareGroups
from routing.deploy.evaluate import Stop, score, stops_of
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, Trip
from routing.replan.berths import HeldBerths, time_stops
from routing.replan.events import PinGroup, PinTrip, ReplanFaultError
from routing.replan.moment import coming
from routing.replan.request import ReplanRequest
from routing.replan.under_way import UnderWay


def pinned_stops(
    request: ReplanRequest, under_way: UnderWay, problem: DeployProblem, held: HeldBerths
) -> tuple[Trip, ...]:
    """Return the pinned trips at their earliest minutes in the problem that is left.

    A pinned trip takes the trips its craft makes before it along. A group pinned to a craft rides the first of that
    craft's trips with room for it, else a trip of its own, where among the others it costs least. Raises
    ReplanFaultError naming a pin that cannot be kept.
    """
    ahead = [t for t in request.in_sequence if t.begin_min > request.at_min or t in under_way.broken_off]
    rows = stops_of(problem, ahead)
    number = {t: sum(1 for o in ahead if o.craft == t.craft and o.begin_min < t.begin_min) for t in ahead}
    kept = [0] * problem.num_craft
    for pin in request.of(PinTrip):
        if pin.trip in number:
            kept[pin.trip.craft] = max(kept[pin.trip.craft], number[pin.trip] + 1)
    wanted = {pin.group: pin.craft for pin in request.of(PinGroup)}
    for trip in under_way.trips:
        wanted = {g: c for g, c in wanted.items() if not (c == trip.craft and g in trip.groups)}
    if gone := sorted(wanted.keys() & (under_way.groups | under_way.lost_groups)):
        raise worded(
            ReplanFaultError(f"group {gone[0]} is pinned and has set out or is lost already; take the pin back"),
            zh=f"第 {gone[0]} 组被指定乘艇，但已出发或已失联；请撤回该指定。",
        )
    for group, craft in sorted(wanted.items()):
        own = [n for n, stop in enumerate(rows[craft]) if group in stop.groups]
        if own:
            kept[craft] = max(kept[craft], own[0] + 1)
            continue
        for c, row in enumerate(rows):
            rows[c] = [Stop(s.pickup, s.landing, s.incident, tuple(g for g in s.groups if g != group)) for s in row]
        room = [n for n, stop in enumerate(rows[craft]) if stop.groups and _has_room(problem, craft, group, stop)]
        if room:
            stop = rows[craft][room[0]]
            rows[craft][room[0]] = Stop(stop.pickup, stop.landing, stop.incident, (*stop.groups, group))
            kept[craft] = max(kept[craft], room[0] + 1)
        else:
            stop = _trip_of_its_own(problem, held, craft, group)
            at = _best_place(problem, under_way, held, rows, craft, stop)
            rows[craft].insert(at, stop)
            kept[craft] = kept[craft] + 1 if at < kept[craft] else at + 1
    pinned = [[stop for stop in row[: kept[c]] if stop.groups] for c, row in enumerate(rows)]
    twice = [g for row in pinned for stop in row for g in stop.groups if g in under_way.groups]
    timed = None if twice else time_stops(problem, pinned, held)
    if timed is None:
        raise worded(
            ReplanFaultError("a pinned trip cannot be made any more: a link of it is gone; take the pin back"),
            zh="被指定保留的航次已无法执行：其中一段航线不再可用；请撤回该指定。",
        )
    _check_cover(problem, timed)
    return timed


def _check_cover(problem: DeployProblem, pinned: tuple[Trip, ...]) -> None:
    """Raise ReplanFaultError where the pins take more groups from a station than it may send."""
    spare = SpareGroups(problem)
    for g in [g for trip in pinned for g in trip.groups]:
        if not spare.take(g):
            raise worded(
                ReplanFaultError(f"group {g} is pinned, but its station may send nobody more; take the pin back"),
                zh=f"第 {g} 组被指定乘艇，但其驻地须保留力量，不能再派；请撤回该指定。",
            )


def _has_room(problem: DeployProblem, craft: int, group: int, stop: Stop) -> bool:
    aboard = [*stop.groups, group]
    return bool(
        problem.group_at_pickup_min[group, stop.pickup] < problem.horizon_min
        and problem.strength[aboard].sum() <= problem.seats[craft]
        and problem.group_slots[aboard].sum() <= problem.craft_slots[craft]
    )


def _best_place(
    problem: DeployProblem, under_way: UnderWay, held: HeldBerths, rows: list[list[Stop]], craft: int, stop: Stop
) -> int:
    """Return before which of a craft's trips one more costs least; the trips before it are pinned with it."""
    there = tuple(Direct(g, i, minute) for g, i, minute in coming(problem, under_way.trips, under_way.directs))
    least: tuple[int, int] | None = None
    for at in range(len(rows[craft]) + 1):
        tried = [[s for s in row if s.groups] for row in rows]
        tried[craft] = [s for s in (*rows[craft][:at], stop, *rows[craft][at:]) if s.groups]
        if (timed := time_stops(problem, tried, held)) is not None:
            points = score(problem, timed, there).total
            if least is None or points < least[0]:
                least = points, at
    return 0 if least is None else least[1]


def _trip_of_its_own(problem: DeployProblem, held: HeldBerths, craft: int, group: int) -> Stop:
    """Return the quickest crossing of a group by a craft to an incident where it counts."""
    best: tuple[int, Stop] | None = None
    counted = {need.incident for e, need in enumerate(problem.echelons) if problem.counts_for[group, e] > 0}
    for pickup in range(problem.num_pickups):
        for landing in range(problem.num_landings):
            for incident in sorted(counted):
                stop = Stop(pickup, landing, incident, (group,))
                if problem.last_mile_min[landing, incident] >= UNREACHABLE:
                    continue
                if not _has_room(problem, craft, group, Stop(pickup, landing, incident, ())):
                    continue
                rows: list[list[Stop]] = [[] for _ in range(problem.num_craft)]
                rows[craft] = [stop]
                if (timed := time_stops(problem, rows, held)) is not None:
                    arrive = timed[0].land_min + int(problem.last_mile_min[landing, incident])
                    if best is None or arrive < best[0]:
                        best = arrive, stop
    if best is None:
        raise worded(
            ReplanFaultError(
                f"group {group} cannot ride craft {craft}: no seats, no deck, or no pier they both reach; pin another"
            ),
            zh=f"第 {group} 组无法乘第 {craft} 艇：座位或甲板不足，或没有双方都能到达的码头；请另行指定。",
        )
    return best[1]
