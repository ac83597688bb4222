"""Forbidden departures by intervals against asking every minute."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from data.text import Text
from routing.network.conditions import Shut
from routing.network.limits import Breach
from routing.network.windows import Stay, forbidden_departures
from tests.routing.network.skies import START

HORIZON_MIN = 90
BREACH = Breach(limit="wind", value=17.0, bound=13.8, unit="m/s", text=Text("风", "wind"))


def shut(place_id: str, from_min: float | None, until_min: float | None) -> Shut:
    def moment(minute: float | None):
        return None if minute is None else START + timedelta(minutes=minute)

    return Shut(place_id, None, moment(from_min), moment(until_min), moment(until_min), BREACH)


minutes = st.one_of(st.none(), st.integers(-40, 130), st.floats(-40, 130).map(lambda x: round(x, 1)))
shuts = st.builds(shut, st.sampled_from(["a", "b"]), minutes, minutes).filter(
    lambda one: one.from_at is None or one.until_at is None or one.from_at < one.until_at
)
stays = st.builds(
    lambda first, length, found: Stay(first, first + length, found),
    st.integers(0, 40),
    st.integers(0, 30),
    st.lists(shuts, max_size=3),
)


def is_forbidden(stay: Stay, departure: int) -> bool:
    """Ask at a tenth of a minute: the shuts above start and end on tenths."""
    tenths = range(10 * (departure + stay.from_min), 10 * (departure + stay.to_min) + 1)
    return any(one.holds(START + timedelta(seconds=6 * tenth)) for one in stay.shuts for tenth in tenths)


@settings(max_examples=150, deadline=None)
@given(st.lists(stays, max_size=3))
def test_intervals_agree_with_asking_each_minute(passage: list[Stay]) -> None:
    spans = forbidden_departures(passage, START, HORIZON_MIN, "Asia/Shanghai")
    said = {d for d in range(HORIZON_MIN + 1) if any(span.from_min <= d < span.to_min for span in spans)}
    asked = {d for d in range(HORIZON_MIN + 1) if any(is_forbidden(stay, d) for stay in passage)}
    assert said == asked


def test_touching_spans_of_one_cause_are_one_and_of_two_causes_two() -> None:
    passage = [Stay(0, 0, [shut("a", 0, 10), shut("a", 10, 20), shut("b", 5, 8)])]
    spans = forbidden_departures(passage, START, HORIZON_MIN, "Asia/Shanghai")
    assert [(span.cause, span.from_min, span.to_min) for span in spans] == [("wind:a", 0, 20), ("wind:b", 5, 8)]
    assert spans[0].text.en == "wind until 10:10"


def test_a_span_outside_the_horizon_is_left_out() -> None:
    passage = [Stay(0, 0, [shut("a", HORIZON_MIN + 1, None), shut("a", None, -1)])]
    assert forbidden_departures(passage, START, HORIZON_MIN, "Asia/Shanghai") == []
