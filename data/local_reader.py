"""The local tables of a region judged beyond single cells, and turned into teams, templates and points.

A roster group whose people are among a local team's is named in the team's row: the team's count holds them, the roster
holds the group, and whoever adds up people takes them once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.local_tables import LOCAL_TEAMS, TASK_TEMPLATES
from data.local_teams import LocalMember, LocalTeam, PointOfInterest, TaskTemplate
from data.placement import LandIndex
from data.region_tables import GROUPS, HELIPADS, PIERS, STATIONS
from data.tables import Table, open_table, suggestion
from data.text import Text

MAX_POINT_OFF_LAND_M = 60.0  # a pier's point may stand this far off the coastline's edge


def check_local_tables(tables: Mapping[str, Table], folder: Path) -> None:
    """Run the checks of the local tables that need more than one cell."""
    teams = tables[LOCAL_TEAMS.file]
    check_teams_stand_on_their_island(teams, tables)
    check_specialists_are_among_the_people(teams)
    check_groups_count_once(teams, open_table(folder, GROUPS), tables[STATIONS.file])
    check_templates_fit(tables[TASK_TEMPLATES.file])


def check_teams_stand_on_their_island(teams: Table, tables: Mapping[str, Table]) -> None:
    """The place a team stands at lies on the island it holds."""
    island_of = {
        row.values["id"]: row.values["island_id"]
        for spec in (STATIONS, PIERS, HELIPADS)
        for row in tables[spec.file].whole_rows()
    }
    for row in teams.whole_rows():
        place, island = row.values["place_id"], row.values["island_id"]
        if (found := island_of.get(place, island)) != island:
            message = f"'{place}' lies on '{found}', the team is of '{island}'. Choose a place of its own island."
            teams.fault(row.line, "place_id", message)


def check_specialists_are_among_the_people(teams: Table) -> None:
    """A team has no more specialists than people, and nobody waits for a rest longer than the shift."""
    for row in teams.whole_rows():
        special = sum(need.people for need in row.values["specialists"] or ())
        if special > row.values["people"]:
            message = f"{special} specialists are more than the {row.values['people']} people. Correct one of them."
            teams.fault(row.line, "specialists", message)
        if row.values["stretch_min"] > row.values["duty_min"]:
            message = f"{row.values['stretch_min']} min of work without rest is longer than the shift. Correct it."
            teams.fault(row.line, "stretch_min", message)


def check_groups_count_once(teams: Table, groups: Table, stations: Table) -> None:
    """A group is inside one local team, on that team's island, and no bigger than it."""
    if groups.faults:
        return  # the roster's own faults are told by the roster
    island_of = {row.values["id"]: row.values["island_id"] for row in stations.whole_rows()}
    known = {cells["id"]: cells for _, cells in groups.raw}
    team_of: dict[str, str] = {}
    for row in teams.whole_rows():
        held = 0
        for group_id in sorted(row.values["group_ids"] or ()):
            cells = known.get(group_id)
            if cells is None:
                near = suggestion(group_id, known)
                teams.fault(row.line, "group_ids", f"unknown group '{group_id}'.{near or ' Correct the id.'}")
                continue
            if group_id in team_of:
                message = f"group '{group_id}' is already inside '{team_of[group_id]}'. Its people count once."
                teams.fault(row.line, "group_ids", message)
            team_of.setdefault(group_id, row.values["id"])
            home = island_of.get(cells.get("home_site_id", ""))
            if home is not None and home != row.values["island_id"]:
                message = f"group '{group_id}' lives on '{home}', not on '{row.values['island_id']}'. Correct one."
                teams.fault(row.line, "group_ids", message)
            held += int(cells["strength"]) if cells.get("strength", "").isdecimal() else 0
        if held > row.values["people"]:
            message = f"its groups hold {held} people, the team {row.values['people']}. Correct one of them."
            teams.fault(row.line, "people", message)


