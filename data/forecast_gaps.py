"""What a forecast leaves out, and what is assumed there: worse than its neighbours, marked, and said in words.

A hole within a zone takes the worse of the hour before and the hour after, each value by itself. After a zone's last
row the last row holds on until the forecast ends, before its first the first holds back. A zone left out takes the
worst of the zones it touches. The tide is not guessed: where no row gives it, a landing that needs it is shut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import shapely

from data.geography import Region
from data.text import Text
from data.weather import Forecast, HourMark, ZoneHour

GapKind = Literal["zone", "before", "hole", "after"]
TOUCHING_DEG = 1e-6  # zones share their edges; float slack


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A span for which a forecast gives no values of its own for a zone."""

    zone_id: str
    from_at: datetime
    until_at: datetime
    kind: GapKind


class AssumedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A span of a zone's hours that are not the forecast's own, and what is assumed there."""

    zone_id: str
    from_at: datetime
    until_at: datetime
    text: Text

    def follows(self, later: AssumedSpan) -> bool:
        """Tell whether a later span goes on from this one for the same reason."""
        return (self.zone_id, self.until_at, self.text) == (later.zone_id, later.from_at, later.text)


def find_gaps(forecast: Forecast, zone_ids: Collection[str] = ()) -> tuple[Gap, ...]:
    """Return every gap between the forecast's first row and its end, by zone then time; ``zone_ids`` are all there are.

    A step is a hole where it is longer than both steps beside it: a forecast may well go over from hours to three.
    """
    if not forecast.hours:
        return ()
    start = min(hour.valid_from for hour in forecast.hours)
    zones = _by_zone(forecast.hours)
    often = Counter(hour.valid_from for hour in forecast.hours)
    found = []
    for zone_id in sorted({*zones, *zone_ids}):
        hours = zones.get(zone_id)
        if hours is None:
            found.append(Gap(zone_id=zone_id, from_at=start, until_at=forecast.valid_to, kind="zone"))
        else:
            times = [hour.valid_from for hour in hours]
            if any(hour.mark is not None and hour.mark.kind == "manual" for hour in hours):
                # Where an officer's value begins or ends inside an hour, the forecast itself has no row.
                times = [moment for moment in times if 2 * often[moment] >= len(zones)] or times
            found += _gaps_of_zone(zone_id, times, start, forecast.valid_to)
    return tuple(found)


def _gaps_of_zone(zone_id: str, times: Sequence[datetime], start: datetime, end: datetime) -> list[Gap]:
    steps = [later - earlier for earlier, later in pairwise(times)]
    found = []
    if times[0] > start:
        found.append(Gap(zone_id=zone_id, from_at=start, until_at=times[0], kind="before"))
    for place, step in enumerate(steps):
        usual = _usual_step(steps, place)
        if usual is not None and step > usual:
            found.append(Gap(zone_id=zone_id, from_at=times[place] + usual, until_at=times[place + 1], kind="hole"))
    if steps and times[-1] + steps[-1] < end:
        usual = min(steps[-1], _usual_step(steps, len(steps) - 1) or steps[-1])
        found.append(Gap(zone_id=zone_id, from_at=times[-1] + usual, until_at=end, kind="after"))
    return found


def _usual_step(steps: Sequence[timedelta], place: int) -> timedelta | None:
    """Return the longer of the steps beside one; None where it stands alone."""
    beside = steps[max(0, place - 1) : place] + steps[place + 1 : place + 2]  # type: ignore[operator]
    return max(beside, default=None)


def filled(forecast: Forecast, region: Region) -> Forecast:
    """Return the forecast with every gap filled by assumption, each such hour marked; unchanged if it has none."""
    gaps = find_gaps(forecast, region.zones)
    if not gaps:
        return forecast
    zones = _by_zone(forecast.hours)
    for gap in gaps:
        if gap.kind != "zone":
            zones[gap.zone_id] = sorted([*zones[gap.zone_id], *_fill(zones[gap.zone_id], gap)], key=_time)
    whole = dict(zones)
    for gap in gaps:
        if gap.kind == "zone":
            zones[gap.zone_id] = _from_neighbours(gap.zone_id, whole, region)
    hours = tuple(hour for zone_id in sorted(zones) for hour in zones[zone_id])
    return msgspec.structs.replace(forecast, hours=hours)


def _fill(hours: Sequence[ZoneHour], gap: Gap) -> list[ZoneHour]:
    before = [hour for hour in hours if hour.valid_from < gap.from_at]
    after = [hour for hour in hours if hour.valid_from >= gap.until_at]
    replace = msgspec.structs.replace
    if gap.kind == "before":
        mark = _assumed("首个时次之前，按首个时次(假定)", "before the zone's first row; that row is assumed")
        return [replace(after[0], valid_from=gap.from_at, tide_m=None, mark=mark, spread=None)]
    if gap.kind == "after":
        mark = _assumed("末个时次之后无数据，沿用末个时次(假定)", "no rows after the zone's last; that row is assumed")
        return [replace(before[-1], valid_from=gap.from_at, tide_m=None, mark=mark, spread=None)]
    mark = _assumed("缺时次，取前后较差值(假定)", "rows missing; the worse of before and after is assumed")
    return [replace(_worst([before[-1], after[0]]), valid_from=gap.from_at, tide_m=None, mark=mark, spread=None)]


def _from_neighbours(zone_id: str, zones: dict[str, list[ZoneHour]], region: Region) -> list[ZoneHour]:
    """Return a zone's hours as the worst, at each moment, of the zones that touch it; of all where none does."""
    outline = shapely.Polygon(region.zones[zone_id].ring)
    near = [
        other
        for other in zones
        if other in region.zones and outline.distance(shapely.Polygon(region.zones[other].ring)) < TOUCHING_DEG
    ]
    beside = "邻区" if near else "其余海区"
    near = near or list(zones)
    names = [region.zones[other].name if other in region.zones else Text(other, other) for other in near]
    mark = _assumed(
        f"预报无此海区，取{beside}({'、'.join(name.zh for name in names)})最差值(假定)",
        f"the forecast leaves this zone out; the worst of {', '.join(name.en for name in names)} is assumed",
    )
    times = sorted({hour.valid_from for other in near for hour in zones[other]})
    found = []
    for moment in times:
        standing = [_standing(zones[other], moment) for other in near]
        worst = _worst([hour for hour in standing if hour is not None])
        replaced = msgspec.structs.replace(
            worst, zone_id=zone_id, valid_from=moment, tide_m=None, mark=mark, spread=None
        )
        found.append(replaced)
    return found


