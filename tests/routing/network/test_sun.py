"""Sunrise and sunset against an independent position of the sun, and what counts as night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import asin, atan2, cos, degrees, radians, sin

from hypothesis import given
from hypothesis import strategies as st

from routing.network.sun import night_until, nights, sun_times

SHANGHAI = (121.47, 31.23)


def elevation_deg(lon_deg: float, lat_deg: float, moment: datetime) -> float:
    """Return the sun's height by the Astronomical Almanac's low-precision formulas (good to 0.01 degrees)."""
    days = (moment - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)
    anomaly = radians(357.528 + 0.9856003 * days)
    ecliptic = radians(280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    tilt = radians(23.439 - 4e-7 * days)
    right_ascension = degrees(atan2(cos(tilt) * sin(ecliptic), cos(ecliptic)))
    declination = asin(sin(tilt) * sin(ecliptic))
    sidereal_deg = 15 * (18.697374558 + 24.06570982441908 * days)
    hour_angle = radians(sidereal_deg + lon_deg - right_ascension)
    lat = radians(lat_deg)
    return degrees(asin(sin(lat) * sin(declination) + cos(lat) * cos(declination) * cos(hour_angle)))


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.floats(-180, 180), st.floats(-55, 55))
def test_the_sun_stands_at_the_horizon_at_both_times(day: date, lon_deg: float, lat_deg: float) -> None:
    found = sun_times(lon_deg, lat_deg, day)
    assert found is not None
    assert timedelta(hours=6) < found[1] - found[0] < timedelta(hours=18)
    for moment in found:
        # One declination for the whole day and no leap-year cycle: within three minutes at 0.25 degrees a minute.
        assert abs(elevation_deg(lon_deg, lat_deg, moment) + 0.833) < 0.75


def test_midsummer_in_shanghai() -> None:
    found = sun_times(*SHANGHAI, date(2024, 6, 21))
    assert found is not None
    rise, fall = (moment + timedelta(hours=8) for moment in found)
    assert (rise.hour, fall.hour) == (4, 19)
    assert timedelta(hours=14, minutes=5) < fall - rise < timedelta(hours=14, minutes=15)


def test_no_sunrise_in_the_polar_night() -> None:
    assert sun_times(20.0, 80.0, date(2024, 12, 21)) is None


def test_night_ends_at_sunrise_and_day_is_no_night() -> None:
    midnight = datetime(2024, 6, 21, 16, 0, tzinfo=UTC)
    ends = night_until(*SHANGHAI, midnight)
    assert ends is not None
    assert ends == sun_times(*SHANGHAI, date(2024, 6, 22))[0]  # type: ignore[index]
    assert night_until(*SHANGHAI, datetime(2024, 6, 21, 4, 0, tzinfo=UTC)) is None


def test_nights_cover_a_span_once_each() -> None:
    start = datetime(2024, 6, 20, 4, 0, tzinfo=UTC)
    found = nights(*SHANGHAI, start, start + timedelta(days=3))
    assert len(found) == 3
    assert all(sunset < sunrise for sunset, sunrise in found)
    assert all(one[1] < two[0] for one, two in pairwise(found))
