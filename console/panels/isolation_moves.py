"""Whom to move before the islands are cut off: the ranked list beside the board, and whom nobody can move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from console.i18n import say
from console.panels.cutoff_parts import SOON, count, near_clock, texts, time_left
from console.panels.figures import DOT, clock, share
from console.panels.markup import Html, button, join, tag
from console.studies import Seen
from data.geography import Region
from data.isolation import IsolationReport, Move
from data.journal.views import OrderedMove
from data.text import Language, Text

NOT_ASKED = Seen()
KEYED = 9
CRAFT_SHOWN = 3


def moves_html(
    seen: Seen,
    ordered: Mapping[str, OrderedMove],
    region: Region,
    now: datetime,
    language: Language,
    *,
    can_act: bool = True,
    tonight: Seen = NOT_ASKED,
) -> Html:
    """Return the list of moves by the time that is left, each with what orders it or that it is ordered.

    ``ordered`` are the moves ordered so far, by id; one that the report no longer holds stays in the list's foot.
    """
    report: IsolationReport | None = seen.answer.value if seen.answer is not None else None
    totals = None
    if report is not None:
        totals = say(
            "moves.totals",
            language,
            total=count(report.visitors_total, language),
            planned=count(report.visitors_planned, language),
        )
    header = tag(
        "header",
        tag("b", say("moves.title", language)),
        tag("span", say("moves.by", language), cls="dim wide"),
        tag("span", cls="spring"),
        tag("span", totals, cls="dim cut") if totals else None,
        cls="head",
    )
    if report is None:
        return tag("section", header, cls="room moves")
    rows = [
        _row(one, ordered.get(move_key(one)), place, region, now, language, can_act=can_act)
        for place, one in enumerate(report.moves, 1)
    ]
    if not rows:
        rows = [tag("p", say("moves.none", language), cls="note first")]
    remain = [tag("p", one.text.said(language), cls="loud") for one in report.unmet]
    current = {move_key(one) for one in report.moves}
    past = [one for one in ordered.values() if one.move_id not in current]
    foot = [_ordered_row(one, region, now, language, can_act=can_act) for one in past]
    if foot:
        foot.insert(0, tag("div", say("moves.earlier", language), cls="section"))
    worth = _tonight(tonight, language)
    return tag("section", header, tag("div", *remain, *rows, *foot, worth, cls="rows"), cls="room moves")


def _tonight(seen: Seen, language: Language) -> Html | None:
    """Return what acting tonight is worth, with whom it would post."""
    answer = seen.answer
    found = answer.value if answer is not None else None
    if found is None and not seen.working and (answer is None or answer.fault is None):
        return None
    title = tag("div", say("moves.tonight", language), cls="section")
    if found is None:
        fault = answer.fault if answer is not None else None
        words = fault.said(language) if fault is not None else say("study.working", language)
        return tag("div", title, tag("p", words, cls="note"))
    if found.value is None:
        return tag("div", title, *(tag("p", one.said(language), cls="loud") for one in found.faults))
    value = found.value
    weights = DOT.join(
        f"{name.said(language)} {share(weight)}" for name, weight in zip(value.outlooks, value.weights, strict=True)
    )
    assumed = say("moves.weights", language, weights=weights, gap=share(value.gap))
    posts = texts(say("moves.posts", language), value.moves, language)
    words = tag("p", tag("b", value.text.said(language)), cls="note worth")
    return tag("div", title, words, tag("p", assumed, cls="note"), posts)


def move_key(move: Move) -> str:
    """Return what a move is known by in the journal: the island, and what is moved."""
    return f"{move.island_id}:{move.what}:{move.from_site}:{move.to_site}"


def _row(
    move: Move,
    done: OrderedMove | None,
    place: int,
    region: Region,
    now: datetime,
    language: Language,
    *,
    can_act: bool,
) -> Html:
    title = f"{move.island_name.said(language)}{DOT}{move.name.said(language)}"
    craft = [one.said(language) for one in move.craft_names]
    shown = say("list.comma", language).join(craft[:CRAFT_SHOWN])
    if len(craft) > CRAFT_SHOWN:
        shown = f"{shown} {say('moves.more_craft', language, n=len(craft) - CRAFT_SHOWN)}"
    way = f"{move.from_name.said(language)} \u2192 {move.to_name.said(language)}"
    soon = move.latest_start_at - now <= SOON
    before = say("moves.before", language, at=near_clock(move.latest_start_at, now, region.timezone, language))
    chip = "chip red" if move.latest_start_at < now else "chip amber" if soon else "chip plain"
    return tag(
        "div",
        tag("b", str(place), cls="place"),
        tag(
            "span",
            tag("b", title, cls="headline"),
            tag("span", join([way, shown], DOT), cls="cut dim"),
            tag("span", _short_of(move, language), cls="cut loud") if not move.fits else None,
            cls="what",
        ),
        tag(
            "span",
            tag("b", before, cls=chip if done is None else "chip plain"),
            time_left(move.latest_start_at, now, language) if done is None else None,
            cls="when",
        ),
        _decision(move, done, place, language, can_act=can_act),
        cls="move",
        data_key=f"move-{move.id}",
        title=_detail(move, region, language),
    )


def _short_of(move: Move, language: Language) -> str:
    return say("moves.short", language, n=f"{move.wanted - move.amount:,.0f}", unit=move.unit.said(language))


def _detail(move: Move, region: Region, language: Language) -> str:
    """Return a move's reason and trips, for pointing at."""
    lines = [move.reason.said(language)]
    for trip in move.trips:
        lines.append(
            say(
                "moves.trip",
                language,
                craft=trip.craft_name.said(language),
                leaves=clock(trip.leaves_at, region.timezone),
                departs=clock(trip.depart_at, region.timezone),
                done=clock(trip.done_at, region.timezone),
                n=f"{trip.carried:,.0f}",
                unit=move.unit.said(language),
            )
        )
    return "\n".join(lines)


