"""Speak of a stored plan as a request to re-plan does: its trips and drives read back from its legs, and its names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.errors import worded
from data.plans import Leg, Plan
from data.text import Text
from routing.deploy.compile import Compiled
from routing.deploy.problem import Call, Direct, Trip
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
    return read_legs(compiled, plan)


def read_legs(compiled: Compiled, plan: Plan) -> tuple[tuple[Trip, ...], tuple[Direct, ...]]:
    """Return the trips and drives of a plan's legs in a problem that holds its units and sites."""
    rows = Rows.of(compiled)
    trips, directs = [], []
    calls: dict[str | None, Call] = {}
    ways = GroupWays.of(plan) if compiled.problem.has_pools else None
    for leg in sorted(plan.legs, key=lambda leg: (leg.depart_at, leg.arrive_at)):
        if leg.purpose == "call":
            calls[leg.craft_id] = rows.call(leg)
        elif leg.purpose == "carry":
            trips.append(rows.trip(leg, calls.pop(leg.craft_id, None), ways))
        elif leg.purpose == "direct":
            directs += rows.directs(leg, ways)
    return tuple(sorted(trips, key=lambda t: (t.craft, t.begin_min))), tuple(sorted(directs, key=lambda d: d.group))


@dataclass(frozen=True)
class GroupWays:
    """The moments at which groups of a plan set out by road, on either shore."""

    from_home: Mapping[str, datetime]
    onward: Mapping[str, datetime]

    @classmethod
    def of(cls, plan: Plan) -> GroupWays:
        """Return those of a plan's legs."""
        home, onward = (
            {g: leg.depart_at for leg in plan.legs if leg.purpose == purpose for g in leg.group_ids}
            for purpose in ("first_mile", "last_mile")
        )
        return cls(home, onward)


@dataclass(frozen=True)
class Rows:
    """The rows and columns of a compiled problem by the ids of units, sites and incidents."""

    start_at: datetime
    groups: Mapping[str, int]
    craft: Mapping[str, int]
    pickups: Mapping[str, int]
    landings: Mapping[str, int]
    incidents: Mapping[str, int]
    ready_at: Mapping[str, datetime]

    @classmethod
    def of(cls, compiled: Compiled) -> Rows:
        """Return those of a compiled problem."""
        return cls(
            ready_at={
                state.group.id: compiled.start_at + timedelta(minutes=state.ready_in_min)
                for state in compiled.candidates.groups
            },
            start_at=compiled.start_at,
            groups={state.group.id: n for n, state in enumerate(compiled.candidates.groups)},
            craft={state.craft.id: n for n, state in enumerate(compiled.candidates.craft)},
            pickups={place.id: n for n, place in enumerate(compiled.sites.pickups)},
            landings={place.id: n for n, place in enumerate(compiled.sites.landings)},
            incidents={incident.id: n for n, incident in enumerate(compiled.incidents)},
        )

    def minute(self, at: datetime) -> int:
        """Return a moment in minutes from the start."""
        return round((at - self.start_at) / timedelta(minutes=1))

    def call(self, leg: Leg) -> Call:
        """Return the earlier call a leg begins at."""
        if leg.board_at is None:
            raise _fits_nowhere(leg, "board_at")
        groups = tuple(_row(leg, self.groups, one) for one in leg.group_ids)
        pickup = _row(leg, self.pickups, leg.from_site)
        return Call(pickup, groups, self.minute(leg.board_at), self.minute(leg.depart_at))

    def trip(self, leg: Leg, call: Call | None, ways: GroupWays | None = None) -> Trip:
        """Return the trip of a carry leg."""
        if leg.board_at is None or leg.unloaded_at is None:
            raise _fits_nowhere(leg, "board_at")
        set_out_min: tuple[int, ...] = ()
        onward_min: tuple[int, ...] = ()
        if ways is not None:
            set_out_min = tuple(self.minute(ways.from_home.get(g, self.ready_at[g])) for g in leg.group_ids)
            onward_min = tuple(self.minute(ways.onward.get(g, leg.unloaded_at)) for g in leg.group_ids)
        return Trip(
            craft=_row(leg, self.craft, leg.craft_id),
            incident=_row(leg, self.incidents, leg.incident_id),
            pickup=_row(leg, self.pickups, leg.from_site),
            landing=_row(leg, self.landings, leg.to_site),
            groups=tuple(_row(leg, self.groups, one) for one in leg.group_ids),
            board_min=self.minute(leg.board_at),
            depart_min=self.minute(leg.depart_at),
            land_min=self.minute(leg.unloaded_at),
            call=call,
            set_out_min=set_out_min,
            onward_min=onward_min,
        )

    def directs(self, leg: Leg, ways: GroupWays | None = None) -> list[Direct]:
        """Return the drives of a direct leg."""
        incident, arrive_min = _row(leg, self.incidents, leg.incident_id), self.minute(leg.arrive_at)
        set_out_min = None if ways is None else self.minute(leg.depart_at)
        return [Direct(_row(leg, self.groups, one), incident, arrive_min, set_out_min) for one in leg.group_ids]


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


def named_fault(error: ReplanFaultError, names: Names) -> ReplanFaultError:
    """Return the error with units by their call signs instead of their rows."""
    en, zh = str(error), error.said("zh")
    for what, pattern_en, pattern_zh in (
        ("groups", r"\bgroup (\d+)\b", r"第 (\d+) 组"),
        ("craft", r"\bcraft (\d+)\b", r"第 (\d+) 艇"),
        ("pickups", r"\bpickup (\d+)\b", r"上船点 (\d+)"),
    ):
        en = re.sub(pattern_en, lambda found, what=what: names.of(what, int(found[1])).en, en)  # type: ignore[misc]
        zh = re.sub(pattern_zh, lambda found, what=what: names.of(what, int(found[1])).zh, zh)  # type: ignore[misc]
    return worded(ReplanFaultError(en), zh=zh)


def _row(leg: Leg, rows: Mapping[str, int], name: str | None) -> int:
    if name is None or name not in rows:
        raise _fits_nowhere(leg, str(name))
    return rows[name]


def _fits_nowhere(leg: Leg, name: str) -> ReplanFaultError:
    return worded(
        ReplanFaultError(f"leg {leg.id}: the problem of this situation has no '{name}'; plan anew from the situation"),
        zh=f"行程 {leg.id}：本态势的问题中没有“{name}”；请由态势重新制定方案。",
    )
