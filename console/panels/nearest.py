"""The nearest units of the selected incident: who, how soon, by which way, what it costs, and who is passed over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.nearest import NearList, NearRow
from console.panels.drawers import drawer
from console.panels.figures import DOT, clock
from console.panels.markup import Html, join, symbol, tag
from data.geography import Region
from data.incidents import Incident
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture


def nearest_html(
    incident: Incident | None,
    found: NearList | None,
    working: bool,
    picture: Picture,
    region: Region,
    selected_unit_id: str | None,
    language: Language,
) -> Html:
    """Return the drawer: groups, craft, and who is nearer but cannot go; before the first answer, that it is made."""
    title = say("nearest.title", language)
    if incident is None:
        return drawer(title, language, tag("p", say("nearest.choose", language), cls="note"))
    head = tag("p", tag("b", f"{incident.number} {incident.title.said(language)}"), cls="note")
    bar = tag("progress", cls="working", aria_label=say("nearest.working", language)) if working else None
    if found is None:
        words = say("nearest.working" if working else "nearest.no_network", language)
        return drawer(title, language, bar, head, tag("p", words, cls="note", role="status"))
    as_of = _as_of(found.at, found, region, language)
    if found.fault is not None:
        fault = tag("p", found.fault.said(language), cls="loud", role="alert")
        return drawer(title, language, bar, head, fault, as_of)
    body: list[object] = []
    for kind, rows in (("groups", found.groups), ("craft", found.craft)):
        body.append(tag("div", say(f"nearest.{kind}", language), cls="section"))
        body += [_row(row, kind, picture, row.unit_id == selected_unit_id, language) for row in rows]
        if not rows:
            body.append(tag("p", say("nearest.nobody", language), cls="note"))
    if found.passed:
        body.append(tag("div", say("nearest.passed", language), cls="section"))
        body += [
            tag(
                "div",
                tag("span", one.name.said(language), cls="cut"),
                tag("span", _minutes(one.minutes, language), cls="num dim"),
                tag("span", one.reason.said(language), cls="why"),
                cls="near passed",
                data_key=f"passed-{one.unit_id}",
            )
            for one in found.passed
        ]
    note = tag("p", say("nearest.assumed", language), cls="note")
    return drawer(title, language, bar, head, as_of, tag("div", *body, cls="nears"), note)


def _as_of(at: datetime, found: NearList, region: Region, language: Language) -> Html:
    parts = [say("nearest.as_of", language, at=clock(at, region.timezone, seconds=True))]
    if found.issued_at is None:
        parts.append(say("nearest.calm", language))
    else:
        parts.append(say("nearest.forecast", language, at=clock(found.issued_at, region.timezone)))
    if found.skills:
        parts.append(say("nearest.skills", language, skills=", ".join(found.skills)))
    return tag("p", DOT.join(parts), cls="note", role="status")


def _row(row: NearRow, kind: str, picture: Picture, selected: bool, language: Language) -> Html:
    unit = picture.units.get(row.unit_id)
    way = say(f"nearest.by_{row.way}", language)
    if row.craft is not None:
        way = f"{way} {row.craft.said(language)}"
    elif row.landing is not None:
        way = f"{way} \u2192 {row.landing.said(language)}"
    strength = say(f"nearest.strength_{kind}", language, n=row.strength)
    minutes = _minutes(row.minutes, language)
    return tag(
        "button",
        symbol(unit.symbol, unit.status) if unit is not None else tag("span"),
        tag("span", tag("b", row.name.said(language), cls="cut"), tag("span", strength, cls="dim"), cls="who"),
        tag("b", minutes, cls="num"),
        tag("span", join([way, *_cost(row, language)], DOT), cls="why"),
        tag("span", row.limit.said(language), cls="why limit") if row.limit is not None else None,
        type="button",
        cls="near on" if selected else "near",
        data_act="select-unit",
        data_id=row.unit_id,
        data_key=f"near-{row.unit_id}",
        aria_pressed="true" if selected else "false",
        aria_label=f"{row.name.said(language)} {minutes} {way}",
    )


def _cost(row: NearRow, language: Language) -> list[object]:
    """Return what sending a group takes from its station's cover; amber where it leaves just what must stay."""
    if row.own_patch:
        return [say("nearest.own_patch", language)]
    if row.cover is None:
        return []
    free, after, keep = row.cover
    words = say("nearest.cover", language, free=free, after=after, keep=keep)
    return [tag("span", words, cls="limit") if after <= keep else words]


def _minutes(minutes: float, language: Language) -> str:
    """Return minutes, with one digit under ten: nobody acts on the tenth of an hour's way."""
    return say("nearest.minutes", language, n=f"{minutes:.1f}" if minutes < 9.95 else f"{minutes:.0f}")
