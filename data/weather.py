"""Weather by sea zone and hour, and closures set by people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.errors import OutsideForecastError, worded
from data.text import Text
from data.weather_warnings import WeatherWarning

# Upper bounds of Beaufort 0..11 in m/s, WMO No. 306 code table 1100.
BEAUFORT_UPPER_MPS = (0.2, 1.5, 3.3, 5.4, 7.9, 10.7, 13.8, 17.1, 20.7, 24.4, 28.4, 32.6)
# Further than any limit asks for; 50 km is called exceptionally clear.
CLEAR_M = 50_000.0
# The largest tidal ranges anywhere are about 16 m; a height outside this is in centimetres or feet.
LOWEST_TIDE_M, HIGHEST_TIDE_M = -10.0, 20.0
ClosureTarget = Literal["pier", "helipad", "bridge", "island", "zone", "road"]


def beaufort(wind_mps: float) -> int:
    """Return the Beaufort number of a mean wind speed in m/s (WMO No. 306, table 1100)."""
    return sum(wind_mps > upper for upper in BEAUFORT_UPPER_MPS)


class HourMark(msgspec.Struct, frozen=True, kw_only=True):
    """Why an hour is not as the forecast gave it: an officer's value, or an assumption over a hole.

    ``fields`` are those it holds for; ``author`` and ``issued_at`` are the officer's, ``text`` the reason in words.
    """

    kind: Literal["manual", "assumed"]
    text: Text
    fields: tuple[str, ...] = ()
    author: str = ""
    issued_at: datetime | None = None


class HourSpread(msgspec.Struct, frozen=True, kw_only=True):
    """How low and how high a forecast itself says an hour's values may be; None where it does not say."""

    wind_low_mps: float | None = None
    wind_high_mps: float | None = None
    gust_low_mps: float | None = None
    gust_high_mps: float | None = None
    hs_low_m: float | None = None
    hs_high_m: float | None = None
    visibility_low_m: float | None = None
    visibility_high_m: float | None = None


class ZoneHour(msgspec.Struct, frozen=True, kw_only=True):
    """The weather of one zone, holding from ``valid_from`` until the next hour of that zone.

    ``tide_m`` alone does not hold on: it is the height of the tide at ``valid_from``, above the region's tide datum;
    None where the forecast does not give it. ``mark`` says that an hour is an officer's or assumed, ``spread`` how far
    the forecast says it may be off.
    """

    zone_id: str
    valid_from: datetime
    wind_mps: float
    gust_mps: float
    wind_from_deg: float
    hs_m: float
    wave_from_deg: float
    visibility_m: float
    current_kn: float = 0.0
    tide_m: float | None = None
    mark: HourMark | None = None
    spread: HourSpread | None = None

    def __post_init__(self) -> None:
        if self.tide_m is not None and not LOWEST_TIDE_M <= self.tide_m <= HIGHEST_TIDE_M:
            raise ValueError(
                f"tide_m is {self.tide_m:g}, no height of a tide in m; give {LOWEST_TIDE_M:g} to {HIGHEST_TIDE_M:g} "
                f"(潮位 {self.tide_m:g} 不是以米计的潮位)"
            )


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast as issued: hours by zone, sorted by zone then time.

    An hour holds until the next one of its zone; the last holds until ``valid_to``.
    """

    id: str
    issued_at: datetime
    valid_to: datetime
    author: str
    source: str
    hours: tuple[ZoneHour, ...]
    warnings: tuple[WeatherWarning, ...] = ()

    def becalmed(self) -> Forecast:
        """Return the same hours calm and clear: nothing but the tide left, which no weather takes away."""
        calm = {"wind_mps": 0.0, "gust_mps": 0.0, "hs_m": 0.0, "visibility_m": CLEAR_M, "current_kn": 0.0}
        return msgspec.structs.replace(self, hours=tuple(msgspec.structs.replace(one, **calm) for one in self.hours))

    def zone_hours(self, zone_id: str) -> tuple[ZoneHour, ...]:
        """Return the hours of one zone in time order; raises OutsideForecastError if it has none."""
        found = tuple(hour for hour in self.hours if hour.zone_id == zone_id)
        if not found:
            raise worded(
                OutsideForecastError(
                    f"The forecast '{self.id}' says nothing about zone '{zone_id}'. Add that zone's hours."
                ),
                zh=f"预报“{self.id}”没有海区“{zone_id}”的内容。请补上该海区各时段。",
            )
        return found

    def at(self, zone_id: str, moment: datetime) -> ZoneHour:
        """Return what holds in a zone at a moment; raises OutsideForecastError outside its hours."""
        hours = self.zone_hours(zone_id)
        if moment < hours[0].valid_from or moment >= self.valid_to:
            since, until = f"{hours[0].valid_from:%Y-%m-%d %H:%M}", f"{self.valid_to:%Y-%m-%d %H:%M}"
            raise worded(
                OutsideForecastError(
                    f"The forecast '{self.id}' covers zone '{zone_id}' from {since} to {until} UTC, "
                    f"not {moment:%Y-%m-%d %H:%M}. Choose a time inside it or issue a newer forecast."
                ),
                zh=f"预报“{self.id}”对海区“{zone_id}”的时效为 {since} 至 {until} UTC，"
                f"不含 {moment:%Y-%m-%d %H:%M}。请选时效内的时间，或发布新预报。",
            )
        return max((hour for hour in hours if hour.valid_from <= moment), key=lambda h: h.valid_from)


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """A place or link that a person has declared closed, with its reason; ``until`` None is open-ended."""

    id: str
    target_kind: ClosureTarget
    target_id: str
    from_at: datetime
    until_at: datetime | None
    reason: Text
    author: str

    def holds(self, moment: datetime) -> bool:
        """Tell whether the closure is in force at a moment."""
        return self.from_at <= moment and (self.until_at is None or moment < self.until_at)
