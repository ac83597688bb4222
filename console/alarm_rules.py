"""What calls for attention now, a rule a function; the ticker raises what is due and clears what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from console.closing_links import LegClosing, open_closings
from data.geography import Region
from data.incidents import OPEN_STATUSES
from data.journal.events import AlarmRaised
from data.journal.picture import Picture
from data.journal.views import UnitView
from data.plans import Plan
from data.text import Text

# Limits in world time; assumed, to be set by the command room.
ACCEPT_WITHIN = timedelta(minutes=2)
MOVE_WITHIN = timedelta(minutes=3)
PLAN_WITHIN = {1: timedelta(minutes=3), 2: timedelta(minutes=5), 3: timedelta(minutes=10)}
CLOSING_AHEAD = timedelta(minutes=30)
FORECAST_AHEAD = timedelta(hours=2)
MANUAL_AHEAD = timedelta(minutes=30)
NAMES_SHOWN = 3
CLOSING_ALARM = "closing:"  # how the ids of alarms begin that rest on worked-out closings


@dataclass(frozen=True)
class Watch:
    """What the rules look at; ``closings`` are those of each accepted plan, by its id."""

    picture: Picture
    region: Region
    now: datetime
    closings: Mapping[str, tuple[LegClosing, ...]] = field(default_factory=dict)

    def clock(self, moment: datetime) -> str:
        """Return a moment as local hours and minutes."""
        return f"{moment.astimezone(ZoneInfo(self.region.timezone)):%H:%M}"

    def working_plans(self) -> Iterator[Plan]:
        """Yield the accepted plans of which an incident is still open."""
        for plan in self.picture.accepted.values():
            if any(self.is_open(incident_id) for incident_id in plan.incident_ids):
                yield plan

    def is_open(self, incident_id: str) -> bool:
        """Tell whether an incident is known and not closed."""
        incident = self.picture.incidents.get(incident_id)
        return incident is not None and incident.status in OPEN_STATUSES

    def units_of(self, plan: Plan) -> list[UnitView]:
        """Return the units that still work for a plan."""
        return [unit for unit in self.picture.units.values() if unit.plan_id == plan.id]


def due_alarms(watch: Watch) -> dict[str, AlarmRaised]:
    """Return every alarm whose cause stands now, by id."""
    return {alarm.alarm_id: alarm for rule in RULES for alarm in rule(watch)}


def incident_waits(watch: Watch) -> Iterator[AlarmRaised]:
    """An incident has waited for its first order longer than its priority allows."""
    for incident in watch.picture.open_incidents:
        limit = PLAN_WITHIN.get(incident.priority)
        waits = incident.status in ("reported", "accepted") and incident.echelons
        if limit is None or not waits or watch.now - incident.reported_at < limit:
            continue
        minutes = limit // timedelta(minutes=1)
        yield _alarm(
            f"waits:{incident.id}",
            1 if incident.priority == 1 else 2,
            Text(
                f"警情 {incident.number} 超过 {minutes} 分钟未派力量",
                f"Incident {incident.number} without an order for {minutes} min",
            ),
            Text("制定方案并采纳,或结案", "Plan and accept, or close the incident"),
            None,
            incident.id,
        )


def orders_unaccepted(watch: Watch) -> Iterator[AlarmRaised]:
    """Units have not answered their orders in time; one alarm a plan."""
    for plan in watch.working_plans():
        ordered_at = watch.picture.accepted_at[plan.id]
        silent = [unit for unit in watch.units_of(plan) if unit.status in ("available", "returning")]
        if not silent or watch.now - ordered_at < ACCEPT_WITHIN:
            continue
        names = _names(silent)
        leaves_at = min((leg.depart_at for leg in plan.legs), default=plan.start_at)
        yield _alarm(
            f"unaccepted:{plan.id}",
            2,
            Text(f"{len(silent)} 个单位未接令:{names.zh}", f"{len(silent)} units have not accepted: {names.en}"),
            Text("呼叫,或禁用后重新制定方案", "Call them, or plan again without them"),
            leaves_at if leaves_at > watch.now else None,
            plan.incident_ids[0],
        )


def units_not_moving(watch: Watch) -> Iterator[AlarmRaised]:
    """Units that accepted have not left at their time; one alarm a plan."""
    for plan in watch.working_plans():
        leaves_at = _departures(plan)
        standing = [
            unit
            for unit in watch.units_of(plan)
            if unit.status == "accepted" and watch.now - leaves_at.get(unit.unit_id, watch.now) >= MOVE_WITHIN
        ]
        if standing:
            names = _names(standing)
            yield _alarm(
                f"standing:{plan.id}",
                2,
                Text(
                    f"{len(standing)} 个单位到时未动:{names.zh}",
                    f"{len(standing)} units have not left in time: {names.en}",
                ),
                Text("核实原因,必要时重新制定方案", "Ask why; plan again if they cannot go"),
                None,
                plan.incident_ids[0],
            )


def echelons_late(watch: Watch) -> Iterator[AlarmRaised]:
    """An echelon is past its due time and not complete, or was never going to be."""
    for plan in watch.working_plans():
        for echelon in plan.echelons:
            if not watch.is_open(echelon.incident_id):
                continue
            incident = watch.picture.incidents[echelon.incident_id]
            arrived = _on_scene(watch, echelon.incident_id, echelon.skill)
            planned_at, due_at = echelon.complete_at, None
            if echelon.due_min is not None:
                due_at = plan.start_at + timedelta(minutes=echelon.due_min)
            late = due_at is not None and watch.now > due_at and arrived < echelon.persons
            if not late and planned_at is not None:
                continue
            when = watch.clock(planned_at) if planned_at else None
            name = f"{incident.number} {echelon.name.zh}", f"{incident.number} {echelon.name.en}"
            yield _alarm(
                f"late:{plan.id}:{echelon.incident_id}:{echelon.echelon_id}",
                1 if incident.priority == 1 else 2,
                Text(
                    f"{name[0]}未齐:{arrived}/{echelon.persons} 人" + (f",预计 {when}" if when else ",无法凑齐"),
                    f"{name[1]} incomplete: {arrived} of {echelon.persons} persons"
                    + (f", expected {when}" if when else ", cannot be filled"),
                ),
                Text("加派力量,或告知现场自守", "Send more, or tell the island to hold by itself"),
                planned_at if planned_at and planned_at > watch.now else None,
                incident.id,
            )


def links_closing(watch: Watch) -> Iterator[AlarmRaised]:
    """Legs not yet begun lie on a link that is closed then or closes soon after; one alarm a place.

    Wind, gusts and waves often close one place together: the first to close it is the cause told.
    """
    found = sorted(
        open_closings(watch.picture, watch.closings, watch.now, CLOSING_AHEAD),
        key=lambda one: (one.place_id, one.from_at, one.cause),
    )
    for place_id, group in groupby(found, key=lambda one: one.place_id):
        legs = list(group)
        shut = [one for one in legs if one.from_at <= one.leg.depart_at]
        orders = len({unit for one in legs for unit in (one.leg.craft_id, *one.leg.group_ids) if unit})
        last_at = max(watch.now, legs[0].from_at - timedelta(minutes=1))
        words = legs[0].text
        if shut:
            action = Text("该航段不能出发,请重新制定方案", "These legs cannot depart: plan again")
        else:
            action = Text(f"最晚 {watch.clock(last_at)} 出发", f"Depart by {watch.clock(last_at)} at the latest")
        yield _alarm(
            f"{CLOSING_ALARM}{place_id}",
            1 if shut else 2,
            Text(f"{words.zh};影响 {orders} 条指令", f"{words.en}; {orders} orders affected"),
            action,
            last_at if last_at > watch.now else None,
            legs[0].leg.incident_id or place_id,
        )


def forecast_runs_out(watch: Watch) -> Iterator[AlarmRaised]:
    """The forecast ends soon: nothing can be planned beyond it."""
    forecast = watch.picture.forecast
    if forecast is None or forecast.valid_to - watch.now > FORECAST_AHEAD:
        return
    ends = watch.clock(forecast.valid_to)
    yield _alarm(
        f"forecast:{forecast.id}",
        3,
        Text(f"预报 {forecast.id} 有效至 {ends}", f"Forecast {forecast.id} ends at {ends}"),
        Text("发布新的预报", "Issue a newer forecast"),
        forecast.valid_to if forecast.valid_to > watch.now else None,
        forecast.id,
    )


def manual_weather_ends(watch: Watch) -> Iterator[AlarmRaised]:
    """An officer's value for a zone ends soon: somebody looks again, or the forecast holds."""
    for value in watch.picture.manual_weather.values():
        zone = watch.region.zones.get(value.zone_id)
        if zone is None or not value.holds(watch.now) or value.until_at - watch.now > MANUAL_AHEAD:
            continue
        words, ends = value.words(), watch.clock(value.until_at)
        yield _alarm(
            f"manual:{value.id}",
            3,
            Text(f"{zone.name.zh}人工值({words.zh})有效至 {ends}", f"{zone.name.en}: {words.en} (manual) until {ends}"),
            Text("复测后重新设定,否则以预报为准", "Look again and set it anew, or the forecast holds"),
            value.until_at,
            value.zone_id,
        )


