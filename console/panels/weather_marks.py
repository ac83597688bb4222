"""Whose a zone's weather is, what of it is assumed, and which warnings are out: the weather band, the map."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.figures import DOT, clock, day_clock
from console.panels.markup import Html, tag
from data.geography import Region
from data.text import Language
from data.weather import Forecast, HourMark, ZoneHour
from data.weather_warnings import WeatherWarning

if TYPE_CHECKING:
    from data.journal.picture import Picture

# A warning that begins later than this is not told in the band yet.
WARN_AHEAD = timedelta(hours=12)


def mark_words(mark: HourMark | None, region: Region, language: Language) -> str:
    """Return in a few words that an hour is an officer's, with who and when, or assumed; nothing for the forecast's."""
    if mark is None:
        return ""
    if mark.kind == "assumed" or mark.issued_at is None:
        return say("weather.assumed", language)
    return say("weather.manual_by", language, author=mark.author, issued=clock(mark.issued_at, region.timezone))


def mark_chips(
    picture: Picture, region: Region, zone_id: str, hour: ZoneHour, now: datetime, language: Language
) -> list[Html]:
    """Return the chip that says a zone's values of now are an officer's or assumed."""
    mark = hour.mark
    if mark is None:
        return []
    if mark.kind == "assumed":
        chip = tag("b", say("weather.assumed", language), cls="chip")
        return [tag("span", chip, title=mark.text.said(language), cls="figure")]
    told = [
        say(
            "weather.manual_is",
            language,
            words=f"{one.words().said(language)} ({one.reason.said(language)})",
            author=one.author,
            issued=clock(one.issued_at, region.timezone),
            until=day_clock(one.until_at, now, region.timezone),
        )
        for one in sorted(picture.manual_weather.values(), key=lambda value: value.issued_at, reverse=True)
        if one.zone_id == zone_id and one.holds(now)
    ]
    by = f" {mark.author} {clock(mark.issued_at, region.timezone)}" if mark.issued_at else ""
    chip = tag("b", say("weather.manual", language), cls="chip")
    return [tag("span", chip, by, title=DOT.join(told) or mark.text.said(language), cls="figure")]


def warning_chips(
    forecast: Forecast | None, region: Region, zone_id: str | None, now: datetime, language: Language
) -> list[Html]:
    """Return one chip with the gravest warning of a zone, in force or soon; the rest stand in its tip."""
    if forecast is None:
        return []
    found = sorted(
        (one for one in forecast.warnings if _concerns(one, zone_id, now)),
        key=lambda one: (not one.holds(now), -one.rank, one.from_at),
    )
    if not found:
        return []
    gravest = found[0]
    colour = "red" if any(one.level == "red" for one in found[:1]) else "amber"
    ahead = (
        ""
        if gravest.holds(now)
        else f" {say('weather.warning_ahead', language, since=day_clock(gravest.from_at, now, region.timezone))}"
    )
    more = f" {say('weather.warnings_more', language, count=len(found) - 1)}" if len(found) > 1 else ""
    return [
        tag(
            "span",
            tag("b", gravest.name.said(language), cls=f"chip {colour}"),
            ahead,
            tag("span", more, cls="wide") if more else None,
            title=DOT.join(warning_words(one, region, language, now) for one in found),
            cls="figure",
        )
    ]


def warning_words(warning: WeatherWarning, region: Region, language: Language, now: datetime) -> str:
    """Return a warning as one line: its name, its text, who issued it when, and its span."""
    since = day_clock(warning.from_at, now, region.timezone)
    span = (
        say("weather.warning_from", language, since=since)
        if warning.until_at is None
        else say("weather.warning_span", language, since=since, until=day_clock(warning.until_at, now, region.timezone))
    )
    return say(
        "weather.warning_is",
        language,
        name=warning.name.said(language),
        text=warning.text.said(language),
        issuer=warning.issuer.said(language),
        issued=day_clock(warning.issued_at, now, region.timezone),
        span=span,
    )


def _concerns(warning: WeatherWarning, zone_id: str | None, now: datetime) -> bool:
    here = zone_id is None or not warning.zone_ids or zone_id in warning.zone_ids
    ended = warning.until_at is not None and warning.until_at <= now
    return here and not ended and warning.issued_at <= now and warning.from_at <= now + WARN_AHEAD
