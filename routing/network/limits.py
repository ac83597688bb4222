"""What shuts a link: one function a rule, each comparing one value with one bound.

A rule returns the breach it found, or None. Bounds of a class come from the region's tables with
their own confidence; the constants here carry theirs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil, floor
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from data.forces import CraftClass
from data.geography import Bridge, Helipad, Pier
from data.text import Text
from data.weather import BEAUFORT_UPPER_MPS, ZoneHour

# An open berth shuts while passage is still possible: on a 31 May a swell shut the exposed passenger pier of an
# outer island while a lee landing stayed in use. Half the passage limit alongside is assumed; so is 0.3 in the lee.
BERTH_SHARE_OF_PASSAGE_HS = 0.5
LEE_SHARE_OF_HS = 0.3
# Operators' rules name gusts one Beaufort above the mean wind ("wind 7, gust 8"; public notices 2022-2024).
GUST_BEAUFORT_ABOVE_MEAN = 1

EXPOSED_EN = " (exposure not known, taken as open)"

LimitName = Literal[
    "wind", "gust", "waves", "visibility", "berth_waves", "tide", "berthing", "daylight", "closure", "forecast"
]


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """One rule broken: the value met, the bound, and the words without their "until"."""

    limit: LimitName
    value: float | None
    bound: float | None
    unit: str | None
    text: Text


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a pier, pad, bridge or zone may be used at a moment, and what stands in the way.

    ``limited`` means some classes may and some may not, or that the forecast does not cover the moment.
    ``until_at`` None means for as long as the forecast reaches, or open-ended.
    """

    status: Literal["open", "limited", "closed"]
    limit: str | None = None
    value: float | None = None
    bound: float | None = None
    unit: str | None = None
    until_at: datetime | None = None
    text: Text | None = None


OPEN = LinkState(status="open")


def wind_limit(craft_class: CraftClass, hour: ZoneHour) -> Breach | None:
    """The mean wind is above the top of the class's Beaufort number."""
    return _over("wind", "风速", "wind", hour.wind_mps, _beaufort_top(craft_class.max_wind_bft), "m/s")


def gust_limit(craft_class: CraftClass, hour: ZoneHour) -> Breach | None:
    """Gusts are above one Beaufort over the class's number; for aircraft above the number itself."""
    above = 0 if craft_class.mode == "air" else GUST_BEAUFORT_ABOVE_MEAN
    return _over("gust", "阵风", "gusts", hour.gust_mps, _beaufort_top(craft_class.max_wind_bft + above), "m/s")


def wave_limit(craft_class: CraftClass, hour: ZoneHour) -> Breach | None:
    """The significant wave height is above the class's limit."""
    if craft_class.mode != "sea" or craft_class.max_hs_m is None:
        return None
    return _over("waves", "浪高", "waves", hour.hs_m, craft_class.max_hs_m, "m")


def visibility_limit(craft_class: CraftClass, hour: ZoneHour) -> Breach | None:
    """Visibility is below the class's minimum."""
    value, bound = hour.visibility_m, craft_class.min_visibility_m
    if value >= bound:
        return None
    text = Text(f"能见度 {value:.0f} m 低于限值 {bound:.0f}", f"visibility {value:.0f} m under its limit {bound:.0f}")
    return Breach(limit="visibility", value=value, bound=bound, unit="m", text=text)


PASSAGE_RULES = (wind_limit, gust_limit, wave_limit, visibility_limit)


def passage_breach(craft_class: CraftClass, hour: ZoneHour) -> Breach | None:
    """Return the first passage rule the class breaks in this weather."""
    return next((found for rule in PASSAGE_RULES if (found := rule(craft_class, hour))), None)


