"""Build the forecast of a typhoon's passage from its track: ``python -m data.build_typhoon``.

It writes the hours of the scenario ``typhoon-approach``: invented weather that hangs together, not an observation. Wind
by the profile of G. Holland (Monthly Weather Review 108, 1980) over a moving centre that weakens over land as J. Kaplan
and M. DeMaria found (Journal of Applied Meteorology 34, 1995); wind sea and swell by curves chosen so that 10 m/s raise
1.3 m and 25 m/s some 6 m off shore, each zone seeing its assumed share. The tide is the region's own prediction.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from pathlib import Path
from zoneinfo import ZoneInfo

from data.fill_tides import fill_tides
from data.geography import Region
from data.region_reader import read_region
from data.tides import tide_height_m

FOLDER = Path(__file__).parent
FILE = FOLDER / "scenarios" / "typhoon-approach.forecast.csv"
LOCAL = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 9, 12, 6, tzinfo=LOCAL)
HOURS = 80
KM_A_DEG = 111.2

# The centre: place at its moment (14:00 as the advisory has it), then course and speed over ground.
CENTRE_AT = datetime(2026, 9, 12, 14, tzinfo=LOCAL)
CENTRE_DEG = (124.3, 27.9)
COURSE_DEG, SPEED_KMH = 310.0, 21.0
MAX_WIND_MPS, MAX_WIND_RADIUS_KM, HOLLAND_B = 40.0, 55.0, 2.1
SURFACE_SHARE = 0.8  # of the gradient wind
INFLOW_DEG = 20.0
GUST_FACTOR = 1.38
LANDFALL_AT = datetime(2026, 9, 13, 4, tzinfo=LOCAL)
DECAY_PER_H, REMAINS_MPS = 0.05, 9.0
# The wind there is without the typhoon: north-easterly ahead of it, light southerly after.
AHEAD_FROM_DEG, AHEAD_MPS, AFTER_FROM_DEG, AFTER_MPS = 45.0, 1.2, 160.0, 4.0
SEA_M, SEA_POWER = 0.0225, 1.75
SWELL_M, SWELL_REACH_KM = 2.6, 150.0
WAVES_FADE_H = 8.0
CLEAR_M, RAIN_M, RAIN_REACH_KM = 15_000.0, 1_200.0, 170.0


@dataclass(frozen=True)
class Shelter:
    """A zone's point, and its assumed shares of the wind and the sea outside, with its strongest current."""

    lon: float
    lat: float
    wind: float
    sea: float
    current_kn: float


ZONES = {
    "hangzhou-bay": Shelter(121.60, 30.55, 0.90, 0.38, 2.9),
    "jintang": Shelter(121.85, 30.02, 0.80, 0.22, 3.4),
    "dinghai": Shelter(122.10, 29.98, 0.76, 0.18, 2.7),
    "putuo": Shelter(122.38, 29.95, 0.88, 0.48, 2.4),
    "dongji": Shelter(122.75, 30.15, 1.00, 1.00, 1.7),
    "liuheng": Shelter(122.20, 29.75, 0.86, 0.42, 2.4),
    "daishan": Shelter(122.20, 30.25, 0.86, 0.42, 2.4),
    "qushan": Shelter(122.40, 30.45, 0.94, 0.85, 2.2),
    "yangshan": Shelter(122.08, 30.60, 0.90, 0.46, 2.4),
    "shengsi-west": Shelter(122.45, 30.70, 0.94, 0.70, 2.0),
    "shengsi-east": Shelter(122.80, 30.75, 1.00, 0.98, 1.8),
}


@dataclass(frozen=True)
class Sky:
    """The weather of one zone and hour."""

    wind_mps: float
    wind_from_deg: float
    hs_m: float
    wave_from_deg: float
    visibility_m: float


def centre(at: datetime) -> tuple[float, float]:
    """Return where the centre is, in lon, lat."""
    km = SPEED_KMH * (at - CENTRE_AT).total_seconds() / 3600.0
    lat = CENTRE_DEG[1] + km * cos(radians(COURSE_DEG)) / KM_A_DEG
    lon = CENTRE_DEG[0] + km * sin(radians(COURSE_DEG)) / (KM_A_DEG * cos(radians(lat)))
    return lon, lat


def strongest_wind_mps(at: datetime) -> float:
    """Return the strongest wind round the centre, which fades over land."""
    over_land_h = max(0.0, (at - LANDFALL_AT).total_seconds() / 3600.0)
    return REMAINS_MPS + (MAX_WIND_MPS - REMAINS_MPS) * exp(-DECAY_PER_H * over_land_h)


