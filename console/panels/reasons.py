"""Which echelons are late and what would help, who and what the plan leaves out, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.markup import Html, join, room, symbol, tag
from console.panels.units import ROAD_SYMBOLS
from data.geography import Region
from data.plans import Plan, Reason
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import UnitView

# What is unmet or late comes first, then places, then single craft and groups.
MARKS = {"pier": "\u2693"}
KIND_ORDER = ("plan", "echelon", "pier", "craft", "group")
# Of an echelon first what is wrong, then what rules it out, then what would help.
ECHELON_CODES = ("unmet", "late", "conflict", "too-few", "change")
HELP = "\u2192"

# Of what is not used, the craft a limit holds say most; those that merely help nobody say least.
CODE_ORDER = (
    "limit",
    "pier-closed",
    "berthing",
    "range",
    "out-of-reach",
    "no-fit",
    "too-late",
    "not-needed",
    "too-far",
)
NOT_USED = {"zh": "\u672a\u4f7f\u7528\uff1a", "en": "not used: "}


def reason_rows(plan: Plan, picture: Picture | None = None) -> list[Reason]:
    """Return the reasons in reading order.

    Within a kind: craft of water and air before what goes by road, a limit that binds before what merely
    helps nobody, the nearest to the incident first; of each echelon what is wrong before what would help; else the
    plan's own order.
    """
    echelons = [one.echelon_id for one in plan.echelons]

    def order(reason: Reason) -> tuple[int, bool, int, float]:
        if reason.subject_kind == "echelon":
            place = echelons.index(reason.subject_id) if reason.subject_id in echelons else len(echelons)
            rank = ECHELON_CODES.index(reason.code) if reason.code in ECHELON_CODES else len(ECHELON_CODES)
            return KIND_ORDER.index("echelon"), False, place, rank
        unit = picture.units.get(reason.subject_id) if picture else None
        rank = CODE_ORDER.index(reason.code) if reason.code in CODE_ORDER else len(CODE_ORDER)
        kind = KIND_ORDER.index(reason.subject_kind)
        return kind, unit is not None and unit.symbol in ROAD_SYMBOLS, rank, _distance(unit, plan, picture)

    return sorted(plan.reasons, key=order)


def _distance(unit: UnitView | None, plan: Plan, picture: Picture | None) -> float:
    """How far a unit is from the plan's nearest incident, in degrees of latitude: good enough to put rows in order."""
    if unit is None or picture is None:
        return 0.0
    cases = [picture.incidents[one] for one in plan.incident_ids if one in picture.incidents]
    narrow = math.cos(math.radians(unit.lat_deg))
    away = (math.hypot((unit.lon_deg - one.lon_deg) * narrow, unit.lat_deg - one.lat_deg) for one in cases)
    return min(away, default=0.0)


def bare_words(reason: Reason, language: Language) -> str:
    """Return a reason without the words that the panel's title says already."""
    words = reason.text.said(language).removeprefix(NOT_USED[language])
    return words[:1].upper() + words[1:] if language == "en" else words


def grouped(reasons: list[Reason]) -> list[tuple[Reason, list[str]]]:
    """Return each cause once, with everything it holds for: one bridge closed is one row."""
    found: dict[tuple[str, str, str], tuple[Reason, list[str]]] = {}
    for reason in reasons:
        key = (reason.subject_kind, reason.text.zh, reason.text.en)
        found.setdefault(key, (reason, []))[1].append(reason.subject_id)
    return list(found.values())


def reasons_html(plan: Plan | None, picture: Picture, region: Region, language: Language) -> Html:
    """Return one row a reason: symbol, name, words."""
    rows = reason_rows(plan, picture) if plan else []
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
        body = [_row(reason, ids, plan, picture, region, language) for reason, ids in grouped(rows)]
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


def _row(reason: Reason, ids: list[str], plan: Plan, picture: Picture, region: Region, language: Language) -> Html:
    words = bare_words(reason, language)
    unit = picture.units.get(reason.subject_id)
    helps = reason.code == "change"
    mark = tag("span", HELP if helps else MARKS.get(reason.subject_kind, "!"), cls="mark")
    if unit is not None:
        mark = symbol(unit.symbol, unit.status)
    names = [_name(reason, subject_id, plan, picture, region, language) for subject_id in ids]
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    about_echelon = reason.subject_kind in ("plan", "echelon")
    kind = "" if not about_echelon else "helps" if helps else "loud"
    return tag(
        "div",
        mark,
        tag("span", names[0] + more, cls="cut name", title=say("list.comma", language).join(names)),
        tag("span", words, cls="words", title=words),
        cls=f"reason {kind}".strip(),
    )


def _name(reason: Reason, subject_id: str, plan: Plan, picture: Picture, region: Region, language: Language) -> str:
    if reason.subject_kind == "echelon":
        named = (one.name.said(language) for one in plan.echelons if one.echelon_id == subject_id)
        return next(named, say("reasons.echelon", language))
    if unit := picture.units.get(subject_id):
        return unit.call_sign.said(language)
    if pier := region.piers.get(subject_id):
        return pier.name.said(language)
    return say(f"reasons.{reason.subject_kind}", language)
