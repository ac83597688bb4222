"""Dive from the master's mix to a plan: fix the itineraries it is surest of, price the rest anew, and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from routing.deploy.columns.echelon_rows import Box
from routing.deploy.columns.master import Master
from routing.deploy.columns.pricing import Itinerary
from routing.deploy.columns.tree import ColumnBound
from routing.deploy.draft import Candidate, SpareGroups, trimmed
from routing.deploy.evaluate import Stop, score, time_trips
from routing.deploy.problem import DeployProblem, Direct

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
            craft, pickup, landing, incident = bound.tables.links[ride.link].tolist()
            deck, groups = int(problem.craft_slots[craft]), []
            for group in ride.groups:
                if problem.group_slots[group] <= deck and may_go(group):
                    groups.append(group)
                    deck -= int(problem.group_slots[group])
            if groups:
                stops[craft].append(Stop(pickup, landing, incident, tuple(groups)))
    directs: list[Direct] = []
    for group, incident in sorted(
        bound.pricing.directs.tolist(), key=lambda pair: problem.group_direct_min[pair[0], pair[1]]
    ):
        if may_go(group):
            directs.append(Direct(group, incident, int(problem.group_direct_min[group, incident])))
    trips = time_trips(problem, stops)
    if trips is None:
        return None
    return trimmed(problem, (score(problem, trips, tuple(directs)), trips, tuple(directs)))
