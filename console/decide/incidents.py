"""Decide commands about incidents."""

from __future__ import annotations

from difflib import get_close_matches
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from console.commands import ChangeIncidentStatus, ReportIncident, ReviseIncident
from console.decide.ground import Ground, RefusedError
from console.decide.places import Spot, spot_at, spot_named
from console.decide.texts import (
    INCIDENT_NOTE_LIMIT,
    PLACE_LIMIT,
    REASON_LIMIT,
    TITLE_LIMIT,
    read_both,
    read_note,
    read_place,
    read_text,
)
from data.geography import Region
from data.incidents import INCIDENT_TRANSITIONS, CaseType, Incident, Priority
from data.journal.events import IncidentReported, IncidentRevised, IncidentStatusChanged, UnitStatusChanged
from data.journal.interface import Entry
from data.journal.views import UnitView
from data.journal.wording import INCIDENT_STATUS_WORDS
from data.text import Text
from routing.movement import units_of

DISPOSITION = Text("处置结果", "disposition")
PRIORITIES: tuple[int, ...] = get_args(Priority)
MOST_PERSONS = 100_000


def report_incident(command: ReportIncident, ground: Ground) -> list[Entry]:
    """An incident stands on land, has a known case type, and takes its run card's echelons unless told others."""
    _check_demand(command)
    case_type = _case_type(command.case_type, ground.region)
    spot = _spot(command, ground.region)
    if spot is None:
        raise RefusedError(
            "请给出警情地点:写岛屿或码头名称,或在地图上点选。", "Say where: name an island or pier, or pick it."
        )
    number = next_number(ground)
    incident = Incident(
        id=f"{ground.now.astimezone(ZoneInfo(ground.region.timezone)):%Y}{number}",
        number=number,
        case_type=case_type.id,
        title=_title(command.title)
        or Text(f"{spot.name.zh}{case_type.name.zh}", f"{case_type.name.en}, {spot.name.en}"),
        priority=command.priority or case_type.priority,
        island_id=spot.island_id,
        lon_deg=round(spot.lon_deg, 6),
        lat_deg=round(spot.lat_deg, 6),
        reported_at=ground.now,
        status="reported",
        echelons=case_type.echelons if command.echelons is None else command.echelons,
        status_at=ground.now,
        note=read_note(command.note, INCIDENT_NOTE_LIMIT),
    )
    return [ground.entry(f"incident:{incident.id}", IncidentReported(incident=incident))]


def says_the_same(command: ReportIncident | ReviseIncident, incident: Incident, region: Region) -> bool:
    """Tell whether an incident is what a command asks for, in everything that the command says."""
    try:
        spot = _spot(command, region)
        if isinstance(command, ReportIncident):
            case_type = _case_type(command.case_type, region)
            priority = command.priority or case_type.priority
            echelons = case_type.echelons if command.echelons is None else command.echelons
            if (case_type.id, priority, echelons) != (incident.case_type, incident.priority, incident.echelons):
                return False
        note = None if command.note is None else read_note(command.note, INCIDENT_NOTE_LIMIT)
        title = _title(command.title)
    except RefusedError:
        return False
    here = None if spot is None else (round(spot.lon_deg, 6), round(spot.lat_deg, 6))
    return (
        note in (None, incident.note)
        and title in (None, incident.title)
        and here in (None, (incident.lon_deg, incident.lat_deg))
        and command.priority in (None, incident.priority)
        and command.echelons in (None, incident.echelons)
    )


def next_number(ground: Ground) -> str:
    """Return the next spoken number of the local day: month and day, then a count."""
    day = f"{ground.now.astimezone(ZoneInfo(ground.region.timezone)):%m%d}"
    counts = [
        int(one.number[5:])
        for one in ground.picture.incidents.values()
        if one.number.startswith(f"{day}-") and one.number[5:].isdigit()
    ]
    return f"{day}-{max(counts, default=0) + 1:03d}"


def revise_incident(command: ReviseIncident, ground: Ground) -> list[Entry]:
    """An open incident may change in everything but its number and its life."""
    incident = ground.incident(command.incident_id)
    if incident.status == "closed":
        raise RefusedError(
            f"警情 {incident.number} 已结,不能更正。请新报一起。",
            f"Incident {incident.number} is closed. Report a new one.",
        )
    _check_demand(command)
    spot = _spot(command, ground.region)
    revised = msgspec.structs.replace(
        incident,
        title=_title(command.title) or incident.title,
        priority=incident.priority if command.priority is None else command.priority,
        echelons=incident.echelons if command.echelons is None else command.echelons,
        note=incident.note if command.note is None else read_note(command.note, INCIDENT_NOTE_LIMIT),
        island_id=spot.island_id if spot else incident.island_id,
        lon_deg=round(spot.lon_deg, 6) if spot else incident.lon_deg,
        lat_deg=round(spot.lat_deg, 6) if spot else incident.lat_deg,
    )
    return [ground.entry(f"incident:{incident.id}", IncidentRevised(incident=revised), command.seen_version)]


