"""Alarms, unit board, reasons, weather and slider: order, states, figures with units."""

from __future__ import annotations

from typing import get_args

import msgspec

from console.i18n import words
from console.panels.alarms import alarm_count_html, alarm_rows, alarms_html, is_flood
from console.panels.bands import top_band_html
from console.panels.case import demand_words, island_forces
from console.panels.figures import change, clock, compass, share, span, visibility
from console.panels.outlook import Outlook
from console.panels.reasons import bare_words, reason_rows, reasons_html
from console.panels.slider import mark_style, slider_html, slider_marks
from console.panels.units import ROAD_SYMBOLS, fix_state, place_words, plan_members, plan_work, unit_rows, units_html
from console.panels.weather import weather_band_html
from data.forces import UNIT_TRANSITIONS
from data.incidents import INCIDENT_TRANSITIONS
from data.plans import Alternative, Reason
from data.situation import WorldMode
from data.text import Text
from data.weather import Forecast
from tests.console.panels.samples import NOW, Night, after, alarm, unit


def test_unacknowledged_first_then_priority_then_oldest(night: Night) -> None:
    night.picture.alarms["d"] = alarm("d", 1, 30, acked_by="seat-2", acked_at=NOW)
    night.picture.alarms["e"] = alarm("e", 1, 2)
    assert [one.alarm_id for one in alarm_rows(night.picture)] == ["e", "b", "a", "c", "d"]


def test_only_an_alarm_cleared_and_acknowledged_leaves(night: Night) -> None:
    night.picture.alarms["gone"] = alarm("gone", 1, 3, cleared=True, acked_by="seat-2", acked_at=NOW)
    night.picture.alarms["unseen"] = alarm("unseen", 1, 3, cleared=True)
    shown = {one.alarm_id for one in alarm_rows(night.picture)}
    assert "gone" not in shown
    assert "unseen" in shown


def test_every_unacknowledged_alarm_keeps_its_row_and_only_the_top_has_the_key(night: Night) -> None:
    night.picture.alarms |= {f"x{n}": alarm(f"x{n}", 3, n) for n in range(30)}
    html = alarms_html(night.picture, night.region, NOW, "en")
    assert html.count('data-act="ack-alarm"') == 33
    assert html.count("<kbd>A</kbd>") == 1


def test_more_than_ten_in_ten_minutes_is_a_flood(night: Night) -> None:
    night.picture.alarms = {f"x{n}": alarm(f"x{n}", 3, 5) for n in range(10)}
    assert not is_flood(night.picture, NOW)
    night.picture.alarms["x10"] = alarm("x10", 3, 5)
    assert is_flood(night.picture, NOW)
    assert "11 in 10 min" in alarm_count_html(night.picture, NOW, "en")
    night.picture.alarms["x10"] = alarm("x10", 3, 11)
    assert not is_flood(night.picture, NOW)


def test_board_order_plan_first_then_work_then_free_then_unusable(night: Night) -> None:
    sections = unit_rows(night.picture, night.plan)
    assert [name for name, _ in sections] == ["in_plan", "at_work", "unusable"]
    assert {one.unit_id for one in sections[0][1]} == {"11", "12", "g1", "g2", "g3", "g4"}
    free = unit_rows(night.picture, None)
    assert [name for name, _ in free] == ["at_work", "free_craft", "free_groups", "unusable"]


def test_every_unit_is_on_the_board_once(night: Night) -> None:
    listed = [one.unit_id for _, units in unit_rows(night.picture, night.plan) for one in units]
    assert sorted(listed) == sorted(night.picture.units)


def test_search_keeps_what_bears_the_words(night: Night) -> None:
    found = [one.unit_id for _, units in unit_rows(night.picture, None, "boat 13") for one in units]
    assert found == ["13"]
    html = units_html(night.picture, night.region, None, NOW, None, "en", search="submarine")
    assert "submarine" in html


def test_plan_members_are_craft_and_groups(night: Night) -> None:
    assert plan_members(night.plan) == {"11", "12", "g1", "g2", "g3", "g4"}


def test_a_fix_is_stale_past_three_intervals_and_lost_past_ten(night: Night) -> None:
    def state(age_s: float, status: str = "en_route") -> str:
        return fix_state(unit("x", status=status, site_id=None, fix_at=after(-age_s / 60)), NOW)

    assert [state(30), state(31), state(100), state(101)] == ["ok", "stale", "stale", "lost"]
    assert state(9000, "available") == "ok"
    moving = unit("x", status="en_route", site_id=None, fix_at=after(-1.5))
    assert fix_state(moving, NOW, 60.0) == "ok"