def _standing(hours: Sequence[ZoneHour], moment: datetime) -> ZoneHour | None:
    before = [hour for hour in hours if hour.valid_from <= moment]
    return before[-1] if before else None


def _worst(hours: Sequence[ZoneHour]) -> ZoneHour:
    """Return the strongest wind, gusts and current, the highest waves with their direction, the shortest sight."""
    windiest = max(hours, key=lambda hour: hour.wind_mps)
    highest = max(hours, key=lambda hour: hour.hs_m)
    return msgspec.structs.replace(
        windiest,
        gust_mps=max(hour.gust_mps for hour in hours),
        hs_m=highest.hs_m,
        wave_from_deg=highest.wave_from_deg,
        visibility_m=min(hour.visibility_m for hour in hours),
        current_kn=max(hour.current_kn for hour in hours),
    )


def assumptions(
    forecast: Forecast | None, region: Region, from_at: datetime | None = None, until_at: datetime | None = None
) -> tuple[Text, ...]:
    """Return in words what is assumed of the weather between two moments: holes filled, and beyond the validity.

    None for a moment takes the forecast's own start or end.
    """
    if forecast is None:
        return (Text("无预报，按平静、能见度良好(假定)", "no forecast: calm and clear weather is assumed"),)
    found = []
    for one in assumed_spans(forecast):
        zone = region.zones.get(one.zone_id)
        name = zone.name if zone else Text(one.zone_id, one.zone_id)
        if (from_at is None or one.until_at > from_at) and (until_at is None or one.from_at < until_at):
            span = _span(one.from_at, one.until_at, region)
            found.append(Text(f"{name.zh} {span}：{one.text.zh}", f"{name.en} {span}: {one.text.en}"))
    end = clock(forecast.valid_to, region)
    if from_at is not None and from_at >= forecast.valid_to:
        found.append(
            Text(
                f"预报 {forecast.id} 已于 {end} 过有效期，沿用末个时次(假定)；请发布新预报",
                f"the forecast {forecast.id} ran out at {end}; its last hour is assumed to hold on. Issue a newer one",
            )
        )
    elif until_at is not None and until_at > forecast.valid_to:
        found.append(
            Text(
                f"{end} 之后超出预报 {forecast.id} 有效期，沿用末个时次(假定)",
                f"after {end} the forecast {forecast.id} says nothing; its last hour is assumed to hold on",
            )
        )
    return tuple(found)


def assumed_spans(forecast: Forecast) -> tuple[AssumedSpan, ...]:
    """Return the spans of hours assumed for the same reason, by zone then time."""
    found: list[AssumedSpan] = []
    for zone_id, hours in _by_zone(forecast.hours).items():
        for place, hour in enumerate(hours):
            if hour.mark is None or hour.mark.kind != "assumed":
                continue
            end = hours[place + 1].valid_from if place + 1 < len(hours) else max(forecast.valid_to, hour.valid_from)
            span = AssumedSpan(zone_id=zone_id, from_at=hour.valid_from, until_at=end, text=hour.mark.text)
            if found and found[-1].follows(span):
                found[-1] = msgspec.structs.replace(found[-1], until_at=end)
            else:
                found.append(span)
    return tuple(found)


def clock(moment: datetime, region: Region) -> str:
    """Return a moment as month, day and clock in the region's time."""
    return f"{moment.astimezone(ZoneInfo(region.timezone)):%m-%d %H:%M}"


def _span(first: datetime, last: datetime, region: Region) -> str:
    zone = ZoneInfo(region.timezone)
    begin, end = first.astimezone(zone), last.astimezone(zone)
    return (
        f"{begin:%m-%d %H:%M}-{end:%H:%M}" if begin.date() == end.date() else f"{begin:%m-%d %H:%M}-{end:%m-%d %H:%M}"
    )


def _assumed(zh: str, en: str) -> HourMark:
    return HourMark(kind="assumed", text=Text(zh, en))


def _by_zone(hours: Iterable[ZoneHour]) -> dict[str, list[ZoneHour]]:
    found: dict[str, list[ZoneHour]] = {}
    for hour in hours:
        found.setdefault(hour.zone_id, []).append(hour)
    return {zone_id: sorted(of_zone, key=_time) for zone_id, of_zone in found.items()}


def _time(hour: ZoneHour) -> datetime:
    return hour.valid_from
