"""An officer's value outranks the grid for as long as it holds; the newest goes first, each hour says whose it is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from data.manual_weather import ManualValue, merged
from data.text import Text
from data.weather import HourSpread
from tests.data.weather_samples import START, after, forecast, hour


def value(from_h: float, until_h: float, issued_h: float = 0.0, name: str = "v", **given: Any) -> ManualValue:
    return ManualValue(
        id=name, zone_id="dongji", from_at=after(from_h), until_at=after(until_h), issued_at=after(issued_h),
        author=f"officer {name}", reason=Text("目测", "seen"), **given,
    )  # fmt: skip


GRID = forecast(*(hour(on, hs_m=1.0 + on / 10, tide_m=on) for on in range(6)), *(hour(on, "putuo") for on in range(6)))


def test_a_value_holds_from_its_minute_to_its_minute_and_the_grid_before_and_after() -> None:
    found = merged(GRID, [value(0.5, 2.25, hs_m=1.6)])
    seen = {on: found.at("dongji", after(on)).hs_m for on in (0.0, 0.49, 0.5, 1.5, 2.2, 2.25, 3.0)}
    assert seen == {0.0: 1.0, 0.49: 1.0, 0.5: 1.6, 1.5: 1.6, 2.2: 1.6, 2.25: 1.2, 3.0: 1.3}
    mark = found.at("dongji", after(1.5)).mark
    assert mark is not None
    assert (mark.kind, mark.author, mark.issued_at, mark.fields) == ("manual", "officer v", START, ("hs_m",))
    assert mark.text == Text("浪高 1.6 m(目测)", "waves 1.6 m (seen)")
    assert found.at("dongji", after(2.25)).mark is None
    assert found.zone_hours("putuo") == GRID.zone_hours("putuo")


def test_the_tide_keeps_running_through_a_value_and_an_offset_is_added_to_it() -> None:
    plain = merged(GRID, [value(0.5, 2.25, hs_m=1.6)])
    assert plain.at("dongji", after(0.5)).tide_m == pytest.approx(0.5)
    assert plain.at("dongji", after(2.25)).tide_m == pytest.approx(2.25)
    raised = merged(GRID, [value(1.0, 3.0, tide_offset_m=0.4)])
    assert [raised.at("dongji", after(on)).tide_m for on in (0.0, 1.0, 2.0, 3.0)] == [0.0, 1.4, 2.4, 3.0]


def test_of_several_values_the_newest_issue_wins_field_by_field_whatever_their_order() -> None:
    older, newer = value(0, 4, 0.0, "old", hs_m=2.0, visibility_m=800.0), value(1, 3, 0.5, "new", hs_m=1.2)
    for values in ([older, newer], [newer, older]):
        found = merged(GRID, values)
        both = found.at("dongji", after(1))
        assert (both.hs_m, both.visibility_m) == (1.2, 800.0)
        assert both.mark is not None
        assert (both.mark.author, set(both.mark.fields)) == ("officer new", {"hs_m", "visibility_m"})
        assert found.at("dongji", after(3)).hs_m == 2.0


def test_gusts_follow_a_wind_given_alone_and_are_never_below_it() -> None:
    stronger = merged(GRID, [value(0, 1, wind_mps=10.0)]).at("dongji", START)
    assert stronger.gust_mps == pytest.approx(12.0)  # the grid's own ratio of 6 to 5
    assert stronger.mark is not None
    assert "gusts worked out" in stronger.mark.text.en
    calmer = merged(GRID, [value(0, 1, gust_mps=3.0)]).at("dongji", START)
    assert (calmer.wind_mps, calmer.gust_mps) == (3.0, 3.0)
    mixed = merged(GRID, [value(0, 1, 0.0, gust_mps=7.0), value(0, 1, 0.5, wind_mps=9.0)]).at("dongji", START)
    assert (mixed.wind_mps, mixed.gust_mps) == (9.0, 9.0)


def test_a_value_silences_the_forecasts_own_range_of_that_field_only() -> None:
    wide = forecast(hour(0, spread=HourSpread(hs_high_m=3.0, wind_high_mps=12.0)))
    left = merged(wide, [value(0, 1, hs_m=1.0)]).at("dongji", START).spread
    assert left == HourSpread(wind_high_mps=12.0)


def test_the_merged_forecast_has_a_name_of_its_own_that_follows_the_values() -> None:
    one, other = value(0, 1, hs_m=1.0), value(0, 1, hs_m=1.1)
    names = {GRID.id, merged(GRID, [one]).id, merged(GRID, [other]).id, merged(GRID, [one, other]).id}
    assert len(names) == 4
    assert merged(GRID, [one]).id == merged(GRID, [one]).id
    assert merged(GRID, []) is GRID


def test_a_value_past_the_validity_ends_when_it_says() -> None:
    found = merged(GRID, [value(10, 20, hs_m=4.0)])
    assert [one.hs_m for one in found.zone_hours("dongji")][-2:] == [4.0, 1.5]
    assert found.valid_to == GRID.valid_to


def test_a_value_for_a_zone_the_forecast_leaves_out_changes_nothing() -> None:
    strange = msgspec.structs.replace(value(0, 1, hs_m=1.0), zone_id="liuheng")
    assert merged(GRID, [strange]).hours == GRID.hours


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "gives no value"),
        ({"hs_m": 40.0}, "give 0 to 25 m"),
        ({"hs_m": float("nan")}, "give 0 to 25 m"),
        ({"visibility_m": -1.0}, "能见度"),
        ({"wind_mps": 10.0, "gust_mps": 8.0}, "gusts are below the mean wind"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(given: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        value(0, 1, **given)
    with pytest.raises(ValueError, match="ends before it begins"):
        value(1, 1, hs_m=1.0)
