"""The tables of who holds an island: local teams, task templates, points of interest; all may be left out."""

from __future__ import annotations

from typing import get_args

from data.local_teams import CrewNeed, LocalKind, PointKind, TaskKind, TaskPlaceRule
from data.region_tables import ID, NAMES, NOTE, POSITION, PROVENANCE, SOURCE
from data.tables import (
    CellFaultError,
    Column,
    Known,
    Reader,
    TableSpec,
    identifier,
    integer,
    reference,
    references,
    suggestion,
    word,
)

MOST_PEOPLE = 2_000


def _counted(cell: str, known: Known, *, also: tuple[str, ...]) -> tuple[CrewNeed, ...]:
    """Read ``skill:people`` pairs separated by ``|``; a skill in ``also`` stands for anybody."""
    found: list[CrewNeed] = []
    for part in cell.split("|"):
        skill, colon, count = (piece.strip() for piece in part.partition(":"))
        if not colon or not count.isdecimal() or not 1 <= int(count) <= MOST_PEOPLE:
            raise CellFaultError(f"'{part.strip()}' is no skill with a count. Write e.g. medical:2, separated by '|'.")
        skills = known.get("skill", ())
        if skill not in skills and skill not in also:
            near = suggestion(skill, [*skills, *also])
            raise CellFaultError(f"unknown skill '{skill}'.{near or ' Add it to the skill table or correct the id.'}")
        found.append(CrewNeed(people=int(count), skill=None if skill in also else skill))
    if len({need.skill for need in found}) < len(found):
        raise CellFaultError("names a skill twice. Add the two counts up.")
    return tuple(found)


def specialists() -> Reader:
    """Read how many of a team have one skill more than the rest, e.g. ``medical:2|crowd:6``."""
    return lambda cell, known: _counted(cell, known, also=())


def crew() -> Reader:
    """Read the people a task takes, e.g. ``any:4|medical:1``."""
    return lambda cell, known: _counted(cell, known, also=("any",))


def ids() -> Reader:
    """Read ids separated by ``|``; whether they exist is judged when the whole table is read."""
    one = identifier()
    return lambda cell, known: frozenset(one(part.strip(), known) for part in cell.split("|"))


LOCAL_TEAMS = TableSpec(
    "local_teams.csv",
    "local team",
    (
        ID,
        *NAMES,
        Column("kind", word(get_args(LocalKind))),
        Column("island_id", reference("island")),
        Column("place_id", reference("place")),
        Column("people", integer(1, MOST_PEOPLE, "people")),
        Column("skills", references("skill"), blank_allowed=True),
        Column("specialists", specialists(), blank_allowed=True),
        Column("notice_min", integer(0, 720, "min")),
        Column("duty_min", integer(30, 2_880, "min")),
        Column("stretch_min", integer(30, 1_440, "min")),
        Column("rest_min", integer(0, 720, "min")),
        Column("group_ids", ids(), blank_allowed=True),
        NOTE,
        *PROVENANCE,
    ),
    optional=True,
)
TASK_TEMPLATES = TableSpec(
    "task_templates.csv",
    "task template",
    (
        Column("case_type", reference("case type")),
        ID,
        *NAMES,
        Column("kind", word(get_args(TaskKind))),
        Column("place", word(get_args(TaskPlaceRule))),
        Column("earliest_min", integer(0, 2_880, "min")),
        Column("latest_min", integer(0, 2_880, "min")),
        Column("duration_min", integer(5, 1_440, "min"), blank_allowed=True),
        Column("slot_min", integer(10, 480, "min"), blank_allowed=True),
        Column("crew", crew()),
        Column("after", ids(), blank_allowed=True),
        Column("value", integer(1, 100, "points")),
        SOURCE,
    ),
    key=("case_type", "id"),
    optional=True,
)
POINTS_OF_INTEREST = TableSpec(
    "points_of_interest.csv",
    "point of interest",
    (
        ID,
        Column("kind", word(get_args(PointKind))),
        *NAMES,
        Column("island_id", reference("island")),
        *POSITION,
        Column("own_people", integer(0, 500, "people")),
        Column("weight", integer(1, 10)),
        *PROVENANCE,
    ),
    optional=True,
)

LOCAL_TABLES = (LOCAL_TEAMS, TASK_TEMPLATES, POINTS_OF_INTEREST)
