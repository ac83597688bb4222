"""How each event changes the picture: one small function an event, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from data.journal.events import (
    AccessNoted,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    ApprovalAsked,
    ApprovalGiven,
    ApprovalRefused,
    ClockChanged,
    ClosureLifted,
    ClosureSet,
    ForcesMustered,
    ForecastIssued,
    IncidentReported,
    IncidentRevised,
    IncidentStatusChanged,
    IslandsReported,
    MoveOrdered,
    MoveWithdrawn,
    NoteLogged,
    OrderIssued,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanWithdrawn,
    PositionsArchived,
    Recorded,
    UnitStatusChanged,
    UnknownEvent,
    WorldOpened,
    ZoneWeatherLifted,
    ZoneWeatherSet,
)
from data.journal.views import Alarm, Approval, OrderedMove, UnitView
from data.manual_weather import merged

if TYPE_CHECKING:
    from data.journal.picture import Picture


def _world_opened(picture: Picture, event: WorldOpened, _: Recorded) -> None:
    picture.region_id, picture.mode = event.region_id, event.mode
    picture.scenario_id, picture.title = event.scenario_id, event.title
    picture.start_at = picture.world_at = event.start_at


def _forces_mustered(picture: Picture, event: ForcesMustered, recorded: Recorded) -> None:
    for craft in event.craft:
        craft_class = picture.region.craft_classes[craft.class_id]
        home = picture.region.place(craft.home_site_id)
        picture.units[craft.id] = UnitView(
            unit_id=craft.id,
            kind="craft",
            call_sign=craft.call_sign,
            symbol=craft_class.symbol,
            class_id=craft.class_id,
            home_site_id=craft.home_site_id,
            strength=craft_class.seats,
            skills=frozenset(),
            status="available",
            status_at=recorded.world_at,
            site_id=craft.home_site_id,
            lon_deg=home.lon_deg,
            lat_deg=home.lat_deg,
            heading_deg=None,
            speed_mps=0.0,
            fix_at=recorded.world_at,
            craft=craft,
        )
    for group in event.groups:
        home = picture.region.place(group.home_site_id)
        picture.units[group.id] = UnitView(
            unit_id=group.id,
            kind="group",
            call_sign=group.call_sign,
            symbol="motorcycle" if group.kind == "motorcycle" else "group",
            class_id=None,
            home_site_id=group.home_site_id,
            strength=group.strength,
            skills=group.skills,
            status="available",
            status_at=recorded.world_at,
            site_id=group.home_site_id,
            lon_deg=home.lon_deg,
            lat_deg=home.lat_deg,
            heading_deg=None,
            speed_mps=0.0,
            fix_at=recorded.world_at,
            group=group,
        )


def _forecast_issued(picture: Picture, event: ForecastIssued, _: Recorded) -> None:
    picture.grid = event.forecast
    _merge_weather(picture)


def _zone_weather_set(picture: Picture, event: ZoneWeatherSet, _: Recorded) -> None:
    picture.manual_weather[event.value.id] = event.value
    _merge_weather(picture)


def _zone_weather_lifted(picture: Picture, event: ZoneWeatherLifted, _: Recorded) -> None:
    picture.manual_weather.pop(event.value_id, None)
    _merge_weather(picture)


def _merge_weather(picture: Picture) -> None:
    """Lay the officers' values over the forecast, whichever of them came last; one that has ended before it is left."""
    grid = picture.grid
    if grid is None:
        return
    start = min((hour.valid_from for hour in grid.hours), default=grid.issued_at)
    picture.forecast = merged(grid, [one for one in picture.manual_weather.values() if one.until_at > start])


def _closure_set(picture: Picture, event: ClosureSet, _: Recorded) -> None:
    picture.closures[event.closure.id] = event.closure


def _closure_lifted(picture: Picture, event: ClosureLifted, _: Recorded) -> None:
    picture.closures.pop(event.closure_id, None)


def _incident_known(picture: Picture, event: IncidentReported | IncidentRevised, _: Recorded) -> None:
    picture.incidents[event.incident.id] = event.incident


