"""The isolation board: every island's windows for the days ahead and who is there, in the order they are cut off."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.i18n import say
from console.panels.cutoff_parts import (
    SOON,
    Scale,
    count,
    day_clock,
    near_clock,
    study_state,
    texts,
    time_left,
    without_answer,
)
from console.panels.figures import DOT, NONE
from console.panels.isolation_tracks import across, axis_html, island_windows, letters, wind_html
from console.panels.markup import Html, tag
from console.studies import Seen
from data.geography import Region
from data.isolation import BOARD_KINDS, KIND_NAMES, KIND_SHORT, IslandOutlook, IsolationReport, Missing
from data.text import Language
from data.weather import Forecast

# Islands nobody needs to watch stand folded at the foot.
WATCHED = ("cut_off", "closing", "open")
MISSING_SHOWN = 2


def isolation_html(
    seen: Seen,
    region: Region,
    forecast: Forecast | None,
    now: datetime,
    selected: str | None,
    language: Language,
    *,
    wind_zone: str | None = None,
) -> Html:
    """Return the board of a report, or that it is being worked out, or why it could not be."""
    report: IsolationReport | None = seen.answer.value if seen.answer is not None else None
    missing = without_answer(seen, region.timezone, language)
    head = [
        tag("b", say("isolation.title", language)),
        tag("span", _summary(report, language), cls="dim cut") if report is not None else None,
        tag("span", cls="spring"),
        study_state(seen, region.timezone, language),
    ]
    header = tag("header", *head, cls="head")
    if report is None or missing is not None:
        return tag("section", header, missing, cls="room isolation")
    scale = board_scale(report, region.timezone)
    valid_to = report.forecast.valid_to if report.forecast is not None else None
    shown = [one for one in report.islands if one.standing in WATCHED]
    lines = across(scale, now, valid_to, worded=False, language=language)
    body = tag(
        "div",
        tag("div", tag("div", lines, cls="lines"), cls="isorow over"),
        *(_row(one, report, region, scale, now, selected, language) for one in shown),
        *_folded(report, language),
        _notes(report, language),
        cls="rows isorows",
    )
    columns = _columns(forecast, wind_zone, region, scale, now, valid_to, language)
    return tag("section", header, _legend(language), columns, body, cls="room isolation")


def board_scale(report: IsolationReport, timezone: str) -> Scale:
    """Return the scale of a board: from the whole hour before its moment to its horizon."""
    start = report.at - timedelta(seconds=report.at.timestamp() % 3600)
    return Scale(start, report.horizon_to, timezone)


def _summary(report: IsolationReport, language: Language) -> str:
    hours = round((report.horizon_to - report.at).total_seconds() / 3600)
    watched = sum(one.standing in WATCHED for one in report.islands)
    return say("isolation.summary", language, islands=watched, hours=hours)


def _legend(language: Language) -> Html:
    def swatch(state: str) -> Html:
        through = '<path class="through" d="M0 5h24"/>' if state == "closed" else ""
        top, height = (5.2, 3.8) if state == "limited" else (1, 8)
        shape = f'<path class="{state}" d="M0 {top}h24v{height}h-24z"/>{through}'
        return Html(f'<svg class="windows" width="24" height="10" viewBox="0 0 24 10" aria-hidden="true">{shape}</svg>')

    marks = [tag("span", swatch(one), say(f"isolation.{one}", language)) for one in ("open", "limited", "closed")]
    flag = tag("span", tag("i", cls="flag sample"), say("isolation.flag", language))
    spread = tag("span", tag("i", cls="whisker sample"), say("isolation.whisker", language))
    kinds = DOT.join(f"{KIND_SHORT[kind].said(language)} {KIND_NAMES[kind].said(language)}" for kind in BOARD_KINDS)
    return tag("div", *marks, flag, spread, tag("span", kinds, cls="dim cut"), cls="isokey")


def _columns(
    forecast: Forecast | None,
    wind_zone: str | None,
    region: Region,
    scale: Scale,
    now: datetime,
    valid_to: datetime | None,
    language: Language,
) -> Html:
    names = ("last", "hours", "residents", "visitors", "forces", "missing")
    zone = region.zones.get(wind_zone or "")
    wind = wind_html(forecast, wind_zone, scale, language) if wind_zone else None
    name = zone.name.said(language) if zone is not None and wind is not None else None
    wind_words = [tag("span", name, cls="cut"), tag("span", say("isolation.wind", language))] if name else []
    return tag(
        "div",
        tag("span", *wind_words, cls="windname", title=name),
        tag(
            "div",
            axis_html(scale, valid_to, language),
            wind,
            across(scale, now, valid_to, worded=True, language=language),
            cls="timehead",
        ),
        *(tag("span", say(f"isolation.col_{name}", language), cls=f"th c-{name}") for name in names),
        cls="isorow columns",
    )


def _row(
    island: IslandOutlook,
    report: IsolationReport,
    region: Region,
    scale: Scale,
    now: datetime,
    selected: str | None,
    language: Language,
) -> Html:
    name, on = island.name.said(language), island.island_id == selected
    departure = island.last_safe_departure
    flag = whisker = None
    if departure.likely is not None and scale.holds(departure.likely):
        flag = tag("i", cls="flag", style=scale.left(departure.likely))
    if departure.low is not None and departure.high is not None:
        start, end = scale.percent(departure.low), scale.percent(departure.high)
        whisker = tag("i", cls="whisker", style=f"left:{start:.2f}%;width:{max(0.2, end - start):.2f}%")
    return tag(
        "button",
        tag("span", tag("small", str(island.rank), cls="dim"), tag("b", name), cls="isoname", title=name),
        letters(BOARD_KINDS, language),
        tag("span", island_windows(island, scale), whisker, flag, cls="track"),
        _last(island, region, now, language),
        _hours(island, language),
        _people(island.residents.persons, island.residents.estimate, language),
        _people(island.visitors.persons, island.visitors.estimate, language, strong=True),
        tag("span", f"{island.police} / {island.volunteers}", cls="num"),
        _missing(island.missing, language),
        type="button",
        cls="isorow on" if on else "isorow",
        data_act="open-island",
        data_id=island.island_id,
        data_key=f"iso-{island.island_id}",
        data_walk=True,
        aria_label=f"{name}: {_spoken(island, region, language)}",
    )


def _spoken(island: IslandOutlook, region: Region, language: Language) -> str:
    """Return a row's gist for who cannot see the bars."""
    likely = island.last_safe_departure.likely
    if island.standing == "closing" and likely is not None:
        return say("isolation.spoken", language, at=day_clock(likely, region.timezone, language))
    return say(f"isolation.standing_{island.standing}", language)


