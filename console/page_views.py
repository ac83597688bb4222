"""The HTML regions of the page, one line each: root id, what makes it, what it depends on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.decide.access import ACCESS_STREAM
from console.decide.plans import UNDO_S
from console.html_view import HtmlView
from console.map import furniture
from console.nearest import nearest_desk
from console.panels.account import account_html
from console.panels.alarms import alarms_html
from console.panels.approvals import approval_lines, approval_rows
from console.panels.bands import top_band_html
from console.panels.case import case_html
from console.panels.command import command_html
from console.panels.drawers import (
    change_html,
    help_html,
    log_html,
    new_incident_html,
    reject_html,
    scenarios_html,
)
from console.panels.gantt import gantt_html
from console.panels.nearest import nearest_html
from console.panels.outlook import tightest_departure
from console.panels.plan_card import plan_card_html
from console.panels.presence import holders_words, seats_html
from console.panels.queue import queue_html
from console.panels.reasons import reasons_html
from console.panels.slider import slider_html
from console.panels.units import units_html
from console.panels.weather import weather_band_html
from console.seat import Seat
from console.study_views import STUDY_CAUSES, main_html, side_html
from data.geography import Region
from data.journal.views import LogLine


def _band_top(seat: Seat) -> str:
    return top_band_html(
        seat.picture,
        seat.now,
        seat.language,
        theme=seat.theme,
        actor=seat.actor,
        timezone=seat.world.region.timezone,
        replay_at=seat.replay_at,
        role=seat.principal.role,
        seats=seat.seats_on,
        view=seat.view,
    )


def zone_shown(seat: Seat) -> str | None:
    """Return the sea zone the weather band speaks of: the selected incident's, or the one in the middle of the view."""
    incident, network, region = seat.incident, seat.world.network, seat.world.region
    if network is None:
        return next(iter(region.zones), None)
    if incident is not None:
        return network.zone_of(incident.lon_deg, incident.lat_deg)
    west, south, east, north = region.view_deg or region.bounds_deg
    return network.zone_of((west + east) / 2, (south + north) / 2)


def _band_weather(seat: Seat) -> str:
    zone_id = zone_shown(seat)
    outlook = seat.outlooks.of_zone(seat.picture, seat.now, zone_id) if zone_id else None
    return weather_band_html(seat.picture, seat.world.region, zone_id, outlook, seat.now, seat.language)


def _queue(seat: Seat) -> str:
    return queue_html(
        seat.picture,
        seat.world.region,
        seat.now,
        seat.selected_incident_id,
        seat.language,
        can_act=seat.can_act,
        seats=seat.seats_on,
        own_seat_id=seat.seat_id,
    )


def _case(seat: Seat) -> str:
    return case_html(
        seat.incident,
        seat.picture,
        seat.world.region,
        seat.shown_plan,
        seat.now,
        seat.language,
        can_act=seat.can_act,
        held=holders_words(seat.seats_on, seat.selected_incident_id or "", seat.seat_id, seat.language),
    )


def can_undo(seat: Seat) -> bool:
    """Tell whether the plan in force may still be taken back."""
    plan = seat.accepted_plan
    if plan is None or not seat.can_act or seat.picture.is_irreversible(plan.id):
        return False
    accepted_at = seat.picture.accepted_recorded_at.get(plan.id)
    return accepted_at is not None and datetime.now(UTC) - accepted_at < timedelta(seconds=UNDO_S)


def passing(seat: Seat) -> tuple[object, ...]:
    """Return what time alone, or somebody far away, changes of what this seat may do: compared each second."""
    principal, approval = seat.service.current(seat.principal), seat.approval
    waiting = [(one.approval_id, one.waits(seat.now)) for one in approval_rows(seat.picture, seat.now)]
    role = principal.role if principal is not None else None
    return can_undo(seat), approval and approval.approval_id, tuple(waiting), role, seat.world.health.may_try


def _plan(seat: Seat) -> str:
    return plan_card_html(
        seat.incident,
        seat.job,
        seat.accepted_plan,
        seat.world.region,
        seat.alternative,
        seat.now,
        seat.language,
        can_act=seat.can_act,
        can_undo=can_undo(seat),
        approval=seat.approval,
        picture=seat.picture,
        actor=seat.actor,
    )


def _legs(seat: Seat) -> str:
    plan, picture = seat.shown_plan, seat.picture
    closed = seat.outlooks.landings(plan, picture) if plan is not None else {}
    last = tightest_departure(plan, picture, closed, seat.language) if plan is not None else None
    return gantt_html(plan, picture, seat.world.region, seat.now, seat.language, closed=closed, last_departure=last)


def _reasons(seat: Seat) -> str:
    return reasons_html(seat.shown_plan, seat.picture, seat.world.region, seat.language)


def _units(seat: Seat) -> str:
    return units_html(
        seat.picture,
        seat.world.region,
        seat.shown_plan,
        seat.now,
        seat.selected_unit_id,
        seat.language,
        search=seat.unit_search,
        limits=seat.outlooks.limits(seat.picture, seat.now),
    )


