"""Heights of the tide between those a forecast gives, and when a beach may be used, against minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import cos, inf, pi

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.handling import load_minutes, unload_minutes
from routing.network.conditions import Conditions
from routing.network.tides import TideCurve
from routing.network.windows import Stay, forbidden_departures
from tests.routing.network.skies import START, forecast, hour
from tests.routing.network.small_region import BOAT, pier, small_region, square

BEACH = msgspec.structs.replace(pier("beach", 0, -1000), tide_from_m=1.2, tide_to_m=3.4)
QUAY = pier("quay", 0, 1000)
MINUTE = timedelta(minutes=1)
LOAD, UNLOAD = load_minutes(BOAT) * MINUTE, unload_minutes(BOAT) * MINUTE


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def curve(*heights: float | None, step_h: float = 1.0) -> TideCurve:
    return TideCurve.of([hour(hours_on=step_h * n, tide_m=height) for n, height in enumerate(heights)])


def conditions(*heights: float | None) -> Conditions:
    hours = [hour(hours_on=n, tide_m=height) for n, height in enumerate(heights)]
    return Conditions(small_region({"a": square(0, 0, 1000)}, [BEACH, QUAY]), forecast(*hours), ())


def test_between_two_hours_the_tide_runs_straight() -> None:
    tide = curve(1.0, 2.0, 1.6)
    assert tide.height_m(START) == 1.0
    assert tide.height_m(at(0.25)) == pytest.approx(1.25)
    assert tide.height_m(at(1.5)) == pytest.approx(1.8)
    assert (tide.rises(at(0.5)), tide.rises(at(1.0))) == (True, False)


def test_nothing_is_known_before_after_and_across_a_gap() -> None:
    tide = curve(1.0, 2.0, None, 2.0, 1.0)
    assert [tide.height_m(at(h)) is None for h in (-0.1, 0.5, 1.5, 2.5, 3.5, 4.0, 5.0)] == [
        True, False, True, True, False, True, True,
    ]  # fmt: skip
    assert tide.rises(at(2.0)) is None
    assert curve().height_m(START) is None


def test_a_straight_line_is_within_a_hand_of_a_tide_of_the_widest_range() -> None:
    """The bound in the module: 4.3 m range, semidiurnal, heights an hour apart."""

    def tide_m(hours: float) -> float:
        return 2.2 + 2.16 * cos(2 * pi * hours / 12.42)

    hourly = curve(*(tide_m(n) for n in range(26)))
    off_m = [abs((hourly.height_m(at(m / 60)) or 0.0) - tide_m(m / 60)) for m in range(25 * 60)]
    assert 0.05 < max(off_m) < 0.07


def test_a_beach_is_out_of_bounds_to_the_minute_the_line_crosses_them() -> None:
    low, high, unknown = curve(0.2, 2.2, 4.4, 2.2).unusable(1.2, 3.4)[1:]
    assert (low.from_at, low.until_at, low.extreme_m, low.lifts_at) == (START, at(0.5), 0.2, at(0.5))
    assert (high.from_at, high.until_at) == (at(1 + 1.2 / 2.2), at(2 + 1 / 2.2))
    assert high.extreme_m == 4.4
    assert (unknown.from_at, unknown.until_at, unknown.extreme_m, unknown.lifts_at) == (at(3), None, None, None)


def test_a_steep_tide_may_cross_both_bounds_within_an_hour() -> None:
    spans = curve(0.0, 5.0).unusable(1.0, 4.0)
    assert [(span.from_at, span.until_at) for span in spans[1:3]] == [(START, at(0.2)), (at(0.8), at(1.0))]


def test_without_any_height_it_is_shut_throughout() -> None:
    (span,) = curve().unusable(1.2, inf)
    assert (span.from_at, span.until_at, span.extreme_m, span.lifts_at) == (None, None, None, None)


HEIGHTS = st.lists(st.one_of(st.none(), st.integers(-5, 50).map(lambda tenths: tenths / 10)), min_size=1, max_size=8)


@given(heights=HEIGHTS, low=st.integers(0, 20), width=st.integers(1, 20))
def test_spans_are_those_of_asking_every_minute(heights, low, width) -> None:
    low_m, high_m = low / 10 + 0.05, (low + width) / 10 + 0.05  # no height lies on a bound
    tide = curve(*heights)
    spans = tide.unusable(low_m, high_m)
    for minute in range(-30, 60 * len(heights) + 30):
        moment = at((minute + 0.51) / 60)
        height = tide.height_m(moment)
        usable = height is not None and low_m < height < high_m
        holding = [s for s in spans if (s.from_at or moment) <= moment < (s.until_at or moment + MINUTE)]
        assert len(holding) == (0 if usable else 1)
        if holding and holding[0].lifts_at is not None:
            just_after = tide.height_m(holding[0].lifts_at + timedelta(microseconds=5))
            assert just_after is not None
            assert low_m - 1e-6 <= just_after <= high_m + 1e-6


def test_words_say_height_bound_and_when_it_can_be_used_by_that_craft() -> None:
    now = conditions(0.4, 0.4, 2.4, 2.4)
    state = now.state(now.pier_shuts(BEACH, BOAT), at(0.5))
    assert (state.status, state.limit, state.value, state.bound, state.unit) == ("closed", "tide", 0.4, 1.2, "m")
    assert state.until_at == at(1.4) + LOAD
    assert state.text is not None
    assert state.text.en == "tide 0.4 m under its limit 1.2 m until 11:27"
    assert state.text.zh == "潮位 0.4 m 低于限值 1.2 m,至 11:27"
    rising = now.state(now.pier_shuts(BEACH, BOAT), at(1.2))
    assert rising.value == 0.8
    assert now.state(now.pier_shuts(BEACH, BOAT), at(1.5)).status == "open"


def test_a_craft_has_time_to_unload_before_the_tide_leaves_and_to_load_after_it_came() -> None:
    now = conditions(0.4, 2.4, 2.4, 0.4)
    shuts = now.pier_shuts(BEACH, BOAT)
    in_bounds_from, in_bounds_to = at(0.4), at(2.6)
    for moment, status in (
        (in_bounds_from + LOAD - MINUTE, "closed"),
        (in_bounds_from + LOAD, "open"),
        (in_bounds_to - UNLOAD - MINUTE, "open"),
        (in_bounds_to - UNLOAD, "closed"),
    ):
        assert now.state(shuts, moment).status == status
    late = now.state(shuts, in_bounds_to - MINUTE)
    assert late.text is not None
    assert late.text.en == "tide too near its limit 1.2 m for 3 min of loading or unloading"


def test_a_tide_not_known_shuts_the_beach_and_says_so_and_leaves_the_quay_open() -> None:
    for now in (conditions(None, None), Conditions(small_region({"a": square(0, 0, 1000)}, [BEACH, QUAY]), None, ())):
        state = now.state(now.pier_shuts(BEACH, BOAT), at(0.5))
        assert (state.status, state.limit, state.until_at) == ("closed", "tide", None)
        assert state.text is not None
        assert state.text.en == "tide not known (usable from 1.2 to 3.4 m)"
        assert now.state(now.pier_shuts(QUAY, BOAT), at(0.5)).status == "open"


def test_departures_that_would_arrive_out_of_the_tide_are_forbidden_by_the_minute() -> None:
    now = conditions(0.4, 2.4, 2.4, 0.4)
    arrival = Stay(30, 30, now.tide_shuts(BEACH, BOAT))
    spans = forbidden_departures([arrival], START, 180, "Asia/Shanghai")
    # In bounds 10:24 to 12:36; 3 min of loading after, 2 of unloading before; half an hour's crossing.
    assert [(span.from_min, span.to_min, span.cause) for span in spans] == [(124, 181, "tide:beach")]
    assert spans[0].text.en.startswith("beach pier: tide 0.4 m under its limit 1.2 m")
    leaving = forbidden_departures([Stay(0, 0, now.tide_shuts(BEACH, BOAT))], START, 180, "Asia/Shanghai")
    assert (leaving[0].from_min, leaving[0].to_min, leaving[1].from_min) == (0, 27, 154)
