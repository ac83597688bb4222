"""Speak of a stored plan as a request to re-plan does: its trips and drives read back from its legs, and its names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from data.errors import worded
from data.plans import Leg, Plan
from data.text import Text
from routing.deploy.compile import Compiled
from routing.deploy.problem import Direct, Trip
from routing.replan.difference import Names
from routing.replan.events import Event, ReplanFaultError
from routing.replan.request import DEFAULT_CHANGE_POINTS, ReplanRequest


def request_for(
    compiled: Compiled,
    plan: Plan,
    at: datetime,
    events: tuple[Event, ...],
    standing: tuple[Event, ...] = (),
    change_points: int = DEFAULT_CHANGE_POINTS,
) -> ReplanRequest:
    """Return the request to re-plan a stored plan at a moment, priced as the plan is.

    ``compiled`` is the problem of the plan's own situation. Raises ReplanFaultError where the plan is of another
    situation, names what the problem does not hold, or the moment lies outside it.
    """
    trips, directs = read_back(compiled, plan)
    minute = int((at - compiled.start_at) // timedelta(minutes=1))
    problem = compiled.for_alternative(plan.alternative)
    return ReplanRequest(problem, trips, directs, minute, events, standing, change_points)


def read_back(compiled: Compiled, plan: Plan) -> tuple[tuple[Trip, ...], tuple[Direct, ...]]:
    """Return the trips and drives of a plan's legs; raises ReplanFaultError naming a leg that fits nowhere."""
    if plan.situation_hash != compiled.situation.content_hash():
        raise worded(
            ReplanFaultError(f"plan {plan.id} is of another situation; compile the one inside its file"),
            zh=f"方案 {plan.id} 属于另一态势；请用其文件内的态势重新编译。",
        )
    groups = {state.group.id: n for n, state in enumerate(compiled.candidates.groups)}
    craft = {state.craft.id: n for n, state in enumerate(compiled.candidates.craft)}
    pickups = {place.id: n for n, place in enumerate(compiled.sites.pickups)}
    landings = {place.id: n for n, place in enumerate(compiled.sites.landings)}
    incidents = {incident.id: n for n, incident in enumerate(compiled.incidents)}
    trips, directs = [], []
    for leg in plan.legs:
        if leg.purpose == "carry":
            if leg.board_at is None or leg.unloaded_at is None:
                raise _fits_nowhere(leg, "board_at")
            trips.append(
                Trip(
                    craft=_row(leg, craft, leg.craft_id),
                    incident=_row(leg, incidents, leg.incident_id),
                    pickup=_row(leg, pickups, leg.from_site),
                    landing=_row(leg, landings, leg.to_site),
                    groups=tuple(_row(leg, groups, one) for one in leg.group_ids),
                    board_min=_minute(compiled, leg.board_at),
                    depart_min=_minute(compiled, leg.depart_at),
                    land_min=_minute(compiled, leg.unloaded_at),
                )
            )
        elif leg.purpose == "direct":
            incident, arrive_min = _row(leg, incidents, leg.incident_id), _minute(compiled, leg.arrive_at)
            directs += [Direct(_row(leg, groups, one), incident, arrive_min) for one in leg.group_ids]
    return tuple(sorted(trips, key=lambda t: (t.craft, t.board_min))), tuple(sorted(directs, key=lambda d: d.group))


def names_of(compiled: Compiled) -> Names:
    """Return what the units, piers, incidents and echelons of a problem are called."""
    return Names(
        groups=tuple(state.group.call_sign for state in compiled.candidates.groups),
        craft=tuple(state.craft.call_sign for state in compiled.candidates.craft),
        pickups=tuple(place.name for place in compiled.sites.pickups),
        incidents=tuple(incident.title for incident in compiled.incidents),
        echelons=tuple(
            Text(zh=f"{incident.title.zh}·{need.name.zh}", en=f"{incident.title.en}, {need.name.en}")
            for incident in compiled.incidents
            for need in incident.echelons
        ),
    )


def _minute(compiled: Compiled, at: datetime) -> int:
    return round((at - compiled.start_at) / timedelta(minutes=1))


def _row(leg: Leg, rows: Mapping[str, int], name: str | None) -> int:
    if name is None or name not in rows:
        raise _fits_nowhere(leg, str(name))
    return rows[name]


def _fits_nowhere(leg: Leg, name: str) -> ReplanFaultError:
    return worded(
        ReplanFaultError(f"leg {leg.id}: the problem of this situation has no '{name}'; plan anew from the situation"),
        zh=f"行程 {leg.id}：本态势的问题中没有“{name}”；请由态势重新制定方案。",
    )
