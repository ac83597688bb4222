"""The sections ``warnings`` and ``manual_weather`` of a scenario: what authorities warned of, what officers saw."""

from __future__ import annotations

from datetime import datetime

import msgspec

from data.geography import Region
from data.manual_weather import ManualValue
from data.scenario_parts import check_ids_once, check_offset
from data.tables import suggestion
from data.text import Text
from data.weather_warnings import WarningKind, WarningLevel, WeatherWarning
from data.yaml_document import YamlDocument


class WarningPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An official warning; no ``zones`` means everywhere, ``from_at`` defaults to its issue."""

    id: str
    kind: WarningKind
    level: WarningLevel
    zones: tuple[str, ...] = ()
    issued_at: datetime
    from_at: datetime | None = None
    until_at: datetime | None = None
    issuer: Text
    text: Text
    source: str


class ManualPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An officer's values for a zone; ``from_at`` defaults to their issue."""

    id: str
    zone: str
    issued_at: datetime
    from_at: datetime | None = None
    until_at: datetime
    author: str
    reason: Text
    wind_mps: float | None = None
    gust_mps: float | None = None
    wind_from_deg: float | None = None
    hs_m: float | None = None
    wave_from_deg: float | None = None
    visibility_m: float | None = None
    current_kn: float | None = None
    tide_offset_m: float | None = None


def read_warnings(document: YamlDocument, region: Region, start_at: datetime | None) -> tuple[WeatherWarning, ...]:
    """Read the warnings; each names known zones, was issued by the start, and ends after it begins."""
    parts = document.read_list("warnings", WarningPart)
    check_ids_once(document, parts)
    found = []
    for path, part in parts:
        _check_zones(document, f"{path}.zones", part.zones, region)
        moments = {"issued_at": part.issued_at, "from_at": part.from_at, "until_at": part.until_at}
        if not _check_moments(document, path, moments, start_at):
            continue
        try:
            found.append(
                WeatherWarning(
                    id=part.id,
                    kind=part.kind,
                    level=part.level,
                    zone_ids=part.zones,
                    issued_at=part.issued_at,
                    from_at=part.from_at or part.issued_at,
                    until_at=part.until_at,
                    issuer=part.issuer,
                    text=part.text,
                    source=part.source,
                )
            )
        except ValueError as error:
            document.fault(f"{path}.until_at", f"{error}.")
    return tuple(found)


def read_manual_values(document: YamlDocument, region: Region, start_at: datetime | None) -> tuple[ManualValue, ...]:
    """Read the officers' values; each names a known zone, was issued by the start, and is within bounds."""
    parts = document.read_list("manual_weather", ManualPart)
    check_ids_once(document, parts)
    if parts and "forecast" not in document.content:
        document.fault("manual_weather", "corrects a forecast, and there is none. Add 'forecast:'.")
    found = []
    for path, part in parts:
        _check_zones(document, f"{path}.zone", (part.zone,), region)
        moments = {"issued_at": part.issued_at, "from_at": part.from_at, "until_at": part.until_at}
        if not _check_moments(document, path, moments, start_at):
            continue
        given = {name: value for name, value in msgspec.structs.asdict(part).items() if name != "zone"}
        try:
            found.append(ManualValue(**{**given, "zone_id": part.zone, "from_at": part.from_at or part.issued_at}))
        except ValueError as error:
            document.fault(path, f"{error}.")
    return tuple(found)


def _check_zones(document: YamlDocument, path: str, zones: tuple[str, ...], region: Region) -> None:
    for zone_id in zones:
        if zone_id not in region.zones:
            near = suggestion(zone_id, region.zones)
            document.fault(path, f"unknown zone '{zone_id}'.{near or ' Correct the id.'}")


def _check_moments(
    document: YamlDocument, path: str, moments: dict[str, datetime | None], start_at: datetime | None
) -> bool:
    """Every moment has its offset from UTC, and what is issued after the start is not known at it."""
    stamped = [check_offset(document, f"{path}.{key}", moment) for key, moment in moments.items() if moment]
    if not all(stamped):
        return False
    issued_at = moments["issued_at"]
    if start_at is not None and issued_at is not None and issued_at > start_at:
        document.fault(f"{path}.issued_at", "lies after the scenario's start. Move it to the start or before.")
        return False
    return True
