"""The sections of a scenario file, and how each becomes what the rest of the house works with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec
import shapely

from data.errors import UnknownNameError
from data.forces import CraftState, GroupState
from data.forecast_gaps import filled
from data.forecast_table import read_forecast_hours
from data.geography import Place, Region
from data.incidents import CaseType, Echelon, Incident, Priority
from data.roster import Forces
from data.tables import suggestion
from data.text import Text
from data.weather import Closure, ClosureTarget, Forecast, ZoneHour
from data.yaml_document import YamlDocument


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every section: an unknown key is a fault."""


class OptionsPart(_Part, frozen=True, kw_only=True):
    """How long the solver may think, and its seed."""

    seconds: float = 5.0
    seed: int = 1


class ForecastPart(_Part, frozen=True, kw_only=True):
    """A forecast: its hours stand in a CSV file beside the scenario."""

    id: str
    issued_at: datetime
    valid_to: datetime
    author: str
    source: str
    file: str


class ClosurePart(_Part, frozen=True, kw_only=True):
    """Something a person has closed; ``from_at`` defaults to the start, ``until_at`` to open-ended."""

    id: str
    kind: ClosureTarget
    target: str
    reason: Text
    from_at: datetime | None = None
    until_at: datetime | None = None
    author: str


class EchelonPart(_Part, frozen=True, kw_only=True):
    """One echelon asked for instead of the run card's."""

    id: str
    name: Text
    persons: int
    weight: int
    skill: str | None = None
    due_min: int | None = None


class IncidentPart(_Part, frozen=True, kw_only=True):
    """An incident at a known place (``at``) or at a position; what is left out comes from its run card."""

    id: str
    case_type: str
    title: Text
    at: str | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None
    number: str | None = None
    priority: Priority | None = None
    reported_at: datetime | None = None
    note: str = ""
    echelons: tuple[EchelonPart, ...] = ()


class ForcesPart(_Part, frozen=True, kw_only=True):
    """What differs from the roster: units out of use with the reason, later ready times, other places."""

    out_of_service: dict[str, Text] = {}
    ready_in_min: dict[str, int] = {}
    moved_to: dict[str, str] = {}


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def check_offset(document: YamlDocument, key: str, moment: datetime) -> bool:
    """A time says how far it is from UTC."""
    if moment.tzinfo is not None:
        return True
    document.fault(key, f"{moment:%Y-%m-%d %H:%M} has no offset from UTC. Write e.g. {moment:%Y-%m-%dT%H:%M}:00+08:00.")
    return False


def check_ids_once(document: YamlDocument, parts: Sequence[tuple[str, _HasId]]) -> None:
    """No two items of a list share an id."""
    seen: dict[str, str] = {}
    for path, part in parts:
        if part.id in seen:
            document.fault(f"{path}.id", f"'{part.id}' is already the id of {seen[part.id]}. Choose another.")
        seen.setdefault(part.id, path)


def read_forecast(
    document: YamlDocument, part: ForecastPart, folder: Path, region: Region, start_at: datetime | None
) -> Forecast | None:
    """Read a forecast with its hours; what it leaves out is filled by assumption and marked so."""
    stamps = [("forecast.issued_at", part.issued_at), ("forecast.valid_to", part.valid_to)]
    stamped = [check_offset(document, key, moment) for key, moment in stamps]
    if not all(stamped):
        return None
    if Path(part.file).name != part.file:
        document.fault("forecast.file", "is a path. The file must lie beside the scenario; give its bare name.")
        return None
    hours = read_forecast_hours(folder / part.file, region, document.faults)
    if hours:
        check_forecast_covers(document, part, hours, start_at)
    forecast = Forecast(
        id=part.id,
        issued_at=part.issued_at,
        valid_to=part.valid_to,
        author=part.author,
        source=part.source,
        hours=hours,
    )
    return filled(forecast, region)


