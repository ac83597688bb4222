"""Sunrise and sunset at a place, good to about three minutes.

Formulas: NOAA Global Monitoring Laboratory, "General Solar Position Calculations" (fractional year,
equation of time, declination, hour angle at a zenith of 90.833 degrees).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import acos, cos, degrees, pi, radians, sin, tan

SUNRISE_ZENITH_DEG = 90.833


def sun_times(lon_deg: float, lat_deg: float, day: date) -> tuple[datetime, datetime] | None:
    """Return sunrise and sunset (UTC) of one solar day; None where the sun stays up or down all day."""
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    year = 2 * pi / (366 if leap else 365) * (day.timetuple().tm_yday - 1)
    equation_min = 229.18 * (
        0.000075 + 0.001868 * cos(year) - 0.032077 * sin(year) - 0.014615 * cos(2 * year) - 0.040849 * sin(2 * year)
    )
    declination = (
        0.006918
        - 0.399912 * cos(year)
        + 0.070257 * sin(year)
        - 0.006758 * cos(2 * year)
        + 0.000907 * sin(2 * year)
        - 0.002697 * cos(3 * year)
        + 0.00148 * sin(3 * year)
    )
    lat = radians(lat_deg)
    cosine = cos(radians(SUNRISE_ZENITH_DEG)) / (cos(lat) * cos(declination)) - tan(lat) * tan(declination)
    if abs(cosine) > 1:
        return None
    half_deg = degrees(acos(cosine))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rise_min = 720 - 4 * (lon_deg + half_deg) - equation_min
    set_min = 720 - 4 * (lon_deg - half_deg) - equation_min
    return midnight + timedelta(minutes=rise_min), midnight + timedelta(minutes=set_min)


def nights(lon_deg: float, lat_deg: float, from_at: datetime, until_at: datetime) -> list[tuple[datetime, datetime]]:
    """Return the nights (sunset to sunrise, UTC) that touch a span of time."""
    day = (from_at - timedelta(days=2)).date()
    found: list[tuple[datetime, datetime]] = []
    sunset: datetime | None = None
    while day <= (until_at + timedelta(days=2)).date():
        times = sun_times(lon_deg, lat_deg, day)
        if times:
            if sunset is not None and times[0] > from_at and sunset <= until_at:
                found.append((sunset, times[0]))
            sunset = times[1]
        day += timedelta(days=1)
    return found


def night_until(lon_deg: float, lat_deg: float, moment: datetime) -> datetime | None:
    """Return the sunrise that ends the night a moment falls in; None by day."""
    for sunset, sunrise in nights(lon_deg, lat_deg, moment, moment):
        if sunset <= moment < sunrise:
            return sunrise
    return None