def _decision(move: Move, done: OrderedMove | None, place: int, language: Language, *, can_act: bool) -> Html:
    if done is not None:
        return _taken(done, language, can_act=can_act)
    if not can_act:
        return tag("span", say("moves.open", language), cls="dim decision")
    return button(
        say("moves.order", language),
        "order-move",
        key=str(place) if place <= KEYED else None,
        cls="decision",
        label=say("moves.order_of", language, what=f"{move.island_name.said(language)} {move.name.said(language)}"),
        id=move.id,
        place=place,
    )


def _taken(done: OrderedMove, language: Language, *, can_act: bool) -> Html:
    words = say("moves.ordered", language, by=done.by)
    back = None
    if can_act:
        back = button(say("moves.withdraw", language), "withdraw-move", cls="small quiet", id=done.move_id)
    return tag("span", tag("span", "\u2713 ", words, cls="cut"), back, cls="decision taken")


def _ordered_row(done: OrderedMove, region: Region, now: datetime, language: Language, *, can_act: bool) -> Html:
    at = near_clock(done.at, now, region.timezone, language)
    return tag(
        "div",
        tag("span"),
        tag("span", tag("span", done.text.said(language), cls="cut"), tag("span", at, cls="dim"), cls="what"),
        tag("span"),
        _taken(done, language, can_act=can_act),
        cls="move",
        data_key=f"ordered-{done.move_id}",
    )


def move_text(move: Move, region: Region) -> Text:
    """Return what is ordered in one sentence of both languages: what, from where to where, by which craft, by when."""

    def said(language: Language) -> str:
        return say(
            "moves.sentence",
            language,
            island=move.island_name.said(language),
            what=move.name.said(language),
            way=f"{move.from_name.said(language)} \u2192 {move.to_name.said(language)}",
            craft=say("list.comma", language).join(one.said(language) for one in move.craft_names),
            at=clock(move.latest_start_at, region.timezone),
        )

    return Text(said("zh"), said("en"))