def _last(island: IslandOutlook, region: Region, now: datetime, language: Language) -> Html:
    """Return until when one may leave: the last departure, how long that is off, and by what."""
    likely, passage = island.last_safe_departure.likely, island.last_departure
    if island.standing == "closing" and likely is not None:
        bridges = say("list.comma", language).join(one.said(language) for one in island.last_by_bridges)
        by = passage.class_name.said(language) if passage is not None else bridges or None
        why = passage.ended_by.said(language) if passage is not None and passage.ended_by is not None else None
        spread = island.last_safe_departure
        title = [why, _spread_words(spread.low, spread.high, region.timezone, language)]
        return tag(
            "span",
            tag("b", day_clock(likely, region.timezone, language)),
            tag("small", time_left(likely, now, language), tag("span", by, cls="cut dim"), cls="under"),
            title=DOT.join(part for part in title if part),
            cls="last",
        )
    words = say(f"isolation.standing_{island.standing}", language)
    if island.standing == "cut_off":
        back = island.reopens.likely
        at = near_clock(back, now, region.timezone, language) if back is not None else None
        under = say("isolation.reopens", language, at=at) if at is not None else None
        under = under or say("isolation.not_within", language)
        return tag("span", tag("b", words, cls="loud"), tag("small", under, cls="cut dim", title=under), cls="last")
    return tag("span", tag("span", words, cls="dim"), cls="last")


