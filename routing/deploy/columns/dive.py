"""Dive from the master's mix to a plan: fix the itineraries it is surest of, price the rest anew, and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from routing.deploy.columns.echelon_rows import Box
from routing.deploy.columns.master import Master
from routing.deploy.columns.pricing import Itinerary, Ride
from routing.deploy.columns.tree import ColumnBound
from routing.deploy.draft import Candidate, SpareGroups, trimmed
from routing.deploy.evaluate import EarlierStop, Stop, score, time_plan
from routing.deploy.problem import UNREACHABLE, DeployProblem
from routing.deploy.search_tables import SearchTables

# Rounds of pricing between two fixings, and the share from which an itinerary is as good as chosen.
_ROUNDS, _SURE = 4, 0.85


def dive(
    bound: ColumnBound,
    box: Box | None = None,
    kept: Sequence[Itinerary] = (),
    is_over: Callable[[], bool] | None = None,
) -> Candidate | None:
    """Return a plan near the master's mix within a box, None where the links it chose cannot be timed.

    ``kept`` are itineraries to hold from the start, one a craft at most and without a group in two of them. The plan
    keeps every rule; berths, which the mix does not know, may make it later than the mix promised.
    """
    master, pricing, rows = bound.master, bound.pricing, bound.rows
    box = box or rows.whole
    master.set_box(box, rows.prices(box))
    chosen: dict[int, int] = {}
    used: set[int] = set()
    free = set(range(bound.problem.num_craft))
    try:
        for one in kept:
            _hold(master, one, chosen, free, used)
        while free and not (is_over is not None and is_over()):
            point = master.solve()
            for _ in range(_ROUNDS):
                if point is None:
                    break
                if not master.add_all(pricing.best_of(free, point.duals, used)):
                    break
                point = master.solve()
            if point is None:
                break
            picked = _surest(point.shares, master.itineraries, free, used)
            if not picked:
                break
            for number in picked:
                _hold(master, master.itineraries[number], chosen, free, used)
    finally:
        for number in chosen.values():
            master.fix(number, 0.0)
    return _plan_of(bound, [master.itineraries[number] for number in chosen.values()])


def _hold(master: Master, one: Itinerary, chosen: dict[int, int], free: set[int], used: set[int]) -> None:
    """Hold an itinerary in the mix, and its craft and groups back from all others."""
    number = master.number_of(one)
    master.fix(number, 1.0)
    chosen[one.craft] = number
    free.discard(one.craft)
    used.update(g for ride in one.rides for g in ride.groups)


def _surest(shares: np.ndarray, itineraries: list[Itinerary], free: set[int], used: set[int]) -> list[int]:
    """Return the itineraries to fix next: all that are as good as chosen and share no group, at least the surest."""
    picked: list[int] = []
    taken: set[int] = set(used)
    for number in np.argsort(-shares, kind="stable").tolist():
        if shares[number] < (_SURE if picked else 1e-6):
            break
        one = itineraries[number]
        groups = [g for ride in one.rides for g in ride.groups]
        if one.craft not in free or len(set(groups)) < len(groups) or not taken.isdisjoint(groups):
            continue
        if any(itineraries[other].craft == one.craft for other in picked):
            continue
        picked.append(number)
        taken.update(groups)
    return picked


def _plan_of(bound: ColumnBound, chosen: list[Itinerary]) -> Candidate | None:
    problem: DeployProblem = bound.problem
    stops: list[list[Stop]] = [[] for _ in range(problem.num_craft)]
    used: set[int] = set()
    spare = SpareGroups(problem)

    def may_go(group: int) -> bool:
        if group in used or not spare.take(group):
            return False
        used.add(group)
        return True

    for one in chosen:
        for ride in one.rides:
            deck, groups = int(problem.craft_slots[one.craft]), []
            offered, call = _to_be_had(bound.tables, ride)
            for group in offered:
                if problem.group_slots[group] <= deck and may_go(group):
                    groups.append(group)
                    deck -= int(problem.group_slots[group])
            stop = _stop(bound.tables, ride, tuple(groups), call)
            if stop is not None:
                stops[one.craft].append(stop)
    arrive = problem.group_direct_min
    by_road = sorted(bound.pricing.directs.tolist(), key=lambda pair: arrive[pair[0], pair[1]])
    timed = time_plan(problem, stops, [(group, incident) for group, incident in by_road if may_go(group)])
    if timed is None:
        return None
    return trimmed(problem, (score(problem, *timed), *timed))


def _to_be_had(tables: SearchTables, ride: Ride) -> tuple[tuple[int, ...], EarlierStop | None]:
    """Return the groups a trip can really have with one earlier call at most, and that call with who boards there.

    The mix takes groups from every pickup the craft could have called at: the one that brings most is kept.
    """
    craft, pickup, landing, incident = tables.links[ride.link].tolist()
    if ride.call is None:
        return ride.groups, None
    board = ride.arrive_min - int(tables.last_mile[landing, incident] + tables.unload[craft])
    board -= int(tables.haul[craft, pickup, landing] + tables.load[craft])
    here = {g for g in ride.groups if tables.at_pickup[g, pickup] <= board}
    best, call = tuple(sorted(here)), None
    link = craft * tables.position.shape[1] + pickup
    first, end = tables.call_first[link : link + 2].tolist()
    for earlier in tables.call_from[first:end].tolist():
        way = int(tables.load[craft] + tables.shift[craft, earlier, pickup])
        there = {g for g in ride.groups if g not in here and tables.at_pickup[g, earlier] + way <= board}
        both = tuple(sorted(here | there))
        if int(tables.strength[list(both)].sum()) > int(tables.strength[list(best)].sum()):
            best, call = both, EarlierStop(earlier, tuple(sorted(there)))
    return best, call


def _stop(tables: SearchTables, ride: Ride, groups: tuple[int, ...], call: EarlierStop | None) -> Stop | None:
    """Return a trip of some groups, straight where all board at one pickup; None where nobody is left to cross."""
    craft, pickup, landing, incident = tables.links[ride.link].tolist()
    at_call = () if call is None else tuple(g for g in groups if g in call.groups)
    if not groups:
        return None
    if call is None or not at_call:
        return Stop(pickup, landing, incident, groups)
    if len(at_call) < len(groups):
        return Stop(pickup, landing, incident, groups, EarlierStop(call.pickup, at_call))
    return (
        Stop(call.pickup, landing, incident, groups) if tables.haul[craft, call.pickup, landing] < UNREACHABLE else None
    )
