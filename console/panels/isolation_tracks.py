"""The tracks of the isolation board: windows of each kind of craft as bars, the wind above them, the lines across."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from console.i18n import say
from console.panels.cutoff_parts import HOUR, Scale, now_line
from console.panels.figures import clock, local
from console.panels.markup import Html, raw, tag
from data.isolation import BOARD_KINDS, KIND_SHORT, CraftKind, IslandOutlook, WindowSpan
from data.text import Language
from data.weather import Forecast, beaufort

# One unit of a track is a minute across and a tenth of a row's sub-row down: it stretches with its cell.
ROW = 10
WIND_TOP_BFT = 12
WIND_STEP = timedelta(hours=3)


def windows_svg(rows: Sequence[tuple[Sequence[WindowSpan], bool]], scale: Scale) -> Html:
    """Return the bars of a few rows of spans, each row with whether the region knows it at all.

    Open is a full quiet bar, limited a thin one at the row's foot, closed a full one with a line through its middle:
    height and line tell them apart without colour.
    """
    paths: dict[str, list[str]] = {"open": [], "limited": [], "closed": [], "through": []}
    whole = _minute(scale.to_at, scale)
    for index, (spans, _) in enumerate(rows):
        for one in spans:
            start, end = max(0, _minute(one.from_at, scale)), min(whole, _minute(one.to_at, scale))
            if end <= start:
                continue
            top, height = (index * ROW + 5.2, 3.8) if one.state == "limited" else (index * ROW + 1, 8)
            paths[one.state].append(f"M{start} {top:g}h{end - start}v{height:g}h{start - end}z")
            if one.state == "closed":
                paths["through"].append(f"M{start} {index * ROW + 5}h{end - start}")
    drawn = "".join(f'<path class="{name}" d="{"".join(parts)}"/>' for name, parts in paths.items() if parts)
    return Html(
        f'<svg class="windows" viewBox="0 0 {whole} {ROW * len(rows)}" preserveAspectRatio="none" '
        f'aria-hidden="true">{drawn}</svg>'
    )


def _minute(moment: datetime, scale: Scale) -> int:
    return round((moment - scale.from_at) / timedelta(minutes=1))


def island_windows(island: IslandOutlook, scale: Scale) -> Html:
    """Return the four rows of an island."""
    found = [island.row(kind) for kind in BOARD_KINDS]
    return windows_svg([(row.spans, True) if row is not None else ((), False) for row in found], scale)


def letters(kinds: Iterable[CraftKind], language: Language) -> Html:
    """Return the letters that name the rows of a track."""
    return tag("span", *(tag("i", KIND_SHORT[kind].said(language)) for kind in kinds), cls="letters")


def across(scale: Scale, now: datetime, valid_to: datetime | None, *, worded: bool, language: Language) -> Html:
    """Return what runs down through all rows: midnights, the end of the forecast and what lies beyond it, now."""
    lines: list[object] = [
        tag("i", cls="midnight", style=scale.left(one))
        for one in scale.ticks(24)
        if one.hour == 0 and one > scale.from_at
    ]
    if valid_to is not None and valid_to < scale.to_at:
        lines.append(tag("i", cls="beyond", style=scale.left(valid_to)))
    lines.append(now_line(scale, now, language, worded=worded))
    return tag("div", *lines, cls="across", aria_hidden="true")


def axis_html(scale: Scale, valid_to: datetime | None, language: Language) -> Html:
    """Return days and hours over the tracks, and from when it is an outlook beyond the forecast."""
    every = 3 if scale.hours <= 50 else 6
    hours = [
        tag("span", f"{one:%H}", cls="hour", style=scale.left(one))
        for one in scale.ticks(every)
        if scale.percent(one) < 99.5
    ]
    days = [
        tag("b", say("study.day", language, month=one.month, day=one.day), cls="day", style=scale.left(one))
        for one in _day_starts(scale)
    ]
    beyond = None
    if valid_to is not None and scale.percent(valid_to) < 88:
        words = say("isolation.beyond", language, at=clock(valid_to, scale.timezone))
        end = scale.percent(valid_to) > 55
        side = f"right:{100 - scale.percent(valid_to):.2f}%" if end else scale.left(valid_to)
        beyond = tag("span", words, cls="beyondtag end" if end else "beyondtag", style=side)
    return tag("div", *days, *hours, beyond, cls="axis")


def _day_starts(scale: Scale) -> list[datetime]:
    first = local(scale.from_at, scale.timezone)
    later = [one for one in scale.ticks(24) if one.hour == 0 and one > scale.from_at]
    # A first day of under three hours has no room for its name.
    return later if later and later[0] - first < 3 * HOUR else [first, *later]


def wind_html(forecast: Forecast | None, zone_id: str, scale: Scale, language: Language) -> Html | None:
    """Return the mean wind of one zone by the hour, as Beaufort numbers over bars of their height."""
    if forecast is None:
        return None
    hours = [one for one in forecast.hours if one.zone_id == zone_id]
    if not hours:
        return None
    parts, words, next_word = [], [], scale.from_at
    for index, hour in enumerate(hours):
        until = hours[index + 1].valid_from if index + 1 < len(hours) else max(forecast.valid_to, scale.to_at)
        start, end = max(0, _minute(hour.valid_from, scale)), min(_minute(scale.to_at, scale), _minute(until, scale))
        if end <= start:
            continue
        force = beaufort(hour.wind_mps)
        height = max(1, round(20 * force / WIND_TOP_BFT))
        parts.append(f"M{start} {20 - height}h{end - start}v{height}h{start - end}z")
        at = max(hour.valid_from, scale.from_at)
        if at >= next_word:
            bottom = f"{scale.left(at)};bottom:{height + 1}px"
            words.append(tag("span", str(force), style=bottom))
            next_word = at + WIND_STEP
    bars = Html(
        f'<svg class="windbars" viewBox="0 0 {_minute(scale.to_at, scale)} 20" preserveAspectRatio="none" '
        f'aria-hidden="true"><path d="{"".join(parts)}"/></svg>'
    )
    return tag("div", bars, raw(Html("".join(words))), cls="wind", title=say("isolation.wind_title", language))