def is_exposed(pier: Pier, wave_from_deg: float) -> bool:
    """Tell whether waves from a direction reach the pier unbroken (its sector runs clockwise).

    A pier whose exposure nobody knows is taken to lie open all round.
    """
    if not pier.exposure_known:
        return True
    if pier.exposure_from_deg is None or pier.exposure_to_deg is None:
        return False
    width = (pier.exposure_to_deg - pier.exposure_from_deg) % 360
    if width == 0 and pier.exposure_from_deg != pier.exposure_to_deg:
        return True
    return (wave_from_deg - pier.exposure_from_deg) % 360 <= width


def berth_wave_limit(craft_class: CraftClass, pier: Pier, hour: ZoneHour) -> Breach | None:
    """Waves at the berth are above half the class's passage limit; a lee berth sees 0.3 of the sea outside."""
    if craft_class.max_hs_m is None:
        return None
    exposed = is_exposed(pier, hour.wave_from_deg)
    value = hour.hs_m if exposed else hour.hs_m * LEE_SHARE_OF_HS
    bound = craft_class.max_hs_m * BERTH_SHARE_OF_PASSAGE_HS
    if value <= bound:
        return None
    side = compass_point(hour.wave_from_deg)
    unknown = Text("" if pier.exposure_known else "(掩护情况不详，按敞开计)", "" if pier.exposure_known else EXPOSED_EN)
    text = Text(
        f"泊位浪高 {value:.1f} m({side.zh}向来浪){unknown.zh}超过限值 {bound:.1f}",
        f"waves {value:.1f} m from {side.en} at the berth{unknown.en} over its limit {bound:.1f}",
    )
    return Breach(limit="berth_waves", value=value, bound=bound, unit="m", text=text)


def exposure_unknown(pier: Pier) -> Text | None:
    """Say what is assumed of a pier whose exposure nobody knows; None where it is known."""
    if pier.exposure_known:
        return None
    return Text(
        f"{pier.name.zh}掩护情况不详，按各向敞开计(假定)",
        f"{pier.name.en}: its exposure is not known; open to waves from all sides is assumed",
    )


def tide_limit(pier: Pier, tide_m: float | None) -> Breach | None:
    """The tide is lower or higher than the place can be used at; a height nobody knows counts as out of bounds."""
    low, high = pier.tide_from_m, pier.tide_to_m
    if tide_m is None:
        return tide_unknown(pier) if pier.is_tidal else None
    if low is not None and tide_m < low:
        shown_m = floor(tide_m * 10) / 10  # never rounded to the bound it is under
        text = Text(f"潮位 {shown_m:.1f} m 低于限值 {low:.1f} m", f"tide {shown_m:.1f} m under its limit {low:.1f} m")
        return Breach(limit="tide", value=shown_m, bound=low, unit="m", text=text)
    if high is not None and tide_m > high:
        shown_m = ceil(tide_m * 10) / 10
        text = Text(f"潮位 {shown_m:.1f} m 超过限值 {high:.1f} m", f"tide {shown_m:.1f} m over its limit {high:.1f} m")
        return Breach(limit="tide", value=shown_m, bound=high, unit="m", text=text)
    return None


def tide_unknown(pier: Pier) -> Breach:
    """Nobody says how high the tide is at a place that can be used only between two heights."""
    low, high = pier.tide_from_m, pier.tide_to_m
    if high is None:
        span = Text(f"{low:.1f} m 以上", f"from {low:.1f} m")
    elif low is None:
        span = Text(f"{high:.1f} m 以下", f"up to {high:.1f} m")
    else:
        span = Text(f"{low:.1f} 至 {high:.1f} m", f"from {low:.1f} to {high:.1f} m")
    text = Text(f"潮位未知(可用潮位 {span.zh})", f"tide not known (usable {span.en})")
    return Breach(limit="tide", value=None, bound=None, unit=None, text=text)


def tide_too_short(bound_m: float, handling_min: int) -> Breach:
    """The tide is within bounds, but not for as long as loading or unloading takes."""
    text = Text(
        f"潮位临近限值 {bound_m:.1f} m,不够 {handling_min} 分钟装卸",
        f"tide too near its limit {bound_m:.1f} m for {handling_min} min of loading or unloading",
    )
    return Breach(limit="tide", value=None, bound=bound_m, unit="m", text=text)


