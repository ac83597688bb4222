"""The legs of a plan as a chart: who rides what, when it arrives, how many are there by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.i18n import say
from console.panels.figures import DOT, clock
from console.panels.gantt_rows import Axis, Bar, Row, build_axis, gantt_rows
from console.panels.markup import Html, join, room, symbol, tag
from data.geography import Region
from data.plans import EchelonTime, Leg, Plan
from data.text import Language, Text

if TYPE_CHECKING:
    from data.journal.picture import Picture

# The track is about this wide at 1920; words that do not fit in their bar stand after it.
TRACK_PX = 430
CHARACTER_PX = {"zh": 12.0, "en": 6.6}
# Labels of echelons are bold; between two on one line stands this much air.
LABEL_WIDER = 1.12
LABEL_GAP_PX = 14
# The scale is one line of times and as many lines of labels as it takes.
TIMES_PX = 17
LABEL_LINE_PX = 14
AFTER_PX = 12


def gantt_html(
    plan: Plan | None,
    picture: Picture,
    region: Region,
    now: datetime,
    language: Language,
    *,
    closed: Mapping[str, Sequence[tuple[datetime, datetime, Text]]] | None = None,
    last_departure: tuple[str, datetime, Text] | None = None,
) -> Html:
    """Return the chart.

    ``closed`` gives, by craft id, the spans in which its landing is closed to it, each with its words;
    ``last_departure`` the craft, moment and cause of the tightest last safe departure.
    """
    if plan is None:
        head = tag("b", say("legs.title", language))
        return room("legs", head, tag("p", say("legs.none", language), cls="note"))
    rows = gantt_rows(plan, picture)
    axis = build_axis(plan)
    zone = region.timezone
    grid = [tag("i", cls="tick", style=f"left:{axis.percent(tick):.2f}%") for tick in axis.ticks]
    times = [tag("span", clock(tick, zone), style=f"left:{axis.percent(tick):.2f}%") for tick in axis.ticks]
    labels = echelon_labels(plan, axis, language)
    lines_of_labels = 1 + max((label.level for label in labels), default=0)
    lines = _echelon_lines(plan, axis)
    now_line = (
        [tag("i", cls="nowline", style=f"left:{axis.percent(now):.2f}%")] if axis.from_at <= now <= axis.to_at else []
    )
    scale = tag(
        "div",
        tag("span", say("plan.from", language, at=clock(plan.start_at, zone)), cls="dim from"),
        tag("div", *times, *(_label(label, lines_of_labels) for label in labels), cls="scale"),
        tag("span", say("legs.arrival", language), cls="dim"),
        cls="leg axis",
        style=f"height:{TIMES_PX + LABEL_LINE_PX * lines_of_labels}px",
    )
    body = [
        _row(row, axis, picture, zone, language, grid + lines + now_line, (closed or {}).get(row.unit_id, ()))
        for row in rows
    ]
    if not rows:
        body = [tag("p", say("legs.nobody", language), cls="note")]
    return room(
        "legs", _head(plan, last_departure, zone, language), scale, tag("div", *body, cls="rows"), _key(plan, language)
    )


def _head(plan: Plan, last_departure: tuple[str, datetime, Text] | None, zone: str, language: Language) -> Html:
    name = say(f"alternative.{plan.alternative}", language)
    words = say("legs.summary", language, persons=plan.persons, craft=plan.craft_used, legs=len(plan.legs))
    warning = None
    if last_departure:
        call_sign, at, cause = last_departure
        words_last = say(
            "legs.last_departure", language, unit=call_sign, at=clock(at, zone), cause=cause.said(language)
        )
        warning = tag("span", words_last, cls="warning cut")
    return join(
        [
            tag("b", say("legs.title", language) + DOT + name),
            tag("span", words, cls="dim cut"),
            tag("span", cls="spring"),
            warning,
        ]
    )


def _echelon_lines(plan: Plan, axis: Axis) -> list[Html]:
    return [
        tag("i", cls="echelonline", style=f"left:{axis.percent(echelon.complete_at):.2f}%")
        for echelon in plan.echelons
        if echelon.complete_at
    ]


class EchelonLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The words over one moment at which echelons are complete; ``level`` 0 stands lowest, next to the chart."""

    words: str
    names: str
    place_percent: float
    left_px: float
    right_px: float
    level: int


def echelon_labels(plan: Plan, axis: Axis, language: Language) -> list[EchelonLabel]:
    """Return one label a moment, each on the lowest line where it touches no other, none beyond the track's ends."""
    by_moment: dict[datetime, list[EchelonTime]] = {}
    for echelon in sorted(plan.echelons, key=lambda e: (e.complete_min or 0, e.persons)):
        if echelon.complete_at is not None:
            by_moment.setdefault(echelon.complete_at, []).append(echelon)
    found: list[EchelonLabel] = []
    ends: list[float] = []
    for moment, echelons in sorted(by_moment.items()):
        words = f"{' '.join(f'T{e.persons}' for e in echelons)} +{echelons[0].complete_min}"
        width = width_px(words, "en") * LABEL_WIDER
        place = axis.percent(moment)
        left = min(max(0.0, place / 100 * TRACK_PX - width / 2), TRACK_PX - width)
        level = next((line for line, end in enumerate(ends) if left >= end + LABEL_GAP_PX), len(ends))
        ends[level : level + 1] = [left + width]
        found.append(
            EchelonLabel(
                words=words,
                names=say("list.comma", language).join(e.name.said(language) for e in echelons),
                place_percent=place,
                left_px=left,
                right_px=left + width,
                level=level,
            )
        )
    return found


