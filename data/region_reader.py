"""Read a region folder: every table, the settings and the coastline, validated as one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from msgspec.structs import replace
from shapely.geometry import MultiPolygon, Polygon

from data.coastline import read_coastline
from data.errors import DataFaultsError, Fault
from data.forces import KNOT_MPS, CraftClass
from data.geography import Bridge, Helipad, Island, Pier, Region, SeaZone, Station
from data.incidents import CaseType, Echelon
from data.island_tables import (
    check_needs_name_their_kind,
    standing_counts,
    standing_needs,
    standing_stores,
)
from data.local_reader import (
    check_local_tables,
    check_points_near_land,
    local_teams,
    points_of_interest,
    task_templates,
)
from data.local_tables import LOCAL_TABLES, LOCAL_TEAMS, POINTS_OF_INTEREST, TASK_TEMPLATES
from data.placement import (
    Box,
    LandIndex,
    check_bridge_length,
    check_inside_box,
    check_islands_on_land,
    check_on_land,
    check_piers_at_the_shore,
)
from data.region_settings import RegionSettings, read_settings
from data.region_tables import (
    BRIDGES,
    CASE_TYPES,
    COASTLINE_FILE,
    CRAFT_CLASSES,
    HELIPADS,
    ISLAND_STORES,
    ISLANDS,
    PIERS,
    REGION_FILE,
    REGION_TABLES,
    RUN_CARDS,
    SKILLS,
    STANDING_NEEDS,
    STATIONS,
    TIDE_CONSTITUENTS,
    TIDES,
    ZONES,
)
from data.roster import find_force_faults
from data.tables import Known, Row, Table, known_ids, open_table, read_rows
from data.text import Text
from data.tides import Constituent, ZoneTide

POSITION = ("lon_deg", "lat_deg")
MAX_UNZONED_PART = 1e-6  # of the box: float slack of the zones' common edges


@dataclass
class _Folder:
    """Everything read from one folder so far, faults included."""

    settings: RegionSettings | None
    land: MultiPolygon | None
    tables: dict[str, Table]
    known: Known
    faults: list[Fault]


def read_region(folder: Path) -> Region:
    """Read and validate a region folder.

    Raises DataFaultsError once, holding every fault of every file of the region.
    """
    read = _read_folder(folder)
    faults = _all_faults(read, folder)
    if faults or read.settings is None or read.land is None:
        raise DataFaultsError(faults)
    return _build_region(folder, read, read.settings, read.land)


def check_region(folder: Path) -> list[Fault]:
    """Return every fault of a region folder, its craft and groups included; empty if it is sound."""
    read = _read_folder(folder)
    faults = _all_faults(read, folder)
    region = None
    if not faults and read.settings is not None and read.land is not None:
        region = _build_region(folder, read, read.settings, read.land)
    return faults + (find_force_faults(folder, read.known, region) if read.tables else [])


def _read_folder(folder: Path) -> _Folder:
    if not folder.is_dir():
        missing = Fault(str(folder), None, None, "there is no such folder. Give the folder that holds region.toml.")
        return _Folder(None, None, {}, {}, [missing])
    if not any((folder / name).exists() for name in (REGION_FILE, COASTLINE_FILE, *(s.file for s in REGION_TABLES))):
        empty = Fault(str(folder), None, None, "holds no region. Give the folder that holds region.toml.")
        return _Folder(None, None, {}, {}, [empty])
    faults: list[Fault] = []
    settings = read_settings(folder / REGION_FILE, faults)
    land = _read_land(folder, faults)
    tables = {spec.file: open_table(folder, spec) for spec in (*REGION_TABLES, *LOCAL_TABLES)}
    known: dict[str, Collection[str]] = {
        ISLANDS.noun: known_ids(tables[ISLANDS.file]),
        CRAFT_CLASSES.noun: known_ids(tables[CRAFT_CLASSES.file]),
        SKILLS.noun: known_ids(tables[SKILLS.file]),
        "zone": known_ids(tables[ZONES.file]),
        "case type": known_ids(tables[CASE_TYPES.file]),
        "station": known_ids(tables[STATIONS.file]),
        "place": known_ids(*(tables[spec.file] for spec in (STATIONS, PIERS, HELIPADS))),
        "need": known_ids(tables[SKILLS.file], tables[CRAFT_CLASSES.file]),
    }
    for table in tables.values():
        read_rows(table, known)
    return _Folder(settings, land, tables, known, faults)


def _read_land(folder: Path, faults: list[Fault]) -> MultiPolygon | None:
    try:
        return read_coastline(folder / COASTLINE_FILE)
    except FileNotFoundError:
        message = "the file is missing. Build it: python -m data.build_coastline <folder>"
    except (OSError, ValueError) as error:
        message = str(error)
    faults.append(Fault(COASTLINE_FILE, None, None, message))
    return None


def _all_faults(read: _Folder, folder: Path) -> list[Fault]:
    """Run the checks that need more than one cell, and return the faults of all files in file order."""
    tables = read.tables
    if tables:
        check_exposure_is_whole(tables[PIERS.file])
        check_tide_heights(tables[PIERS.file], read.settings)
        check_tides_have_a_datum(tables[TIDES.file], read.settings)
        check_speed_is_given(tables[CRAFT_CLASSES.file])
        check_case_types_have_echelons(tables[CASE_TYPES.file], tables[RUN_CARDS.file])
        check_needs_name_their_kind(
            tables[STANDING_NEEDS.file], read.known[SKILLS.noun], read.known[CRAFT_CLASSES.noun]
        )
        check_place_ids_differ([tables[spec.file] for spec in (PIERS, HELIPADS, STATIONS)])
        check_local_tables(tables, folder)
        if read.settings is not None:
            _check_places(tables, read.settings.bounds_deg, read.land)
    return read.faults + [fault for table in tables.values() for fault in _sorted(table.faults)]


def _sorted(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: (fault.row or 0, fault.column or ""))


def _check_places(tables: dict[str, Table], bounds_deg: Box, land: MultiPolygon | None) -> None:
    for spec in (ISLANDS, PIERS, HELIPADS, STATIONS, POINTS_OF_INTEREST):
        check_inside_box(tables[spec.file], bounds_deg, [POSITION])
    ends = [("from_lon_deg", "from_lat_deg"), ("to_lon_deg", "to_lat_deg")]
    check_inside_box(tables[BRIDGES.file], bounds_deg, ends)
    check_zones_cover_the_box(tables[ZONES.file], bounds_deg)
    islands = tables[ISLANDS.file]
    if land is None or islands.faults:
        return  # without sound islands, every pier would seem to lie on the wrong one
    index = LandIndex(land, bounds_deg, _island_points(islands))
    check_islands_on_land(islands, index)
    if islands.faults:
        return
    check_piers_at_the_shore(tables[PIERS.file], index)
    for spec in (HELIPADS, STATIONS):
        check_on_land(tables[spec.file], index, POSITION, "island_id")
    check_points_near_land(tables[POINTS_OF_INTEREST.file], index)
    check_on_land(tables[BRIDGES.file], index, ("from_lon_deg", "from_lat_deg"), "from_island")
    check_on_land(tables[BRIDGES.file], index, ("to_lon_deg", "to_lat_deg"), "to_island")
    check_bridge_length(tables[BRIDGES.file], index)


def _island_points(islands: Table) -> dict[str, tuple[float, float]]:
    return {row.values["id"]: (row.values["lon_deg"], row.values["lat_deg"]) for row in islands.whole_rows()}


def check_exposure_is_whole(piers: Table) -> None:
    """A pier names both ends of its exposure sector, or neither; one whose exposure is not known names none."""
    for row in piers.rows:
        start, end = row.values.get("exposure_from_deg"), row.values.get("exposure_to_deg")
        if (start is None) != (end is None) and row.whole:
            blank = "exposure_from_deg" if start is None else "exposure_to_deg"
            piers.fault(row.line, blank, "is blank while the sector's other end is given. Give both, or neither.")
        elif row.whole and start is not None and row.values.get("exposure_known") is False:
            piers.fault(row.line, "exposure_known", "is false, yet a sector is given. Write true, or blank the sector.")


def check_tide_heights(piers: Table, settings: RegionSettings | None) -> None:
    """A pier's lower tide height is below its upper one, and the region says what both are measured from."""
    for row in piers.whole_rows():
        low, high = row.values.get("tide_from_m"), row.values.get("tide_to_m")
        if low is not None and high is not None and low >= high:
            piers.fault(row.line, "tide_to_m", f"{high:g} m is not above tide_from_m, {low:g} m. Correct one of them.")
        if (low is not None or high is not None) and settings is not None and settings.tide_datum is None:
            column = "tide_to_m" if low is None else "tide_from_m"
            piers.fault(row.line, column, f"is a height above nothing named. Add tide_datum to {REGION_FILE}.")