def berthing_limit(craft_class: CraftClass, pier: Pier | Helipad) -> Breach | None:
    """The class has no way of berthing that the place offers."""
    offered = pier.berthing if isinstance(pier, Pier) else frozenset({"helipad"})
    if craft_class.berthing & offered:
        return None
    text = Text(
        f"{craft_class.name.zh}不能在{pier.name.zh}停靠",
        f"{craft_class.name.en} cannot berth at {pier.name.en}",
    )
    return Breach(limit="berthing", value=None, bound=None, unit=None, text=text)


def daylight_limit(craft_class: CraftClass, pad: Helipad | None, is_night: bool) -> Breach | None:
    """By night a class with limited night use lands only on pads approved for it, never in a field."""
    if craft_class.night == "yes" or not is_night or (pad is not None and pad.night):
        return None
    place = pad.name if pad is not None else Text("野外起降点", "a field")
    text = Text(f"夜间不得在{place.zh}起降", f"no night landing at {place.en}")
    return Breach(limit="daylight", value=None, bound=None, unit=None, text=text)


def bridge_wind_limit(bridge: Bridge, hour: ZoneHour) -> Breach | None:
    """The mean wind is above the top of the bridge's Beaufort number."""
    return _over("wind", "桥面风速", "deck wind", hour.wind_mps, _beaufort_top(bridge.max_wind_bft), "m/s")


def closed_state(breach: Breach, until_at: datetime | None, timezone: str, at: datetime | None = None) -> LinkState:
    """Return the closed state of a breach, its words ending with when it lifts."""
    return LinkState(
        status="closed",
        limit=breach.limit,
        value=breach.value,
        bound=breach.bound,
        unit=breach.unit,
        until_at=until_at,
        text=until(breach.text, until_at, timezone, at),
    )


def until(text: Text, until_at: datetime | None, timezone: str, at: datetime | None = None) -> Text:
    """Return words with "until 05:20" in the region's local time, with the date when it is another day."""
    if until_at is None:
        return text
    local = until_at.astimezone(ZoneInfo(timezone))
    same_day = at is None or (local - timedelta(seconds=1)).date() == at.astimezone(ZoneInfo(timezone)).date()
    clock = f"{local:%H:%M}" if same_day else f"{local:%m-%d %H:%M}"
    return Text(f"{text.zh},至 {clock}", f"{text.en} until {clock}")


COMPASS = (
    Text("北", "N"), Text("东北", "NE"), Text("东", "E"), Text("东南", "SE"),
    Text("南", "S"), Text("西南", "SW"), Text("西", "W"), Text("西北", "NW"),
)  # fmt: skip


def compass_point(from_deg: float) -> Text:
    """Return the nearest of eight compass points."""
    return COMPASS[round(from_deg / 45) % 8]


def _tide_span(low: float | None, high: float | None) -> Text:
    if high is None:
        return Text(f" {low:.1f} m 以上", f"from {low:.1f} m")
    if low is None:
        return Text(f" {high:.1f} m 以下", f"up to {high:.1f} m")
    return Text(f" {low:.1f}-{high:.1f} m", f"from {low:.1f} to {high:.1f} m")


def _beaufort_top(number: int) -> float | None:
    """Return the upper bound of a Beaufort number in m/s; force 12 has none."""
    return BEAUFORT_UPPER_MPS[number] if number < len(BEAUFORT_UPPER_MPS) else None


def _over(limit: LimitName, zh: str, en: str, value: float, bound: float | None, unit: str) -> Breach | None:
    if bound is None or value <= bound:
        return None
    text = Text(f"{zh} {value:.1f} {unit} 超过限值 {bound:.1f}", f"{en} {value:.1f} {unit} over its limit {bound:.1f}")
    return Breach(limit=limit, value=value, bound=bound, unit=unit, text=text)
