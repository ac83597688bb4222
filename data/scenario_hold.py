"""The section ``hold`` of a scenario: an island's teams as they are, tasks by hand, what happens later, relief."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
import shapely

from data.errors import UnknownNameError
from data.geography import Place, Region
from data.holding import CallState, HoldEvent, HoldTask, LocalTeamState
from data.local_teams import CrewNeed, TaskKind
from data.roster import Forces
from data.scenario_parts import check_offset
from data.tables import suggestion
from data.text import Text
from data.yaml_document import YamlDocument

ANYBODY = "any"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every section: an unknown key is a fault."""


class TeamPart(_Part, frozen=True, kw_only=True):
    """How a local team differs from its row: who has answered, where it is, what it has done; else as in the row."""

    status: CallState = "called"
    people: int | None = None
    acknowledged: int | None = None
    place: str | None = None
    called_at: datetime | None = None
    ready_at: datetime | None = None
    shift_end_at: datetime | None = None
    worked_min: int = 0
    note: Text | None = None


class TaskPart(_Part, frozen=True, kw_only=True):
    """A task by hand at a known place (``at``) or a position; one with ``known_at`` comes up only then."""

    id: str
    kind: TaskKind
    name: Text
    at: str | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    duration_min: int | None = None
    slot_min: int | None = None
    crew: dict[str, int]
    after: tuple[str, ...] = ()
    value: int = 5
    known_at: datetime | None = None
    note: str = ""


class ArrivalPart(_Part, frozen=True, kw_only=True):
    """A roster group that comes ashore."""

    at: datetime
    group: str
    place: str


class LossPart(_Part, frozen=True, kw_only=True):
    """So many people of a local team who can no longer be counted on."""

    at: datetime
    team: str
    people: int
    reason: Text


class HoldPart(_Part, frozen=True, kw_only=True):
    """Everything a scenario says about holding islands."""

    relief_at: dict[str, datetime] = {}
    teams: dict[str, TeamPart] = {}
    tasks: tuple[TaskPart, ...] = ()
    arrivals: tuple[ArrivalPart, ...] = ()
    losses: tuple[LossPart, ...] = ()


class HoldSection(msgspec.Struct, frozen=True, kw_only=True):
    """What the section says, as the rest of the house works with it."""

    relief_at: dict[str, datetime] = {}
    teams: tuple[LocalTeamState, ...] = ()
    tasks: tuple[HoldTask, ...] = ()
    events: tuple[HoldEvent, ...] = ()


def read_hold(document: YamlDocument, region: Region, forces: Forces, start_at: datetime | None) -> HoldSection:
    """Read the section; every team, group, place and skill it names exists, and every time has an offset."""
    part = document.read("hold", HoldPart, default=HoldPart())
    if part is None or start_at is None:
        return HoldSection()
    check_after_exists(document, part)
    relief = {
        island: at
        for island, at in part.relief_at.items()
        if _known(document, f"hold.relief_at.{island}", "island", island, region.islands)
        and _later(document, f"hold.relief_at.{island}", at, start_at)
    }
    teams = [_team(document, team_id, team, region, start_at) for team_id, team in part.teams.items()]
    tasks = [(_task(document, n, task, region, start_at), task.known_at) for n, task in enumerate(part.tasks)]
    now = tuple(task for task, known_at in tasks if task is not None and (known_at is None or known_at <= start_at))
    return HoldSection(
        relief_at=relief,
        teams=tuple(team for team in teams if team is not None),
        tasks=now,
        events=_events(document, part, tasks, region, forces, start_at),
    )


def check_after_exists(document: YamlDocument, part: HoldPart) -> None:
    """Task ids differ, and what must come first is a task of the section that comes to an end."""
    by_id: dict[str, TaskPart] = {}
    for n, task in enumerate(part.tasks):
        if task.id in by_id:
            document.fault(f"hold.tasks[{n}].id", f"'{task.id}' is there twice. Choose another.")
        by_id.setdefault(task.id, task)
    for n, task in enumerate(part.tasks):
        for first in task.after:
            where = f"hold.tasks[{n}].after"
            if first == task.id or not _known(document, where, "task", first, by_id):
                document.fault(where, f"'{task.id}' cannot wait for '{first}'. Name another task of this section.")
            elif by_id[first].slot_min is not None:
                document.fault(where, f"'{first}' is a standing post, which does not end. Remove it.")