def check_forecast_covers(
    document: YamlDocument, part: ForecastPart, hours: Sequence[ZoneHour], start_at: datetime | None
) -> None:
    """The forecast begins at the scenario's start or before, still holds then, and has no hour after its end."""
    if start_at is not None and min(hour.valid_from for hour in hours) > start_at:
        document.fault("forecast.file", f"{part.file} begins after the start. Add the hours before.")
    if start_at is not None and part.valid_to <= start_at:
        document.fault("forecast.valid_to", "lies before the scenario's start. Give a forecast that is still valid.")
    if max(hour.valid_from for hour in hours) >= part.valid_to:
        document.fault("forecast.valid_to", f"lies before the last hour of {part.file}. Move it past that hour.")


def read_closure(
    document: YamlDocument, path: str, part: ClosurePart, region: Region, start_at: datetime | None
) -> Closure | None:
    """Read a closure; its target must exist and its times be in order."""
    targets: Mapping[ClosureTarget, Collection[str]] = {
        "pier": region.piers,
        "helipad": region.helipads,
        "bridge": region.bridges,
        "island": region.islands,
        "zone": region.zones,
        "road": region.islands,
    }
    if part.target not in targets[part.kind]:
        near = suggestion(part.target, targets[part.kind])
        document.fault(f"{path}.target", f"unknown {part.kind} '{part.target}'.{near or ' Correct the id.'}")
        return None
    from_at = part.from_at or start_at
    stamps = [("from_at", from_at), ("until_at", part.until_at)]
    stamped = [check_offset(document, f"{path}.{key}", moment) for key, moment in stamps if moment]
    if from_at is None or not all(stamped):
        return None
    if part.until_at is not None and part.until_at <= from_at:
        document.fault(f"{path}.until_at", "is not after from_at. Swap them, or leave it out for open-ended.")
        return None
    return Closure(
        id=part.id,
        target_kind=part.kind,
        target_id=part.target,
        from_at=from_at,
        until_at=part.until_at,
        reason=part.reason,
        author=part.author,
    )


def read_incident(
    document: YamlDocument, path: str, part: IncidentPart, number: int, region: Region, start_at: datetime | None
) -> Incident | None:
    """Read an incident; it must lie on the land of a named island, and its case type and skills exist."""
    case_type = region.case_types.get(part.case_type)
    if case_type is None:
        near = suggestion(part.case_type, region.case_types)
        document.fault(f"{path}.case_type", f"unknown case type '{part.case_type}'.{near or ' Correct the id.'}")
    position = _position(document, path, part, region)
    echelons = _echelons(document, path, part, region, case_type)
    reported_at = part.reported_at or start_at
    if reported_at is None or not check_offset(document, f"{path}.reported_at", reported_at):
        return None
    if start_at is not None and reported_at > start_at:
        document.fault(f"{path}.reported_at", "lies after the scenario's start. Move it to the start or before.")
    if case_type is None or position is None:
        return None
    island_id, lon_deg, lat_deg = position
    local = reported_at.astimezone(ZoneInfo(region.timezone))
    return Incident(
        id=part.id,
        number=part.number or f"{local:%m%d}-{number:03d}",
        case_type=part.case_type,
        title=part.title,
        priority=part.priority or case_type.priority,
        island_id=island_id,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        reported_at=reported_at,
        status="reported",
        echelons=echelons,
        status_at=reported_at,
        note=part.note,
    )


def _position(document: YamlDocument, path: str, part: IncidentPart, region: Region) -> tuple[str, float, float] | None:
    if part.at is not None:
        try:
            place = region.place(part.at)
        except UnknownNameError as error:
            document.fault(f"{path}.at", error.message)
            return None
        return place.island_id, place.lon_deg, place.lat_deg
    if part.lon_deg is None or part.lat_deg is None:
        document.fault(path, "says nowhere. Give 'at: <place id>', or lon_deg and lat_deg.")
        return None
    point = shapely.Point(part.lon_deg, part.lat_deg)
    for island_id, land in region.island_polygons.items():
        if land.covers(point):
            return island_id, part.lon_deg, part.lat_deg
    nearest = min(region.island_polygons, key=lambda island: region.island_polygons[island].distance(point))
    document.fault(
        f"{path}.lon_deg",
        f"{part.lon_deg:g}, {part.lat_deg:g} lies on no named island; the nearest is '{nearest}'. "
        "Move the incident onto land.",
    )
    return None


