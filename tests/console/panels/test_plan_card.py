"""The plan card: figures with units, loud when an echelon is unmet, and no orders in a replay."""

from __future__ import annotations

import re

import msgspec

from console.panels.plan_card import plan_card_html
from console.panels.plan_figures import (
    band_words,
    baseline_gap,
    cover_left,
    cover_title,
    gap_words,
    groups_at_home,
    versus_nearest,
)
from data.text import Text
from tests.console.panels.samples import NOW, Job, Night, after, echelon_times, plan


def card(night: Night, **changes: object) -> str:
    given: dict[str, object] = {"job": night.job, "accepted": None, "chosen": "balanced", "language": "en"}
    given |= changes
    return plan_card_html(
        night.incident,
        given.pop("job"),  # type: ignore[arg-type]
        given.pop("accepted"),  # type: ignore[arg-type]
        night.region,
        given.pop("chosen"),  # type: ignore[arg-type]
        NOW,
        given.pop("language"),  # type: ignore[arg-type]
        **given,  # type: ignore[arg-type]
    )


def test_three_alternatives_beside_the_baseline(night: Night) -> None:
    html = card(night)
    for words in ("Fastest", "Balanced", "Keep cover", "Nearest-first"):
        assert words in html
    for minutes in ("84", "103", "141", "168 "):
        assert f">{minutes}" in html


def test_an_echelon_shows_minutes_local_time_and_band(night: Night) -> None:
    assert '<b>103</b><small>04:57<span class="band">±3</span></small>' in card(night)


def test_the_band_is_the_wider_half(night: Night) -> None:
    time = echelon_times(night.incident, (22, 62, 103, 30))[0]
    assert band_words(time) == "±3"
    assert band_words(msgspec.structs.replace(time, early_min=10)) == "±12"
    assert band_words(msgspec.structs.replace(time, early_min=22, late_min=22)) == ""


def test_the_largest_echelon_is_compared_with_nearest_first(night: Night) -> None:
    assert versus_nearest(night.plan, "en") == "\u221239 %"


def test_only_one_of_both_meets_it(night: Night) -> None:
    unmet = plan(night.incident, "balanced", (22, 62, None, 30))
    assert versus_nearest(unmet, "en") == "only nearest does"


def test_cover_is_counted_and_shared(night: Night) -> None:
    at_home = groups_at_home([night.plan])
    assert cover_left(night.plan, at_home) == "3/4"
    assert cover_left(night.plan, at_home | {"dinghai-sub-bureau": 6}) == "9/10", "one whole for all columns"
    assert cover_title(night.plan, at_home, "en") == "75 % stay; groups sent: 1, from stations: 1"


def test_the_gap_is_a_proof_in_words(night: Night) -> None:
    assert gap_words(night.plan, "en") == "\u2264 3.6 %"
    assert gap_words(msgspec.structs.replace(night.plan, status="optimal", gap=0.0), "en") == "0 % proven"
    assert gap_words(msgspec.structs.replace(night.plan, status="infeasible"), "en") == "infeasible"


def test_the_baseline_is_held_to_the_same_bound(night: Night) -> None:
    assert baseline_gap(night.plan, night.plan.baseline) == "\u2264 36 %"


def test_an_unmet_echelon_is_said_loudly_with_what_arrives(night: Night) -> None:
    job = Job(alternatives={"balanced": plan(night.incident, "balanced", (22, 62, None, 30))})
    html = card(night, job=job)
    assert 'role="alert"' in html
    assert "Full strength cannot be met: 2 of 100 arrive" in html
    assert "too few boats" in html


def test_no_alarm_when_all_is_met(night: Night) -> None:
    assert 'role="alert"' not in card(night)


def test_keys_stand_on_the_buttons(night: Night) -> None:
    html = card(night)
    assert re.search(r'data-act="accept"[^>]*data-id="plan-balanced"[^>]*>[^<]*<kbd>Enter</kbd>', html)
    assert "<kbd>R</kbd>" in html
    assert "<kbd>2</kbd>" in html


def test_a_replay_gives_no_orders(night: Night) -> None:
    html = card(night, can_act=False)
    for act in ("accept", "plan", "undo"):
        assert f'data-act="{act}"' not in html
    assert "no orders can be given" in html


def test_an_accepted_plan_can_be_undone_while_its_time_lasts(night: Night) -> None:
    assert 'data-act="undo"' in card(night, job=None, accepted=night.plan, can_undo=True)
    later = card(night, job=None, accepted=night.plan, can_undo=False)
    assert 'data-act="undo"' not in later
    assert "6 orders" in later
    assert 'data-act="accept"' not in later


def test_a_running_job_shows_its_gap_so_far(night: Night) -> None:
    html = card(night, job=Job(alternatives={"balanced": night.plan}, status="running"))
    assert "solving 1.2 s" in html
    assert "gap ≤ 3.6 %" in html
    assert "<progress" in html
    assert "<progress" not in card(night)


def test_a_failure_is_worded(night: Night) -> None:
    html = card(night, job=Job(status="failed", error=Text("求解器停了", "The solver stopped. Plan again.")))
    assert "The solver stopped. Plan again." in html
    assert 'data-act="plan"' in html


def test_a_late_echelon_is_marked_with_what_was_asked(night: Night) -> None:
    job = Job(alternatives={"balanced": plan(night.incident, "balanced", (22, 62, 170, 30))})
    assert "later than the 150 min asked for" in card(night, job=job)
    assert after(170) > NOW