def _incident_status(picture: Picture, event: IncidentStatusChanged, recorded: Recorded) -> None:
    picture.incidents[event.incident_id] = msgspec.structs.replace(
        picture.incidents[event.incident_id], status=event.status, status_at=recorded.world_at
    )


def _plan_proposed(picture: Picture, event: PlanProposed, _: Recorded) -> None:
    """A newer plan of the same kind for the same incidents takes the place of the older."""
    same = [
        plan_id
        for plan_id, plan in picture.proposals.items()
        if plan.incident_ids == event.plan.incident_ids and plan.alternative == event.plan.alternative
    ]
    for plan_id in same:
        del picture.proposals[plan_id]
    picture.proposals[event.plan.id] = event.plan


def _plan_accepted(picture: Picture, event: PlanAccepted, recorded: Recorded) -> None:
    plan = event.plan
    picture.accepted[plan.id] = plan
    picture.accepted_by[plan.id] = recorded.actor
    picture.accepted_at[plan.id] = recorded.world_at
    picture.accepted_recorded_at[plan.id] = recorded.recorded_at
    _drop_proposals(picture, plan.incident_ids)


def _plan_rejected(picture: Picture, event: PlanRejected, _: Recorded) -> None:
    picture.proposals.pop(event.plan_id, None)


def _drop_proposals(picture: Picture, incident_ids: tuple[str, ...]) -> None:
    for plan_id in [one for one, plan in picture.proposals.items() if set(plan.incident_ids) & set(incident_ids)]:
        del picture.proposals[plan_id]


def _plan_withdrawn(picture: Picture, event: PlanWithdrawn, _: Recorded) -> None:
    picture.accepted.pop(event.plan_id, None)
    for order_id in [one.id for one in picture.orders.values() if one.plan_id == event.plan_id]:
        del picture.orders[order_id]


def _order_issued(picture: Picture, event: OrderIssued, _: Recorded) -> None:
    order = event.order
    picture.orders[order.id] = order
    unit = picture.units[order.unit_id]
    picture.units[order.unit_id] = msgspec.structs.replace(
        unit, incident_id=order.incident_id, plan_id=order.plan_id, leg_id=None
    )


def _unit_status(picture: Picture, event: UnitStatusChanged, recorded: Recorded) -> None:
    unit = picture.units[event.unit_id]
    moving = event.status in ("en_route", "returning")
    picture.units[event.unit_id] = msgspec.structs.replace(
        unit,
        status=event.status,
        status_at=recorded.world_at if event.status != unit.status else unit.status_at,
        site_id=event.site_id,
        lon_deg=event.lon_deg,
        lat_deg=event.lat_deg,
        speed_mps=unit.speed_mps if moving else 0.0,
        fix_at=max(unit.fix_at, recorded.world_at),
        incident_id=event.incident_id,
        plan_id=event.plan_id,
        leg_id=event.leg_id,
        ready_at=event.ready_at,
        reason=event.reason,
    )


def _alarm_raised(picture: Picture, event: AlarmRaised, recorded: Recorded) -> None:
    picture.alarms[event.alarm_id] = Alarm(
        alarm_id=event.alarm_id,
        priority=event.priority,
        cause=event.cause,
        action=event.action,
        raised_at=recorded.world_at,
        deadline_at=event.deadline_at,
        subject_id=event.subject_id,
    )


def _alarm_acknowledged(picture: Picture, event: AlarmAcknowledged, recorded: Recorded) -> None:
    picture.alarms[event.alarm_id] = msgspec.structs.replace(
        picture.alarms[event.alarm_id], acked_by=recorded.actor, acked_at=recorded.world_at
    )


def _alarm_cleared(picture: Picture, event: AlarmCleared, _: Recorded) -> None:
    picture.alarms[event.alarm_id] = msgspec.structs.replace(picture.alarms[event.alarm_id], cleared=True)


def _note_logged(picture: Picture, event: NoteLogged, _: Recorded) -> None:
    """A note changes nothing but the log, which every event enters."""


