"""A hole in a forecast is found, filled with the worse of its neighbours, marked, and said in words."""

from __future__ import annotations

from data.forecast_gaps import assumptions, filled, find_gaps
from data.geography import Region
from data.manual_weather import ManualValue, merged
from data.text import Text
from data.weather import Forecast
from tests.data.weather_samples import after, forecast, hour


def whole(zhoushan: Region, *leave_out: str) -> list[str]:
    return [zone_id for zone_id in zhoushan.zones if zone_id not in leave_out]


def hourly(zhoushan: Region, count: int = 6) -> list:
    return [hour(on, zone_id) for zone_id in zhoushan.zones for on in range(count)]


def kinds(found: Forecast, zhoushan: Region) -> list[tuple[str, str]]:
    return [(gap.zone_id, gap.kind) for gap in find_gaps(found, zhoushan.zones)]


def test_a_whole_forecast_has_no_gaps_and_stays_as_it_is(zhoushan: Region) -> None:
    found = forecast(*hourly(zhoushan, 6), until_h=6)
    assert kinds(found, zhoushan) == []
    assert filled(found, zhoushan) is found
    assert assumptions(found, zhoushan) == ()


def test_going_over_from_hours_to_three_is_no_hole() -> None:
    found = forecast(*(hour(on) for on in (0, 1, 2, 3, 6, 9, 12)), until_h=15)
    assert find_gaps(found) == ()


def test_missing_hours_take_the_worse_of_both_sides_each_by_itself(zhoushan: Region) -> None:
    rows = [one for one in hourly(zhoushan) if one.zone_id != "dongji"]
    rows += [
        hour(0),
        hour(1, hs_m=2.0, wave_from_deg=180.0, tide_m=1.0),
        hour(4, wind_mps=15.0, gust_mps=20.0),
        hour(5),
    ]
    read = forecast(*rows, until_h=6)
    [gap] = find_gaps(read, zhoushan.zones)
    assert (gap.zone_id, gap.kind, gap.from_at, gap.until_at) == ("dongji", "hole", after(2), after(4))
    found = filled(read, zhoushan)
    at = found.at("dongji", after(3))
    assert (at.hs_m, at.wave_from_deg, at.wind_mps, at.gust_mps, at.tide_m) == (2.0, 180.0, 15.0, 20.0, None)
    assert at.mark is not None
    assert at.mark.kind == "assumed"
    assert found.at("dongji", after(1)).mark is None
    [said] = assumptions(found, zhoushan)
    assert said.en == (
        "Dongji and the eastern open sea 09-12 16:00-18:00: rows missing; the worse of before and after is assumed"
    )
    assert "缺时次" in said.zh
    assert assumptions(found, zhoushan, after(4), after(6)) == ()


def test_before_the_first_and_after_the_last_row_the_nearest_holds_and_is_said(zhoushan: Region) -> None:
    rows = [one for one in hourly(zhoushan) if one.zone_id != "putuo"]
    found = filled(forecast(*rows, *(hour(on, "putuo", hs_m=on) for on in (2, 3, 4)), until_h=6), zhoushan)
    assert [found.at("putuo", after(on)).hs_m for on in (0, 1, 2, 4, 5)] == [2, 2, 2, 4, 4]
    said = [one.en for one in assumptions(found, zhoushan)]
    assert len(said) == 2
    assert "before the zone's first row" in said[0]
    assert "no rows after the zone's last" in said[1]


def test_a_zone_left_out_takes_the_worst_of_the_zones_it_touches(zhoushan: Region) -> None:
    rows = [one for one in hourly(zhoushan) if one.zone_id not in ("putuo", "dongji", "hangzhou-bay")]
    rows += [hour(on, "dongji", hs_m=1.0 + on, wave_from_deg=150.0) for on in range(6)]
    rows += [hour(on, "hangzhou-bay", hs_m=9.0) for on in range(6)]  # does not touch Putuo
    read = forecast(*rows, until_h=6)
    assert kinds(read, zhoushan) == [("putuo", "zone")]
    found = filled(read, zhoushan)
    assert [found.at("putuo", after(on)).hs_m for on in (0, 3, 5)] == [1.0, 4.0, 6.0]
    assert found.at("putuo", after(3)).wave_from_deg == 150.0
    [said] = assumptions(found, zhoushan)
    assert said.en.startswith("Putuo waters 09-12 14:00-20:00: the forecast leaves this zone out; the worst of ")
    assert "Hangzhou" not in said.en


def test_an_officers_value_that_begins_and_ends_inside_hours_makes_no_hole(zhoushan: Region) -> None:
    seen = ManualValue(
        id="v", zone_id="dongji", from_at=after(1.5), until_at=after(3.5), issued_at=after(1.5), author="o",
        reason=Text("目测", "seen"), hs_m=2.0,
    )  # fmt: skip
    found = merged(forecast(*hourly(zhoushan), until_h=6), [seen])
    assert find_gaps(found, zhoushan.zones) == ()
    assert filled(found, zhoushan).at("dongji", after(3)).hs_m == 2.0


def test_a_forecast_that_ran_out_and_a_look_beyond_it_are_said(zhoushan: Region) -> None:
    found = forecast(*hourly(zhoushan), until_h=6)
    [past] = assumptions(found, zhoushan, after(7))
    assert "ran out at 09-12 20:00" in past.en
    assert "已于" in past.zh
    [beyond] = assumptions(found, zhoushan, after(1), after(9))
    assert beyond.en.startswith("after 09-12 20:00")
    [none] = assumptions(None, zhoushan)
    assert "calm" in none.en
