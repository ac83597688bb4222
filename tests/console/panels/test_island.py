"""An island's page: sites with reason and end, people with source and age, tasks, who is missing, the hand-over."""

from __future__ import annotations

import re

import msgspec
import pytest

from console.map.states import State
from console.panels.island import IslandView, island_html, sites_of
from console.panels.island_side import island_side_html
from console.panels.island_timeline import timeline_html
from data.counts import IslandCount
from data.geography import Region
from data.island_people import IslandPeople
from data.text import Text
from tests.console.panels import cutoff_samples, hold_samples
from tests.console.panels.hold_samples import AT, after
from tests.console.panels.test_every_panel import Reader

ZONE = "Asia/Shanghai"


@pytest.fixture
def view(zhoushan: Region) -> IslandView:
    """Miaozihu with its passenger pier shut until 18:00."""
    island = zhoushan.islands["miaozihu"]
    report = cutoff_samples.isolation_report(zhoushan)
    first = msgspec.structs.replace(report.islands[0], island_id="miaozihu", name=island.name)
    report = msgspec.structs.replace(report, islands=(first, *report.islands[1:]))
    states = {"miaozihu": State("closed", Text("南向涌 1.8 m 超限", "swell 1.8 m over its limit"), after(360))}
    plan, circles = cutoff_samples.seen(hold_samples.hold_plan()), cutoff_samples.seen(hold_samples.circles())
    return IslandView(island, zhoushan, cutoff_samples.seen(report), plan, circles, states, after(30))


def test_every_site_of_the_island_has_its_state_reason_and_end(view: IslandView) -> None:
    words = Reader(island_html(view, "en")).text
    for site in sites_of(view.region, "miaozihu"):
        assert site.name.en in words
    assert re.search(r"Closed\s*18:00\s*swell 1.8 m over its limit", words)


def test_people_have_source_and_age_and_what_is_assumed_is_marked(view: IslandView) -> None:
    def count(kind: str, number: int, at: object) -> IslandCount:
        return IslandCount(island_id="miaozihu", kind=kind, number=number, at=at, source="desk", confidence="counted")  # type: ignore[arg-type]

    people = IslandPeople(
        island_id="miaozihu",
        residents=None,
        counts={"visitors": count("visitors", 986, after(-15)), "children": count("children", 40, None)},
        stores={},
        assumptions=(),
    )
    html = island_side_html(view, people, "en")
    words = Reader(html).text
    assert re.search(r"visitors\s*986\s*desk · counted\s*45 min ago", words)
    assert re.search(r"children\s*40\s*assumeddesk", words)
    assert re.search(r"residents\s*unknown", words)
    assert re.search(r"patients\s*unknown\s*nobody has counted", words)
    assert "No stores are reported." in words


def test_teams_say_how_many_have_answered(view: IslandView) -> None:
    people = IslandPeople(island_id="miaozihu", residents=1, counts={}, stores={}, assumptions=())
    words = Reader(island_side_html(view, people, "en")).text
    assert "called 18 of 20" in words
    assert "on duty to" in words
    assert "40 m³ short" in words


def test_tasks_landings_and_the_hand_over_share_one_timeline() -> None:
    plan = hold_samples.hold_plan()
    html = timeline_html(plan, ZONE, after(30), "en")
    assert html.count('class="bar3 work') == sum(one.served for one in plan.services)
    assert html.count('class="bar3 gap"') == sum(not one.served for one in plan.services)
    assert html.count('class="landing"') == len(plan.relief)
    assert "15:40: 6 hand over to 4" in re.sub(r"\s+", " ", html)
    assert "2 short" in Reader(html).text


def test_who_is_missing_is_said_in_red_with_the_remedy() -> None:
    plan = hold_samples.hold_plan()
    words = Text("排队秩序缺 6 人", "6 people short for the queue")
    change = Text("再召 6 名志愿者", "call 6 more volunteers")
    unmet = msgspec.structs.replace(plan.unmet[0], text=words, least_change=change)
    html = timeline_html(msgspec.structs.replace(plan, unmet=(unmet,)), ZONE, AT, "en")
    assert re.search(r'class="loud cut"[^>]*>6 people short for the queue', html)
    assert "call 6 more volunteers" in Reader(html).text
    assert "1 unmet, 6 people short" in Reader(html).text


def test_without_relief_nobody_is_told_of_a_hand_over() -> None:
    plan = msgspec.structs.replace(hold_samples.hold_plan(), relief_at=None, relief=(), hand_over=())
    words = Reader(timeline_html(plan, ZONE, AT, "en")).text
    assert "no relief planned yet" in words
    assert "ends before relief" not in words


def test_gaps_of_the_circles_name_who_is_nearest_and_the_post_that_closes_them(view: IslandView) -> None:
    people = IslandPeople(island_id="miaozihu", residents=1, counts={}, stores={}, assumptions=())
    words = Reader(island_side_html(view, people, "en")).text
    assert re.search(r"1 min self-help\s*1 of 2 points\s*1 gaps", words)
    assert "nearest v1 4:05" in words
    assert "post 2 at Beiao" in words
    assert "No post reaches: School" in words