def _spread_words(low: datetime | None, high: datetime | None, timezone: str, language: Language) -> str:
    if low is None or high is None:
        return ""
    early, late = day_clock(low, timezone, language), day_clock(high, timezone, language)
    return say("isolation.spread", language, low=early, high=late)


def _hours(island: IslandOutlook, language: Language) -> Html:
    hours = island.hours_cut_off
    if hours.high <= 0:
        return tag("span", NONE, cls="num")
    band = f"{hours.low:.0f}\u2013{hours.high:.0f}" if round(hours.low) != round(hours.high) else None
    likely = say("isolation.h", language, n=f"{hours.likely:.0f}")
    return tag("span", tag("b", likely), tag("small", band, cls="dim") if band else None, cls="num stack")


def _people(persons: int | None, estimate: bool, language: Language, *, strong: bool = False) -> Html:
    about = "\u2248" if estimate and persons else ""
    words = f"{about}{count(persons, language)}"
    title = say("isolation.estimate", language) if about else None
    return tag("span", tag("b", words) if strong and persons else words, cls="num", title=title)


def _missing(rows: tuple[Missing, ...], language: Language) -> Html:
    """Return what is missing against the standing need, the worst first; what nobody counted is said to be so."""
    if not rows:
        return tag("span", NONE, cls="lack")
    known = [one for one in rows if one.held is not None]
    lines = [lack_words(one, language) for one in (known or rows)]
    title = "\n".join(lack_words(one, language) for one in rows)
    more = say("isolation.more", language, n=len(rows) - MISSING_SHOWN) if len(rows) > MISSING_SHOWN else None
    first = [tag("span", line, cls="cut") for line in lines[:MISSING_SHOWN]]
    if more and len(first) > 1:
        first[-1] = tag("span", tag("span", lines[1], cls="cut"), tag("small", more), cls="pair")
    return tag("span", *first, cls="lack loudish" if known else "lack dim", title=title)


def lack_words(one: Missing, language: Language) -> str:
    """Return one shortfall in words: how much of what, or that nobody has counted it."""
    name = one.name.said(language)
    if one.held is None:
        return say("isolation.lack_unknown", language, name=name)
    return say("isolation.lack", language, name=name, n=f"{one.short:,.0f}", unit=one.unit.said(language))


def _folded(report: IsolationReport, language: Language) -> list[Html]:
    """Return the islands no weather of this forecast cuts off, and those nothing is known of, each by name."""
    found = []
    for standing in ("joined", "unknown"):
        islands = [one for one in report.islands if one.standing == standing]
        if not islands:
            continue
        doors = [
            tag(
                "button",
                one.name.said(language),
                type="button",
                cls="btn small",
                data_act="open-island",
                data_id=one.island_id,
                data_key=f"fold-{one.island_id}",
                aria_label=one.name.said(language),
            )
            for one in islands
        ]
        words = say(f"isolation.fold_{standing}", language, n=len(islands))
        found.append(tag("details", tag("summary", words), tag("div", *doors, cls="doors"), cls="texts"))
    return found


def _notes(report: IsolationReport, language: Language) -> Html:
    """Return what the report cannot do, what it assumes, and what its check found."""
    faults = [tag("p", one.said(language), cls="loud") for one in report.faults]
    sources = None
    if report.forecast is not None:
        sources = tag("p", say("isolation.source", language, source=report.forecast.source), cls="note")
    return tag("div", *faults, texts(say("study.assumptions", language), report.assumptions, language), sources)


def due_soon(report: IsolationReport, now: datetime) -> frozenset[str]:
    """Return the islands with a move that is due within three hours."""
    return frozenset(one.island_id for one in report.moves if one.latest_start_at - now <= SOON)
