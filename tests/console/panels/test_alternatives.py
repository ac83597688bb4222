"""The alternatives side by side: differences at a glance, copies in words, and nothing past shown as open."""

from __future__ import annotations

import re

from console.panels.alternatives import ALTERNATIVES, columns_of, looked_at, price_words
from console.panels.plan_figures import arrival, signed
from data.plans import Alternative, Cover, Objective, Plan
from routing.deploy.alternatives import price
from tests.console.panels.samples import Job, Night, plan
from tests.console.panels.test_plan_card import card


def one(
    night: Night, name: Alternative, minutes: tuple[int | None, ...], left: int = 3, craft: int = 2, **given: object
) -> Plan:
    points = sum(100 * e.weight * (m or 720) for e, m in zip(night.incident.echelons, minutes, strict=True))
    return plan(
        night.incident,
        name,
        minutes,
        objective=Objective(unmet=0, echelon_time=points, cover_lost=0, craft_minutes=0, total=points),
        cover=(Cover(station_id="putuo-sub-bureau", groups_before=4, groups_left=left, keep=1),),
        craft_used=craft,
        **given,
    )


def four(night: Night) -> dict[Alternative, Plan]:
    return {
        "fastest": one(night, "fastest", (22, 56, 84, 30), left=1, craft=4),
        "balanced": one(night, "balanced", (22, 62, 103, 30)),
        "keep_cover": one(night, "keep_cover", (22, 62, 141, 45), left=4),
        "fewest_craft": one(night, "fewest_craft", (22, 62, 160, 60), craft=1),
    }


def columns(html: str) -> list[str]:
    return re.findall(r'data-act="choose-alternative"[^>]*data-value="(\w+)"', html)


def test_four_that_differ_have_four_columns_with_their_keys(night: Night) -> None:
    html = card(night, job=Job(alternatives=four(night)))
    assert columns(html) == list(ALTERNATIVES) == ["fastest", "balanced", "keep_cover", "fewest_craft"]
    for key in "1234":
        assert f"<kbd>{key}</kbd>" in html


def test_minutes_cover_and_craft_differ_by_so_much_from_the_balanced_plan(night: Night) -> None:
    html = card(night, job=Job(alternatives=four(night)))
    for figures in (
        '<b>84</b><small class="differs">\u221219</small>',
        '<b>22</b><small>=</small>',
        '1/4<small class="differs"> \u22122</small>',
        '32/4<small class="differs"> +2</small>',
        '32/1<small class="differs"> \u22121</small>',
    ):  # fmt: skip
        assert figures in html
    assert "<b>103</b><small>04:57" in html, "the reference keeps its local time"


def test_the_chosen_one_shows_local_times_and_its_price_in_words(night: Night) -> None:
    html = card(night, job=Job(alternatives=four(night)), chosen="fastest")
    assert "<b>84</b><small>04:38" in html
    assert "Beside Balanced: T40 \u22126 min · T100 \u221219 min" in html
    assert "cover groups \u22122 (stations: 1) · craft +2" in html


def test_a_copy_is_said_in_words_and_is_no_column(night: Night) -> None:
    plans = four(night)
    plans["fastest"] = one(night, "fastest", (22, 62, 103, 30))
    plans["keep_cover"] = one(night, "keep_cover", (22, 62, 103, 30), legs=night.plan.legs[:2])
    html = card(night, job=Job(alternatives=plans))
    assert columns(html) == ["balanced", "fewest_craft"]
    assert "Fastest: the same plan as Balanced" in html
    assert "Keep cover: as Balanced in minutes, cover and craft" in html


def test_one_that_is_nowhere_better_is_said_with_what_it_costs_more(night: Night) -> None:
    plans = four(night)
    plans["keep_cover"] = one(night, "keep_cover", (22, 62, 103, 30), left=2, craft=3)
    html = card(night, job=Job(alternatives=plans))
    assert "keep_cover" not in columns(html)
    assert "Keep cover: nowhere better than Balanced (cover groups \u22121 (stations: 1) · craft +1)" in html


def test_what_stands_for_a_copy_is_what_is_shown_and_accepted(night: Night) -> None:
    plans = four(night)
    plans["fastest"] = one(night, "fastest", (22, 62, 103, 30))
    job = Job(alternatives=plans)
    assert looked_at(job, "fastest") == "balanced"
    assert 'data-id="plan-balanced"' in card(night, job=job, chosen="fastest")


def test_nothing_is_folded_before_the_job_is_over(night: Night) -> None:
    job = Job(alternatives={"balanced": one(night, "balanced", (22, 62, 103, 30))}, status="running")
    assert columns_of(job) == ALTERNATIVES
    assert looked_at(job, "fastest") == "fastest"
    assert "\u2026" in card(night, job=job)


def test_after_accepting_only_the_plan_in_force_is_shown(night: Night) -> None:
    html = card(night, job=None, accepted=night.plan)
    assert columns(html) == ["balanced"]
    assert "\u2026" not in html


def test_a_cancelled_job_shows_what_it_found(night: Night) -> None:
    job = Job(alternatives={"balanced": one(night, "balanced", (22, 62, 103, 30))}, status="cancelled")
    assert columns_of(job) == ("balanced",)
    assert looked_at(job, "fewest_craft") == "balanced"


def test_prices_are_said_in_both_languages_and_nothing_costs_nothing(night: Night) -> None:
    plans = four(night)
    found = price(plans["keep_cover"], plans["balanced"])
    assert price_words(found, night.incident, "zh").startswith("T100 +38 分")
    assert price_words(price(plans["balanced"], plans["balanced"]), night.incident, "zh") == "无差别"


def test_an_unmet_echelon_has_no_difference_in_minutes(night: Night) -> None:
    unmet = one(night, "fastest", (22, 62, None, 30)).echelons[2]
    assert "2/100" in arrival(unmet, night.region, "en", None)


def test_signs_are_true_ones() -> None:
    assert [signed(n) for n in (-3, 0, 4)] == ["\u22123", "=", "+4"]
