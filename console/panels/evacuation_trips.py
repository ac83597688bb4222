"""Trips of an evacuation as bars, a row a craft, and under them who lies at which berth of the island."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.i18n import say
from console.panels.cutoff_parts import Scale, near_clock, now_line
from console.panels.figures import DOT, clock
from console.panels.markup import Html, symbol, tag
from data.evacuation import EvacuationPlan, EvacuationTrip
from data.geography import Region
from data.text import Language

NAMED_FROM = 9.0  # percent of the chart below which a crossing's words do not fit
METRES_IN_NM = 1852.0


def trips_html(plan: EvacuationPlan, region: Region, scale: Scale, now: datetime, language: Language) -> Html:
    """Return a row for each craft in the order of their first loading: loading, under way, unloading."""
    rows: dict[str, list[EvacuationTrip]] = {}
    for trip in sorted(plan.trips, key=lambda one: one.load_from):
        rows.setdefault(trip.craft_id, []).append(trip)
    head = tag(
        "div",
        tag("b", say("evacuation.trips", language)),
        tag("span", say("evacuation.trips_sum", language, trips=len(plan.trips), craft=len(rows)), cls="dim cut"),
        tag("span", cls="spring"),
        *(
            tag("span", tag("i", cls=f"bar3 {name}"), say(f"evacuation.bar_{name}", language))
            for name in ("load", "sail", "unload")
        ),
        cls="head charthead",
    )
    lines = [_row(trips, region, scale, now, language) for trips in rows.values()]
    return tag("div", head, tag("div", *lines, cls="rows triprows"), cls="tripbox")


def _row(trips: Sequence[EvacuationTrip], region: Region, scale: Scale, now: datetime, language: Language) -> Html:
    first, last = trips[0], trips[-1]
    craft_class = region.craft_classes.get(first.craft_class or "")
    berths = " ".join(dict.fromkeys(trip.from_berth for trip in trips if trip.from_berth))
    bars = [bar for trip in trips for bar in _bars(trip, scale, language)]
    done = say("evacuation.done", language, at=near_clock(last.unload_to, now, region.timezone, language))
    return tag(
        "div",
        tag(
            "span",
            symbol(craft_class.symbol, "available") if craft_class is not None else None,
            tag("span", first.craft_name.said(language), cls="cut"),
            tag("small", berths, cls="dim") if berths else None,
            cls="who",
        ),
        tag("span", *bars, now_line(scale, now, language, worded=False), cls="track"),
        tag("span", done, cls="num"),
        cls="trip",
        data_key=f"trip-{first.craft_id}",
    )


def _bars(trip: EvacuationTrip, scale: Scale, language: Language) -> list[Html]:
    start, loaded = scale.percent(trip.load_from), scale.percent(trip.load_to)
    away, there = scale.percent(trip.depart_at), scale.percent(trip.arrive_at)
    unload, done = scale.percent(trip.unload_from), scale.percent(trip.unload_to)
    words = [trip.to_name.said(language)]
    if trip.length_m is not None:
        words.append(f"{trip.length_m / METRES_IN_NM:.1f} nm")
    if trip.speed_kn is not None:
        words.append(f"{trip.speed_kn:.0f} kn")
    title = say(
        "evacuation.trip_title",
        language,
        n=trip.persons,
        seats=trip.seats,
        origin=trip.from_name.said(language),
        to=trip.to_name.said(language),
        load=clock(trip.load_from, scale.timezone),
        depart=clock(trip.depart_at, scale.timezone),
        arrive=clock(trip.arrive_at, scale.timezone),
        done=clock(trip.unload_to, scale.timezone),
    )
    named = tag("span", DOT.join(words), cls="cut") if there - away >= NAMED_FROM else None
    return [
        tag("b", str(trip.persons), cls="aboard", style=f"right:{100 - start:.2f}%"),
        tag("i", cls="bar3 load", style=_span(start, loaded), title=title),
        tag("i", named, cls="bar3 sail", style=_span(away, there), title=title),
        tag("i", cls="bar3 unload", style=_span(unload, done), title=title),
    ]


def _span(start: float, end: float) -> str:
    return f"left:{start:.2f}%;width:{max(0.15, end - start):.2f}%"


def berths_html(plan: EvacuationPlan, scale: Scale, now: datetime, language: Language) -> Html | None:
    """Return who lies at which berth of the pick-ups over time, and what holds the evacuation back."""
    boarded_at = {one.pier_id: one.name for one in plan.piers if one.role == "pick_up"}
    names = {trip.craft_id: trip.craft_name for trip in plan.trips}
    rows: dict[tuple[str, str], list[Html]] = {}
    for one in plan.berths:
        if one.pier_id not in boarded_at:
            continue
        style = _span(scale.percent(one.from_at), scale.percent(one.to_at))
        title = f"{names[one.craft_id].said(language) if one.craft_id in names else one.craft_id}"
        rows.setdefault((one.pier_id, one.berth), []).append(tag("i", cls="bar3 load", style=style, title=title))
    if not rows and not plan.bottlenecks:
        return None
    lines = [
        tag(
            "div",
            tag("span", tag("span", boarded_at[pier_id].said(language), cls="cut"), tag("small", berth), cls="who"),
            tag("span", *bars, now_line(scale, now, language, worded=False), cls="track"),
            tag("span"),
            cls="trip berth",
        )
        for (pier_id, berth), bars in sorted(rows.items())
    ]
    words = [tag("p", one.text.said(language), cls="note") for one in plan.bottlenecks]
    return tag("div", *lines, *words, cls="berthbox")
