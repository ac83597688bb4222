"""The roster of a region: its craft and its groups, read from ``craft.csv`` and ``groups.csv``."""

from __future__ import annotations

from pathlib import Path

from data.errors import DataFaultsError, Fault
from data.forces import Craft, Group
from data.geography import Region
from data.region_tables import CRAFT, GROUPS
from data.tables import Known, Table, open_table, read_rows
from data.text import Text

Forces = tuple[tuple[Craft, ...], tuple[Group, ...]]


def read_forces(folder: Path, region: Region) -> Forces:
    """Read and validate the craft and groups of a region folder.

    Raises DataFaultsError once, holding every fault of both files.
    """
    known: Known = {
        "craft class": region.craft_classes.keys(),
        "station": region.stations.keys(),
        "place": {place.id for place in region.places()},
        "skill": region.skills.keys(),
    }
    craft, groups = _read_tables(folder, known)
    faults = _check_forces(craft, groups, region)
    if faults:
        raise DataFaultsError(faults)
    return tuple(_craft(row.values) for row in craft.rows), tuple(_group(row.values) for row in groups.rows)


def find_force_faults(folder: Path, known: Known, region: Region | None) -> list[Fault]:
    """Return the faults of both force tables; homes are judged only where the region itself is sound."""
    return _check_forces(*_read_tables(folder, known), region)


def _read_tables(folder: Path, known: Known) -> tuple[Table, Table]:
    craft, groups = open_table(folder, CRAFT), open_table(folder, GROUPS)
    for table in (craft, groups):
        read_rows(table, known)
    return craft, groups


def _check_forces(craft: Table, groups: Table, region: Region | None) -> list[Fault]:
    check_unit_ids_differ(craft, groups)
    if region is not None:
        check_homes_fit(craft, region)
        check_floor_can_be_kept(groups, region)
    return [f for table in (craft, groups) for f in sorted(table.faults, key=lambda f: (f.row or 0, f.column or ""))]


def check_unit_ids_differ(craft: Table, groups: Table) -> None:
    """No group has the id of a craft: both are units on one board."""
    taken = craft.ids
    for row in groups.whole_rows():
        if row.values["id"] in taken:
            groups.fault(row.line, "id", f"'{row.values['id']}' is the id of a craft. Choose another.")


def check_homes_fit(craft: Table, region: Region) -> None:
    """A boat lives at a pier it can berth at, a helicopter at a helipad, a vehicle at a station."""
    for row in craft.whole_rows():
        craft_class, home = region.craft_classes[row.values["class_id"]], row.values["home_site_id"]
        if craft_class.mode == "sea":
            if home not in region.piers:
                craft.fault(row.line, "home_site_id", f"'{home}' is no pier, and a boat needs one. Choose a pier.")
            elif not craft_class.berthing & region.piers[home].berthing:
                takes, needs = sorted(region.piers[home].berthing), sorted(craft_class.berthing)
                message = f"pier '{home}' has {'|'.join(takes)}, class '{craft_class.id}' needs {'|'.join(needs)}."
                craft.fault(row.line, "home_site_id", f"{message} Choose another pier.")
        elif craft_class.mode == "air" and "helipad" in craft_class.berthing and home not in region.helipads:
            craft.fault(row.line, "home_site_id", f"'{home}' is no helipad; a helicopter needs one. Choose a helipad.")
        elif craft_class.mode == "road" and home not in region.stations:
            craft.fault(row.line, "home_site_id", f"'{home}' is no station, and a vehicle needs one. Choose a station.")


def check_floor_can_be_kept(groups: Table, region: Region) -> None:
    """No station must keep more groups at home than live there."""
    if groups.faults:
        return
    homes = [row.values["home_site_id"] for row in groups.whole_rows()]
    for station in region.stations.values():
        if (living := homes.count(station.id)) < station.keep_groups:
            message = f"station '{station.id}' must keep {station.keep_groups} groups and has {living}."
            groups.fault(None, "home_site_id", f"{message} Add groups, or lower its keep_groups.")


def _call_sign(values: dict[str, str]) -> Text:
    return Text(zh=values["call_sign_zh"], en=values["call_sign_en"])


def _craft(values: dict[str, object]) -> Craft:
    return Craft(call_sign=_call_sign(values), **{k: v for k, v in values.items() if not k.startswith("call_sign")})  # type: ignore[arg-type]


def _group(values: dict[str, object]) -> Group:
    fields = {name: value for name, value in values.items() if not name.startswith("call_sign")}
    fields["skills"] = fields["skills"] or frozenset()
    return Group(call_sign=_call_sign(values), **fields)  # type: ignore[arg-type]