def _echelons(
    document: YamlDocument, path: str, part: IncidentPart, region: Region, case_type: CaseType | None
) -> tuple[Echelon, ...]:
    if not part.echelons:
        return case_type.echelons if case_type else ()
    found: list[Echelon] = []
    for i, echelon in enumerate(part.echelons):
        key = f"{path}.echelons[{i}]"
        if echelon.skill is not None and echelon.skill not in region.skills:
            near = suggestion(echelon.skill, region.skills)
            document.fault(f"{key}.skill", f"unknown skill '{echelon.skill}'.{near or ' Correct the id.'}")
        try:
            found.append(Echelon(**msgspec.structs.asdict(echelon)))
        except ValueError as error:
            document.fault(key, f"{error}. Correct it.")
    check_ids_once(document, [(f"{path}.echelons[{i}]", echelon) for i, echelon in enumerate(part.echelons)])
    return tuple(found)


def read_craft_states(
    document: YamlDocument, overrides: ForcesPart, region: Region, forces: Forces
) -> tuple[CraftState, ...]:
    """Return the craft at their homes, changed as the scenario says."""
    craft, groups = forces
    check_overrides(document, overrides, region, {unit.id for unit in craft} | {unit.id for unit in groups})
    states = []
    for unit in craft:
        place = _place_of(unit.id, unit.home_site_id, overrides, region)
        excluded = overrides.out_of_service.get(unit.id)
        states.append(
            CraftState(
                craft=unit,
                status="out_of_service" if excluded else "available",
                lon_deg=place.lon_deg,
                lat_deg=place.lat_deg,
                site_id=place.id,
                ready_in_min=overrides.ready_in_min.get(unit.id, unit.notice_min),
                excluded=excluded,
            )
        )
    return tuple(states)


def read_group_states(
    document: YamlDocument, overrides: ForcesPart, region: Region, forces: Forces
) -> tuple[GroupState, ...]:
    """Return the groups at their homes, changed as the scenario says."""
    states = []
    for unit in forces[1]:
        place = _place_of(unit.id, unit.home_site_id, overrides, region)
        excluded = overrides.out_of_service.get(unit.id)
        states.append(
            GroupState(
                group=unit,
                status="out_of_service" if excluded else "available",
                lon_deg=place.lon_deg,
                lat_deg=place.lat_deg,
                site_id=place.id,
                ready_in_min=overrides.ready_in_min.get(unit.id, unit.notice_min),
                excluded=excluded,
            )
        )
    return tuple(states)


def check_overrides(document: YamlDocument, overrides: ForcesPart, region: Region, units: Collection[str]) -> None:
    """Every unit and place an override names exists, and no ready time is negative."""
    for section in ("out_of_service", "ready_in_min", "moved_to"):
        for unit_id in getattr(overrides, section):
            if unit_id not in units:
                near = suggestion(unit_id, units)
                document.fault(f"forces.{section}.{unit_id}", f"unknown unit '{unit_id}'.{near or ' Correct the id.'}")
    for unit_id, minutes in overrides.ready_in_min.items():
        if minutes < 0:
            document.fault(
                f"forces.ready_in_min.{unit_id}", f"{minutes} is negative. Give minutes from the start, 0 or more."
            )
    for unit_id, site_id in overrides.moved_to.items():
        try:
            region.place(site_id)
        except UnknownNameError as error:
            document.fault(f"forces.moved_to.{unit_id}", error.message)


def _place_of(unit_id: str, home: str, overrides: ForcesPart, region: Region) -> Place:
    try:
        return region.place(overrides.moved_to.get(unit_id, home))
    except UnknownNameError:  # noted by check_overrides; the home keeps the other checks going
        return region.place(home)
