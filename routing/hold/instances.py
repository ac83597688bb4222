"""What an island is asked to do: the templates of its open cases at real places and times, and tasks by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import cos, hypot, radians

import msgspec

from data.geography import Place, Region, scene_place
from data.holding import HoldTask
from data.incidents import OPEN_STATUSES, Incident
from data.local_teams import CrewNeed, PointOfInterest, TaskPlaceRule, TaskTemplate
from data.situation import Situation
from data.text import Text
from routing.network.conditions import Conditions

# A case is open: its tasks may begin at least until so many minutes from now, late if need be.
OVERDUE_MIN = 30
SAME_PLACE_DEG = 2e-5  # two metres
SETTLED = frozenset({"handled", "fed_back"})


@dataclass(frozen=True)
class Asked:
    """The tasks of an island and what was taken for granted about them."""

    tasks: tuple[HoldTask, ...]
    assumptions: tuple[Text, ...]


def island_tasks(situation: Situation, region: Region, island_id: str, started: frozenset[str] = frozenset()) -> Asked:
    """Return the tasks an island is asked to do at the situation's moment: by its cases, by hand, by an evacuation.

    Those ``started`` keep their windows; others whose window is over, their case being open, are asked for soon.
    """
    notes: list[Text] = []
    grounds = _Grounds(situation, region, island_id)
    tasks: list[HoldTask] = []
    for incident in situation.incidents:
        if incident.island_id != island_id or incident.status not in OPEN_STATUSES - SETTLED:
            continue
        templates = region.task_templates.get(incident.case_type, ())
        if not templates:
            notes.append(
                Text(
                    zh=f"“{incident.title.zh}”没有任务模板，只按手工任务安排",
                    en=f'"{incident.title.en}" has no task templates; only tasks by hand are planned',
                )
            )
        tasks += _of_case(incident, templates, grounds, notes)
    open_tasks = _still_open(tasks, situation, started)
    notes += _extended(tasks, open_tasks)
    by_hand = [task for task in situation.tasks if task.island_id == island_id]
    return Asked(tuple(_merged(open_tasks, by_hand, notes)), tuple(notes))


def _merged(of_cases: list[HoldTask], others: Sequence[HoldTask], notes: list[Text]) -> list[HoldTask]:
    """Return all tasks; a post an evacuation needs where a case asks for the same is one post with the more people."""
    found = {task.id: task for task in of_cases}
    for task in others:
        same = next((one for one in found.values() if _is_same_post(one, task)), None)
        if same is None:
            found[task.id] = task
            continue
        if more := max(0, task.people - same.people):
            needs = {need.skill: need.people for need in same.crew}
            needs[None] = needs.get(None, 0) + more
            crew = tuple(CrewNeed(people=people, skill=skill) for skill, people in needs.items())
            found[same.id] = msgspec.structs.replace(same, crew=crew)
        people = found[same.id].people
        notes.append(
            Text(
                zh=f"撤离所需“{task.name.zh}”并入“{same.name.zh}”（{same.place.name.zh}），共 {people} 人",
                en=f'the evacuation\'s "{task.name.en}" is one with "{same.name.en}" ({same.place.name.en}), '
                f"{people} people",
            )
        )
    return list(found.values())


def _is_same_post(one: HoldTask, task: HoldTask) -> bool:
    here, there = one.place, task.place
    return (
        (one.origin, task.origin) == ("case", "evacuation")
        and one.kind == task.kind
        and one.slot_min is not None
        and task.slot_min is not None
        and hypot(here.lon_deg - there.lon_deg, here.lat_deg - there.lat_deg) < SAME_PLACE_DEG
    )


def point_place(point: PointOfInterest) -> Place:
    """Return a point of interest as a place people walk to."""
    return Place(
        id=point.id,
        kind="field",
        name=point.name,
        island_id=point.island_id,
        lon_deg=point.lon_deg,
        lat_deg=point.lat_deg,
    )


def _of_case(
    incident: Incident, templates: tuple[TaskTemplate, ...], grounds: _Grounds, notes: list[Text]
) -> Iterator[HoldTask]:
    scene = scene_place(incident)
    made: dict[str, list[tuple[str, Place]]] = {}
    for template in templates:
        places = grounds.of(template.where, scene)
        if not places:
            notes.append(
                Text(
                    zh=f"“{template.name.zh}”不安排：岛上没有{_RULE_WORDS[template.where].zh}",
                    en=f'"{template.name.en}" is not asked for: the island has no {_RULE_WORDS[template.where].en}',
                )
            )
        made[template.id] = [
            (f"{incident.id}.{template.id}" + (f".{place.id}" if len(places) > 1 else ""), place) for place in places
        ]
    for template in templates:
        for task_id, place in made[template.id]:
            yield HoldTask(
                id=task_id,
                template_id=template.id,
                kind=template.kind,
                name=template.name,
                island_id=incident.island_id,
                place=place,
                earliest_at=incident.reported_at + timedelta(minutes=template.earliest_min),
                latest_at=incident.reported_at + timedelta(minutes=template.latest_min),
                duration_min=template.duration_min,
                slot_min=template.slot_min,
                crew=template.crew,
                after=frozenset(_first(made, template, place)),
                value=template.value,
                origin="case",
                origin_id=incident.id,
            )


def _first(made: dict[str, list[tuple[str, Place]]], template: TaskTemplate, place: Place) -> Iterator[str]:
    """Yield the tasks that must come first: at the same place where there is one, else everywhere."""
    for name in template.after:
        here = [task_id for task_id, where in made[name] if where.id == place.id]
        yield from here or [task_id for task_id, _ in made[name]]


def _still_open(tasks: Sequence[HoldTask], situation: Situation, started: frozenset[str]) -> list[HoldTask]:
    """Return tasks that may begin at least until some minutes from now, or until what comes first is done.

    Posts and what has started stay as they are: a post is held from whenever somebody gets there.
    """
    soon = situation.at + timedelta(minutes=OVERDUE_MIN)
    found = {task.id: task for task in tasks}
    for _ in tasks:  # as often as the longest order of tasks may be long
        for task in tasks:
            if task.slot_min is None and task.id not in started:
                firsts = [found[name] for name in task.after if name in found]
                ends = [first.latest_at + timedelta(minutes=first.duration_min or 0) for first in firsts]
                found[task.id] = msgspec.structs.replace(task, latest_at=max([task.latest_at, soon, *ends]))
    return [found[task.id] for task in tasks]


def _extended(tasks: Sequence[HoldTask], asked: Sequence[HoldTask]) -> list[Text]:
    """Return in words which tasks may begin later than their templates say."""
    late = [task.name for task, now in zip(tasks, asked, strict=True) if now.latest_at > task.latest_at]
    if not late:
        return []
    return [
        Text(
            zh=f"警情未结，以下任务逾时仍可在 {OVERDUE_MIN} 分钟内开始：{'、'.join(name.zh for name in late)}",
            en=f"their case is open, so these may begin late, within {OVERDUE_MIN} min: "
            f"{', '.join(name.en for name in late)}",
        )
    ]


_RULE_WORDS: dict[TaskPlaceRule, Text] = {
    "scene": Text("现场", "scene"),
    "piers": Text("码头", "pier"),
    "shut_piers": Text("封闭的码头", "pier that is shut"),
    "open_piers": Text("开放的码头", "pier that is open"),
    "muster": Text("集合点", "muster point"),
    "station": Text("派出所或街办", "station or office"),
    "township": Text("街办或派出所", "office or station"),
}


class _Grounds:
    """The places of an island by the rules of templates, as they are at the situation's moment."""

    def __init__(self, situation: Situation, region: Region, island_id: str) -> None:
        self._piers = [place for place in region.places() if place.island_id == island_id and place.kind == "pier"]
        self._posts = [
            place for place in region.places() if place.island_id == island_id and place.kind in ("station", "township")
        ]
        self._musters = [
            point_place(point)
            for point in region.points_of_interest.values()
            if point.island_id == island_id and point.kind == "school"
        ]
        conditions = Conditions(region, situation.forecast, situation.closures)
        self._shut = {place.id for place in self._piers if is_pier_shut(region, conditions, place.id, situation)}

    def of(self, rule: TaskPlaceRule, scene: Place) -> list[Place]:
        """Return the places a rule means; the nearest to the scene where one is enough."""
        if rule == "scene":
            return [scene]
        if rule == "piers":
            return list(self._piers)
        if rule == "shut_piers":
            return [place for place in self._piers if place.id in self._shut]
        if rule == "open_piers":
            return _nearest([place for place in self._piers if place.id not in self._shut], scene)
        if rule == "muster":
            return _nearest(self._musters, scene) or self._post("township", scene)
        return self._post(rule, scene)

    def _post(self, kind: str, scene: Place) -> list[Place]:
        return _nearest([place for place in self._posts if place.kind == kind] or self._posts, scene)


def is_pier_shut(region: Region, conditions: Conditions, pier_id: str, situation: Situation) -> bool:
    """Tell whether no boat class that fits a pier may berth there at the situation's moment."""
    pier = region.pier(pier_id)
    if any(shut.holds(situation.at) for shut in conditions.pier_closures(pier)):
        return True
    classes = [one for one in region.craft_classes.values() if one.mode == "sea" and one.berthing & pier.berthing]
    return bool(classes) and all(
        any(shut.holds(situation.at) for shut in conditions.pier_shuts(pier, one)) for one in classes
    )


def _nearest(places: list[Place], scene: Place) -> list[Place]:
    """Return the place nearest to the scene as the crow flies, or nothing where there is none."""
    narrow = cos(radians(scene.lat_deg))
    return sorted(
        places,
        key=lambda place: (
            hypot((place.lon_deg - scene.lon_deg) * narrow, place.lat_deg - scene.lat_deg),
            place.id,
        ),
    )[:1]
