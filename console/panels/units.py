"""The unit board: one row a craft or group, the plan's own first, then what is out, then what is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, get_args

import msgspec

from console.i18n import say
from console.panels.figures import DOT, NONE, clock
from console.panels.markup import Html, button, join, room, symbol, tag
from console.panels.outlook import UnitLimit
from console.panels.timers import elapsed
from data.forces import KNOT_MPS, UNIT_TRANSITIONS, UnitStatus
from data.geography import Region
from data.plans import Leg, Plan
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import UnitView

SECTIONS = ("in_plan", "at_work", "free_craft", "free_groups", "unusable")
# A fix under way comes every 10 s at least (AIS class A: 2-10 s): amber past 3 intervals, grey past 10.
FIX_INTERVAL_S = 10
STANDING_MPS = 0.3
ROAD_SYMBOLS = frozenset({"group", "vehicle", "motorcycle"})
UNDER_WAY = frozenset({"en_route", "returning"})


def plan_members(plan: Plan | None) -> frozenset[str]:
    """Return the ids of every craft and group that a plan uses."""
    if plan is None:
        return frozenset()
    craft = {leg.craft_id for leg in plan.legs if leg.craft_id}
    return frozenset(craft.union(*(leg.group_ids for leg in plan.legs)))


def section_of(unit: UnitView, members: frozenset[str]) -> str:
    """Return the section of the board a unit stands in."""
    if unit.unit_id in members:
        return "in_plan"
    if unit.status == "out_of_service":
        return "unusable"
    if unit.status != "available":
        return "at_work"
    return "free_craft" if unit.kind == "craft" else "free_groups"


def unit_rows(picture: Picture, plan: Plan | None, search: str = "") -> list[tuple[str, list[UnitView]]]:
    """Return the sections that have units, in board order; ``search`` keeps call signs and ids that hold it."""
    members = plan_members(plan)
    wanted = search.strip().casefold()
    sections: dict[str, list[UnitView]] = {name: [] for name in SECTIONS}
    for unit in picture.units.values():
        words = (unit.call_sign.zh, unit.call_sign.en, unit.unit_id)
        if not wanted or any(wanted in word.casefold() for word in words):
            sections[section_of(unit, members)].append(unit)
    for units in sections.values():
        units.sort(key=lambda unit: (unit.kind != "craft", unit.symbol, unit.unit_id))
    return [(name, units) for name, units in sections.items() if units]


def fix_state(unit: UnitView, now: datetime, clock_speed: float = 1.0) -> str:
    """A unit under way is stale past 3 fix intervals and lost past 10; one that stands is where it reported.

    Fixes come by the machine's second, so a hurried drill stretches the interval by its speed.
    """
    if unit.status not in UNDER_WAY:
        return "ok"
    age_s = (now - unit.fix_at).total_seconds()
    interval_s = FIX_INTERVAL_S * max(1.0, clock_speed)
    return "lost" if age_s > 10 * interval_s else "stale" if age_s > 3 * interval_s else "ok"


def units_html(
    picture: Picture,
    region: Region,
    plan: Plan | None,
    now: datetime,
    selected_id: str | None,
    language: Language,
    *,
    search: str = "",
    limits: Mapping[str, UnitLimit] | None = None,
    can_act: bool = True,
) -> Html:
    """Return the board; ``limits`` gives the limit each unit runs into now, by unit id.

    Under the selected unit stand the statuses it may be set to, where orders may be given.
    """
    counts = Counter(unit.status for unit in picture.units.values())
    head = join(
        [
            tag("b", say("units.title", language)),
            tag("span", _counts(counts, language), cls="dim cut"),
            tag("span", cls="spring"),
            tag("span", tag("i", cls="planmark"), say("units.in_plan", language), cls="dim wide") if plan else None,
            _search(search, language),
        ]
    )
    columns = tag(
        "div", *(tag("span", say(f"units.{name}", language)) for name in COLUMNS), cls="unit columns", role="row"
    )
    work = plan_work(plan, region, language) if plan else {}
    rows: list[Html] = []
    for name, units in unit_rows(picture, plan, search):
        words = say(f"units.{name}", language)
        rows.append(tag("div", f"{words} {len(units)}", cls="section"))
        for unit in units:
            chosen = unit.unit_id == selected_id
            limit = (limits or {}).get(unit.unit_id)
            rows.append(
                _row(
                    unit,
                    place_words(unit, picture, region, language),
                    name == "in_plan",
                    chosen,
                    fix_state(unit, now, picture.clock_speed),
                    limit,
                    work.get(unit.unit_id),
                    language,
                )
            )
            if chosen and can_act:
                rows.append(_statuses(unit, language))
    if not rows:
        rows.append(tag("p", say("units.nothing_found", language, words=search), cls="note"))
    return room("units", head, columns, tag("div", *rows, cls="rows", role="table"))


COLUMNS = ("blank", "call_sign", "status", "for", "place", "limit", "fix")


def _search(search: str, language: Language) -> Html:
    words = say("units.search", language)
    return tag(
        "input",
        type="text",
        cls="search",
        value=search,
        placeholder=words,
        aria_label=words,
        data_act="unit-search",
        data_key="unit-search",
        maxlength=40,
    )


def _statuses(unit: UnitView, language: Language) -> Html:
    """Offer the statuses a unit may go to from the one it has."""
    choices = [
        button(say(f"unit_status.{status}", language), "status", cls="small", id=unit.unit_id, value=status)
        for status in get_args(UnitStatus)
        if status in UNIT_TRANSITIONS[unit.status]
    ]
    words = say("units.set_status", language)
    return tag("div", tag("span", words, cls="dim"), *choices, cls="statuses", role="group", aria_label=words)


def _counts(counts: Mapping[UnitStatus, int], language: Language) -> str:
    return DOT.join(
        f"{say(f'unit_status.{status}', language)} {counts[status]}"
        for status in get_args(UnitStatus)
        if counts.get(status)
    )


@lru_cache(maxsize=4096)
def _row(
    unit: UnitView,
    place: str,
    in_plan: bool,
    selected: bool,
    state: str,
    limit: UnitLimit | None,
    work: PlanWork | None,
    language: Language,
) -> Html:
    """One unit's row; kept, since most of 170 rows are the same as a moment ago. Its timers run in the browser."""
    call_sign = unit.call_sign.said(language)
    words = say(f"unit_status.{unit.status}", language)
    classes = ["unit", "plan" if in_plan else "", "on" if selected else "", state if state != "ok" else ""]
    return tag(
        "button",
        symbol(unit.symbol, "stale" if state == "lost" else unit.status),
        tag("span", call_sign, cls="cut name", title=call_sign),
        tag("span", words, cls="cut", title=words),
        elapsed(unit.status_at, None, cls="num"),
        tag("span", place, cls="cut" if limit or work else "cut alone", title=place),
        _remark(limit, work, language),
        elapsed(unit.fix_at, None, cls="num dim"),
        type="button",
        cls=" ".join(filter(None, classes)),
        data_act="select-unit",
        data_id=unit.unit_id,
        data_key=f"unit-{unit.unit_id}",
        aria_label=f"{call_sign} {words}",
    )


