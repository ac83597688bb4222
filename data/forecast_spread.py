"""How far a forecast may be off, and the three forecasts that follow from it: mild, likely, severe.

Severe is the weather that comes earlier, stays later and is stronger; mild comes later, leaves earlier and is weaker.
So hour by hour nothing is worse in the likely forecast than in the severe one, and nothing better than in the mild one:
whatever shuts in one shuts in the next. Directions, tide and currents are those of the likely hour; an officer's value
is spread in strength only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from data.text import Text
from data.weather import CLEAR_M, Forecast, ZoneHour

Floats = NDArray[np.float64]
STRONGEST_WIND_MPS, STRONGEST_GUST_MPS, HIGHEST_HS_M = 90.0, 120.0, 25.0  # what a forecast's table may hold


class SpreadStep(msgspec.Struct, frozen=True):
    """How far a forecast may be off so many hours after its issue.

    ``timing_h`` is how much earlier or later weather may come or go, ``strength_share`` how much stronger or weaker it
    may be, as a share.
    """

    lead_h: float
    timing_h: float
    strength_share: float


class ForecastSpread(msgspec.Struct, frozen=True, kw_only=True):
    """Steps by rising lead time, straight between them; the last holds on.

    Raises ValueError for no steps, steps out of order, or a share outside 0 to 1.
    """

    steps: tuple[SpreadStep, ...]
    source: Text
    is_assumed: bool

    def __post_init__(self) -> None:
        leads = [step.lead_h for step in self.steps]
        if not leads or leads != sorted(set(leads)):
            raise ValueError("a spread needs steps by rising lead_h (偏差须按时效先后给出)")
        if any(step.timing_h < 0 or not 0 <= step.strength_share < 1 for step in self.steps):
            raise ValueError(
                "timing_h is 0 or more, strength_share from 0 to below 1 (时间偏差不为负，强度偏差 0 至 1)"
            )

    def at(self, lead_h: float) -> SpreadStep:
        """Return the spread at a lead time in hours."""
        leads = [step.lead_h for step in self.steps]
        place = bisect_left(leads, lead_h)
        if place == 0 or place == len(leads):
            step = self.steps[min(place, len(leads) - 1)]
            return SpreadStep(lead_h, step.timing_h, step.strength_share)
        low, high = self.steps[place - 1], self.steps[place]
        share = (lead_h - low.lead_h) / (high.lead_h - low.lead_h)
        return SpreadStep(
            lead_h,
            low.timing_h + share * (high.timing_h - low.timing_h),
            low.strength_share + share * (high.strength_share - low.strength_share),
        )


# Assumed: no verification of a local forecast stands behind it. It grows with lead time as mean errors of typhoon
# forecasts do (about 70 km of track at 24 h, 120 km at 48 h: at 20 km/h that is 3.5 h and 6 h; a third of it here at
# first, when the storm's place is known, and two thirds later).
ASSUMED_SPREAD = ForecastSpread(
    steps=(
        SpreadStep(0.0, 0.25, 0.05),
        SpreadStep(6.0, 0.5, 0.08),
        SpreadStep(12.0, 1.0, 0.12),
        SpreadStep(24.0, 2.0, 0.18),
        SpreadStep(48.0, 4.0, 0.28),
        SpreadStep(72.0, 6.0, 0.36),
    ),
    source=Text(
        "假定：时间与强度偏差随预报时效增大，未经本地检验", "assumed: grows with lead time, not verified locally"
    ),
    is_assumed=True,
)


class Outlooks(msgspec.Struct, frozen=True, kw_only=True):
    """Three plain forecasts of the same hours; ``likely`` is the one that was issued."""

    mild: Forecast
    likely: Forecast
    severe: Forecast
    assumptions: tuple[Text, ...] = ()


def outlooks(forecast: Forecast, spread: ForecastSpread = ASSUMED_SPREAD) -> Outlooks:
    """Return the mild, likely and severe forecasts; low and high values of the forecast's own outrank the spread."""
    zones: dict[str, list[ZoneHour]] = {}
    for hour in forecast.hours:
        zones.setdefault(hour.zone_id, []).append(hour)
    mild: list[ZoneHour] = []
    severe: list[ZoneHour] = []
    for hours in zones.values():
        steps = [spread.at(_lead_h(hour, forecast)) for hour in hours]
        share = np.array([step.strength_share for step in steps])
        weaker, stronger = 1.0 - share, 1.0 + share
        wind_low, wind_high = _extremes(hours, steps, "wind_mps", ("wind_mps", "gust_mps"))
        gust_low, gust_high = _extremes(hours, steps, "gust_mps", ("wind_mps", "gust_mps"))
        hs_low, hs_high = _extremes(hours, steps, "hs_m", ("hs_m",))
        sight_low, sight_high = _extremes(hours, steps, "visibility_m", ("visibility_m",))
        lows = (wind_low * weaker, gust_low * weaker, hs_low * weaker, sight_high / weaker)
        highs = (wind_high * stronger, gust_high * stronger, hs_high * stronger, sight_low / stronger)
        mild += [_mild(*row) for row in zip(hours, *(column.tolist() for column in lows), strict=True)]
        severe += [_severe(*row) for row in zip(hours, *(column.tolist() for column in highs), strict=True)]
    replace = msgspec.structs.replace
    own = any(hour.spread is not None for hour in forecast.hours)
    return Outlooks(
        mild=replace(forecast, id=f"{forecast.id}+mild", hours=tuple(mild)),
        likely=forecast,
        severe=replace(forecast, id=f"{forecast.id}+severe", hours=tuple(severe)),
        assumptions=(_spread_words(spread, own),) if spread.is_assumed else (),
    )