def check_tides_have_a_datum(tides: Table, settings: RegionSettings | None) -> None:
    """A region that says how its tide runs says what heights are measured from."""
    if tides.rows and settings is not None and settings.tide_datum is None:
        tides.fault(None, "mean_level_m", f"is a height above nothing named. Add tide_datum to {REGION_FILE}.")


def check_speed_is_given(classes: Table) -> None:
    """A boat or aircraft has its speed in knots, a vehicle in km/h."""
    for row in classes.whole_rows():
        column = "cruise_kmh" if row.values["mode"] == "road" else "cruise_kn"
        if row.values[column] is None:
            classes.fault(row.line, column, f"is blank; a class of mode '{row.values['mode']}' needs it. Fill it in.")


def check_case_types_have_echelons(case_types: Table, run_cards: Table) -> None:
    """Every case type has a run card of at least one echelon."""
    if run_cards.faults:
        return
    carded = {row.values["case_type"] for row in run_cards.whole_rows()}
    for row in case_types.whole_rows():
        if row.values["id"] not in carded:
            case_types.fault(row.line, "id", f"has no echelon in {RUN_CARDS.file}. Add one there.")


def check_place_ids_differ(tables: list[Table]) -> None:
    """No pier, helipad or station shares its id with a place of another kind."""
    seen: dict[str, str] = {}
    for table in tables:
        for row in table.whole_rows():
            place_id = row.values["id"]
            if seen.get(place_id, table.spec.file) != table.spec.file:
                table.fault(row.line, "id", f"'{place_id}' is already an id in {seen[place_id]}. Choose another.")
            seen.setdefault(place_id, table.spec.file)