def _alarms(seat: Seat) -> str:
    region = seat.world.region
    waiting = approval_lines(
        seat.picture,
        region,
        seat.now,
        seat.language,
        actor=seat.actor,
        can_act=seat.can_act,
        has_key=seat.approval is None,
    )
    return alarms_html(seat.picture, region, seat.now, seat.language, can_act=seat.can_act, above=waiting)


def _slider(seat: Seat) -> str:
    world = seat.world
    now = world.clock.now()
    moments = [line.world_at for line in world.picture.log]
    start = world.picture.start_at or now
    return slider_html(
        start,
        now,
        seat.replay_at,
        moments,
        world.region,
        seat.language,
        playing=seat.playing,
        unread_hours=seat.picture.unread_hours,
    )


def _command(seat: Seat) -> str:
    return command_html(seat.picture, seat.now, seat.language, completion=seat.completion, can_act=seat.can_act)


def _new_incident(seat: Seat, region: Region) -> str:
    return new_incident_html(region, seat.language, draft=seat.draft)


def _drawer(seat: Seat) -> str:
    """The drawer that is open, or nothing."""
    world, region, language = seat.world, seat.world.region, seat.language
    incident_id = seat.selected_incident_id or ""
    match seat.drawer:
        case "new-incident":
            return _new_incident(seat, region)
        case "scenarios":
            return scenarios_html(seat.scenarios, world.picture.scenario_id, language)
        case "help":
            return help_html(language)
        case "seats":
            return seats_html(seat.seats_on, seat.picture.incidents, seat.seat_id, datetime.now(UTC), language)
        case "account":
            return account_html(seat.principal, language, has_account=seat.has_account)
        case "log":
            return log_html(_log_shown(seat), region, language)
        case "change":
            return change_html(
                seat.shown_plan, seat.picture, seat.forbidden.get(incident_id, {}), incident_id, language
            )
        case "nearest":
            return _nearest(seat)
        case "reject":
            return reject_html(seat.shown_plan, language)
    return ""


def _nearest(seat: Seat) -> str:
    """The nearest units of the selected incident; a newer list comes by itself."""
    world, incident_id = seat.world, seat.selected_incident_id or ""

    def tell() -> None:
        seat.nearest_seen += 1

    found, working = nearest_desk(world).look(world, seat.picture, incident_id, seat.now, tell)
    return nearest_html(seat.incident, found, working, seat.picture, world.region, seat.selected_unit_id, seat.language)


def _log_shown(seat: Seat) -> list[LogLine]:
    """Return the parts of the log this seat may read: what happened, and who read or was refused what."""
    log, sees_log, sees_access = seat.picture.log, seat.may("see_log"), seat.may("see_access")
    if sees_log and sees_access:
        return log
    return [line for line in log if (sees_access if line.stream == ACCESS_STREAM else sees_log)]


def _map_switches(seat: Seat) -> str:
    mode = "replay" if seat.replay_at is not None else str(seat.picture.mode)
    return furniture.switches_html(seat.language, frozenset(name for name, shown in seat.layers.items() if shown), mode)


def _on(*causes: str) -> frozenset[str]:
    return frozenset({"language", "replay_at", "picture", *causes})


_CHOSEN = ("selected_incident_id", "alternative", "plan", "plans")

_NEAREST = ("incidents", "weather", "minute", "selected_unit_id", "nearest_seen")

VIEWS: tuple[HtmlView, ...] = (
    HtmlView("band-top", _band_top, _on("theme", "clock", "presence", "view")),
    HtmlView("band-weather", _band_weather, _on("weather", "selected_incident_id", "minute")),
    HtmlView("queue", _queue, _on("incidents", "units", "plans", "selected_incident_id", "presence")),
    HtmlView("case", _case, _on("incidents", "units", "presence", *_CHOSEN)),
    HtmlView("plan", _plan, _on("incidents", "units", "undo", *_CHOSEN)),
    HtmlView("legs", _legs, _on("weather", "minute", *_CHOSEN)),
    HtmlView("reasons", _reasons, _on(*_CHOSEN)),
    HtmlView("units", _units, _on("units", "weather", "minute", "selected_unit_id", "unit_search", *_CHOSEN)),
    HtmlView("alarms", _alarms, _on("alarms", "undo", "selected_incident_id")),
    HtmlView("slider", _slider, _on("log", "minute", "playing")),
    HtmlView("command", _command, _on("alarms", "completion")),
    HtmlView("main", main_html, _on(*STUDY_CAUSES)),
    HtmlView("side", side_html, _on(*STUDY_CAUSES)),
    HtmlView("map-switches", _map_switches, _on("layers")),
    HtmlView("map-legend", lambda seat: furniture.legend_html(seat.language), _on()),
    HtmlView("map-foot", lambda seat: furniture.foot_html(seat.language, seat.world.region), _on()),
    HtmlView("drawer", _drawer, _on("drawer", "draft", "log", "units", "forbidden", "presence", *_CHOSEN, *_NEAREST)),
)
