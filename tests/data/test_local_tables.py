"""The tables of who holds an island: every fault is told with its line, and nobody counts twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.geography import Region
from data.local_reader import check_local_tables, local_teams, task_templates
from data.local_tables import LOCAL_TABLES, LOCAL_TEAMS, POINTS_OF_INTEREST, TASK_TEMPLATES
from data.local_teams import CrewNeed
from data.region_tables import GROUPS, HELIPADS, PIERS, STATIONS
from data.tables import Table, open_table, read_rows

KNOWN = {
    "island": {"east", "west"},
    "place": {"east-post", "west-pier"},
    "skill": {"police", "medical", "crowd"},
    "case type": {"theft"},
    "station": {"east-post"},
    "zone": {"sound"},
}
TEAM = "east-team,东队,East team,police,east,east-post,6,police,medical:1|crowd:2,3,720,240,30,team-1,,made up,assumed"
TEMPLATE = "theft,scene,现场,Scene,cordon,scene,0,30,45,,police:1|any:1,,5,assumed"


def _tables(folder: Path, teams: str = TEAM, templates: str = TEMPLATE) -> dict[str, Table]:
    """Write and read a folder of local tables beside the places they stand on."""
    rows = {
        LOCAL_TEAMS: teams,
        TASK_TEMPLATES: templates,
        STATIONS: "east-post,station,东所,East post,east,-5.46,56.5,0,made up,assumed",
        PIERS: "west-pier,西埠,West pier,west,-5.7,56.5,1,quay,,,sound,made up,assumed",
        GROUPS: "team-1,一组,Team 1,police,east-post,4,police,0,3,assumed",
    }
    for spec, text in rows.items():
        keep_all = spec in LOCAL_TABLES
        header = ",".join(column.name for column in spec.columns if keep_all or not column.optional)
        (folder / spec.file).write_text(f"{header}\n{text}\n", encoding="utf-8")
    tables = {spec.file: open_table(folder, spec) for spec in (*LOCAL_TABLES, STATIONS, PIERS, HELIPADS)}
    for table in tables.values():
        read_rows(table, KNOWN)
    tables[HELIPADS.file].faults.clear()
    check_local_tables(tables, folder)
    return tables


def _after(first: str) -> str:
    return TEMPLATE.replace(",,5,", f",{first},5,")


def _faults(tables: dict[str, Table]) -> str:
    return "\n".join(str(fault) for table in tables.values() for fault in table.faults)


def test_sound_tables_become_teams_and_templates(tmp_path: Path) -> None:
    tables = _tables(tmp_path)
    assert _faults(tables) == ""
    team = local_teams(tables[LOCAL_TEAMS.file])["east-team"]
    assert team.people == 6
    assert [(one.people, sorted(one.skills)) for one in team.members] == [
        (3, ["police"]),
        (1, ["medical", "police"]),
        (2, ["crowd", "police"]),
    ]
    (template,) = task_templates(tables[TASK_TEMPLATES.file])["theft"]
    assert template.crew == (CrewNeed(people=1, skill="police"), CrewNeed(people=1, skill=None))
    assert template.people == 2


def test_tables_may_be_left_out(tmp_path: Path) -> None:
    table = open_table(tmp_path, POINTS_OF_INTEREST)
    assert not table.faults
    assert not table.raw


@pytest.mark.parametrize(
    ("cell", "instead", "told"),
    [
        ("medical:1|crowd:2", "medical:9", "9 specialists are more than the 6 people"),
        ("medical:1|crowd:2", "medical", "is no skill with a count"),
        ("medical:1|crowd:2", "medicine:1", "Did you mean 'medical'"),
        ("medical:1|crowd:2", "medical:1|medical:2", "names a skill twice"),
        ("east,east-post", "west,east-post", "lies on 'east', the team is of 'west'"),
        (",team-1,", ",team-2,", "unknown group 'team-2'. Did you mean 'team-1'"),
        (",6,police", ",3,police", "its groups hold 4 people, the team 3"),
        (",720,240,", ",120,240,", "longer than the shift"),
        (",police,east,", ",polis,east,", "is not one of"),
    ],
)
def test_faulty_team_is_told(tmp_path: Path, cell: str, instead: str, told: str) -> None:
    assert TEAM.count(cell) == 1
    faults = _faults(_tables(tmp_path, teams=TEAM.replace(cell, instead)))
    assert told in faults
    assert "local_teams.csv, line 2" in faults


def test_group_inside_two_teams_is_told(tmp_path: Path) -> None:
    faults = _faults(_tables(tmp_path, teams=f"{TEAM}\n{TEAM.replace('east-team', 'other-team')}"))
    assert "line 3" in faults
    assert "already inside 'east-team'" in faults


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (TEMPLATE.replace(",0,30,", ",40,30,"), "lies before earliest_min"),
        (TEMPLATE.replace(",45,,", ",,,"), "lasts until relief"),
        (TEMPLATE.replace(",,5,", ",secne,5,"), "no template 'secne'"),
        (TEMPLATE.replace("any:1", "anyone:1"), "unknown skill 'anyone'. Did you mean 'any'"),
        (
            _after("watch") + "\n" + TEMPLATE.replace("theft,scene", "theft,watch").replace(",45,,", ",,30,"),
            "a standing post, which does not end",
        ),
        (
            _after("last") + "\n" + _after("scene").replace("theft,scene,", "theft,last,"),
            "comes after itself",
        ),
    ],
)  # fmt: skip
def test_faulty_template_is_told(tmp_path: Path, rows: str, told: str) -> None:
    assert told in _faults(_tables(tmp_path, templates=rows))


def test_shipped_groups_count_once(zhoushan: Region) -> None:
    inside = [group for team in zhoushan.local_teams.values() for group in team.group_ids]
    assert len(inside) == len(set(inside)) > 100
    assert sum(team.people for team in zhoushan.local_teams.values() if team.island_id == "miaozihu") == 71


def test_every_case_type_has_templates_whose_skills_exist(zhoushan: Region) -> None:
    assert set(zhoushan.task_templates) == set(zhoushan.case_types)
    skills = {need.skill for found in zhoushan.task_templates.values() for one in found for need in one.crew}
    assert skills - {None} <= set(zhoushan.skills)
    kinds = {one.kind for found in zhoushan.task_templates.values() for one in found}
    assert {"secure_pier", "crowd_line", "cordon", "first_aid", "search", "shelter", "watch_suspect"} <= kinds
    assert {"restore_power", "restore_comms"} <= kinds
