"""The evacuation's panels: figures of now, curves that hold between steps, bars on one scale, who remains."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from console.panels.cutoff_parts import Scale
from console.panels.evacuation import evacuation_html, plan_scale, standing
from console.panels.evacuation_curve import area, grid_of, line, summed
from console.panels.evacuation_side import evacuation_side_html
from data.evacuation import EvacuationPlan, Step
from data.geography import Region
from tests.console.panels import evacuation_samples
from tests.console.panels.cutoff_samples import seen
from tests.console.panels.evacuation_samples import AT, after
from tests.console.panels.test_every_panel import Reader

ZONE = "Asia/Shanghai"


@pytest.fixture
def plan() -> EvacuationPlan:
    return evacuation_samples.evacuation_plan()


def figures(html: str) -> dict[str, str]:
    """Return the words of each figure by its name."""
    found = {}
    for piece in html.split('data-figure="')[1:]:
        name, _, rest = piece.partition('"')
        found[name] = Reader("<div" + rest.partition("</div>")[0] + "</div>").text
    return found


def test_a_count_holds_between_its_steps(plan: EvacuationPlan) -> None:
    steps = (Step(at=AT, persons=10), Step(at=after(30), persons=4))
    assert [standing(steps, after(minute)) for minute in (-5, 0, 29.9, 30, 99)] == [10, 10, 10, 4, 4]
    assert standing((), AT) == 0


def test_the_figures_are_those_of_the_moment(plan: EvacuationPlan, zhoushan: Region) -> None:
    now = after(80)  # 200 and 120 have loaded, 490-200 left the muster
    told = figures(evacuation_html(seen(plan), "miaozihu", zhoushan, now, "en"))
    waiting = standing(plan.to_board, now)
    assert f"{waiting:,}" in told["waiting"]
    assert f"{plan.persons - waiting:,}" in told["boarded"]
    assert "at pier 90" in told["waiting"]
    assert "2.6 %" in told["bound"]
    assert "0:45" in told["margin"]
    assert "Ferry 03" in told["last"]


def test_a_margin_that_is_gone_is_red_with_a_true_minus(plan: EvacuationPlan, zhoushan: Region) -> None:
    late = msgspec.structs.replace(plan, margin_min=-20)
    html = evacuation_html(seen(late), "miaozihu", zhoushan, AT, "en")
    assert '<b class="big red">\u22120:20</b>' in html


def test_who_remains_stands_above_all_in_red(plan: EvacuationPlan, zhoushan: Region) -> None:
    html = evacuation_html(seen(plan), "miaozihu", zhoushan, AT, "zh")
    assert html.index("散客仍有 14 人无船可乘") < html.index("待登船")
    side = evacuation_side_html(seen(plan), plan_scale(plan, AT, ZONE), zhoushan, AT, "zh")
    assert "仍有 14 人无船可乘" in Reader(side).text


def test_curves_are_steps_and_not_slopes() -> None:
    scale = Scale(AT, after(60), ZONE)
    steps = (Step(at=AT, persons=100), Step(at=after(30), persons=50))
    assert line(steps, scale, 100) == "M0 0H1800V500H3600"
    assert area(steps, scale, 100) == "M0 0H1800V500H3600V1000H0z"
    assert line((), scale, 100) == ""


def test_the_queue_of_all_piers_is_their_sum() -> None:
    one = (Step(at=AT, persons=10), Step(at=after(20), persons=0))
    other = (Step(at=after(10), persons=5),)
    assert [(step.at, step.persons) for step in summed([one, other])] == [(AT, 10), (after(10), 15), (after(20), 5)]


@pytest.mark.parametrize(("persons", "top"), [(0, 10), (7, 10), (986, 1000), (1001, 1250), (8000, 8000)])
def test_the_chart_ends_at_a_round_number_above_all(persons: int, top: int) -> None:
    found, step = grid_of(persons)
    assert found == top
    assert found % step == 0


def test_every_trip_is_a_bar_of_loading_sailing_and_unloading(plan: EvacuationPlan, zhoushan: Region) -> None:
    html = evacuation_html(seen(plan), "miaozihu", zhoushan, AT, "en")
    rows = html.partition('class="rows triprows"')[2].partition('class="berthbox"')[0]
    for name in ("load", "sail", "unload"):
        assert rows.count(f'class="bar3 {name}"') == len(plan.trips)
    assert rows.count('class="trip"') == len({one.craft_id for one in plan.trips})
    assert "27.9 nm" in rows


def test_the_scale_holds_every_trip(plan: EvacuationPlan) -> None:
    scale = plan_scale(plan, after(-120), ZONE)
    assert scale.from_at <= plan.at
    assert scale.to_at >= max(one.unload_to for one in plan.trips)
    assert plan.at - scale.from_at <= timedelta(hours=1), "an old plan does not stretch the chart to now"


def test_a_queue_over_its_limit_is_red(plan: EvacuationPlan, zhoushan: Region) -> None:
    full = msgspec.structs.replace(plan, piers=(msgspec.structs.replace(plan.piers[0], capacity=150), *plan.piers[1:]))
    html = evacuation_side_html(seen(full), plan_scale(plan, AT, ZONE), zhoushan, AT, "en")
    assert '<small class="num loud">peak 200 of 150</small>' in html


def test_the_ways_compared_say_how_much_later_and_who_stays(plan: EvacuationPlan, zhoushan: Region) -> None:
    side = Reader(evacuation_side_html(seen(plan), plan_scale(plan, AT, ZONE), zhoushan, AT, "en")).text
    assert "+0:58" in side
    assert "never" in side


def test_an_outlook_in_which_the_plan_breaks_is_red_with_who_is_left(plan: EvacuationPlan, zhoushan: Region) -> None:
    robust = seen(evacuation_samples.robust_plan())
    html = evacuation_side_html(seen(plan), plan_scale(plan, AT, ZONE), zhoushan, AT, "en", robust)
    severe = html.partition("severe 50 %")[2].partition("</tr>")[0]
    assert '<td class="num loud">breaks</td>' in severe
    assert '<td class="num loud">286</td>' in severe
    likely = html.partition("likely 50 %")[2].partition("</tr>")[0]
    assert "loud" not in likely
