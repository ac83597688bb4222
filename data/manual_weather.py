"""An officer's values for a zone, which outrank the grid for as long as they hold.

Forecast grids of 0.1 to 0.25 degrees do not resolve inner channels, so a duty officer's value from a buoy, a pier or a
boat goes first. The result is a plain ``Forecast`` whose hours say which are the officer's: nothing downstream need
know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from data.text import Text
from data.weather import Forecast, HourMark, HourSpread, ZoneHour

# Fields of a value that are set straight into an hour; the tide's offset is added.
FIELDS = ("wind_mps", "gust_mps", "wind_from_deg", "hs_m", "wave_from_deg", "visibility_m", "current_kn")
FIELD_BOUNDS: dict[str, tuple[float, float, str]] = {
    "wind_mps": (0.0, 90.0, "m/s"),
    "gust_mps": (0.0, 120.0, "m/s"),
    "wind_from_deg": (0.0, 360.0, "°"),
    "hs_m": (0.0, 25.0, "m"),
    "wave_from_deg": (0.0, 360.0, "°"),
    "visibility_m": (0.0, 100_000.0, "m"),
    "current_kn": (0.0, 10.0, "kn"),
    "tide_offset_m": (-5.0, 5.0, "m"),
}
FIELD_WORDS: dict[str, Text] = {
    "wind_mps": Text("风速", "wind"),
    "gust_mps": Text("阵风", "gusts"),
    "wind_from_deg": Text("风向", "wind from"),
    "hs_m": Text("浪高", "waves"),
    "wave_from_deg": Text("浪向", "waves from"),
    "visibility_m": Text("能见度", "visibility"),
    "current_kn": Text("流速", "current"),
    "tide_offset_m": Text("潮位较预报", "tide above the forecast"),
}


def bounds_fault(given: Mapping[str, float]) -> Text | None:
    """Return what is wrong with a set of values by field, in words with the remedy; None where nothing is."""
    if not given:
        return Text("未给任何要素，请至少给一项", "gives no value; give at least one")
    for name, value in given.items():
        low, high, unit = FIELD_BOUNDS[name]
        if not low <= value <= high:
            words = FIELD_WORDS[name]
            return Text(
                f"{words.zh} {value:g} 超出 {low:g} 至 {high:g} {unit}，请改正",
                f"{words.en} {value:g} is out of range; give {low:g} to {high:g} {unit}",
            )
    wind_mps, gust_mps = given.get("wind_mps"), given.get("gust_mps")
    if wind_mps is not None and gust_mps is not None and gust_mps < wind_mps:
        return Text("阵风不得小于平均风速，请改正", "the gusts are below the mean wind; correct one of them")
    return None


class ManualValue(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer says holds in a zone from ``from_at`` until ``until_at``; None leaves a field to the grid.

    ``tide_offset_m`` is how much higher the tide stands than the forecast says: a height of its own would stand still
    while the tide runs. Raises ValueError for a span that does not end after it begins, a value out of its bounds,
    gusts below the wind, or no value at all.
    """

    id: str
    zone_id: str
    from_at: datetime
    until_at: datetime
    issued_at: datetime
    author: str
    reason: Text
    wind_mps: float | None = None
    gust_mps: float | None = None
    wind_from_deg: float | None = None
    hs_m: float | None = None
    wave_from_deg: float | None = None
    visibility_m: float | None = None
    current_kn: float | None = None
    tide_offset_m: float | None = None

    def __post_init__(self) -> None:
        if self.until_at <= self.from_at:
            raise ValueError(f"manual value {self.id} ends before it begins; correct until_at (人工值结束不晚于开始)")
        if fault := bounds_fault(self.given()):
            raise ValueError(f"manual value {self.id}: {fault.en} ({fault.zh})")

    def given(self) -> dict[str, float]:
        """Return the values given, by field."""
        return {name: value for name in FIELD_BOUNDS if (value := getattr(self, name)) is not None}

    def holds(self, moment: datetime) -> bool:
        """Tell whether the value is in force at a moment."""
        return self.from_at <= moment < self.until_at

    def words(self) -> Text:
        """Return the values in words, e.g. "waves 1.6 m"."""
        parts_zh, parts_en = [], []
        for name, value in self.given().items():
            unit = FIELD_BOUNDS[name][2]
            shown = f"{value:+.1f}" if name == "tide_offset_m" else f"{value:.0f}" if unit in ("°",) else f"{value:g}"
            gap = "" if unit == "°" else " "
            parts_zh.append(f"{FIELD_WORDS[name].zh} {shown}{gap}{unit}")
            parts_en.append(f"{FIELD_WORDS[name].en} {shown}{gap}{unit}")
        return Text("、".join(parts_zh), ", ".join(parts_en))


