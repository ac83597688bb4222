"""Weather for tests of the data room: calm hours of a zone unless said otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from data.weather import Forecast, ZoneHour

START = datetime(2026, 9, 12, 6, tzinfo=UTC)


def after(hours: float) -> datetime:
    """Return a moment so many hours after the start."""
    return START + timedelta(hours=hours)


def hour(hours_on: float, zone_id: str = "dongji", **values: Any) -> ZoneHour:
    """Return one hour with some values changed."""
    calm: dict[str, Any] = {
        "wind_mps": 5.0, "gust_mps": 6.0, "wind_from_deg": 30.0, "hs_m": 0.5, "wave_from_deg": 40.0,
        "visibility_m": 10_000.0,
    }  # fmt: skip
    return ZoneHour(zone_id=zone_id, valid_from=after(hours_on), **{**calm, **values})


def forecast(*hours: ZoneHour, until_h: float = 12.0) -> Forecast:
    """Return a forecast of these hours, issued at the start."""
    return Forecast(
        id="f", issued_at=START, valid_to=after(until_h), author="t", source="t",
        hours=tuple(sorted(hours, key=lambda one: (one.zone_id, one.valid_from))),
    )  # fmt: skip
