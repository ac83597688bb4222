"""Build the problem that is left at a minute: what has begun is settled, everybody else is where the plan took them.

A craft or group on its way to a pickup of the plan in force arrives there as planned; for any other way it first goes
back where it came from, as long as it has been away, and starts from there. Whoever the plan in force does not use has
had no notice: their readiness counts from the minute of the re-planning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from routing.deploy.evaluate import home_way_min, scene_minute
from routing.deploy.problem import NO_POOL, NO_STATION, UNREACHABLE, DeployProblem, Direct, IntArray, Trip, next_open
from routing.replan.request import ReplanRequest
from routing.replan.under_way import UnderWay, delay_of


def settle(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> DeployProblem:
    """Return the problem with trips and drives as given facts.

    Their groups come by themselves, at the minute they arrive and at no price; their craft start from their last
    landing. A plan of the settled problem with all these arrivals costs what the whole plan costs, less the
    craft-minutes and the cover of what is settled.
    """
    ready, access, direct = np.array(problem.ready_min), np.array(problem.access_min), np.array(problem.direct_min)
    station, counts = np.array(problem.station), np.array(problem.counts_for_cover)
    pools = np.array(problem.pool_home)
    for group, incident, arrive in coming(problem, trips, directs):
        ready[group], access[group], direct[group], direct[group, incident] = 0, UNREACHABLE, UNREACHABLE, arrive
        station[group], counts[group], pools[group] = NO_STATION, False, NO_POOL
    craft_ready, positions = np.array(problem.craft_ready_min), np.array(problem.position_min)
    closed = dict(problem.closed_positions)
    for last in last_trips(trips).values():
        c = last.craft
        craft_ready[c], positions[c] = last.land_min, problem.return_min[c, last.landing]
        for p in range(problem.num_pickups):
            closed.pop((c, p), None)
            if spans := problem.closed_returns.get((c, last.landing, p), ()):
                closed[c, p] = spans
    # What a station may still send is what it could less what it sent, so its floor stays as long as that is there.
    return replace(
        problem,
        ready_min=ready,
        access_min=access,
        direct_min=direct,
        station=station,
        counts_for_cover=counts,
        pool_home=pools,
        craft_ready_min=craft_ready,
        position_min=positions,
        closed_positions=closed,
    )


def coming(
    problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]
) -> tuple[tuple[int, int, int], ...]:
    """Return (group, incident, minute) of everybody whom trips and drives bring."""
    by_craft = [(g, t.incident, scene_minute(problem, t, g)) for t in trips for g in t.groups]
    return tuple(sorted(by_craft + [(d.group, d.incident, d.arrive_min) for d in directs]))


def last_trips(trips: Sequence[Trip]) -> dict[int, Trip]:
    """Return each craft's last trip."""
    return {t.craft: t for t in sorted(trips, key=lambda t: (t.craft, t.board_min, t.depart_min))}


def at_the_moment(request: ReplanRequest, under_way: UnderWay, world: DeployProblem) -> DeployProblem:
    """Return what is left to decide at the request's minute: the world ahead, settled, everybody where they are."""
    settled = settle(world, under_way.trips, under_way.directs)
    left = _with_craft_where_they_are(request, under_way, settled)
    return _with_groups_where_they_are(request, under_way, left)


