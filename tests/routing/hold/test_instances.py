"""A case's templates become tasks at real places: the shut pier, the open one, the muster point, the station."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from data.geography import Region
from data.local_teams import CrewNeed
from data.scenario import read_scenario
from data.situation import Situation
from routing.hold.instances import OVERDUE_MIN, island_tasks

HOME = "miaozihu"


@pytest.fixture(scope="module")
def swell(zhoushan: Region) -> Situation:
    """The shipped swell at Miaozihu, with its case only."""
    found = read_scenario("may-swell-miaozihu", zhoushan).situation()
    return msgspec.structs.replace(found, local_teams=(), tasks=(), relief_at={})


def test_tasks_stand_where_the_rule_says(swell: Situation, zhoushan: Region) -> None:
    places = {task.template_id: task.place.id for task in island_tasks(swell, zhoushan, HOME).tasks}
    assert places["shut-pier"] == "miaozihu"
    assert places["line"] == "beiao"
    assert places["muster"] == places["shelter"] == "miaozihu-school"
    assert places["comms"] == "miaozihu-township"


def test_no_shut_pier_is_said_and_not_asked(swell: Situation, zhoushan: Region) -> None:
    calm = msgspec.structs.replace(swell, closures=(), forecast=None)
    asked = island_tasks(calm, zhoushan, HOME)
    assert "shut-pier" not in {task.template_id for task in asked.tasks}
    assert any("no pier that is shut" in note.en for note in asked.assumptions)


def test_weather_alone_shuts_a_pier(swell: Situation, zhoushan: Region) -> None:
    unclosed = msgspec.structs.replace(swell, closures=())
    asked = island_tasks(unclosed, zhoushan, HOME).tasks
    assert {task.place.id for task in asked if task.template_id == "shut-pier"} <= {"miaozihu", "beiao"}


def test_windows_count_from_the_report_and_overdue_work_is_still_asked(swell: Situation, zhoushan: Region) -> None:
    incident = swell.incidents[0]
    swell = msgspec.structs.replace(swell, at=incident.reported_at)
    guide = next(task for task in island_tasks(swell, zhoushan, HOME).tasks if task.template_id == "guide")
    assert guide.earliest_at == incident.reported_at + timedelta(minutes=10)
    assert guide.latest_at == incident.reported_at + timedelta(minutes=40)
    late = msgspec.structs.replace(swell, at=swell.at + timedelta(hours=2))
    asked = island_tasks(late, zhoushan, HOME)
    guide = next(task for task in asked.tasks if task.template_id == "guide")
    assert guide.latest_at == late.at + timedelta(minutes=OVERDUE_MIN)
    assert any("may begin late" in note.en and "Lead people" in note.en for note in asked.assumptions)
    begun = island_tasks(late, zhoushan, HOME, frozenset({guide.id})).tasks
    kept = next(task for task in begun if task.id == guide.id)
    assert kept.latest_at == incident.reported_at + timedelta(minutes=40)


@pytest.mark.parametrize("status", ["handled", "fed_back", "closed"])
def test_settled_case_asks_for_nothing(swell: Situation, zhoushan: Region, status: str) -> None:
    incidents = tuple(msgspec.structs.replace(one, status=status) for one in swell.incidents)
    assert island_tasks(msgspec.structs.replace(swell, incidents=incidents), zhoushan, HOME).tasks == ()


def test_evacuation_post_where_a_case_asks_for_the_same_is_one_post(swell: Situation, zhoushan: Region) -> None:
    line = next(task for task in island_tasks(swell, zhoushan, HOME).tasks if task.template_id == "line")
    post = msgspec.structs.replace(
        line, id="post", template_id=None, origin="evacuation", crew=(CrewNeed(people=8, skill=None),)
    )
    elsewhere = msgspec.structs.replace(post, id="away", place=zhoushan.place("dongji-ps"))
    asked = island_tasks(msgspec.structs.replace(swell, tasks=(post, elsewhere)), zhoushan, HOME)
    ids = [task.id for task in asked.tasks]
    assert "post" not in ids
    assert "away" in ids
    merged = next(task for task in asked.tasks if task.id == line.id)
    assert merged.crew == (CrewNeed(people=3, skill="crowd"), CrewNeed(people=5, skill=None))
    assert any("is one with" in note.en for note in asked.assumptions)


def test_what_follows_late_work_may_be_late_too(swell: Situation, zhoushan: Region) -> None:
    incidents = tuple(msgspec.structs.replace(one, case_type="affray") for one in swell.incidents)
    late = msgspec.structs.replace(swell, incidents=incidents, at=swell.at + timedelta(hours=2))
    tasks = {task.template_id: task for task in island_tasks(late, zhoushan, HOME).tasks}
    assert tasks["first-aid"].latest_at >= tasks["part"].latest_at + timedelta(minutes=45)


def test_what_comes_first_is_the_task_at_the_same_scene(swell: Situation, zhoushan: Region) -> None:
    incidents = tuple(msgspec.structs.replace(one, case_type="armed-affray") for one in swell.incidents)
    asked = island_tasks(msgspec.structs.replace(swell, incidents=incidents), zhoushan, HOME).tasks
    by_template = {task.template_id: task for task in asked}
    assert by_template["first-aid"].after == {by_template["cordon"].id}
    assert {task.place.id for task in asked if task.template_id == "piers"} == {"miaozihu", "beiao"}
    assert len({task.id for task in asked}) == len(asked)