def test_place_says_site_or_way_or_incident(night: Night) -> None:
    picture, region = night.picture, night.region
    assert place_words(unit("x"), picture, region, "en") == region.piers["duntou"].name.en
    moving = unit("x", status="en_route", site_id=None, speed_mps=12.9)
    assert place_words(moving, picture, region, "en") == "at 25 kn"
    by_road = unit("x", symbol="group", status="en_route", site_id=None, speed_mps=10.0)
    assert place_words(by_road, picture, region, "en") == "at 36 km/h"
    held = unit("x", status="en_route", site_id=None, speed_mps=0.0)
    assert place_words(held, picture, region, "en") == "waiting"
    there = unit("x", status="on_scene", site_id=None, incident_id=night.incident.id)
    assert place_words(there, picture, region, "en") == "at 0614-001"


def test_a_selected_unit_offers_only_what_may_follow(night: Night) -> None:
    html = units_html(night.picture, night.region, None, NOW, "14", "en")  # on scene
    offered = {status for status in UNIT_TRANSITIONS if f'data-value="{status}"' in html}
    assert offered == UNIT_TRANSITIONS["on_scene"]
    replayed = units_html(night.picture, night.region, None, NOW, "14", "en", can_act=False)
    assert 'data-act="status"' not in replayed


def test_every_status_mode_and_alternative_has_words() -> None:
    known = words()
    assert {f"unit_status.{status}" for status in UNIT_TRANSITIONS} <= known.keys()
    assert {f"incident_status.{status}" for status in INCIDENT_TRANSITIONS} <= known.keys()
    assert {f"mode.{mode}" for mode in get_args(WorldMode)} <= known.keys()
    assert {f"alternative.{name}" for name in get_args(Alternative)} <= known.keys()


def test_echelons_and_places_come_before_single_units_in_reasons(night: Night) -> None:
    assert [reason.subject_kind for reason in reason_rows(night.plan)] == ["echelon", "craft"]
    html = reasons_html(night.plan, night.picture, night.region, "en")
    assert "nobody waits for a berth" in html


def test_what_would_help_an_echelon_stands_under_what_is_wrong_with_it_and_by_its_name(night: Night) -> None:
    first, second = night.plan.echelons[:2]

    def reason(echelon_id: str, code: str, words: str) -> Reason:
        return Reason(subject_kind="echelon", subject_id=echelon_id, code=code, text=Text(words, words))

    reasons = (
        reason(second.echelon_id, "late", "b"),
        reason(first.echelon_id, "change", "one more boat"),
        reason(first.echelon_id, "conflict", "ruled out"),
        reason(first.echelon_id, "unmet", "a"),
    )
    plan = msgspec.structs.replace(night.plan, reasons=reasons)
    assert [one.code for one in reason_rows(plan)] == ["unmet", "conflict", "change", "late"]
    html = reasons_html(plan, night.picture, night.region, "en")
    assert html.count('class="reason loud"') == 3
    assert html.count('class="reason helps"') == 1
    assert first.name.en in html
    assert second.name.en in html


def test_craft_a_limit_holds_come_first_and_what_goes_by_road_last(night: Night) -> None:
    def reason(unit_id: str, code: str) -> Reason:
        return Reason(subject_kind="craft", subject_id=unit_id, code=code, text=Text("因", "why"))

    far, near, road = "14", "12", "15"
    units = night.picture.units
    units[road] = msgspec.structs.replace(units[road], symbol="vehicle")
    assert units[far].symbol not in ROAD_SYMBOLS
    reasons = (reason(road, "limit"), reason(far, "too-far"), reason(near, "limit"))
    plan = msgspec.structs.replace(night.plan, reasons=reasons)
    assert [one.subject_id for one in reason_rows(plan, night.picture)] == [near, far, road]


def test_the_panel_does_not_say_again_that_it_was_not_used() -> None:
    reason = Reason(
        subject_kind="craft", subject_id="x", code="limit", text=Text("未使用：浪大", "not used: big waves")
    )
    assert bare_words(reason, "en") == "Big waves"
    assert bare_words(reason, "zh") == "浪大"


def test_the_board_says_what_the_plan_has_a_unit_do(night: Night) -> None:
    work = plan_work(night.plan, night.region, "en")
    assert work.keys() == plan_members(night.plan)
    legs = [leg for leg in night.plan.legs if leg.craft_id == "12"]
    zone = night.region.timezone
    leaves, arrives = min(leg.depart_at for leg in legs), max(leg.arrive_at for leg in legs)
    assert work["12"].short == f"{clock(leaves, zone)}\u2192{clock(arrives, zone)}"
    assert work["12"].short in units_html(night.picture, night.region, night.plan, NOW, None, "en")


def test_a_mark_keeps_to_the_way_of_the_thumb() -> None:
    assert mark_style(0.0) == "left:calc(8px + (100% - 16px) * 0.0000)"
    assert mark_style(100.0) == "left:calc(8px + (100% - 16px) * 1.0000)"


