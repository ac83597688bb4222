"""A unit of a plan is where its legs say, at every moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UnknownNameError
from data.forces import UNIT_TRANSITIONS
from routing.movement import bearing_deg, distance_m, plan_end_at, unit_track, units_of
from tests.routing.plan_samples import START, at, sample_plan


def test_group_is_accepted_then_under_way_then_on_scene() -> None:
    track = unit_track(sample_plan(), "g1")
    assert [track.at(at(m)).status for m in (-1, 0, 6, 20, 33, 39.9, 40, 99)] == [
        "accepted", "en_route", "en_route", "en_route", "en_route", "en_route", "on_scene", "on_scene",
    ]  # fmt: skip
    assert track.incident_id == "i1"


def test_group_aboard_moves_with_its_craft() -> None:
    plan = sample_plan()
    group, boat = unit_track(plan, "g1"), unit_track(plan, "boat-1")
    for minute in (10, 12.5, 22, 29.99):
        assert group.at(at(minute)) == boat.at(at(minute))


def test_halfway_along_a_bent_path_is_at_half_its_length() -> None:
    plan = sample_plan()
    first_m = distance_m(122.0, 30.0, 122.1, 30.0)
    second_m = distance_m(122.1, 30.0, 122.1, 30.1)
    bend = 10 + 20 * first_m / (first_m + second_m)
    point = unit_track(plan, "boat-1").at(at(bend))
    assert (point.lon_deg, point.lat_deg) == (pytest.approx(122.1, abs=1e-6), pytest.approx(30.0, abs=1e-6))
    assert point.speed_mps == pytest.approx((first_m + second_m) / 1200)
    assert unit_track(plan, "boat-1").at(at(bend - 1)).heading_deg == pytest.approx(90, abs=0.1)
    assert unit_track(plan, "boat-1").at(at(bend + 1)).heading_deg == pytest.approx(0, abs=0.1)


def test_craft_waits_at_the_pier_and_is_free_when_all_are_ashore() -> None:
    track = unit_track(sample_plan(), "boat-1")
    waiting = track.at(at(8))
    assert (waiting.site_id, waiting.speed_mps, waiting.heading_deg, waiting.status) == ("west", 0, None, "en_route")
    assert track.at(at(31)).status == "en_route"
    assert track.at(at(33)).status == "available"
    assert track.end_at == at(33)


def test_changes_follow_the_status_machine() -> None:
    plan = sample_plan()
    for unit in units_of(plan):
        before = "accepted"
        for change in unit_track(plan, unit).changes():
            assert change.status == before or change.status in UNIT_TRANSITIONS[before]
            before = change.status


def test_unknown_unit_is_named_with_its_neighbours() -> None:
    with pytest.raises(UnknownNameError, match="boat-1"):
        unit_track(sample_plan(), "boat-2")


def test_units_and_end_of_a_plan() -> None:
    assert units_of(sample_plan()) == ("g1", "boat-1")
    assert plan_end_at(sample_plan()) == at(40)
    assert plan_end_at(sample_plan(legs=())) == START


@given(st.floats(-30, 90))
def test_the_track_never_jumps(minute: float) -> None:
    track = unit_track(sample_plan(), "g1")
    now, soon = track.at(at(minute)), track.at(at(minute) + timedelta(seconds=1))
    moved_m = distance_m(now.lon_deg, now.lat_deg, soon.lon_deg, soon.lat_deg)
    assert moved_m <= 1.01 * max(c.speed_mps for c in track.courses) + 0.01


@given(st.floats(0, 359.9))
def test_bearing_is_clockwise_from_north(bearing: float) -> None:
    from math import cos, radians, sin

    lon = 122 + 0.001 * sin(radians(bearing)) / cos(radians(30))
    lat = 30 + 0.001 * cos(radians(bearing))
    assert (bearing_deg(122, 30, lon, lat) - bearing + 180) % 360 - 180 == pytest.approx(0, abs=0.1)