def _with_craft_where_they_are(request: ReplanRequest, under_way: UnderWay, problem: DeployProblem) -> DeployProblem:
    now, before = request.at_min, last_trips(under_way.trips)
    used = {t.craft for t in request.trips}
    next_trip: dict[int, Trip] = {}
    for trip in request.in_sequence:
        if trip.begin_min > now or trip in under_way.broken_off:
            next_trip.setdefault(trip.craft, trip)
    ready, closed = np.array(problem.craft_ready_min), dict(problem.closed_positions)
    for c in range(problem.num_craft):
        free_min = int(ready[c]) if c in used else now + int(ready[c])
        # Who boards in the minute of the request has begun, so what is decided in it begins in the next.
        soonest = now + 1 - problem.position_min[c]
        off = np.maximum(max(free_min, now), soonest)
        if (planned := next_trip.get(c)) is not None:
            q = planned.first_pickup
            spans, took = _way_there(request, before.get(c), planned)
            left_min = next_open(free_min, spans)
            if left_min < now and problem.position_min[c, q] < UNREACHABLE:
                off = np.maximum(now + min(now - left_min, took), soonest)
                off[q] = max(left_min, int(soonest[q]))
                closed.pop((c, q), None)  # it has cast off already
        ready[c] = int(off.min())
        for p in np.flatnonzero(off > ready[c]).tolist():
            closed[c, p] = ((0, int(off[p])), *closed.get((c, p), ()))
    return replace(problem, craft_ready_min=ready, closed_positions=closed)


def _way_there(request: ReplanRequest, before: Trip | None, trip: Trip) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return the closed departures and the minutes of a craft's way to a pickup as the plan in force took it."""
    problem, c = request.problem, trip.craft
    if before is None:
        spans = problem.closed_positions.get((c, trip.first_pickup), ())
        return spans, int(problem.position_min[c, trip.first_pickup])
    spans = problem.closed_returns.get((c, before.landing, trip.first_pickup), ())
    return spans, int(problem.return_min[c, before.landing, trip.first_pickup])


def _with_groups_where_they_are(request: ReplanRequest, under_way: UnderWay, problem: DeployProblem) -> DeployProblem:
    """Return the problem with the ways of every free group away from home counted from the plan's start.

    Their readiness is 0 then, and the vehicles they drive are taken already.
    """
    now = request.at_min
    to_pickup = {g: t.pickup_of(g) for t in request.trips for g in t.groups}
    set_out = {g: m for t in request.trips for g, m in zip(t.groups, t.set_out_min, strict=False)}
    drivers = {d.group for d in request.directs}
    stands = {at.group: at for at in under_way.at_pickup}
    access, direct = np.array(problem.access_min), np.array(problem.direct_min)
    ready, pools = np.array(problem.ready_min), np.array(problem.pool_home)
    settled = under_way.groups
    for g in range(problem.num_groups):
        if g in settled or g in under_way.lost_groups:
            continue
        ready_min = int(ready[g])
        start, own = ready_min, None
        if g in stands:
            p = stands[g].pickup
            back = home_way_min(request.problem, g, int(request.problem.access_min[g, p]))
            own = (p, max(now, stands[g].from_min, set_out.get(g, ready_min) + back))
            start = own[1] + back
        elif g in to_pickup:
            q = to_pickup[g]
            away = home_way_min(request.problem, g, int(request.problem.access_min[g, q]))
            left_min = set_out.get(g, ready_min)
            if left_min < now:
                own, start = (q, left_min + away), now + min(now - left_min, away)
        elif g not in drivers:
            start = now + ready_min
        late = delay_of(request, g)
        if own is None:
            ready[g] = min(max(start, now) + late, UNREACHABLE)
            continue
        ways, roads = _with_turns(request.problem, g, access[g]), _with_turns(request.problem, g, direct[g])
        access[g], direct[g] = _from(start + late, ways), _from(start + late, roads)
        if ways[own[0]] < UNREACHABLE:
            access[g, own[0]] = own[1] + (0 if g in stands else late)
        ready[g], pools[g] = 0, NO_POOL
    return replace(problem, ready_min=ready, access_min=access, direct_min=direct, pool_home=pools)


def _with_turns(problem: DeployProblem, group: int, ways: IntArray) -> IntArray:
    return np.array([home_way_min(problem, group, way) for way in ways.tolist()], dtype=np.int64)


def _from(minute: int, ways: IntArray) -> IntArray:
    found: IntArray = np.where(ways >= UNREACHABLE, UNREACHABLE, np.minimum(minute + ways, UNREACHABLE))
    return found