def typhoon_wind(place: Shelter, at: datetime) -> tuple[float, float, float, float]:
    """Return the typhoon's wind in m/s to the east and north, the distance in km and the bearing of the centre."""
    lon, lat = centre(at)
    east = (place.lon - lon) * KM_A_DEG * cos(radians(place.lat))
    north = (place.lat - lat) * KM_A_DEG
    km = max(1.0, hypot(east, north))
    bearing = degrees(atan2(east, north)) % 360
    ratio = (MAX_WIND_RADIUS_KM / km) ** HOLLAND_B
    shape = sqrt(ratio * exp(1.0 - ratio))
    speed = strongest_wind_mps(at) * shape * SURFACE_SHARE
    to_deg = radians(bearing + 90.0 - INFLOW_DEG + 180.0)
    carried = 0.4 * SPEED_KMH / 3.6 * shape  # the storm's own way adds to its right side
    course = radians(COURSE_DEG)
    return speed * sin(to_deg) + carried * sin(course), speed * cos(to_deg) + carried * cos(course), km, bearing + 180.0


def skies(place: Shelter, times: Sequence[datetime]) -> list[Sky]:
    """Return a zone's weather hour by hour; waves rise with the wind and fade more slowly than it."""
    found: list[Sky] = []
    outside_m = 0.0
    for at in times:
        u, v, km, swell_from = typhoon_wind(place, at)
        passed = min(1.0, max(0.0, (at - LANDFALL_AT).total_seconds() / 3600.0 / 12.0))
        for share, from_deg, mps in (
            (1.0 - passed, AHEAD_FROM_DEG, AHEAD_MPS),
            (passed, AFTER_FROM_DEG, AFTER_MPS),
        ):
            u -= share * mps * sin(radians(from_deg))
            v -= share * mps * cos(radians(from_deg))
        wind = hypot(u, v)
        wind_from = degrees(atan2(-u, -v)) % 360
        sea = SEA_M * wind**SEA_POWER
        swell = SWELL_M * exp(-km / SWELL_REACH_KM) * strongest_wind_mps(at) / MAX_WIND_MPS
        raised = hypot(sea, swell)
        outside_m = max(raised, outside_m * exp(-1.0 / WAVES_FADE_H))
        x = sea**2 * sin(radians(wind_from)) + swell**2 * sin(radians(swell_from))
        y = sea**2 * cos(radians(wind_from)) + swell**2 * cos(radians(swell_from))
        found.append(
            Sky(
                wind_mps=wind * place.wind,
                wind_from_deg=wind_from,
                hs_m=outside_m * place.sea,
                wave_from_deg=degrees(atan2(x, y)) % 360,
                visibility_m=CLEAR_M - (CLEAR_M - RAIN_M) * min(1.0, 1.15 * exp(-((km / RAIN_REACH_KM) ** 2))),
            )
        )
    return found


def build(region: Region) -> str:
    """Return the forecast's table as CSV text, tide and all."""
    times = [FIRST + timedelta(hours=number) for number in range(HOURS)]
    rows = ["zone_id,valid_from,wind_mps,gust_mps,wind_from_deg,hs_m,wave_from_deg,visibility_m,current_kn"]
    for zone_id, place in ZONES.items():
        rates = [_tide_rate(region, zone_id, at) for at in times]
        for at, sky, rate in zip(times, skies(place, times), rates, strict=True):
            current = place.current_kn * rate / max(rates)
            rows.append(
                f"{zone_id},{at.isoformat(timespec='minutes')},{sky.wind_mps:.1f},{sky.wind_mps * GUST_FACTOR:.1f},"
                f"{sky.wind_from_deg:.0f},{sky.hs_m:.1f},{sky.wave_from_deg:.0f},{sky.visibility_m:.0f},{current:.1f}"
            )
    return fill_tides("\n".join(rows) + "\n", region)


def _tide_rate(region: Region, zone_id: str, at: datetime) -> float:
    """Return how fast the tide runs, in m/h: the current follows it."""
    half = timedelta(minutes=30)
    tide = region.tides[zone_id]
    return abs(tide_height_m(tide, at + half) - tide_height_m(tide, at - half))


def main() -> int:
    """Write the scenario's forecast."""
    FILE.write_text(build(read_region(FOLDER / "zhoushan")), encoding="utf-8")
    print(f"{FILE}: {HOURS} hours of {len(ZONES)} zones")
    return 0


if __name__ == "__main__":
    sys.exit(main())
