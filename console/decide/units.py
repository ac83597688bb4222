"""Decide what units report; incidents follow the first of their units."""

from __future__ import annotations

from console.commands import ReportUnits, SetUnitStatus
from console.decide.ground import Ground, RefusedError
from data.forces import UNIT_TRANSITIONS
from data.incidents import INCIDENT_TRANSITIONS, IncidentStatus
from data.journal.events import IncidentStatusChanged, UnitStatusChanged
from data.journal.interface import Entry
from data.journal.wording import UNIT_STATUS_WORDS

# Statuses of a unit that are part of carrying out an order, and what the incident becomes by the first of them.
UNDER_ORDERS: frozenset[str] = frozenset({"accepted", "en_route", "on_scene"})
_INCIDENT_FOLLOWS: dict[str, IncidentStatus] = {"en_route": "en_route", "on_scene": "on_scene"}


def set_unit_status(command: SetUnitStatus, ground: Ground) -> list[Entry]:
    """A unit moves only along its table of transitions; a status outside an order ends the order for it."""
    return report_units(ReportUnits(reports=(command,)), ground)


def report_units(command: ReportUnits, ground: Ground) -> list[Entry]:
    """All the reports hold, or none; each incident moves on once at most."""
    entries = [_reported(report, ground) for report in command.reports]
    reached: dict[str, IncidentStatus] = {}
    for entry in entries:
        event = entry.event
        assert isinstance(event, UnitStatusChanged)
        status = _INCIDENT_FOLLOWS.get(event.status)
        if event.incident_id and status and _moves_on(event.incident_id, status, reached, ground):
            reached[event.incident_id] = status
    entries.extend(
        ground.entry(f"incident:{incident_id}", IncidentStatusChanged(incident_id=incident_id, status=status))
        for incident_id, status in reached.items()
    )
    return entries


def _moves_on(incident_id: str, status: IncidentStatus, reached: dict[str, IncidentStatus], ground: Ground) -> bool:
    incident = ground.picture.incidents.get(incident_id)
    if incident is None:
        return False
    return status in INCIDENT_TRANSITIONS[reached.get(incident_id, incident.status)]


def _reported(report: SetUnitStatus, ground: Ground) -> Entry:
    unit = ground.unit(report.unit_id)
    moves_leg = report.status == unit.status == "en_route" and report.leg_id != unit.leg_id
    if report.status not in UNIT_TRANSITIONS[unit.status] and not moves_leg:
        words, now = UNIT_STATUS_WORDS, UNIT_STATUS_WORDS[unit.status]
        allowed = [words[one] for one in words if one in UNIT_TRANSITIONS[unit.status]]
        raise RefusedError(
            f"{unit.call_sign.zh} 现为“{now.zh}”,不能改为“{words[report.status].zh}”;"
            f"可改为:{'、'.join(one.zh for one in allowed)}。",
            f"{unit.call_sign.en} is {now.en}: it cannot become {words[report.status].en}. "
            f"It may become: {', '.join(one.en for one in allowed)}.",
        )
    in_order = report.status in UNDER_ORDERS
    under_way = report.status in ("en_route", "returning")
    here = unit.site_id if report.site_id is None and not under_way else report.site_id
    if here is not None and not _is_site(here, ground):
        here = None  # in the open, at an incident or in a field: its position says where
    return ground.entry(
        f"unit:{unit.unit_id}",
        UnitStatusChanged(
            unit_id=unit.unit_id,
            status=report.status,
            site_id=here,
            lon_deg=unit.lon_deg if report.lon_deg is None else report.lon_deg,
            lat_deg=unit.lat_deg if report.lat_deg is None else report.lat_deg,
            incident_id=unit.incident_id if in_order else None,
            plan_id=unit.plan_id if in_order else None,
            leg_id=(report.leg_id or unit.leg_id) if in_order else None,
        ),
    )


def _is_site(site_id: str, ground: Ground) -> bool:
    region = ground.region
    return site_id in region.piers or site_id in region.helipads or site_id in region.stations
