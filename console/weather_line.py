"""Read ``/weather``: what an officer says of a zone, in words of both scripts; nothing is done here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from console.command_words import Name, NotUnderstoodError, plain, take_first
from console.i18n import both

# What a value may be called; the first of each is what is shown.
FIELDS: dict[str, tuple[str, ...]] = {
    "wind_mps": ("wind", "风速", "风"),
    "gust_mps": ("gust", "gusts", "阵风"),
    "wind_from_deg": ("winddir", "风向"),
    "hs_m": ("hs", "waves", "浪高", "浪"),
    "wave_from_deg": ("wavedir", "浪向"),
    "visibility_m": ("vis", "visibility", "能见度"),
    "current_kn": ("current", "流速"),
    "tide_offset_m": ("tide", "潮位"),
}
UNTIL = ("until", "till", "至", "到")
CLEAR = ("clear", "撤回")
DIRECTIONS = {
    "n": 0, "ne": 45, "e": 90, "se": 135, "s": 180, "sw": 225, "w": 270, "nw": 315,
    "北": 0, "东北": 45, "东": 90, "东南": 135, "南": 180, "西南": 225, "西": 270, "西北": 315,
}  # fmt: skip
NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:m/s|mps|m|kn|°|米/秒|米|节|度)?", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")


class SetWeather(msgspec.Struct, frozen=True, kw_only=True):
    """``/weather zone hs 1.6 [wind 12 ...] until 17:00 reason``; ``until`` is hour and minute of the region's clock."""

    zone_id: str
    given: dict[str, float]
    until: tuple[int, int]
    reason: str


class ClearWeather(msgspec.Struct, frozen=True, kw_only=True):
    """``/weather zone clear``: what was said of the zone is taken back."""

    zone_id: str


def read_weather(rest: str, zones: Sequence[Name]) -> SetWeather | ClearWeather:
    """Return what the words after the verb ask for; raises NotUnderstoodError saying what was expected."""
    zone, tokens = take_first(rest.split(), zones, "zone")
    if tokens and tokens[0].casefold() in CLEAR:
        if tokens[1:]:
            raise NotUnderstoodError(both("misread.left_over", typed=" ".join(tokens[1:])))
        return ClearWeather(zone_id=zone.id)
    given: dict[str, float] = {}
    while tokens and tokens[0].casefold() not in UNTIL:
        field = _field(tokens[0])
        if len(tokens) < 2:
            raise NotUnderstoodError(both("misread.weather_value", typed=tokens[0]))
        given[field] = _value(field, tokens[1])
        tokens = tokens[2:]
    if not given:
        raise NotUnderstoodError(both("misread.weather_nothing"))
    if len(tokens) < 2 or not (match := CLOCK.fullmatch(tokens[1])) or int(match[1]) > 23 or int(match[2]) > 59:
        raise NotUnderstoodError(both("misread.weather_until"))
    reason = " ".join(tokens[2:])
    if not reason:
        raise NotUnderstoodError(both("misread.weather_reason"))
    return SetWeather(zone_id=zone.id, given=given, until=(int(match[1]), int(match[2])), reason=reason)


def _field(typed: str) -> str:
    wanted = plain(typed)
    for field, spellings in FIELDS.items():
        if wanted in spellings:
            return field
    raise NotUnderstoodError(both("misread.weather_field", typed=typed))


def _value(field: str, typed: str) -> float:
    if field.endswith("_from_deg") and typed.casefold() in DIRECTIONS:
        return float(DIRECTIONS[typed.casefold()])
    match = NUMBER.fullmatch(typed)
    if match is None:
        raise NotUnderstoodError(both("misread.weather_value", typed=typed))
    return float(match[1])


def end_of(until: tuple[int, int], now: datetime, timezone: str) -> datetime:
    """Return the next moment the region's clock shows an hour and minute."""
    local = now.astimezone(ZoneInfo(timezone))
    end = local.replace(hour=until[0], minute=until[1], second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)