def check_zones_cover_the_box(zones: Table, bounds_deg: Box) -> None:
    """Zone outlines are polygons that fill the region's box without overlapping."""
    outlines: list[tuple[Row, Polygon]] = []
    for row in zones.whole_rows():
        outline = shapely.from_wkt(row.values["outline_wkt"], on_invalid="ignore")
        if not isinstance(outline, Polygon) or outline.is_empty or not outline.is_valid:
            message = "is not a valid polygon. Write POLYGON ((lon lat, lon lat, ...)), closed, without crossings."
            zones.fault(row.line, "outline_wkt", message)
        else:
            outlines.append((row, outline))
    if zones.faults:
        return
    box = shapely.box(*bounds_deg)
    for place, (row, outline) in enumerate(outlines):
        for other_row, other in outlines[:place]:
            if outline.intersection(other).area > MAX_UNZONED_PART * box.area:
                zones.fault(
                    row.line, "outline_wkt", f"overlaps zone '{other_row.values['id']}'. Move their common edge."
                )
    bare = box.difference(shapely.union_all([outline for _, outline in outlines]))
    if bare.area > MAX_UNZONED_PART * box.area:
        spot = bare.representative_point()
        zones.fault(None, "outline_wkt", f"no zone covers {spot.x:.3f}, {spot.y:.3f}. Zones must fill the whole box.")


