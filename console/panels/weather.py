"""The weather band: one zone's sea and air, what is closed or limited, what closes next, how old the forecast is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.figures import DOT, clock, compass, day_clock, visibility, wind
from console.panels.markup import Html, join, tag
from console.panels.outlook import LinkNote, Outlook
from console.panels.tides import tide_source, tide_words
from console.panels.timers import countdown
from console.panels.weather_marks import mark_chips, warning_chips
from data.errors import TongzhouError
from data.geography import Region
from data.text import Language
from data.weather import Forecast

if TYPE_CHECKING:
    from data.journal.picture import Picture

CHIP_NAMES = 3


def weather_band_html(
    picture: Picture, region: Region, zone_id: str | None, outlook: Outlook | None, now: datetime, language: Language
) -> Html:
    """Return the band for one zone; the page says which, and the region's first stands in for an unknown one."""
    zone_id = zone_id if zone_id in region.zones else next(iter(region.zones), None)
    name = region.zones[zone_id].name.said(language) if zone_id else region.name.said(language)
    return tag(
        "section",
        tag("b", name),
        *_conditions(picture, region, zone_id, now, language),
        *warning_chips(picture.forecast, region, zone_id, now, language),
        *_links(outlook, region, now, language),
        tag("span", cls="spring"),
        _forecast(picture, region, now, language),
        cls="room band-weather",
    )


def _conditions(picture: Picture, region: Region, zone_id: str | None, now: datetime, language: Language) -> list[Html]:
    if picture.forecast is None or zone_id is None:
        return [tag("span", say("weather.none", language), cls="warning")]
    try:
        hour = picture.forecast.at(zone_id, now)
    except TongzhouError:
        return [tag("span", say("weather.outside", language), cls="warning")]
    gust = say("weather.gust", language, mps=f"{hour.gust_mps:.1f}")
    sea = f"{hour.hs_m:.1f} m {compass(hour.wave_from_deg)}"
    return [
        _figure("weather.wind", wind(hour.wind_mps, hour.wind_from_deg, language), language, gust),
        _figure("weather.hs", sea, language),
        _figure("weather.visibility", visibility(hour.visibility_m), language),
        _figure("weather.current", f"{hour.current_kn:.1f} kn", language, cls="figure wide"),
        *_tide(picture.forecast, region, zone_id, now, language),
        *mark_chips(picture, region, zone_id, hour, now, language),
    ]


def _tide(forecast: Forecast, region: Region, zone_id: str, now: datetime, language: Language) -> list[Html]:
    """The zone's tide, where the region measures one; on a narrow screen only in a zone with a landing that needs it.

    That nobody knows it is said, since it shuts such landings.
    """
    if region.tide_datum is None:
        return []
    needed = any(pier.is_tidal and pier.zone_id == zone_id for pier in region.piers.values())
    look = "figure" if needed else "figure wide"
    name = say("tide.name", language)
    tide = tide_words(forecast, zone_id, now, language)
    if tide is None:
        unknown = tag("b", say("tide.unknown", language))
        return [tag("span", name, " ", unknown, title=say("tide.unknown_is", language), cls=look)]
    height, way = tide
    source = tide_source(region, forecast, language)
    return [tag("span", name, " ", tag("b", height), f" {way}".rstrip(), title=source, cls=look)]


def _figure(key: str, value: str, language: Language, after: str = "", cls: str = "figure") -> Html:
    more = tag("span", f" {after}", cls="wide") if after else None
    return tag("span", say(key, language), " ", tag("b", value), more, title=after or None, cls=cls)


def _links(outlook: Outlook | None, region: Region, now: datetime, language: Language) -> list[Html]:
    if outlook is None:
        return []
    found: list[Html] = []
    if outlook.following:
        note = outlook.following
        why = f"({note.short.said(language)}) " if note.short else None
        found.append(
            tag(
                "span",
                tag("b", say("link.next", language), cls="chip amber"),
                tag("b", f" {note.name.said(language)} {clock(note.at, region.timezone)} "),
                tag("span", why, cls="wide") if why else None,
                countdown(note.at, now, language),
                title=f"{note.name.said(language)}: {note.text.said(language)}" if note.text else None,
                cls="figure cut next",
            )
        )
    closed = [note for note in outlook.now if note.status == "closed"]
    limited = [note for note in outlook.now if note.status == "limited"]
    if closed:
        found.append(_chip("link.closed", "red", closed, language))
    if limited:
        found.append(_chip("link.limited", "amber", limited, language))
    if not found:
        found.append(tag("span", say("link.all_open", language), cls="figure dim"))
    return found


def _chip(key: str, colour: str, notes: list[LinkNote], language: Language) -> Html:
    names = say("list.comma", language).join(note.name.said(language) for note in notes[:CHIP_NAMES])
    more = say("link.more", language, count=len(notes) - CHIP_NAMES) if len(notes) > CHIP_NAMES else ""
    whole = DOT.join(f"{n.name.said(language)}: {n.text.said(language) if n.text else ''}" for n in notes)
    return tag(
        "span",
        tag("b", say(key, language), cls=f"chip {colour}"),
        f" {names} {more}",
        title=whole,
        cls=f"figure cut {colour}",
    )


def _forecast(picture: Picture, region: Region, now: datetime, language: Language) -> Html | None:
    forecast = picture.forecast
    if forecast is None:
        return None
    words = say(
        "weather.forecast",
        language,
        issued=day_clock(forecast.issued_at, now, region.timezone),
        valid=day_clock(forecast.valid_to, now, region.timezone),
    )
    expired = now >= forecast.valid_to
    parts = [words, say("weather.expired", language) if expired else None]
    return tag("span", join(parts, DOT), title=forecast.source, cls="warning" if expired else "dim")
