"""The legs chart: bars inside the axis and in order, heads counted as they arrive."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations

import msgspec
import pytest

from console.panels.gantt import TRACK_PX, echelon_labels, gantt_html, rider_words, width_px
from console.panels.gantt_rows import MAX_TICKS, Bar, arrivals, build_axis, gantt_rows
from data.text import Text
from tests.console.panels.samples import NOW, Night, after, echelon_times, leg

PLACE = re.compile(r"left:([\d.]+)%;width:([\d.]+)%")


def test_bars_lie_inside_the_axis(night: Night) -> None:
    html = gantt_html(night.plan, night.picture, night.region, NOW, "en")
    places = [(float(left), float(width)) for left, width in PLACE.findall(html)]
    assert len(places) == 6
    for left, width in places:
        assert 0 <= left <= 100
        assert width > 0
        assert left + width <= 100.01


def test_bars_of_a_row_do_not_overlap(night: Night) -> None:
    for row in gantt_rows(night.plan, night.picture):
        for before, following in zip(row.bars, row.bars[1:], strict=False):
            assert before.to_at <= following.from_at


def test_rows_stand_by_arrival_and_heads_only_grow(night: Night) -> None:
    rows = gantt_rows(night.plan, night.picture)
    assert [row.unit_id for row in rows] == ["g4", "11", "12"]
    assert [row.cumulative for row in rows] == [8, 16, 32]
    assert [row.arrive_at for row in rows] == [after(4), after(52), after(84)]


def test_a_last_mile_puts_off_the_arrival(night: Night) -> None:
    walk = leg("w", None, ("g1",), 52, 60, purpose="last_mile", mode="foot")
    longer = msgspec.structs.replace(night.plan, legs=(*night.plan.legs, walk))
    assert arrivals(longer, {"g1": 8})["g1"] == (after(60), 8)
    rows = {row.unit_id: row for row in gantt_rows(longer, night.picture)}
    assert rows["11"].arrive_at == after(60)


def test_positioning_carries_nobody(night: Night) -> None:
    assert set(arrivals(night.plan, {})) == {"g1", "g2", "g3", "g4"}


@pytest.mark.parametrize("minutes", [4, 37, 103, 260, 700])
def test_ticks_are_few_round_and_inside(night: Night, minutes: int) -> None:
    plan = msgspec.structs.replace(night.plan, legs=(leg("x", "11", ("g1",), 0, minutes),), echelons=())
    axis = build_axis(plan)
    assert 0 < len(axis.ticks) <= MAX_TICKS + 1 or minutes < 5
    assert all(axis.from_at <= tick <= axis.to_at for tick in axis.ticks)
    assert all(tick.second == 0 and tick.minute % 5 == 0 for tick in axis.ticks)
    assert axis.percent(axis.from_at) == 0
    assert axis.percent(axis.to_at + timedelta(hours=9)) == 100


def test_each_echelon_has_its_line_and_label(night: Night) -> None:
    html = gantt_html(night.plan, night.picture, night.region, NOW, "en")
    assert html.count('class="echelonline"') == 4 * 3
    for words in ("T12 +22<", "T40 +62<", "T100 +103<", "T4 +30<", "min from 03:14"):
        assert words in html


def test_a_closed_landing_is_hatched_on_its_own_row(night: Night) -> None:
    closed = {"12": [(after(60), after(90), Text("涌浪", "swell over its limit"))]}
    html = gantt_html(night.plan, night.picture, night.region, NOW, "en", closed=closed)
    assert html.count('class="hatch"') == 1
    assert "swell over its limit" in html


def test_now_is_drawn_only_within_the_chart(night: Night) -> None:
    assert "nowline" in gantt_html(night.plan, night.picture, night.region, after(5), "en")
    assert "nowline" not in gantt_html(night.plan, night.picture, night.region, after(600), "en")


def test_estimated_roads_are_marked(night: Night) -> None:
    assert "road times are estimates" in gantt_html(night.plan, night.picture, night.region, NOW, "en")


def test_a_plan_that_moves_nobody_says_so(night: Night) -> None:
    empty = msgspec.structs.replace(night.plan, legs=(), echelons=())
    assert "moves nobody" in gantt_html(empty, night.picture, night.region, NOW, "en")


def test_echelons_complete_together_share_a_label(night: Night) -> None:
    together = msgspec.structs.replace(night.plan, echelons=echelon_times(night.incident, (22, 82, 82, 30)))
    html = gantt_html(together, night.picture, night.region, NOW, "en")
    assert "T40 T100 +82</b>" in html
    assert html.count("+82<") == 1


@pytest.mark.parametrize("minutes", [(22, 82, 83, 84), (1, 95, 96, 75), (40, 41, 42, 43), (100, 101, 102, 103)])
def test_labels_of_close_echelons_never_touch(night: Night, minutes: tuple[int, ...]) -> None:
    plan = msgspec.structs.replace(night.plan, echelons=echelon_times(night.incident, minutes))
    labels = echelon_labels(plan, build_axis(plan), "en")
    assert len(labels) == 4
    for one, other in combinations(labels, 2):
        apart = one.right_px <= other.left_px or other.right_px <= one.left_px
        assert apart or one.level != other.level, (one.words, other.words)
    assert all(label.left_px >= 0 and label.right_px <= TRACK_PX for label in labels)


def test_riders_are_named_where_there_is_room_else_counted() -> None:
    names = (Text("高亭警组1", "Gaoting police 1"), Text("岱山医疗队", "Daishan medics"))
    bar = Bar(kind="carry", from_at=after(0), to_at=after(9), words=names, persons=12)
    choices = rider_words(bar, "en")
    assert choices == ["Gaoting police 1 + Daishan medics \u00b7 12", "2 groups \u00b7 12", "12 p."]
    assert sorted(choices, key=lambda words: -width_px(words, "en")) == choices
