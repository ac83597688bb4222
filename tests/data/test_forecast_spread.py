"""Mild, likely and severe are in order hour by hour; the severe storm comes earlier and stays later."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.forecast_spread import ASSUMED_SPREAD, ForecastSpread, SpreadStep, outlooks
from data.geography import Region
from data.manual_weather import ManualValue, merged
from data.scenario import read_scenario
from data.text import Text
from data.weather import Forecast, HourSpread, ZoneHour
from tests.data.weather_samples import START, after, forecast, hour

TWO_HOURS = ForecastSpread(
    steps=(SpreadStep(0.0, 2.0, 0.0),), source=Text("测试", "test"), is_assumed=False
)  # timing alone


def ordered(mild: ZoneHour, likely: ZoneHour, severe: ZoneHour) -> bool:
    return (
        mild.wind_mps <= likely.wind_mps <= severe.wind_mps
        and mild.gust_mps <= likely.gust_mps <= severe.gust_mps
        and mild.hs_m <= likely.hs_m <= severe.hs_m
        and mild.visibility_m >= likely.visibility_m >= severe.visibility_m
        and all(one.gust_mps >= one.wind_mps for one in (mild, likely, severe))
    )


def rising() -> Forecast:
    return forecast(*(hour(on, hs_m=(1.0 if on < 10 else 4.0 if on < 15 else 1.0)) for on in range(24)), until_h=24)


def over(found: Forecast, bound_m: float) -> list[float]:
    return [(one.valid_from - START).total_seconds() / 3600 for one in found.hours if one.hs_m > bound_m]


def test_severe_comes_earlier_and_stays_later_mild_the_other_way() -> None:
    found = outlooks(rising(), TWO_HOURS)
    assert over(found.likely, 3.9) == [10, 11, 12, 13, 14]
    assert over(found.severe, 3.9) == [8, 9, 10, 11, 12, 13, 14, 15, 16]
    assert over(found.mild, 3.9) == [12]


def test_strength_grows_with_lead_time_and_the_assumption_is_said() -> None:
    flat = forecast(*(hour(on, hs_m=2.0) for on in (0, 6, 12, 24, 48, 72)), until_h=90)
    severe = [one.hs_m for one in outlooks(flat).severe.hours]
    assert severe == pytest.approx([2.10, 2.16, 2.24, 2.36, 2.56, 2.72])
    [said] = outlooks(flat).assumptions
    assert "assumed: ±2 h and ±18% at 24 h" in said.en
    assert "假定" in said.zh


def test_the_forecasts_own_range_goes_before_the_spread() -> None:
    own = HourSpread(wind_high_mps=9.0, hs_low_m=0.4, hs_high_m=0.9, visibility_low_m=700.0)
    found = outlooks(forecast(hour(0, spread=own), hour(1, hs_m=8.0, wind_mps=20.0, gust_mps=30.0)))
    severe, mild = found.severe.hours[0], found.mild.hours[0]
    assert (severe.wind_mps, severe.hs_m, severe.visibility_m) == (9.0, 0.9, 700.0)
    assert mild.hs_m == 0.4
    assert severe.gust_mps >= 9.0
    assert "go first" in found.assumptions[0].en


def test_an_officers_value_does_not_come_earlier_and_is_fresh_from_its_own_issue() -> None:
    seen = ManualValue(
        id="v", zone_id="dongji", from_at=after(20), until_at=after(22), issued_at=after(20), author="o",
        reason=Text("目测", "seen"), hs_m=1.0,
    )  # fmt: skip
    grid = forecast(*(hour(on, hs_m=3.0) for on in range(24)), until_h=24)
    severe = outlooks(merged(grid, [seen])).severe
    assert severe.at("dongji", after(20)).hs_m == pytest.approx(1.05)
    assert severe.at("dongji", after(19)).hs_m > 3.0


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 40), st.floats(0, 12), st.floats(50, 20_000)), min_size=1, max_size=12),
    st.floats(0, 8),
    st.floats(0, 0.9),
)
def test_outlooks_are_in_order_hour_by_hour(
    values: list[tuple[float, float, float]], timing_h: float, share: float
) -> None:
    hours = [
        hour(3 * on, wind_mps=wind, gust_mps=1.3 * wind, hs_m=hs, visibility_m=sight)
        for on, (wind, hs, sight) in enumerate(values)
    ]
    spread = ForecastSpread(steps=(SpreadStep(0.0, timing_h, share),), source=Text("测试", "test"), is_assumed=False)
    found = outlooks(forecast(*hours, until_h=48), spread)
    rows = zip(found.mild.hours, found.likely.hours, found.severe.hours, strict=True)
    assert all(ordered(*row) for row in rows)


def test_the_typhoon_in_three_outlooks(zhoushan: Region) -> None:
    likely = read_scenario("typhoon-approach", zhoushan).situation().forecast
    assert likely is not None
    found = outlooks(likely)
    assert all(ordered(*row) for row in zip(found.mild.hours, likely.hours, found.severe.hours, strict=True))
    assert len({found.mild.id, likely.id, found.severe.id}) == 3
    first = {
        name: min(one.valid_from for one in each.zone_hours("dongji") if one.hs_m > 3.0)
        for name, each in (("mild", found.mild), ("likely", likely), ("severe", found.severe))
    }
    assert first["severe"] < first["likely"] < first["mild"]
    kept = [msgspec.structs.replace(one, tide_m=None) for one in likely.hours if one.tide_m is None]
    assert not kept  # the tide is there in all three, and the same
    assert [one.tide_m for one in found.severe.hours] == [one.tide_m for one in likely.hours]


@pytest.mark.parametrize(
    "steps", [(), (SpreadStep(3, 1, 0.1), SpreadStep(1, 1, 0.1)), (SpreadStep(0, -1, 0.1),), (SpreadStep(0, 1, 1.0),)]
)
def test_a_spread_that_cannot_be_is_refused(steps: tuple[SpreadStep, ...]) -> None:
    with pytest.raises(ValueError, match=r"spread needs steps|timing_h is 0"):
        ForecastSpread(steps=steps, source=Text("测试", "test"), is_assumed=False)
    assert ASSUMED_SPREAD.at(999.0).timing_h == 6.0
