"""The pieces of a repair in milliseconds: what stands of a plan, what it lacks added greedily, a greedy plan anew."""

from __future__ import annotations

from routing.deploy.draft import DraftTables, SpareGroups
from routing.deploy.evaluate import Stop, stops_of
from routing.deploy.greedy import FIRST_DECAYS_MIN, complete_greedily, plan_greedily
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct
from routing.replan.ahead import Ahead, Draft


def keep_what_stands(ahead: Ahead) -> Draft:
    """Return the plan in force without what cannot be any more: lost units, shut links, banned pairs, late arrivals."""
    request, problem = ahead.request, ahead.open
    gone = ahead.settled_groups | ahead.under_way.lost_groups
    banned = request.forbidden_pairs
    open_trips = [t for t in request.in_sequence if t.begin_min > request.at_min or t in ahead.under_way.broken_off]
    rows: list[list[Stop]] = []
    for c, row in enumerate(stops_of(problem, open_trips)):
        kept: list[Stop] = []
        for stop in row:
            groups = tuple(
                g
                for g in stop.groups
                if g not in gone
                and (g, c) not in banned
                and problem.group_at_pickup_min[g, stop.pickup] < problem.horizon_min
            )
            if groups and _can_go(problem, c, stop, kept):
                kept.append(Stop(stop.pickup, stop.landing, stop.incident, groups))
        rows.append(kept)
    directs = [
        Direct(d.group, d.incident, int(problem.group_direct_min[d.group, d.incident]))
        for d in request.directs
        if d.group not in gone and problem.group_direct_min[d.group, d.incident] <= problem.horizon_min
    ]
    while (found := ahead.draft(rows, directs)) is None:
        longest = max(range(len(rows)), key=lambda c: len(rows[c]))
        rows[longest].pop()
    return _within_the_cover(ahead, _in_time(ahead, found))


def _can_go(problem: DeployProblem, craft: int, stop: Stop, before: list[Stop]) -> bool:
    came = (
        problem.return_min[craft, before[-1].landing, stop.pickup]
        if before
        else problem.position_min[craft, stop.pickup]
    )
    return bool(
        came < UNREACHABLE
        and problem.haul_min[craft, stop.pickup, stop.landing] < UNREACHABLE
        and problem.last_mile_min[stop.landing, stop.incident] < UNREACHABLE
    )


def _in_time(ahead: Ahead, draft: Draft) -> Draft:
    """Leave out every craft's last trips that would arrive after the horizon."""
    problem = ahead.open
    while True:
        late = {
            t.craft
            for t in draft.trips
            if t.land_min + int(problem.last_mile_min[t.landing, t.incident]) > problem.horizon_min
        }
        if not late:
            return draft
        rows = [row[:-1] if c in late else row for c, row in enumerate(draft.stops)]
        shorter = ahead.draft(rows, draft.directs)
        assert shorter is not None, "the last trip of a craft leads nowhere"
        draft = shorter


def _within_the_cover(ahead: Ahead, draft: Draft) -> Draft:
    """Leave out the latest groups of a station that may send fewer than before."""
    spare = SpareGroups(ahead.open)
    used = [(t.land_min, g) for t in draft.trips for g in t.groups] + [(d.arrive_min, d.group) for d in draft.directs]
    out = {g for _, g in sorted(used) if not spare.take(g)}
    return without_groups(ahead, draft, out) if out else draft


def without_groups(ahead: Ahead, draft: Draft, groups: set[int]) -> Draft:
    """Return a draft with groups left at home, without trips nobody rides any more and what then leads nowhere."""
    rows = []
    for row in draft.stops:
        fewer = [Stop(s.pickup, s.landing, s.incident, tuple(g for g in s.groups if g not in groups)) for s in row]
        rows.append([stop for stop in fewer if stop.groups])
    found = ahead.draft(rows, [d for d in draft.directs if d.group not in groups])
    while found is None:
        longest = max(range(len(rows)), key=lambda c: len(rows[c]))
        rows[longest].pop()
        found = ahead.draft(rows, [d for d in draft.directs if d.group not in groups])
    return found


def planned_anew(ahead: Ahead, tables: DraftTables) -> Draft | None:
    """Return a greedy plan of all that is left, whatever the plan in force was; None where it cannot be timed."""
    _, trips, directs = plan_greedily(ahead.apart.problem, tables, FIRST_DECAYS_MIN)
    return ahead.drafted(trips, directs)


def completed(ahead: Ahead, draft: Draft, tables: DraftTables) -> Draft:
    """Return a draft with what it lacks added, or as it is where nothing makes it better."""
    start = ahead.as_a_start(draft)
    _, more_trips, more_directs = complete_greedily(ahead.apart.problem, start, tables, FIRST_DECAYS_MIN)
    found = ahead.drafted(more_trips, more_directs)
    return found if found is not None and found.total < draft.total else draft