def _build_region(folder: Path, read: _Folder, settings: RegionSettings, land: MultiPolygon) -> Region:
    tables = read.tables
    index = LandIndex(land, settings.bounds_deg, _island_points(tables[ISLANDS.file]))
    return Region(
        id=settings.id,
        name=settings.name,
        bounds_deg=settings.bounds_deg,
        utm_epsg=settings.utm_epsg,
        timezone=settings.timezone,
        road_circuity=settings.road.circuity,
        road_speed_kmh=settings.road.speed_kmh,
        attribution=settings.attribution,
        land=land,
        islands=_by_id(tables[ISLANDS.file], Island),
        piers=_piers(tables[PIERS.file]),
        helipads=_by_id(tables[HELIPADS.file], Helipad),
        stations=_by_id(tables[STATIONS.file], Station),
        bridges=_by_id(tables[BRIDGES.file], Bridge),
        zones={row.values["id"]: _zone(row.values) for row in tables[ZONES.file].rows},
        craft_classes={row.values["id"]: _craft_class(row.values) for row in tables[CRAFT_CLASSES.file].rows},
        case_types=_case_types(tables[CASE_TYPES.file], tables[RUN_CARDS.file]),
        skills={row.values["id"]: _name(row.values) for row in tables[SKILLS.file].rows},
        island_polygons=index.island_polygons(),
        content_hash=_content_hash(folder),
        vehicle_seats=settings.road.vehicle_seats,
        tide_datum=settings.tide_datum,
        tides={row.values["zone_id"]: _tide(row.values) for row in tables[TIDES.file].rows},
        view_deg=settings.view_deg,
        default_scenario=settings.default_scenario,
        local_teams=local_teams(tables[LOCAL_TEAMS.file]),
        task_templates=task_templates(tables[TASK_TEMPLATES.file]),
        points_of_interest=points_of_interest(tables[POINTS_OF_INTEREST.file]),
        standing_needs=standing_needs(tables[STANDING_NEEDS.file]),
        standing_counts=standing_counts(tables[ISLAND_STORES.file]),
        standing_stores=standing_stores(tables[ISLAND_STORES.file]),
    )


def _name(values: dict[str, Any]) -> Text:
    return Text(zh=values["name_zh"], en=values["name_en"])


def _by_id(table: Table, kind: type[Any]) -> dict[str, Any]:
    fields = set(kind.__struct_fields__) - {"name"}
    return {
        row.values["id"]: kind(name=_name(row.values), **{k: v for k, v in row.values.items() if k in fields})
        for row in table.rows
    }


def _piers(table: Table) -> dict[str, Pier]:
    """Return the piers; a blank ``exposure_known`` says that the sector, or its absence, was looked at."""
    found: dict[str, Pier] = _by_id(table, Pier)
    return {name: replace(one, exposure_known=one.exposure_known is not False) for name, one in found.items()}


def _zone(values: dict[str, Any]) -> SeaZone:
    outline = shapely.from_wkt(values["outline_wkt"])
    ring = tuple((float(lon), float(lat)) for lon, lat in outline.exterior.coords)
    return SeaZone(id=values["id"], name=_name(values), ring=ring, source=values["source"])


def _tide(values: dict[str, Any]) -> ZoneTide:
    waves = {name: Constituent(values[f"{name}_m"], values[f"{name}_deg"]) for name in TIDE_CONSTITUENTS}
    rest: dict[str, Any] = {name: values[name] for name in ("zone_id", "mean_level_m", "confidence", "source")}
    return ZoneTide(m2=waves["m2"], s2=waves["s2"], k1=waves["k1"], o1=waves["o1"], **rest)


def _craft_class(values: dict[str, Any]) -> CraftClass:
    by_road = values["mode"] == "road"
    cruise_mps = values["cruise_kmh"] / 3.6 if by_road else values["cruise_kn"] * KNOT_MPS
    fields = set(CraftClass.__struct_fields__) & set(values) - {"crew"}
    return CraftClass(
        name=_name(values),
        cruise_mps=cruise_mps,
        crew=values["crew"] or 0,
        **{name: values[name] for name in fields},
    )


def _case_types(case_types: Table, run_cards: Table) -> dict[str, CaseType]:
    echelons: dict[str, list[Echelon]] = {}
    for row in run_cards.rows:
        values = row.values
        echelons.setdefault(values["case_type"], []).append(
            Echelon(
                id=values["id"],
                name=_name(values),
                persons=values["persons"],
                skill=None if values["skill"] == "any" else values["skill"],
                weight=values["weight"],
                due_min=values["due_min"],
            )
        )
    return {
        row.values["id"]: CaseType(
            id=row.values["id"],
            name=_name(row.values),
            priority=row.values["priority"],
            echelons=tuple(echelons[row.values["id"]]),
            source=row.values["source"],
            two_person=bool(row.values["two_person"]),
        )
        for row in case_types.rows
    }


def _content_hash(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of the region's own files that are there (not of its forces)."""
    digest = hashlib.sha256()
    for name in sorted([REGION_FILE, COASTLINE_FILE, *(spec.file for spec in REGION_TABLES)]):
        if not (folder / name).exists():
            continue
        content = (folder / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
