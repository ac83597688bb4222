"""The selected incident: facts, timers, what the island itself can do until relief comes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.figures import DOT, clock
from console.panels.markup import Html, button, incident_mark, join, tag
from console.panels.queue import incident_due
from console.panels.timers import countdown, elapsed
from data.geography import Region
from data.incidents import INCIDENT_TRANSITIONS, Incident
from data.plans import Plan
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture

# Steps that follow the units by themselves; no button is offered for them.
FOLLOWS_UNITS = frozenset({"dispatched", "en_route", "on_scene"})


def island_forces(picture: Picture, island_id: str, region: Region) -> Counter[str]:
    """Return the head count of the groups at home on an island, by status."""
    home = {place.id for place in region.places() if place.island_id == island_id}
    strength: Counter[str] = Counter()
    for unit in picture.units.values():
        if unit.kind == "group" and unit.home_site_id in home:
            strength[unit.status] += unit.strength
    return strength


def case_html(
    incident: Incident | None,
    picture: Picture,
    region: Region,
    plan: Plan | None,
    now: datetime,
    language: Language,
    *,
    can_act: bool = True,
    held: str = "",
) -> Html:
    """Return the facts of the selected incident: the plan shown or accepted for it, and in words who else holds it."""
    if incident is None:
        return tag("section", tag("p", say("case.none", language), cls="note"), cls="room case")
    island = region.islands.get(incident.island_id)
    place = island.name.said(language) if island else incident.island_id
    title = tag(
        "div",
        incident_mark(incident.priority, 24),
        tag("h2", f"{incident.number} {incident.title.said(language)} \u00b7 {place}", cls="cut"),
        elapsed(incident.reported_at, now, cls="clock"),
        cls="title",
        title=say("case.position", language, lon=f"{incident.lon_deg:.4f}", lat=f"{incident.lat_deg:.4f}"),
    )
    return tag(
        "section",
        title,
        _state(incident, picture, region, now, language, can_act),
        tag("div", incident.note, cls="facts note-line", title=incident.note) if incident.note else None,
        tag("div", held, cls="facts", role="status") if held else None,
        _self_defence(incident, picture, region, plan, language),
        cls="room case",
    )


def demand_words(incident: Incident, language: Language) -> str:
    """Return the echelons as cumulative counts, 12/40/100, and beside them those that stand apart by a skill."""
    steps: list[int] = []
    apart: list[str] = []
    for echelon in incident.echelons:
        if not steps or echelon.persons > steps[-1]:
            steps.append(echelon.persons)
        else:
            apart.append(f"{echelon.name.said(language)} {echelon.persons}")
    if not steps:
        return say("case.needs_none", language)
    needs = say("case.needs", language, persons="/".join(str(step) for step in steps))
    return " + ".join([needs, *apart])


def _facts(incident: Incident, region: Region, language: Language) -> str:
    case = region.case_types.get(incident.case_type)
    facts = [
        demand_words(incident, language),
        say("case.reported", language, at=clock(incident.reported_at, region.timezone, seconds=True)),
        say("case.run_card", language, name=case.name.said(language) if case else incident.case_type),
    ]
    return DOT.join(facts)


def _self_defence(incident: Incident, picture: Picture, region: Region, plan: Plan | None, language: Language) -> Html:
    strength = island_forces(picture, incident.island_id, region)
    total = sum(strength.values())
    if total == 0:
        words = say("case.island_none", language)
    else:
        by_status = say("list.comma", language).join(
            f"{say(f'unit_status.{status}', language)} {strength[status]}" for status in sorted(strength)
        )
        words = say("case.island_has", language, persons=total, by_status=by_status)
    first = next((e for e in plan.echelons if e.incident_id == incident.id and e.complete_at), None) if plan else None
    hold = say("case.hold_until", language, at=clock(first.complete_at, region.timezone)) if first else None
    facts = tag(
        "span", tag("span", say("case.self_defence", language), cls="tagged"), join([words, hold], DOT), cls="dim cut"
    )
    # Who else is near is asked beside what the island has itself.
    nearest = button(
        say("nearest.open", language),
        "drawer",
        key="D",
        cls="small",
        label=say("nearest.open_is", language),
        value="nearest",
    )
    return tag("div", facts, tag("span", cls="spring"), nearest, cls="state own")


def _state(
    incident: Incident, picture: Picture, region: Region, now: datetime, language: Language, can_act: bool
) -> Html:
    due = incident_due(incident, picture)
    steps = [
        button(say(f"incident_step.{step}", language), "incident-status", cls="small", id=incident.id, value=step)
        for step in INCIDENT_TRANSITIONS
        if step in INCIDENT_TRANSITIONS[incident.status] and step not in FOLLOWS_UNITS
    ]
    facts = _facts(incident, region, language)
    return tag(
        "div",
        tag("b", say(f"incident_status.{incident.status}", language)),
        elapsed(incident.status_at, now, cls="dim") if incident.status != "reported" else None,
        countdown(due.at, now, language, prefix=say(due.words, language)) if due else None,
        tag("span", facts, cls="dim cut", title=facts),
        tag("span", cls="spring"),
        *(steps if can_act else []),
        cls="state",
    )
