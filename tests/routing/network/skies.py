"""Weather for tests: calm unless said otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from data.text import Text
from data.weather import Closure, Forecast, ZoneHour

START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def hour(zone_id: str = "west", hours_on: float = 0.0, **values: Any) -> ZoneHour:
    """Return one hour of calm, clear weather with some values changed."""
    calm: dict[str, Any] = {
        "wind_mps": 3.0, "gust_mps": 4.0, "wind_from_deg": 0.0, "hs_m": 0.2, "wave_from_deg": 0.0,
        "visibility_m": 20_000.0,
    }  # fmt: skip
    return ZoneHour(zone_id=zone_id, valid_from=START + timedelta(hours=hours_on), **{**calm, **values})


def forecast(*hours: ZoneHour, hours_long: float = 12.0) -> Forecast:
    """Return a forecast of these hours."""
    ordered = tuple(sorted(hours, key=lambda one: (one.zone_id, one.valid_from)))
    return Forecast(
        id="f", issued_at=START, valid_to=START + timedelta(hours=hours_long), author="t", source="t", hours=ordered
    )


def closure(kind: Any, target_id: str, from_min: float = 0.0, until_min: float | None = None) -> Closure:
    """Return a closure in minutes after the start."""
    return Closure(
        id="c", target_kind=kind, target_id=target_id, from_at=START + timedelta(minutes=from_min),
        until_at=None if until_min is None else START + timedelta(minutes=until_min),
        reason=Text("演习", "exercise"), author="t",
    )  # fmt: skip
