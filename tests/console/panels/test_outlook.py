"""What the weather closes now and next, by the region's own network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

import msgspec
import pytest

from console.i18n import words
from console.panels.outlook import (
    build_outlook,
    landing_closures,
    moments_ahead,
    short_limit,
    tightest_departure,
    unit_limits,
)
from data.geography import Pier, Region
from data.text import Text
from data.weather import Closure, Forecast
from routing.handling import unload_minutes
from routing.network.limits import LimitName, LinkState
from routing.network.network import Network
from tests.console.panels.samples import NOW, Night, after, leg, unit


@pytest.fixture
def calm(night: Night) -> Forecast:
    """Six hours in which everything may move."""
    assert night.picture.forecast is not None
    hours = [
        msgspec.structs.replace(hour, wind_mps=4.0, gust_mps=5.0, hs_m=0.3) for hour in night.picture.forecast.hours
    ]
    return msgspec.structs.replace(night.picture.forecast, hours=tuple(hours))


def storm_from(forecast: Forecast, minutes: float) -> Forecast:
    """Return a forecast with waves of six metres from a moment on."""
    hours = [
        msgspec.structs.replace(hour, hs_m=6.0, wind_mps=25.0, gust_mps=33.0)
        if hour.valid_from >= after(minutes)
        else hour
        for hour in forecast.hours
    ]
    return msgspec.structs.replace(forecast, hours=tuple(hours))


def zone_of_miaozihu(region: Region) -> str:
    """Return the zone of the pier the night's plan lands at."""
    return region.piers["miaozihu"].zone_id


def test_calm_closes_nothing(night: Night, calm: Forecast, zhoushan_network: Network) -> None:
    outlook = build_outlook(night.region, zhoushan_network, calm, (), NOW, zone_of_miaozihu(night.region))
    assert [note for note in outlook.now if note.status == "closed"] == []
    assert outlook.following is None


def test_the_first_closure_to_come_is_named_with_its_time(
    night: Night, calm: Forecast, zhoushan_network: Network
) -> None:
    storm = storm_from(calm, 60)
    outlook = build_outlook(night.region, zhoushan_network, storm, (), NOW, zone_of_miaozihu(night.region))
    assert outlook.following is not None
    assert outlook.following.text is not None
    assert after(60) <= outlook.following.at <= after(120)


def test_what_is_looked_at_ahead_does_not_shift_with_the_minute(night: Night, calm: Forecast) -> None:
    zone_id = zone_of_miaozihu(night.region)
    first, later = moments_ahead(calm, zone_id, NOW), moments_ahead(calm, zone_id, NOW + timedelta(minutes=3))
    assert set(first) - {moment for moment in first if moment <= NOW + timedelta(minutes=3)} <= set(later)
    assert {one.valid_from for one in calm.hours if one.valid_from > NOW} <= set(first)
    assert min(first) > NOW


def test_of_what_closes_at_once_craft_are_named_before_bridges(
    night: Night, calm: Forecast, zhoushan_network: Network
) -> None:
    storm = storm_from(calm, 60)
    outlook = build_outlook(night.region, zhoushan_network, storm, (), NOW, zone_of_miaozihu(night.region))
    assert outlook.following is not None
    assert outlook.following.subject_id in night.region.craft_classes


def test_a_class_that_carries_nobody_is_no_news(night: Night, calm: Forecast, zhoushan_network: Network) -> None:
    empty = {one.id for one in night.region.craft_classes.values() if one.seats == 0 and one.mode != "road"}
    assert empty, "the region has a drone"
    storm = storm_from(calm, 0)
    outlook = build_outlook(night.region, zhoushan_network, storm, (), after(61), zone_of_miaozihu(night.region))
    assert {note.subject_id for note in outlook.now} & set(night.region.craft_classes)
    assert not {note.subject_id for note in outlook.now} & empty


def test_a_closure_set_by_a_person_is_closed_now(night: Night, calm: Forecast, zhoushan_network: Network) -> None:
    closure = Closure(
        id="c",
        target_kind="pier",
        target_id="miaozihu",
        from_at=after(-10),
        until_at=None,
        reason=Text("涌浪", "swell"),
        author="seat-1",
    )
    outlook = build_outlook(night.region, zhoushan_network, calm, (closure,), NOW, zone_of_miaozihu(night.region))
    assert "miaozihu" in {note.subject_id for note in outlook.now if note.status == "closed"}