def _team(
    document: YamlDocument, team_id: str, part: TeamPart, region: Region, start_at: datetime
) -> LocalTeamState | None:
    path = f"hold.teams.{team_id}"
    if not _known(document, path, "local team", team_id, region.local_teams):
        return None
    team = region.local_teams[team_id]
    place = _place(document, f"{path}.place", part.place or team.place_id, region)
    people = team.people if part.people is None else part.people
    acknowledged = people if part.acknowledged is None and part.status not in ("not_called", "called") else 0
    acknowledged = acknowledged if part.acknowledged is None else part.acknowledged
    if not 0 <= people <= team.people:
        document.fault(f"{path}.people", f"{people} is not 0 to {team.people}, the people of the team. Correct it.")
    if not 0 <= acknowledged <= people:
        document.fault(f"{path}.acknowledged", f"{acknowledged} is not 0 to {people}. Correct it.")
    if part.worked_min < 0:
        document.fault(f"{path}.worked_min", f"{part.worked_min} is negative. Give minutes since the last rest.")
    times = [("called_at", part.called_at), ("ready_at", part.ready_at), ("shift_end_at", part.shift_end_at)]
    if not all(at is None or check_offset(document, f"{path}.{name}", at) for name, at in times) or place is None:
        return None
    if place.island_id != team.island_id:
        document.fault(f"{path}.place", f"'{place.id}' lies on '{place.island_id}', the team on '{team.island_id}'.")
        return None
    called_at = part.called_at or (None if part.status == "not_called" else start_at)
    base = called_at or start_at
    notice = timedelta(minutes=0 if part.status in ("on_the_way", "on_task", "resting") else team.notice_min)
    return LocalTeamState(
        team=team,
        status=part.status,
        people=people,
        acknowledged=acknowledged,
        place=place,
        called_at=called_at,
        ready_at=max(start_at, part.ready_at or base + notice),
        shift_end_at=part.shift_end_at or base + timedelta(minutes=team.duty_min),
        worked_min=part.worked_min,
        note=part.note,
    )


def _task(document: YamlDocument, n: int, part: TaskPart, region: Region, start_at: datetime) -> HoldTask | None:
    path = f"hold.tasks[{n}]"
    place = _task_place(document, path, part, region)
    for skill, people in part.crew.items():
        if skill != ANYBODY:
            _known(document, f"{path}.crew.{skill}", "skill", skill, region.skills)
        if people < 1:
            document.fault(f"{path}.crew.{skill}", f"{people} is no crew. Give 1 or more.")
    if not part.crew:
        document.fault(f"{path}.crew", "asks for nobody. Give e.g. {any: 2}.")
    if part.value < 1:
        document.fault(f"{path}.value", f"{part.value} is worth nothing. Give 1 or more.")
    if part.duration_min is None and part.slot_min is None:
        document.fault(path, "lasts until relief without turns. Give slot_min, or duration_min.")
    for name, minutes in (("duration_min", part.duration_min), ("slot_min", part.slot_min)):
        if minutes is not None and minutes < 5:
            document.fault(f"{path}.{name}", f"{minutes} is too short. Give 5 minutes or more.")
    known_at = part.known_at or start_at
    earliest = part.earliest_at or known_at
    latest = part.latest_at or earliest + timedelta(minutes=60)
    times = [("earliest_at", earliest), ("latest_at", latest), ("known_at", known_at)]
    sound = [check_offset(document, f"{path}.{name}", at) for name, at in times]
    if not all(sound) or place is None:
        return None
    if latest < earliest:
        document.fault(f"{path}.latest_at", "lies before earliest_at. Swap them.")
    return HoldTask(
        id=part.id,
        template_id=None,
        kind=part.kind,
        name=part.name,
        island_id=place.island_id,
        place=place,
        earliest_at=earliest,
        latest_at=latest,
        duration_min=part.duration_min,
        slot_min=part.slot_min,
        crew=tuple(CrewNeed(people=n, skill=None if s == ANYBODY else s) for s, n in part.crew.items()),
        after=frozenset(part.after),
        value=part.value,
        origin="officer",
        origin_id=None,
        note=part.note,
    )


