"""Beside an island's page: people and stores as counted, what is missing, the island's own teams and their call-out."""

from __future__ import annotations

from datetime import datetime

from console.i18n import say
from console.panels.cutoff_parts import age, count, near_clock, texts
from console.panels.figures import DOT, NONE
from console.panels.island import IslandView
from console.panels.island_circles import circles_html
from console.panels.markup import Html, join, tag
from data.counts import COUNT_WORDS, STORE_UNITS, STORE_WORDS
from data.holding import LocalTeamState
from data.island_people import IslandPeople
from data.isolation import Missing
from data.text import Language


def island_side_html(view: IslandView, people: IslandPeople, language: Language) -> Html:
    """Return who and what is there with source and age, what lacks against the standing need, and the teams."""
    header = tag("header", tag("b", say("island.people", language)), tag("span", cls="spring"), cls="head")
    body = [
        _people(view, people, language),
        _stores(view, people, language),
        _missing(view, language),
        _forces(view, language),
        _teams(view, language),
        circles_html(view.circles, view.circle_report, view.team_names, language),
        _assumed(people, language),
    ]
    return tag("section", header, tag("div", *body, cls="rows"), cls="room islandside")


def _row(name: str, value: object, source: str, when: str, *, assumed: bool, language: Language) -> Html:
    mark = tag("small", say("island.assumed", language), cls="tagged") if assumed else None
    return tag(
        "tr",
        tag("td", name),
        tag("td", value, cls="num"),
        tag("td", mark, tag("span", source, cls="dim"), cls="cut", title=source),
        tag("td", when, cls="num dim"),
    )


def _people(view: IslandView, people: IslandPeople, language: Language) -> Html:
    island = view.island
    rows = [
        _row(
            say("island.residents", language),
            tag("b", count(people.residents, language)),
            island.source,
            say("island.rounded", language),
            assumed=False,
            language=language,
        )
    ]
    for kind, words in COUNT_WORDS.items():
        found = next((one for name, one in people.counts.items() if name == kind), None)
        if found is None:
            rows.append(
                tag(
                    "tr",
                    tag("td", words.said(language)),
                    tag("td", say("study.unknown", language), cls="num dim"),
                    tag("td", say("island.nobody_counted", language), cls="dim cut"),
                    tag("td", NONE, cls="num dim"),
                )
            )
            continue
        value = tag("b", f"{found.number:,}")
        when = age(_minutes(found.at, view.now), language)
        source = DOT.join(one for one in (found.source, found.confidence) if one)
        rows.append(_row(words.said(language), value, source, when, assumed=found.at is None, language=language))
    return tag("table", _heads(language), tag("tbody", *rows), cls="groups counts")


def _heads(language: Language) -> Html:
    names = ("what", "number", "by", "age")
    return tag("thead", tag("tr", *(tag("th", say(f"island.col_{name}", language)) for name in names)))


def _minutes(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds() // 60))


def _stores(view: IslandView, people: IslandPeople, language: Language) -> Html:
    rows = []
    for item, words in STORE_WORDS.items():
        found = next((one for name, one in people.stores.items() if name == item), None)
        if found is None:
            continue
        unit = next(text for name, text in STORE_UNITS.items() if name == item)
        value = join([tag("b", f"{found.amount:,.0f}"), unit.said(language)], " ")
        when = age(_minutes(found.at, view.now), language)
        source = DOT.join(one for one in (found.source, found.confidence) if one)
        rows.append(_row(words.said(language), value, source, when, assumed=found.at is None, language=language))
    title = tag("div", say("island.stores", language), cls="section")
    if not rows:
        return tag("div", title, tag("p", say("island.no_stores", language), cls="note"))
    return tag("div", title, tag("table", tag("tbody", *rows), cls="groups counts"))


def _missing(view: IslandView, language: Language) -> Html:
    outlook = view.outlook
    title = tag("div", say("island.missing", language), cls="section")
    if outlook is None:
        return tag("div", title, tag("p", say("island.no_need", language), cls="note"))
    if not outlook.missing:
        return tag("div", title, tag("p", say("island.nothing_missing", language), cls="note"))
    return tag("div", title, *(_lack(one, language) for one in outlook.missing))


def _lack(one: Missing, language: Language) -> Html:
    unit = one.unit.said(language)
    held = say("study.unknown", language) if one.held is None else f"{one.held:,.0f} {unit}"
    words = say("island.need", language, needed=f"{one.needed:,.0f} {unit}", held=held)
    short = say("island.short", language, n=f"{one.short:,.0f}", unit=unit)
    if one.held is None:
        short = say("island.not_counted", language)
    return tag(
        "div",
        tag("span", one.name.said(language), cls="cut"),
        tag("span", words, cls="dim cut"),
        tag("b", short, cls="num dim" if one.held is None else "num loud"),
        cls="lackrow",
        title=one.source,
    )


def _forces(view: IslandView, language: Language) -> Html | None:
    outlook = view.outlook
    if outlook is None or not (outlook.forces or outlook.craft):
        return None
    groups = [
        say("island.force", language, kind=say(f"force.{one.kind}", language), groups=one.groups, persons=one.persons)
        for one in outlook.forces
    ]
    craft = [
        say("island.craft", language, kind=one.class_name.said(language), n=len(one.craft_ids)) for one in outlook.craft
    ]
    words = say("list.comma", language).join([*groups, *craft])
    return tag("div", tag("div", say("island.forces", language), cls="section"), tag("p", words, cls="note"))


def _teams(view: IslandView, language: Language) -> Html:
    title = tag("div", say("island.teams", language), cls="section")
    plan = view.plan
    if plan is None:
        words = "study.working" if view.hold.working else "island.no_teams"
        return tag("div", title, tag("p", say(words, language), cls="note"))
    if not plan.teams:
        return tag("div", title, tag("p", say("island.no_teams", language), cls="note"))
    return tag("div", title, *(_team(one, view, language) for one in plan.teams))


def _team(one: LocalTeamState, view: IslandView, language: Language) -> Html:
    zone = view.region.timezone
    state = say(f"callout.{one.status}", language)
    if one.status in ("called", "acknowledged"):
        state = say("callout.answered", language, state=state, n=one.acknowledged, people=one.people)
    ready = near_clock(one.ready_at, view.now, zone, language)
    until = near_clock(one.shift_end_at, view.now, zone, language)
    duty = say("island.ready", language, ready=ready, until=until)
    place = tag("small", one.place.name.said(language), cls="dim cut")
    return tag(
        "div",
        tag("span", tag("b", one.team.name.said(language), cls="cut"), place, cls="what"),
        tag("b", f"{one.people}", cls="num"),
        tag("span", tag("span", state, cls="cut"), tag("small", duty, cls="dim cut"), cls="what"),
        cls="team",
        title=one.note.said(language) if one.note is not None else one.team.source,
        data_key=f"team-{one.team.id}",
    )


def _assumed(people: IslandPeople, language: Language) -> Html | None:
    return texts(say("study.assumptions", language), people.assumptions, language)