def test_beyond_the_forecast_nothing_is_claimed(night: Night, calm: Forecast, zhoushan_network: Network) -> None:
    outlook = build_outlook(night.region, zhoushan_network, calm, (), after(9000), zone_of_miaozihu(night.region))
    assert [note for note in outlook.now if note.status == "closed"] == []


def test_a_craft_over_its_limit_says_value_and_bound(night: Night, calm: Forecast, zhoushan_network: Network) -> None:
    night.picture.units = {"11": unit("11", lon_deg=122.7, lat_deg=30.2)}
    night.picture.forecast = calm
    assert unit_limits(night.picture, night.region, zhoushan_network, NOW) == {}
    night.picture.forecast = storm_from(calm, -1000)
    limit = unit_limits(night.picture, night.region, zhoushan_network, NOW)["11"]
    assert ">" in limit.short.en
    assert limit.full.zh


def test_a_limit_is_short_for_a_row() -> None:
    state = LinkState(status="closed", limit="waves", value=1.6, bound=1.5, unit="m")
    assert short_limit(state) == Text(zh="浪 1.6 > 1.5 m", en="waves 1.6 > 1.5 m")
    fog = LinkState(status="closed", limit="visibility", value=300.0, bound=500.0, unit="m")
    assert short_limit(fog).en == "visibility 300 < 500 m"
    assert short_limit(LinkState(status="limited", limit="daylight")).en == "night"


def test_every_limit_has_words() -> None:
    assert {f"limit.{name}" for name in get_args(LimitName)} <= words().keys()


def test_a_landing_closed_after_the_last_arrival_bounds_the_departure(
    night: Night, calm: Forecast, zhoushan_network: Network
) -> None:
    night.picture.forecast = storm_from(calm, 100)
    plan = msgspec.structs.replace(night.plan, legs=(leg("c", "11", ("g1",), 12, 52),))
    closed = landing_closures(plan, night.picture, night.region, zhoushan_network)
    assert set(closed) == {"11"}
    begin = closed["11"][0][0]
    assert after(52) < begin <= after(112)
    name, at, _ = tightest_departure(plan, night.picture, closed, "en") or pytest.fail("no last departure")
    assert (name, at) == ("BOAT 11", begin - (after(52) - after(12)))


def ebbing(forecast: Forecast, region: Region) -> tuple[Forecast, Pier, datetime]:
    """A tide that falls 1 m in each of four hours from the whole one on, and when Tawan beach has 1.2 m no more."""
    beach = region.piers["tawan-beach"]
    start = NOW.replace(minute=0, second=0)
    first = {hour.zone_id: hour for hour in reversed(forecast.hours)}
    hours = tuple(
        msgspec.structs.replace(hour, valid_from=start + timedelta(hours=n), tide_m=3.0 - n)
        for hour in first.values()
        for n in range(5)
    )
    return msgspec.structs.replace(forecast, hours=hours), beach, start + timedelta(hours=1.8)


def test_a_beach_is_named_as_the_next_closure_to_the_minute_the_tide_leaves_it_to_nobody(
    night: Night, calm: Forecast, zhoushan_network: Network
) -> None:
    tide, beach, gone_at = ebbing(calm, night.region)
    outlook = build_outlook(night.region, zhoushan_network, tide, (), NOW, beach.zone_id)
    assert beach.id not in {note.subject_id for note in outlook.now}
    assert outlook.following is not None
    assert outlook.following.subject_id == beach.id
    boats = [one for one in night.region.craft_classes.values() if one.berthing & beach.berthing]
    assert outlook.following.at == gone_at - min(unload_minutes(boat) for boat in boats) * timedelta(minutes=1)
    assert outlook.following.short is not None
    assert outlook.following.short.en == "tide"


def test_the_last_departure_for_a_beach_is_not_rounded_past_the_tide(
    night: Night, calm: Forecast, zhoushan_network: Network
) -> None:
    night.picture.forecast, beach, gone_at = ebbing(calm, night.region)
    plan = msgspec.structs.replace(night.plan, legs=(leg("c", "11", ("g1",), 12, 52, to_site=beach.id),))
    closed = landing_closures(plan, night.picture, night.region, zhoushan_network)
    shut_at = gone_at - unload_minutes(night.region.craft_classes["rhib-8m"]) * timedelta(minutes=1)
    assert timedelta() <= closed["11"][0][0] - shut_at < timedelta(minutes=1)


def test_nothing_closed_no_last_departure(night: Night, calm: Forecast, zhoushan_network: Network) -> None:
    night.picture.forecast = calm
    closed = landing_closures(night.plan, night.picture, night.region, zhoushan_network)
    assert tightest_departure(night.plan, night.picture, closed, "en") is None