def _task_place(document: YamlDocument, path: str, part: TaskPart, region: Region) -> Place | None:
    if part.at is not None:
        return _place(document, f"{path}.at", part.at, region)
    if part.lon_deg is None or part.lat_deg is None:
        document.fault(path, "says nowhere. Give 'at: <place id>', or lon_deg and lat_deg.")
        return None
    point = shapely.Point(part.lon_deg, part.lat_deg)
    for island_id, land in region.island_polygons.items():
        if land.covers(point):
            return Place(
                id=part.id,
                kind="field",
                name=part.name,
                island_id=island_id,
                lon_deg=part.lon_deg,
                lat_deg=part.lat_deg,
            )
    document.fault(f"{path}.lon_deg", f"{part.lon_deg:g}, {part.lat_deg:g} lies on no named island. Move it onto land.")
    return None


def _events(
    document: YamlDocument,
    part: HoldPart,
    tasks: list[tuple[HoldTask | None, datetime | None]],
    region: Region,
    forces: Forces,
    start_at: datetime,
) -> tuple[HoldEvent, ...]:
    found: list[HoldEvent] = []
    groups = {group.id: group for group in forces[1]}
    for n, arrival in enumerate(part.arrivals):
        path = f"hold.arrivals[{n}]"
        place = _place(document, f"{path}.place", arrival.place, region)
        known = _known(document, f"{path}.group", "group", arrival.group, groups)
        if _later(document, f"{path}.at", arrival.at, start_at) and place is not None and known:
            people = groups[arrival.group].strength
            found.append(
                HoldEvent(
                    at=arrival.at,
                    kind="arrival",
                    island_id=place.island_id,
                    unit_id=arrival.group,
                    people=people,
                    place=place,
                )
            )
    for n, loss in enumerate(part.losses):
        path = f"hold.losses[{n}]"
        known = _known(document, f"{path}.team", "local team", loss.team, region.local_teams)
        if known and not 1 <= loss.people <= region.local_teams[loss.team].people:
            most = region.local_teams[loss.team].people
            document.fault(f"{path}.people", f"{loss.people} is not 1 to {most}, the people of the team. Correct it.")
        if _later(document, f"{path}.at", loss.at, start_at) and known:
            island = region.local_teams[loss.team].island_id
            found.append(
                HoldEvent(
                    at=loss.at,
                    kind="loss",
                    island_id=island,
                    unit_id=loss.team,
                    people=loss.people,
                    reason=loss.reason,
                )
            )
    for task, known_at in tasks:
        if task is not None and known_at is not None and known_at > start_at:
            found.append(HoldEvent(at=known_at, kind="new_task", island_id=task.island_id, task=task))
    return tuple(sorted(found, key=lambda event: event.at))


def _place(document: YamlDocument, path: str, place_id: str, region: Region) -> Place | None:
    if point := region.points_of_interest.get(place_id):
        return Place(
            id=point.id,
            kind="field",
            name=point.name,
            island_id=point.island_id,
            lon_deg=point.lon_deg,
            lat_deg=point.lat_deg,
        )
    try:
        return region.place(place_id)
    except UnknownNameError as error:
        document.fault(path, error.message)
        return None


def _known(document: YamlDocument, path: str, kind: str, name: str, known: Collection[str]) -> bool:
    if name not in known:
        document.fault(path, f"unknown {kind} '{name}'.{suggestion(name, known) or ' Correct the id.'}")
    return name in known


def _later(document: YamlDocument, path: str, at: datetime, start_at: datetime) -> bool:
    if not check_offset(document, path, at):
        return False
    if at <= start_at:
        document.fault(path, "is not after the scenario's start. Move it later.")
    return at > start_at