def check_templates_fit(templates: Table) -> None:
    """Windows run forward, posts are longer than a slot, and what must come first exists and comes to an end."""
    by_case: dict[str, dict[str, Any]] = {}
    for row in templates.whole_rows():
        by_case.setdefault(row.values["case_type"], {})[row.values["id"]] = row.values
    for row in templates.whole_rows():
        values = row.values
        others = by_case[values["case_type"]]
        if values["latest_min"] < values["earliest_min"]:
            templates.fault(row.line, "latest_min", "lies before earliest_min. Swap them.")
        if values["duration_min"] is None and values["slot_min"] is None:
            templates.fault(row.line, "slot_min", "is blank, and the task lasts until relief. Give the minutes a turn.")
        for first in sorted(values["after"] or ()):
            if first not in others:
                near = suggestion(first, [name for name in others if name != values["id"]])
                templates.fault(row.line, "after", f"no template '{first}' of this case.{near or ' Correct the id.'}")
            elif others[first]["slot_min"] is not None:
                templates.fault(row.line, "after", f"'{first}' is a standing post, which does not end. Remove it.")
        if values["id"] in _before(values["id"], others):
            templates.fault(row.line, "after", "comes after itself in the end. Break the circle.")


def check_points_near_land(points: Table, land: LandIndex) -> None:
    """A point of interest lies on its island, or at a pier just off it."""
    for row in points.whole_rows():
        lon, lat, island = row.values["lon_deg"], row.values["lat_deg"], row.values["island_id"]
        if (off := land.distance_m(island, lon, lat)) > MAX_POINT_OFF_LAND_M:
            points.fault(row.line, "lon_deg", f"lies {off:.0f} m from '{island}'. Move it onto that land.")


def _before(template_id: str, others: Mapping[str, Any]) -> set[str]:
    """Return every template that must come before one, itself included where the order is a circle."""
    found: set[str] = set()
    ahead = list(others[template_id]["after"] or ())
    while ahead:
        name = ahead.pop()
        if name not in found and name in others:
            found.add(name)
            ahead.extend(others[name]["after"] or ())
    return found


def local_teams(table: Table) -> dict[str, LocalTeam]:
    """Return the teams of a sound table by id."""
    return {row.values["id"]: _team(row.values) for row in table.rows}


def task_templates(table: Table) -> dict[str, tuple[TaskTemplate, ...]]:
    """Return the templates of a sound table by case type, in the table's order."""
    found: dict[str, list[TaskTemplate]] = {}
    for row in table.rows:
        found.setdefault(row.values["case_type"], []).append(_template(row.values))
    return {case_type: tuple(templates) for case_type, templates in found.items()}


def points_of_interest(table: Table) -> dict[str, PointOfInterest]:
    """Return the points of a sound table by id."""
    fields = set(PointOfInterest.__struct_fields__) - {"name"}
    return {
        row.values["id"]: PointOfInterest(
            name=_name(row.values), **{k: v for k, v in row.values.items() if k in fields}
        )
        for row in table.rows
    }


def _name(values: dict[str, Any]) -> Text:
    return Text(zh=values["name_zh"], en=values["name_en"])


def _team(values: dict[str, Any]) -> LocalTeam:
    everybody = frozenset(values["skills"] or ())
    special = values["specialists"] or ()
    members = [LocalMember(people=need.people, skills=everybody | {need.skill}) for need in special]
    if rest := values["people"] - sum(need.people for need in special):
        members.insert(0, LocalMember(people=rest, skills=everybody))
    fields = set(LocalTeam.__struct_fields__) - {"name", "members", "group_ids"}
    return LocalTeam(
        name=_name(values),
        members=tuple(members),
        group_ids=frozenset(values["group_ids"] or ()),
        **{k: v for k, v in values.items() if k in fields},
    )


def _template(values: dict[str, Any]) -> TaskTemplate:
    fields = set(TaskTemplate.__struct_fields__) - {"name", "where", "after"}
    return TaskTemplate(
        name=_name(values),
        where=values["place"],
        after=frozenset(values["after"] or ()),
        **{k: v for k, v in values.items() if k in fields},
    )