Rule = Callable[[Watch], Iterator[AlarmRaised]]
RULES: tuple[Rule, ...] = (
    incident_waits,
    orders_unaccepted,
    units_not_moving,
    echelons_late,
    links_closing,
    forecast_runs_out,
    manual_weather_ends,
)


def _alarm(
    alarm_id: str, priority: Literal[1, 2, 3], cause: Text, action: Text, deadline_at: datetime | None, subject_id: str
) -> AlarmRaised:
    return AlarmRaised(
        alarm_id=alarm_id, priority=priority, cause=cause, action=action, deadline_at=deadline_at, subject_id=subject_id
    )


def _departures(plan: Plan) -> dict[str, datetime]:
    """Return when each unit of a plan first moves."""
    first: dict[str, datetime] = {}
    for leg in plan.legs:
        for unit_id in (leg.craft_id, *leg.group_ids):
            if unit_id is not None:
                first[unit_id] = min(leg.depart_at, first.get(unit_id, leg.depart_at))
    return first


def _names(units: list[UnitView]) -> Text:
    shown, more = units[:NAMES_SHOWN], len(units) - NAMES_SHOWN
    zh, en = "、".join(one.call_sign.zh for one in shown), ", ".join(one.call_sign.en for one in shown)
    return Text(f"{zh}等", f"{en} and {more} more") if more > 0 else Text(zh, en)


def _on_scene(watch: Watch, incident_id: str, skill: str | None) -> int:
    return sum(
        unit.strength
        for unit in watch.picture.units.values()
        if unit.kind == "group"
        and unit.incident_id == incident_id
        and unit.status == "on_scene"
        and (skill is None or skill in unit.skills)
    )