def _label(label: EchelonLabel, lines: int) -> Html:
    half_px = (label.right_px - label.left_px) / 2
    centre_px = label.place_percent / 100 * TRACK_PX
    side = "label end" if centre_px + half_px > TRACK_PX else "label start" if centre_px < half_px else "label"
    top_px = TIMES_PX - 2 + LABEL_LINE_PX * (lines - 1 - label.level)
    return tag("b", label.words, title=label.names, cls=side, style=f"left:{label.place_percent:.2f}%;top:{top_px}px")


def _row(
    row: Row,
    axis: Axis,
    picture: Picture,
    zone: str,
    language: Language,
    grid: list[Html],
    closed: Sequence[tuple[datetime, datetime, Text]],
) -> Html:
    unit = picture.units.get(row.unit_id)
    name = unit.call_sign.said(language) if unit else row.unit_id
    hatches = [
        tag("i", cls="hatch", title=words.said(language), style=_place(from_at, to_at, axis))
        for from_at, to_at, words in closed
        if to_at > axis.from_at and from_at < axis.to_at
    ]
    last = row.bars[-1]
    bars = [piece for bar in row.bars for piece in _bar(bar, axis, zone, language, is_last=bar is last)]
    return tag(
        "button",
        tag(
            "span",
            symbol(unit.symbol, unit.status) if unit else None,
            tag("span", name, cls="cut", title=name),
            cls="who",
        ),
        tag("div", *grid, *hatches, *bars, cls="track"),
        tag("span", tag("b", clock(row.arrive_at, zone)), f"{DOT}{row.cumulative}", cls="num"),
        type="button",
        cls="leg",
        data_act="select-unit",
        data_id=row.unit_id,
        data_key=f"leg-{row.unit_id}",
        aria_label=say("legs.row", language, unit=name, at=clock(row.arrive_at, zone), persons=row.persons),
    )


def _place(from_at: datetime, to_at: datetime, axis: Axis) -> str:
    left, right = axis.percent(from_at), axis.percent(to_at)
    return f"left:{left:.2f}%;width:{max(0.4, right - left):.2f}%"


def _bar(bar: Bar, axis: Axis, zone: str, language: Language, *, is_last: bool) -> list[Html]:
    names = say("list.plus", language).join(text.said(language) for text in bar.words)
    words = say("legs.riders", language, names=names, persons=bar.persons)
    times = f"{clock(bar.from_at, zone)}\u2013{clock(bar.to_at, zone)}"
    title = DOT.join(filter(None, (f"{say(f'legs.{bar.kind}', language)} {times}", words if bar.words else "")))
    style = _place(bar.from_at, bar.to_at, axis)
    if bar.kind in ("position", "load"):
        return [tag("i", cls=f"legbar {bar.kind}", title=title, style=style)]
    left, right = axis.percent(bar.from_at), axis.percent(bar.to_at)
    inside_px, after_px = (right - left) / 100 * TRACK_PX, (100 - right) / 100 * TRACK_PX - AFTER_PX
    choices = rider_words(bar, language)
    if shown := next((choice for choice in choices if width_px(choice, language) <= inside_px), None):
        return [tag("i", tag("span", shown, cls="cut"), cls=f"legbar {bar.kind}", title=title, style=style)]
    bars = [tag("i", cls=f"legbar {bar.kind}", title=title, style=style)]
    if is_last and (shown := next((choice for choice in choices if width_px(choice, language) <= after_px), None)):
        bars.append(tag("span", shown, cls="after", title=title, style=f"left:{right:.2f}%"))
    return bars


def rider_words(bar: Bar, language: Language) -> list[str]:
    """Return how the riders of a bar may be written, longest first: by name, as so many groups, as heads."""
    names = say("list.plus", language).join(text.said(language) for text in bar.words)
    found = [say("legs.riders", language, names=names, persons=bar.persons)]
    if len(bar.words) > 1:
        found.append(say("legs.riders_many", language, count=len(bar.words), persons=bar.persons))
    return [*found, say("legs.persons", language, persons=bar.persons)]


def width_px(words: str, language: Language) -> float:
    """Return about how wide words are drawn; Latin letters and digits are half as wide as Chinese characters."""
    return sum(CHARACTER_PX["en"] if character.isascii() else CHARACTER_PX["zh"] for character in words)


def _key(plan: Plan, language: Language) -> Html:
    kinds = {kind for leg in plan.legs for kind in _kinds(leg)}
    marks = [
        tag("span", tag("i", cls=f"swatch {kind}"), say(f"legs.{kind}", language))
        for kind in ("position", "load", "carry", "air", "road")
        if kind in kinds
    ]
    estimate = tag("span", say("legs.estimate", language)) if any(leg.estimate for leg in plan.legs) else None
    return tag("footer", *marks, estimate, cls="key dim")


def _kinds(leg: Leg) -> tuple[str, ...]:
    if leg.purpose == "position":
        return ("position",)
    kind = "air" if leg.mode == "air" else "road" if leg.mode in ("road", "foot") else "carry"
    return ("load", kind) if leg.board_at else (kind,)