def _lead_h(hour: ZoneHour, forecast: Forecast) -> float:
    """Return how long before an hour it was foreseen; an officer's value counts from its own issue."""
    issued_at = hour.mark.issued_at if hour.mark and hour.mark.issued_at else forecast.issued_at
    return max(0.0, (hour.valid_from - issued_at).total_seconds() / 3600.0)


def _extremes(
    hours: Sequence[ZoneHour], steps: Sequence[SpreadStep], field: str, officers: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Return the lowest and the highest value within each hour's timing, straight between the hours given.

    An officer's value of one of the fields is of its own span: it does not come earlier or later.
    """
    values = np.array([getattr(hour, field) for hour in hours])
    at_h = np.array([(hour.valid_from - hours[0].valid_from).total_seconds() / 3600.0 for hour in hours])
    reach_h = np.array(
        [
            0.0 if hour.mark is not None and any(name in hour.mark.fields for name in officers) else step.timing_h
            for hour, step in zip(hours, steps, strict=True)
        ]
    )
    before, after = np.interp(at_h - reach_h, at_h, values), np.interp(at_h + reach_h, at_h, values)
    first, last = np.searchsorted(at_h, at_h - reach_h, "left"), np.searchsorted(at_h, at_h + reach_h, "right")
    pairs = np.column_stack([first, last]).ravel()
    lowest = np.minimum.reduceat(np.append(values, np.inf), pairs)[::2]
    highest = np.maximum.reduceat(np.append(values, -np.inf), pairs)[::2]
    return np.minimum(np.minimum(before, after), lowest), np.maximum(np.maximum(before, after), highest)


def _severe(hour: ZoneHour, wind: float, gust: float, hs: float, sight: float) -> ZoneHour:
    if (own := hour.spread) is not None:
        wind = wind if own.wind_high_mps is None else max(own.wind_high_mps, hour.wind_mps)
        gust = gust if own.gust_high_mps is None else max(own.gust_high_mps, hour.gust_mps)
        hs = hs if own.hs_high_m is None else max(own.hs_high_m, hour.hs_m)
        sight = sight if own.visibility_low_m is None else min(own.visibility_low_m, hour.visibility_m)
    wind = min(wind, STRONGEST_WIND_MPS)
    return msgspec.structs.replace(
        hour,
        wind_mps=wind,
        gust_mps=min(max(gust, wind), STRONGEST_GUST_MPS),
        hs_m=min(hs, HIGHEST_HS_M),
        visibility_m=sight,
        spread=None,
    )


def _mild(hour: ZoneHour, wind: float, gust: float, hs: float, sight: float) -> ZoneHour:
    if (own := hour.spread) is not None:
        wind = wind if own.wind_low_mps is None else min(own.wind_low_mps, hour.wind_mps)
        gust = gust if own.gust_low_mps is None else min(own.gust_low_mps, hour.gust_mps)
        hs = hs if own.hs_low_m is None else min(own.hs_low_m, hour.hs_m)
        sight = sight if own.visibility_high_m is None else max(own.visibility_high_m, hour.visibility_m)
    return msgspec.structs.replace(
        hour,
        wind_mps=min(wind, gust),
        gust_mps=gust,
        hs_m=hs,
        visibility_m=max(hour.visibility_m, min(sight, CLEAR_M)),
        spread=None,
    )


def _spread_words(spread: ForecastSpread, own: bool) -> Text:
    first, last = spread.at(24.0), spread.at(48.0)
    kept = Text("；预报自带上下限处以其为准", "; low and high values the forecast gives itself go first")
    return Text(
        f"预报偏差为假定：24 小时时效时间 ±{first.timing_h:g} h、强度 ±{first.strength_share:.0%}，"
        f"48 小时 ±{last.timing_h:g} h、±{last.strength_share:.0%}{kept.zh if own else ''}",
        f"the forecast's spread is assumed: ±{first.timing_h:g} h and ±{first.strength_share:.0%} at 24 h of lead, "
        f"±{last.timing_h:g} h and ±{last.strength_share:.0%} at 48 h{kept.en if own else ''}",
    )
