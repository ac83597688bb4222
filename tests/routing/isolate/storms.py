"""Weather and questions for tests of the isolation forecast: a gale that comes and goes, and drawn weather."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from data.geography import Region
from data.roster import Forces
from data.situation import Situation
from data.text import Text
from data.weather import Closure, Forecast, ZoneHour

START = datetime.fromisoformat("2026-09-12T14:12:00+08:00")
FIRST = START - timedelta(minutes=12)


def hour(zone_id: str, hours_on: float, **values: float) -> ZoneHour:
    """Return one hour of calm, clear weather with some values changed."""
    calm = {
        "wind_mps": 4.0, "gust_mps": 6.0, "wind_from_deg": 40.0, "hs_m": 0.4, "wave_from_deg": 60.0,
        "visibility_m": 20_000.0, "current_kn": 1.0, "tide_m": 2.0,
    }  # fmt: skip
    return ZoneHour(zone_id=zone_id, valid_from=FIRST + timedelta(hours=hours_on), **{**calm, **values})


def forecast(hours: Sequence[ZoneHour], valid_h: float = 72.0) -> Forecast:
    """Return a forecast of these hours."""
    ordered = tuple(sorted(hours, key=lambda one: (one.zone_id, one.valid_from)))
    return Forecast(
        id="storm", issued_at=FIRST, valid_to=FIRST + timedelta(hours=valid_h), author="t", source="t", hours=ordered
    )


def gale(region: Region, from_h: float, to_h: float, zones: Sequence[str] = (), hours: int = 72) -> Forecast:
    """Return calm weather with a hurricane in some zones (all by default) from one hour to another."""
    over = {"wind_mps": 40.0, "gust_mps": 50.0, "hs_m": 9.0}
    found = [
        hour(zone_id, h, **(over if from_h <= h < to_h and zone_id in (zones or region.zones) else {}))
        for zone_id in region.zones
        for h in range(hours)
    ]
    return forecast(found, hours)


def drawn(region: Region, seed: int, hours: int = 30) -> Forecast:
    """Return weather that rises and falls about the limits of every class, drawn at random hour by hour."""
    draw = Random(seed)
    found = []
    for zone_id in region.zones:
        level = draw.uniform(0.2, 0.8)
        for h in range(hours):
            level = min(1.2, max(0.0, level + draw.uniform(-0.25, 0.25)))
            wind = 22.0 * level
            found.append(
                hour(
                    zone_id, h, wind_mps=wind, gust_mps=wind * 1.25, hs_m=3.6 * level,
                    wave_from_deg=draw.uniform(0, 360), current_kn=draw.uniform(0, 4),
                    visibility_m=400.0 if draw.random() < 0.04 else 12_000.0,
                    tide_m=2.2 + 1.5 * (1 if h % 12 < 6 else -1) * ((h % 6) / 6.0),
                )
            )  # fmt: skip
    return forecast(found, hours)


def closures(region: Region, seed: int) -> tuple[Closure, ...]:
    """Return a pier, a bridge, a zone and an island closed for some hours."""
    draw = Random(seed)
    targets = (("pier", region.piers), ("bridge", region.bridges), ("zone", region.zones), ("island", region.islands))
    found = []
    for kind, places in targets:
        from_at = START + timedelta(minutes=draw.randrange(0, 900))
        found.append(
            Closure(
                id=f"closed-{kind}", target_kind=kind, target_id=draw.choice(sorted(places)), from_at=from_at,
                until_at=from_at + timedelta(minutes=draw.randrange(30, 400)), reason=Text("演习", "exercise"),
                author="t",
            )
        )  # fmt: skip
    return tuple(found)


def question(
    region: Region, forces: Forces, weather: Forecast | None, closed: Sequence[Closure] = (), craft: Sequence[str] = ()
) -> Situation:
    """Return a situation with the region's forces at home, or only some of its craft."""
    from data.scenario import read_scenario

    base = read_scenario("quiet-night", region, forces).situation()
    kept = tuple(state for state in base.craft if not craft or state.craft.id in craft)
    return msgspec.structs.replace(
        base, at=START, craft=kept, forecast=weather, closures=tuple(closed), incidents=(), scenario_id=None
    )
