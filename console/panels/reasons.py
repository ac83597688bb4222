"""Who and what the plan leaves out, and why, from the model's own constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.markup import Html, join, room, symbol, tag
from data.geography import Region
from data.plans import Plan, Reason
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture

# What is unmet or late comes first, then places, then single craft and groups.
KIND_ORDER = ("plan", "echelon", "pier", "craft", "group")


def reason_rows(plan: Plan) -> list[Reason]:
    """Return the reasons in reading order, keeping the plan's own order within a kind."""
    return sorted(plan.reasons, key=lambda reason: KIND_ORDER.index(reason.subject_kind))


def reasons_html(plan: Plan | None, picture: Picture, region: Region, language: Language) -> Html:
    """Return one row a reason: symbol, name, words."""
    rows = reason_rows(plan) if plan else []
    head = join(
        [
            tag("b", say("reasons.title", language)),
            tag("span", cls="spring"),
            tag("span", say("reasons.count", language, count=len(rows)), cls="dim") if plan else None,
        ]
    )
    if plan is None:
        body: list[Html] = [tag("p", say("reasons.none", language), cls="note")]
    elif not rows:
        body = [tag("p", say("reasons.empty", language), cls="note")]
    else:
        body = [_row(reason, picture, region, language) for reason in rows]
    if plan is not None:
        body += [_bound_row(text.said(language), language) for text in plan.bound_assumes]
    return room("reasons", head, tag("div", *body, cls="rows"))


def _bound_row(words: str, language: Language) -> Html:
    """What the proof takes for granted is said beside the reasons."""
    return tag(
        "div",
        tag("span", "\u2264", cls="mark"),
        tag("span", say("reasons.bound", language), cls="cut name"),
        tag("span", words, cls="words", title=words),
        cls="reason",
    )


def _row(reason: Reason, picture: Picture, region: Region, language: Language) -> Html:
    words = reason.text.said(language)
    unit = picture.units.get(reason.subject_id)
    mark: Html
    if unit is not None:
        mark, name = symbol(unit.symbol, unit.status), unit.call_sign.said(language)
    elif pier := region.piers.get(reason.subject_id):
        mark, name = tag("span", "\u2693", cls="mark"), pier.name.said(language)
    else:
        mark, name = tag("span", "!", cls="mark"), say(f"reasons.{reason.subject_kind}", language)
    loud = "loud" if reason.subject_kind in ("plan", "echelon") else ""
    return tag(
        "div",
        mark,
        tag("span", name, cls="cut name"),
        tag("span", words, cls="words", title=words),
        cls=f"reason {loud}".strip(),
    )
