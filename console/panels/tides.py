"""The tide in words: its height now and which way it runs, and the heights a landing needs."""

from __future__ import annotations

from datetime import datetime

from console.i18n import say
from console.panels.figures import DOT
from data.errors import OutsideForecastError
from data.geography import Pier, Region
from data.text import Language
from data.weather import Forecast
from routing.network.tides import TideCurve


def tide_words(forecast: Forecast | None, zone_id: str, now: datetime, language: Language) -> tuple[str, str] | None:
    """Return a zone's tide as "1.8 m" and "rising" (empty at slack water); None where the forecast does not tell."""
    try:
        curve = TideCurve.of(forecast.zone_hours(zone_id)) if forecast else None
    except OutsideForecastError:
        return None
    height_m = curve.height_m(now) if curve else None
    if curve is None or height_m is None:
        return None
    rises = curve.rises(now)
    way = "" if rises is None else say("tide.rising" if rises else "tide.falling", language)
    return say("tide.height", language, m=f"{height_m:.1f}"), way


def tide_source(region: Region, forecast: Forecast, language: Language) -> str:
    """Return what heights are measured from and who says so."""
    datum = region.tide_datum.said(language) if region.tide_datum else "?"
    return say("tide.source", language, datum=datum, source=forecast.source)


def pier_tide_lines(
    pier: Pier, region: Region, forecast: Forecast | None, now: datetime, language: Language
) -> list[str]:
    """Return the heights a landing needs with the height now, and their datum and source; nothing if it needs none."""
    if not pier.is_tidal:
        return []
    low, high = pier.tide_from_m, pier.tide_to_m
    key = "tide.to" if low is None else "tide.from" if high is None else "tide.span"
    needs = say(key, language, low=f"{low or 0.0:.1f}", high=f"{high or 0.0:.1f}")
    tide = tide_words(forecast, pier.zone_id, now, language)
    if forecast is None or tide is None:
        return [needs, say("tide.unknown_is", language)]
    height = " ".join(part for part in tide if part)
    return [needs + DOT + say("tide.now", language, height=height), tide_source(region, forecast, language)]
