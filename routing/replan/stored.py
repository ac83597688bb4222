"""Put a stored plan under way as a request to re-plan: what was known when it was made beside what is known by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

import msgspec

from data.errors import UnknownNameError, worded
from data.geography import Place, scene_place
from data.plans import Plan
from data.situation import Situation
from data.text import Text
from routing.deploy.candidates import FIELD
from routing.deploy.compile import Compiled, InUse, compile_problem
from routing.deploy.deployment import Planner
from routing.deploy.evaluate import home_way_min
from routing.deploy.problem import DeployProblem, EchelonNeed, Spans, Trip
from routing.deploy.ways import field_beside
from routing.movement import units_of
from routing.replan.difference import Names
from routing.replan.events import (
    CraftLost,
    EchelonAdded,
    EchelonChanged,
    Event,
    ForbidCraft,
    ForbidGroup,
    ForbidPair,
    GroupAt,
    GroupDelayed,
    GroupLost,
    PierClosed,
    PinGroup,
    ReplanFaultError,
)
from routing.replan.known import Known, Reports, find_known, situation_of
from routing.replan.plans import Rows, named_fault, names_of, read_legs
from routing.replan.request import DEFAULT_CHANGE_POINTS, ReplanRequest

EchelonKey = tuple[str, str]


@dataclass(frozen=True)
class PlanUnderWay:
    """A stored plan at a moment: its problem as known before and by now, and the request made of both.

    ``echelons`` names the echelons of the request in their order: those of the plan, then added ones.
    """

    plan: Plan
    at: datetime
    known: Known
    before: Compiled
    now: Compiled
    echelons: tuple[EchelonKey, ...]
    names: Names
    request: ReplanRequest


def put_under_way(
    planner: Planner,
    plan: Plan,
    at: datetime,
    reports: Reports,
    newer: Situation | None = None,
    change_points: int = DEFAULT_CHANGE_POINTS,
) -> PlanUnderWay:
    """Return a stored plan with what is reported by ``at`` and what a newer situation tells.

    Raises ReplanFaultError where plan, moment, reports and situation do not fit, UnknownNameError for a unit that does
    not exist.
    """
    _check_moment(plan, at)
    known = find_known(plan, at, reports, newer)
    _check_units_exist(known.now, reports)
    region, network, book = planner.region, planner.network, planner.book
    before = compile_problem(known.before, region, network, book, in_use=_in_use(plan, known.before, planner))
    later = msgspec.structs.replace(known.now, at=at)
    now = compile_problem(later, region, network, book, like=before)
    rows = Rows.of(before)
    trips, directs = read_legs(before, plan)
    minute = rows.minute(at)
    keys, needs, changes = _echelons(situation_of(plan), known.now, rows)
    cast_off = _cast_off(plan, before, rows)
    problem = _kept_until(replace(before.for_alternative(plan.alternative), echelons=needs), cast_off)
    by_now = _kept_until(_by_now(problem, now.problem, minute), cast_off)
    begun = {g for t in trips if t.begin_min <= minute for g in t.groups}
    _check_not_aboard(reports, rows, begun)
    events = (*_events(known, reports, rows, before, begun), *changes)
    names = _names(before, now, keys)
    try:
        request = ReplanRequest(
            problem=problem,
            trips=trips,
            directs=directs,
            at_min=minute,
            events=events,
            standing=tuple(_standing(plan, known, before, rows, trips, minute)),
            change_points=change_points,
            now=by_now,
            is_rougher=known.is_other_sea,
        )
    except ReplanFaultError as error:
        raise named_fault(error, names) from error
    return PlanUnderWay(plan, at, known, before, now, keys, names, request)


def _names(before: Compiled, now: Compiled, keys: tuple[EchelonKey, ...]) -> Names:
    """Return what things are called, the echelons in the order of the request."""
    needs = {
        (one.id, need.id): Text(f"{one.title.zh}·{need.name.zh}", f"{one.title.en}, {need.name.en}")
        for one in now.incidents
        for need in one.echelons
    }
    return replace(names_of(before), echelons=tuple(needs[key] for key in keys))


def _check_moment(plan: Plan, at: datetime) -> None:
    if at.second or at.microsecond:
        raise worded(
            ReplanFaultError(f"the moment {at:%H:%M:%S} is no whole minute; plans are made and read in whole minutes"),
            zh=f"时刻 {at:%H:%M:%S} 不是整分；方案按整分钟制定。",
        )
    since = plan.start_at if plan.revision is None else max(plan.start_at, plan.revision.at)
    ends = max((leg.unloaded_at or leg.arrive_at for leg in plan.legs), default=plan.start_at)
    if not since <= at <= ends:
        low, high = ((one - plan.start_at) // timedelta(minutes=1) for one in (since, ends))
        given = (at - plan.start_at) // timedelta(minutes=1)
        raise worded(
            ReplanFaultError(
                f"minute {given} is not one of the plan's: it is under way from minute {low} to {high} "
                f"({since:%Y-%m-%d %H:%M} to {ends:%H:%M} UTC); give a minute between, or make a new plan"
            ),
            zh=f"第 {given} 分钟不在方案进行期内：方案自第 {low} 至 {high} 分钟进行"
            f"（{since:%Y-%m-%d %H:%M} 至 {ends:%H:%M} UTC）；请给出其间的时刻，或重新制定方案。",
        )


def _check_units_exist(situation: Situation, reports: Reports) -> None:
    craft = {state.craft.id for state in situation.craft}
    groups = {state.group.id for state in situation.groups}
    asked = [("unit", unit, craft | groups) for unit in (*reports.lost, *reports.forbidden)]
    asked += [("group", group, groups) for group in reports.delayed]
    for group, one in (*reports.pinned.items(), *reports.apart):
        asked += [("group", group, groups), ("craft", one, craft)]
    for what, name, known in asked:
        if name not in known:
            raise UnknownNameError(what, name, get_close_matches(name, sorted(known), n=3))


def _check_not_aboard(reports: Reports, rows: Rows, begun: set[int]) -> None:
    for group in (*reports.lost, *reports.delayed):
        if group in rows.groups and rows.groups[group] in begun:
            raise worded(
                ReplanFaultError(
                    f"'{group}' has boarded or arrived; report its craft lost, or the echelon larger by its persons"
                ),
                zh=f"“{group}”已登船或已到达；请改报载具失效，或增加所需人数。",
            )


def _in_use(plan: Plan, situation: Situation, planner: Planner) -> InUse:
    scenes = {FIELD + one.id: field_beside(scene_place(one)) for one in situation.incidents}

    def place(site_id: str) -> Place:
        return scenes[site_id] if site_id in scenes else planner.region.place(site_id)

    carries = [leg for leg in plan.legs if leg.purpose in ("call", "carry")]
    pickups = dict.fromkeys(leg.from_site for leg in carries)
    landings = dict.fromkeys(leg.to_site for leg in carries if leg.purpose == "carry")
    return InUse(frozenset(units_of(plan)), tuple(map(place, pickups)), tuple(map(place, landings)))


def _echelons(
    was: Situation, now: Situation, rows: Rows
) -> tuple[tuple[EchelonKey, ...], tuple[EchelonNeed, ...], list[Event]]:
    """Return the echelons of the plan and then added ones by name, the former as they were, and what changed."""
    old = [(one.id, need) for one in was.incidents for need in one.echelons]
    new = {(one.id, need.id): need for one in now.incidents for need in one.echelons}
    keys = [(incident, need.id) for incident, need in old]
    needs = tuple(EchelonNeed(rows.incidents[i], need.persons, need.skill, need.weight) for i, need in old)
    changes: list[Event] = [
        EchelonChanged(n, new[key].persons) for n, key in enumerate(keys) if new[key].persons != old[n][1].persons
    ]
    for (incident, echelon), need in new.items():
        if (incident, echelon) not in keys:
            keys.append((incident, echelon))
            changes.append(EchelonAdded(EchelonNeed(rows.incidents[incident], need.persons, need.skill, need.weight)))
    return tuple(keys), needs, changes


def _by_now(problem: DeployProblem, later: DeployProblem, minute: int) -> DeployProblem:
    """Return the problem with the ways and closures of one that starts at a minute of it."""

    def from_start(closed: Any) -> dict[Any, Spans]:
        return {key: tuple((start + minute, end + minute) for start, end in spans) for key, spans in closed.items()}

    if (later.last_mile_min > problem.last_mile_min).any():
        raise worded(
            ReplanFaultError(
                "a road on an incident's island is closed by now; people under way would not get through: "
                "make a new plan from the situation of now"
            ),
            zh="警情所在岛上有道路已封闭，在途人员无法通过；请按当前态势重新制定方案。",
        )
    return replace(
        problem,
        haul_min=later.haul_min,
        return_min=later.return_min,
        position_min=later.position_min,
        access_min=later.access_min,
        direct_min=later.direct_min,
        closed_hauls=from_start(later.closed_hauls),
        closed_returns=from_start(later.closed_returns),
        closed_positions=from_start(later.closed_positions),
    )


def _cast_off(plan: Plan, compiled: Compiled, rows: Rows) -> dict[int, int]:
    """Return when craft of a plan re-planned before really left their start, as far as the problem lets on less."""
    if plan.revision is None:
        return {}
    came: dict[str, tuple[str, int]] = {}
    loaded: set[str] = set()
    for leg in sorted(plan.legs, key=lambda leg: (leg.depart_at, leg.arrive_at)):
        if leg.craft_id is not None and leg.purpose == "position" and leg.craft_id not in loaded:
            came[leg.craft_id] = leg.to_site, rows.minute(leg.arrive_at)
        elif leg.craft_id is not None:
            loaded.add(leg.craft_id)
    found = {}
    for craft, (site, arrive) in came.items():
        if (pickup := rows.pickups.get(site)) is not None:
            c = rows.craft[craft]
            left = arrive - int(compiled.problem.position_min[c, pickup])
            if left > compiled.problem.craft_ready_min[c]:
                found[c] = left
    return found


def _kept_until(problem: DeployProblem, cast_off: dict[int, int]) -> DeployProblem:
    closed = dict(problem.closed_positions)
    for c, minute in cast_off.items():
        for p in range(problem.num_pickups):
            closed[c, p] = ((0, minute), *closed.get((c, p), ()))
    return replace(problem, closed_positions=closed)


def _events(known: Known, reports: Reports, rows: Rows, compiled: Compiled, begun: set[int]) -> Iterator[Event]:
    """Yield what is reported as events of the problem; what it does not hold cannot matter, pins aside."""
    for unit in known.unusable:
        is_lost = unit in known.lost
        if unit in rows.craft:
            back = reports.ashore_at.get(unit)
            c = rows.craft[unit]
            if is_lost:
                yield CraftLost(c, None if back is None else rows.minute(back))
            elif unit in known.now.forbidden:
                yield ForbidCraft(c)
        elif unit in rows.groups and rows.groups[unit] not in begun:
            yield GroupLost(rows.groups[unit]) if is_lost else ForbidGroup(rows.groups[unit])
    for group, minutes in reports.delayed.items():
        if group in rows.groups:
            yield GroupDelayed(rows.groups[group], minutes)
    for group, craft in reports.pinned.items():
        yield PinGroup(_near(rows.groups, group), _near(rows.craft, craft))
    for group, craft in reports.apart:
        if group in rows.groups and craft in rows.craft:
            yield ForbidPair(rows.groups[group], rows.craft[craft])
    for closure in known.new_closures:
        until = closure.until_at
        start = max(0, rows.minute(closure.from_at))
        end = compiled.problem.horizon_min * 2 if until is None else rows.minute(until)
        if closure.target_kind in ("pier", "helipad") and end > start:
            if closure.target_id in rows.pickups:
                yield PierClosed("pickup", rows.pickups[closure.target_id], start, end)
            if closure.target_id in rows.landings:
                yield PierClosed("landing", rows.landings[closure.target_id], start, end)


def _near(rows: Any, unit: str) -> int:
    if unit not in rows:
        raise worded(
            ReplanFaultError(f"'{unit}' is too far from these incidents, busy or out of use; name another unit"),
            zh=f"“{unit}”离警情过远、正忙或不可用；请指定其他单位。",
        )
    return int(rows[unit])


def _standing(
    plan: Plan, known: Known, compiled: Compiled, rows: Rows, trips: Sequence[Trip], minute: int
) -> Iterator[Event]:
    """Yield what a plan re-planned before tells of groups on their way: where they stand only later than they could."""
    if plan.revision is None:
        return
    comes = {g: rows.minute(leg.arrive_at) for leg in plan.legs if leg.purpose == "first_mile" for g in leg.group_ids}
    names = {n: g for g, n in rows.groups.items()}
    problem = compiled.problem
    for trip in trips:
        for g in trip.groups if trip.begin_min > minute else ():
            pickup = trip.pickup_of(g)
            soonest = int(problem.ready_min[g]) + home_way_min(problem, g, int(problem.access_min[g, pickup]))
            if (arrive := comes.get(names[g], 0)) > soonest:
                yield GroupAt(g, pickup, arrive)
