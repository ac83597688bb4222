"""Timers: grey, amber one minute before the limit, red after, with words; an order's three in turn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.panels.timers import countdown, elapsed, order_due, timer_state
from data.forces import UnitStatus
from data.plans import Order
from data.text import Text
from tests.console.panels.samples import NOW, Night, after


@pytest.mark.parametrize(
    ("seconds", "state"), [(61, "ok"), (60, "soon"), (1, "soon"), (0, "soon"), (-1, "late"), (-900, "late")]
)
def test_grey_then_amber_in_the_last_minute_then_red(seconds: int, state: str) -> None:
    assert timer_state(NOW + timedelta(seconds=seconds), NOW) == state


def test_words_beside_the_colour() -> None:
    assert ">4:30 left<" in countdown(after(4.5), NOW, "en")
    assert ">+2:10 overdue<" in countdown(NOW - timedelta(seconds=130), NOW, "en")
    assert ">回报 +2:10 超时<" in countdown(NOW - timedelta(seconds=130), NOW, "zh", prefix="回报")


def test_the_browser_is_given_moment_and_both_phrasings() -> None:
    html = countdown(after(1), NOW, "en", prefix="report")
    assert f'data-at="{int(after(1).timestamp() * 1000)}"' in html
    assert 'data-left="report {t} left"' in html
    assert 'data-over="report +{t} overdue"' in html


def test_elapsed_counts_hours_and_days() -> None:
    assert ">2:51:40<" in elapsed(NOW - timedelta(hours=2, minutes=51, seconds=40), NOW)
    assert ">6 d<" in elapsed(NOW - timedelta(days=6, hours=1), NOW)


@pytest.mark.parametrize(
    ("status", "words", "minutes"),
    [
        ("available", "timer.accept", -2 + 2),
        ("accepted", "timer.depart", 2 + 3),
        ("en_route", "timer.arrive", 52),
        ("on_scene", "timer.report", -1 + 3),
    ],
)
def test_an_order_has_its_timers_in_turn(night: Night, status: UnitStatus, words: str, minutes: float) -> None:
    order = Order(
        id="o",
        plan_id=night.plan.id,
        incident_id=night.incident.id,
        unit_id="11",
        leg_ids=("p1", "c1"),
        issued_at=after(-2),
        text=Text("去", "go"),
    )
    due = order_due(order, night.plan, status, after(-1))
    assert due is not None
    assert (due.words, due.at) == (words, after(minutes))


def test_a_unit_on_its_way_back_owes_nothing(night: Night) -> None:
    order = Order(id="o", plan_id="p", incident_id="i", unit_id="11", leg_ids=(), issued_at=NOW, text=Text("去", "go"))
    assert order_due(order, None, "returning", NOW) is None