def change_incident_status(command: ChangeIncidentStatus, ground: Ground) -> list[Entry]:
    """An incident moves only along its table of transitions; closing it releases its units."""
    incident = ground.incident(command.incident_id)
    allowed = INCIDENT_TRANSITIONS[incident.status]
    if command.status not in allowed:
        words, now = INCIDENT_STATUS_WORDS, INCIDENT_STATUS_WORDS[incident.status]
        after_zh = "、".join(words[one].zh for one in words if one in allowed) or "无"
        after_en = ", ".join(words[one].en for one in words if one in allowed) or "nothing"
        wanted = words[command.status]
        raise RefusedError(
            f"警情 {incident.number} 现为“{now.zh}”,不能改为“{wanted.zh}”;可改为:{after_zh}。",
            f"Incident {incident.number} is {now.en}: it cannot become {wanted.en}. It may become: {after_en}.",
        )
    changed = IncidentStatusChanged(
        incident_id=incident.id,
        status=command.status,
        disposition=read_text(command.disposition, DISPOSITION, REASON_LIMIT, lines=True),
    )
    entries = [ground.entry(f"incident:{incident.id}", changed, command.seen_version)]
    if command.status == "closed":
        entries.extend(_released(incident, ground))
    return entries


def _check_demand(command: ReportIncident | ReviseIncident) -> None:
    """A page may send whatever it likes: what is no priority or no head count must not get into the journal."""
    if command.priority is not None and command.priority not in PRIORITIES:
        raise RefusedError(
            f"优先级应为 {PRIORITIES[0]} 至 {PRIORITIES[-1]}。",
            f"The priority must be {PRIORITIES[0]} to {PRIORITIES[-1]}.",
        )
    if any(one.persons > MOST_PERSONS for one in command.echelons or ()):
        raise RefusedError(
            f"一级最多 {MOST_PERSONS} 人。请核对人数。", f"A step has at most {MOST_PERSONS} persons. Check the number."
        )


def _title(title: Text | None) -> Text | None:
    """Return a title that says something in either language; the other is then the same."""
    if title is None:
        return None
    read = read_both(title, Text("标题", "title"), TITLE_LIMIT)
    return Text(read.zh or read.en, read.en or read.zh) if read.zh or read.en else None


def _released(incident: Incident, ground: Ground) -> list[Entry]:
    """Every unit that worked for the incident is free again and on its way home from where it is."""
    picture = ground.picture
    worked = {
        unit_id for plan in picture.accepted.values() if incident.id in plan.incident_ids for unit_id in units_of(plan)
    }
    return [
        ground.entry(f"unit:{unit.unit_id}", _sent_home(unit))
        for unit in picture.units.values()
        if unit.incident_id == incident.id
        or (unit.unit_id in worked and unit.plan_id is None and unit.site_id != unit.home_site_id)
        if unit.status in ("available", "accepted", "en_route", "on_scene")
    ]


def _sent_home(unit: UnitView) -> UnitStatusChanged:
    return UnitStatusChanged(
        unit_id=unit.unit_id,
        status="available" if unit.site_id == unit.home_site_id else "returning",
        site_id=unit.site_id if unit.site_id == unit.home_site_id else None,
        lon_deg=unit.lon_deg,
        lat_deg=unit.lat_deg,
        incident_id=None,
        plan_id=None,
        leg_id=None,
    )


def _case_type(words: str, region: Region) -> CaseType:
    known = region.case_types
    words = read_text(words, Text("警情类型", "case type"), PLACE_LIMIT)
    wanted = words.strip().casefold()
    for case_type in known.values():
        if wanted in (case_type.id.casefold(), case_type.name.zh.casefold(), case_type.name.en.casefold()):
            return case_type
    started = [one for one in known.values() if wanted and _starts(one, wanted)]
    if len(started) == 1:
        return started[0]
    near = get_close_matches(words, [*known], n=3) or [*known][:6]
    raise RefusedError(
        f"没有警情类型“{words}”。可用:{'、'.join(known[one].name.zh for one in near)}。",
        f"There is no case type '{words}'. Use one of: {', '.join(near)}.",
    )


def _starts(case_type: CaseType, wanted: str) -> bool:
    names = (case_type.id, case_type.name.zh, case_type.name.en)
    return any(name.casefold().startswith(wanted) for name in names)


def _spot(command: ReportIncident | ReviseIncident, region: Region) -> Spot | None:
    if command.lon_deg is not None and command.lat_deg is not None:
        return spot_at(command.lon_deg, command.lat_deg, region)
    place = read_place(command.place)
    return spot_named(place, region) if place else None