def merged(forecast: Forecast, values: Sequence[ManualValue]) -> Forecast:
    """Return the forecast with the officers' values in force over its hours, each such hour marked with who and when.

    Of several values for one field the newest issue wins, of equal ones the later in the sequence. A value for a zone
    the forecast leaves out changes nothing: alone it is no weather (``data/forecast_gaps.py`` fills such a zone first).
    """
    if not values:
        return forecast
    newest_last = sorted(values, key=lambda value: value.issued_at)
    hours: list[ZoneHour] = []
    for zone_id, of_zone in _by_zone(forecast.hours).items():
        hours += _merged_zone(of_zone, [value for value in newest_last if value.zone_id == zone_id])
    return msgspec.structs.replace(forecast, id=f"{forecast.id}+{_fingerprint(newest_last)}", hours=tuple(hours))


def _by_zone(hours: Iterable[ZoneHour]) -> dict[str, list[ZoneHour]]:
    found: dict[str, list[ZoneHour]] = {}
    for hour in hours:
        found.setdefault(hour.zone_id, []).append(hour)
    return found


def _merged_zone(hours: list[ZoneHour], values: list[ManualValue]) -> list[ZoneHour]:
    """Cut a zone's hours where a value begins or ends, and set the values into those they hold for."""
    if not values:
        return hours
    moments = {hour.valid_from for hour in hours} | {value.from_at for value in values}
    moments |= {value.until_at for value in values}
    merged_hours = []
    for moment in sorted(moments):
        hour = _hour_at(hours, moment)
        standing = [value for value in values if value.holds(moment)]
        merged_hours.append(_with_values(hour, standing) if standing else hour)
    return merged_hours


def _hour_at(hours: list[ZoneHour], moment: datetime) -> ZoneHour:
    """Return the hour that holds at a moment, as one that begins then; before the first, the first."""
    before = [hour for hour in hours if hour.valid_from <= moment]
    after = next((hour for hour in hours if hour.valid_from > moment), None)
    hour = before[-1] if before else hours[0]
    if hour.valid_from == moment:
        return hour
    return msgspec.structs.replace(
        hour, valid_from=moment, tide_m=_tide_between(before[-1], after, moment) if before and after else None
    )


def _tide_between(before: ZoneHour, after: ZoneHour, moment: datetime) -> float | None:
    """Return the tide on the straight line between two hours; None where either does not say."""
    if before.tide_m is None or after.tide_m is None:
        return None
    share = (moment - before.valid_from) / (after.valid_from - before.valid_from)
    return before.tide_m + share * (after.tide_m - before.tide_m)


def _with_values(hour: ZoneHour, standing: list[ManualValue]) -> ZoneHour:
    """Set the values in force into an hour, newest last; what follows from them is adjusted and said."""
    changes: dict[str, float] = {}
    by_field: dict[str, ManualValue] = {}
    for value in standing:
        for name, number in value.given().items():
            changes[name] = number
            by_field[name] = value
    offset_m = changes.pop("tide_offset_m", None)
    if offset_m is not None and hour.tide_m is not None:
        changes["tide_m"] = hour.tide_m + offset_m
    zh, en = _gusts_that_fit(hour, changes)
    newest = max(by_field.values(), key=lambda value: value.issued_at)
    words = newest.words()
    reason = newest.reason
    mark = HourMark(
        kind="manual",
        text=Text(f"{words.zh}({reason.zh}){zh}", f"{words.en} ({reason.en}){en}"),
        fields=tuple(name for name in FIELD_BOUNDS if name in by_field),
        author=newest.author,
        issued_at=newest.issued_at,
    )
    return msgspec.structs.replace(hour, **changes, mark=mark, spread=_spread_left(hour.spread, changes))


def _spread_left(spread: HourSpread | None, changes: Iterable[str]) -> HourSpread | None:
    """The forecast's low and high say nothing any more of what an officer has given."""
    if spread is None:
        return None
    stems = tuple(name.rsplit("_", 1)[0] for name in changes)
    return msgspec.structs.replace(
        spread, **{name: None for name in spread.__struct_fields__ if name.startswith(stems)}
    )


def _gusts_that_fit(hour: ZoneHour, changes: dict[str, float]) -> tuple[str, str]:
    """Keep gusts at or above the wind where an officer gave only one of them, and say which was worked out."""
    if "wind_mps" in changes and "gust_mps" not in changes:
        wind_mps = changes["wind_mps"]
        ratio = hour.gust_mps / hour.wind_mps if hour.wind_mps > 0 else 1.0
        changes["gust_mps"] = max(wind_mps, wind_mps * ratio if hour.wind_mps > 0 else hour.gust_mps)
        return ";阵风按预报的阵风比推算", "; gusts worked out from the forecast's ratio"
    if "gust_mps" in changes and "wind_mps" not in changes and hour.wind_mps > changes["gust_mps"]:
        changes["wind_mps"] = changes["gust_mps"]
        return ";风速不大于阵风", "; wind no higher than the gusts"
    if "wind_mps" in changes and changes["gust_mps"] < changes["wind_mps"]:  # given by two values at different times
        changes["gust_mps"] = changes["wind_mps"]
        return ";阵风不小于风速", "; gusts no lower than the wind"
    return "", ""


def _fingerprint(values: Sequence[ManualValue]) -> str:
    """Return a short name for a set of values, so that whatever is kept by a forecast's id is worked out anew."""
    content = msgspec.json.encode(values, order="deterministic")
    return f"manual-{hashlib.sha256(content).hexdigest()[:6]}"