def test_a_playing_replay_offers_to_hold(night: Night) -> None:
    held = slider_html(after(0), after(90), after(5), [after(1)], night.region, "en")
    playing = slider_html(after(0), after(90), after(5), [after(1)], night.region, "en", playing=True)
    assert "Play the replay" in held
    assert "Hold" in playing
    assert "drag to look back" in slider_html(after(0), after(90), None, [after(1)], night.region, "en")


def test_weather_figures_carry_their_units(night: Night) -> None:
    zone = next(iter(night.region.zones))
    html = weather_band_html(night.picture, night.region, zone, Outlook(now=(), following=None), NOW, "en")
    for words_ in ("NE 9.6 m/s (Bft 5)", "gust 12.8 m/s", "0.9 m ENE", "4.2 km", "1.2 kn", "to 08:00"):
        assert words_ in html
    assert "all links open" in html


def test_weather_outside_the_forecast_is_said(night: Night) -> None:
    zone = next(iter(night.region.zones))
    late = weather_band_html(night.picture, night.region, zone, None, after(9000), "en")
    assert "outside the forecast" in late
    assert "expired" in late
    night.picture.forecast = None
    assert "no forecast" in weather_band_html(night.picture, night.region, zone, None, NOW, "en")
    assert issubclass(Forecast, msgspec.Struct)


def test_the_mode_is_on_the_band_and_only_a_drill_hurries(night: Night) -> None:
    def band(**changes: object) -> str:
        return top_band_html(
            night.picture,
            NOW,
            "en",
            theme="dark",
            actor="1",
            timezone="Asia/Shanghai",
            **changes,  # type: ignore[arg-type]
        )

    assert "mode-drill" in band()
    assert 'data-act="clock-speed"' in band()
    assert "mode-replay" in band(replay_at=after(-5))
    assert 'data-act="clock-speed"' not in band(replay_at=after(-5))
    night.picture.mode = "live"
    assert 'data-act="clock-speed"' not in band()


def test_local_time_stands_beside_utc(night: Night) -> None:
    html = top_band_html(night.picture, NOW, "en", theme="dark", actor="1", timezone="Asia/Shanghai")
    assert "03:14:08" in html
    assert "+08:00" in html
    assert "19:14:08" in html
    assert "2026-06-14 Sun" in html


def test_replay_that_lacks_positions_says_of_when_in_both_languages(night: Night) -> None:
    region = night.region
    hours = (after(120), after(60))
    said = {
        language: slider_html(after(0), after(300), after(130), [after(1)], region, language, unread_hours=hours)
        for language in ("zh", "en")
    }
    first, end = clock(after(60), region.timezone), clock(after(180), region.timezone)
    assert f"POSITIONS OF {first}\u2013{end} MISSING" in said["en"]
    assert f"{first}\u2013{end} 定位缺失" in said["zh"]
    assert "event times" not in said["en"]
    assert "MISSING" not in slider_html(after(0), after(300), None, [after(1)], region, "en", unread_hours=hours)


def test_slider_marks_lie_on_the_track_and_merge() -> None:
    marks = slider_marks(after(0), after(100), [after(-5), after(10), after(10.1), after(50), after(101)])
    assert marks == [10.0, 50.0]
    assert slider_marks(NOW, NOW, [NOW]) == []


def test_cumulative_steps_and_what_stands_apart(night: Night) -> None:
    assert demand_words(night.incident, "en") == "needs 12/40/100 officers + Medical care 4"


def test_the_islands_own_forces_are_counted_by_status(night: Night) -> None:
    home = next(place.id for place in night.region.places() if place.island_id == "miaozihu")
    night.picture.units["own"] = unit("own", kind="group", home_site_id=home, strength=9, status="on_scene")
    assert island_forces(night.picture, "miaozihu", night.region) == {"on_scene": 9}


def test_figures() -> None:
    assert [span(59), span(61), span(3661), span(200_000)] == ["0:59", "1:01", "1:01:01", "2 d"]
    assert [share(0.0), share(0.036), share(0.5), share(1.0)] == ["0 %", "3.6 %", "50 %", "100 %"]
    assert [change(-0.387), change(0.1), change(0.0)] == ["\u221239 %", "+10 %", "\u00b10 %"]
    assert [compass(0), compass(350), compass(45), compass(200)] == ["N", "N", "NE", "SSW"]
    assert [visibility(800), visibility(4200)] == ["800 m", "4.2 km"]


def test_one_cause_is_one_row_with_all_it_holds_for(night: Night) -> None:
    same = [
        Reason(subject_kind="craft", subject_id=unit_id, code="bridge", text=Text("桥封闭", "the bridge is closed"))
        for unit_id in ("12", "14", "15")
    ]
    plan = msgspec.structs.replace(night.plan, reasons=tuple(same))
    html = reasons_html(plan, night.picture, night.region, "en")
    assert html.count("The bridge is closed</span>") == 1
    assert "BOAT 12 +2" in html
    assert "BOAT 12, BOAT 14, BOAT 15" in html
