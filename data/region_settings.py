"""The settings of a region: ``region.toml``, read and checked key by key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from data.errors import Fault
from data.placement import Box
from data.text import Text


class RoadSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How roads are estimated until real ones are imported, and how many persons a vehicle takes."""

    circuity: float
    speed_kmh: float
    vehicle_seats: int = 10


class RegionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for the region as a whole."""

    id: str
    name: Text
    bounds_deg: Box
    view_deg: Box | None = None
    default_scenario: str | None = None
    utm_epsg: int
    timezone: str
    tide_datum: Text | None = None
    road: RoadSettings
    attribution: Text


def read_settings(path: Path, faults: list[Fault]) -> RegionSettings | None:
    """Read ``region.toml``; every fault found is added to ``faults`` and None returned."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        settings = msgspec.convert(document, RegionSettings)
    except FileNotFoundError:
        faults.append(
            Fault(path.name, None, None, "the file is missing. A region folder needs it: id, name, bounds_deg...")
        )
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(Fault(path.name, None, None, f"cannot be read as TOML in UTF-8: {error}"))
        return None
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        faults.append(Fault(path.name, None, place.strip(".`") or None, f"{reason}. Correct that key."))
        return None
    found = [Fault(path.name, None, key, message) for key, message in _find_faults(settings)]
    faults.extend(found)
    return None if found else settings


def _find_faults(settings: RegionSettings) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, box in (("bounds_deg", settings.bounds_deg), ("view_deg", settings.view_deg)):
        if box is not None and not (-180 <= box[0] < box[2] <= 180 and -90 <= box[1] < box[3] <= 90):
            found.append((key, f"{list(box)} is no box. Give west, south, east, north in degrees."))
    if not (32601 <= settings.utm_epsg <= 32660 or 32701 <= settings.utm_epsg <= 32760):
        found.append(
            ("utm_epsg", f"{settings.utm_epsg} is no UTM zone. Give 32601-32660 (north) or 32701-32760 (south).")
        )
    if not 1 <= settings.road.circuity <= 5:
        found.append(("road.circuity", f"{settings.road.circuity:g} is out of range. Give 1 to 5."))
    if not 5 <= settings.road.speed_kmh <= 120:
        found.append(("road.speed_kmh", f"{settings.road.speed_kmh:g} is out of range. Give 5 to 120 km/h."))
    if not 1 <= settings.road.vehicle_seats <= 100:
        found.append(("road.vehicle_seats", f"{settings.road.vehicle_seats} is out of range. Give 1 to 100 persons."))
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError):
        found.append(("timezone", f"'{settings.timezone}' is no time zone. Give an IANA name such as Asia/Shanghai."))
    return found