def _positions_archived(picture: Picture, event: PositionsArchived, _: Recorded) -> None:
    picture.archived_hours[event.hour] = event.sha256


def _clock_changed(picture: Picture, event: ClockChanged, _: Recorded) -> None:
    picture.clock_speed = event.speed
    picture.world_at = event.world_at


def _approval_asked(picture: Picture, event: ApprovalAsked, recorded: Recorded) -> None:
    picture.approvals[event.approval_id] = Approval(
        approval_id=event.approval_id,
        command=event.command,
        given=event.given,
        incident_ids=event.incident_ids,
        reason=event.reason,
        plan=event.plan,
        asked_by=recorded.actor,
        asked_at=recorded.world_at,
        expires_at=event.expires_at,
    )


def _approval_given(picture: Picture, event: ApprovalGiven, recorded: Recorded) -> None:
    picture.approvals[event.approval_id] = msgspec.structs.replace(
        picture.approvals[event.approval_id],
        state="given",
        answered_by=recorded.actor,
        answered_at=recorded.world_at,
    )


def _approval_refused(picture: Picture, event: ApprovalRefused, recorded: Recorded) -> None:
    picture.approvals[event.approval_id] = msgspec.structs.replace(
        picture.approvals[event.approval_id],
        state="refused",
        answered_by=recorded.actor,
        answered_at=recorded.world_at,
        answer=event.reason,
    )


def _islands_reported(picture: Picture, event: IslandsReported, _: Recorded) -> None:
    picture.counts |= {(one.island_id, one.kind): one for one in event.counts}
    picture.stores |= {(one.island_id, one.item): one for one in event.stores}
    picture.local_teams |= {one.team.id: one for one in event.local_teams}
    picture.tasks |= {one.id: one for one in event.tasks}
    picture.relief_at |= event.relief_at
    picture.evacuations |= {one.island_id: one for one in event.evacuations}


def _move_ordered(picture: Picture, event: MoveOrdered, recorded: Recorded) -> None:
    picture.moves[event.move_id] = OrderedMove(
        move_id=event.move_id,
        island_id=event.island_id,
        text=event.text,
        before_at=event.before_at,
        by=recorded.actor,
        at=recorded.world_at,
    )


def _move_withdrawn(picture: Picture, event: MoveWithdrawn, _: Recorded) -> None:
    picture.moves.pop(event.move_id, None)


def _access_noted(picture: Picture, event: AccessNoted, _: Recorded) -> None:
    """Who read what changes nothing but the log, which every event enters."""


def _unknown(picture: Picture, event: UnknownEvent, _: Recorded) -> None:
    """What a newer program wrote changes nothing but the log: its meaning is not known here."""


FOLDS: dict[type, Callable[[Picture, Any, Recorded], None]] = {
    WorldOpened: _world_opened,
    ForcesMustered: _forces_mustered,
    ForecastIssued: _forecast_issued,
    ZoneWeatherSet: _zone_weather_set,
    ZoneWeatherLifted: _zone_weather_lifted,
    ClosureSet: _closure_set,
    ClosureLifted: _closure_lifted,
    IncidentReported: _incident_known,
    IncidentRevised: _incident_known,
    IncidentStatusChanged: _incident_status,
    PlanProposed: _plan_proposed,
    PlanAccepted: _plan_accepted,
    PlanRejected: _plan_rejected,
    PlanWithdrawn: _plan_withdrawn,
    OrderIssued: _order_issued,
    UnitStatusChanged: _unit_status,
    AlarmRaised: _alarm_raised,
    AlarmAcknowledged: _alarm_acknowledged,
    AlarmCleared: _alarm_cleared,
    NoteLogged: _note_logged,
    ClockChanged: _clock_changed,
    ApprovalAsked: _approval_asked,
    ApprovalGiven: _approval_given,
    ApprovalRefused: _approval_refused,
    AccessNoted: _access_noted,
    PositionsArchived: _positions_archived,
    IslandsReported: _islands_reported,
    MoveOrdered: _move_ordered,
    MoveWithdrawn: _move_withdrawn,
    UnknownEvent: _unknown,
}