def _remark(limit: UnitLimit | None, work: PlanWork | None, language: Language) -> Html | None:
    """A limit met now goes before what the plan has the unit do; the whole of both is in the title."""
    if limit is None and work is None:
        return None
    title = DOT.join(filter(None, (limit.full.said(language) if limit else "", work.full if work else "")))
    if limit is not None:
        return tag("span", limit.short.said(language), cls="cut limit", title=title)
    return tag("span", work.short if work else "", cls="cut work", title=title)


class PlanWork(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan has one unit do: when it leaves and arrives, and the same in words."""

    short: str
    full: str


def plan_work(plan: Plan, region: Region, language: Language) -> dict[str, PlanWork]:
    """Return, by unit id, the first departure and the last arrival a plan gives it."""
    legs: dict[str, list[Leg]] = {}
    for leg in sorted(plan.legs, key=lambda leg: leg.depart_at):
        for unit_id in filter(None, (leg.craft_id, *leg.group_ids)):
            legs.setdefault(unit_id, []).append(leg)
    found: dict[str, PlanWork] = {}
    for unit_id, own in legs.items():
        leave, arrive = clock(own[0].depart_at, region.timezone), clock(own[-1].arrive_at, region.timezone)
        found[unit_id] = PlanWork(
            short=f"{leave}\u2192{arrive}",
            full=say(
                "units.work",
                language,
                leave=leave,
                start=own[0].from_name.said(language),
                arrive=arrive,
                end=own[-1].to_name.said(language),
            ),
        )
    return found


def place_words(unit: UnitView, picture: Picture, region: Region, language: Language) -> str:
    """Return where a unit is: its site by name, at an incident, or under way with its speed (knots; km/h by road)."""
    if unit.site_id is not None:
        site = region.piers.get(unit.site_id) or region.helipads.get(unit.site_id) or region.stations.get(unit.site_id)
        return site.name.said(language) if site else unit.site_id
    if unit.status in UNDER_WAY:
        if unit.speed_mps < STANDING_MPS:
            return say("units.waiting", language)
        if unit.symbol in ROAD_SYMBOLS:
            return say("units.on_road", language, kmh=f"{unit.speed_mps * 3.6:.0f}")
        return say("units.under_way", language, knots=f"{unit.speed_mps / KNOT_MPS:.0f}")
    incident = picture.incidents.get(unit.incident_id or "")
    return say("units.at_incident", language, number=incident.number) if incident else NONE
