"""The evacuation of an island: its figures, people over time, trips and berths on one scale, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.i18n import say
from console.panels.cutoff_parts import Scale, island_chooser, near_clock, study_state, without_answer
from console.panels.evacuation_curve import curve_html
from console.panels.evacuation_trips import berths_html, trips_html
from console.panels.figures import DOT, NONE, share
from console.panels.markup import Html, button, tag
from console.studies import Seen
from data.evacuation import EvacuationPlan, PierUse, Step
from data.geography import Region
from data.text import Language

ROUND = timedelta(minutes=30)


def evacuation_html(
    seen: Seen, island_id: str | None, region: Region, now: datetime, language: Language, *, can_act: bool = True
) -> Html:
    """Return the main part of the page; what is measured nowhere is said to be the plan's."""
    plan: EvacuationPlan | None = seen.answer.value if seen.answer is not None else None
    island = region.islands.get(island_id or "")
    anew = None
    if can_act and seen.answer is not None and not seen.working:
        anew = button(say("study.anew", language), "study-anew", key="P", cls="small", value="evacuation")
    header = tag(
        "header",
        tag("b", say("evacuation.title", language)),
        island_chooser(region, island.id, language) if island is not None else None,
        tag("span", _summary(plan, language), cls="dim cut") if plan is not None else None,
        tag("span", cls="spring"),
        study_state(seen, region.timezone, language),
        anew,
        cls="head",
    )
    if island is None:
        choose = tag("p", say("evacuation.choose", language), cls="note first")
        return tag("section", header, choose, cls="room evacuation")
    missing = without_answer(seen, region.timezone, language)
    if plan is None or missing is not None:
        return tag("section", header, missing, cls="room evacuation")
    remain = [tag("p", one.text.said(language), cls="loud", role="alert") for one in plan.unmet]
    if not plan.trips:
        nothing = tag("p", say("evacuation.nobody", language), cls="note first")
        return tag("section", header, *remain, nothing, cls="room evacuation")
    scale = plan_scale(plan, now, region.timezone)
    return tag(
        "section",
        header,
        *remain,
        _figures(plan, region, now, language),
        curve_html(plan, scale, now, language),
        trips_html(plan, region, scale, now, language),
        berths_html(plan, scale, now, language),
        cls="room evacuation",
    )


def plan_scale(plan: EvacuationPlan, now: datetime, timezone: str) -> Scale:
    """Return the scale of a plan: whole half hours from its start, or now if that is before, to its last person."""
    ends = [trip.unload_to for trip in plan.trips] + [one for one in (plan.complete_at, plan.bound_at) if one]
    start, end = min(plan.at, max(now, plan.at - ROUND)), max(ends, default=plan.at + 4 * ROUND)
    first = start - timedelta(seconds=start.timestamp() % ROUND.total_seconds())
    last = end + timedelta(seconds=-end.timestamp() % ROUND.total_seconds())
    return Scale(first, max(last, first + 4 * ROUND), timezone)


def standing(steps: Sequence[Step], moment: datetime) -> int:
    """Return what a count of steps is at a moment; before its first step it is what it begins with."""
    found = steps[0].persons if steps else 0
    for one in steps:
        if one.at > moment:
            break
        found = one.persons
    return found


def _summary(plan: EvacuationPlan, language: Language) -> str:
    pick_ups = sum(one.role == "pick_up" for one in plan.piers)
    return say("evacuation.summary", language, persons=f"{plan.persons:,}", musters=len(plan.musters), piers=pick_ups)


def _figures(plan: EvacuationPlan, region: Region, now: datetime, language: Language) -> Html:
    waiting, ashore = standing(plan.to_board, now), standing(plan.ashore_over_time, now)
    queued = sum(standing(one.steps, now) for one in plan.piers if one.role == "pick_up")
    mustered = sum(standing(one.waiting, now) for one in plan.musters)
    boarded = plan.persons - waiting
    last = max((one for one in plan.trips), key=lambda trip: trip.depart_at)

    def at(moment: datetime | None) -> str:
        return NONE if moment is None else near_clock(moment, now, region.timezone, language)

    band = None
    if plan.early_at is not None and plan.late_at is not None:
        band = say("evacuation.band", language, early=at(plan.early_at), late=at(plan.late_at))
    closing = [one for one in plan.piers if one.role == "pick_up" and one.closes_at is not None]
    return tag(
        "div",
        _figure(
            "waiting",
            f"{waiting:,}",
            say("evacuation.waiting_sub", language, pier=queued, muster=mustered),
            language,
        ),
        _figure(
            "boarded",
            f"{boarded:,}",
            say("evacuation.boarded_sub", language, way=boarded - ashore, ashore=ashore),
            language,
        ),
        _figure(
            "last",
            at(plan.last_departure_at),
            f"{last.craft_name.said(language)}{DOT}{say('evacuation.persons', language, n=last.persons)}",
            language,
        ),
        _figure("ashore", at(plan.complete_at), band or _ashore_words(plan, language), language),
        _figure(
            "bound",
            at(plan.bound_at),
            say("evacuation.gap", language, gap=share(plan.gap), s=f"{plan.solve_s:.1f}"),
            language,
            title="\n".join(one.said(language) for one in plan.bound_relaxes),
        ),
        _margin(plan, closing, at, language),
        cls="tiles",
    )


def _ashore_words(plan: EvacuationPlan, language: Language) -> str:
    return say("evacuation.ashore_of", language, ashore=f"{plan.ashore:,}", persons=f"{plan.persons:,}")


def _margin(plan: EvacuationPlan, closing: list[PierUse], at: object, language: Language) -> Html:
    if plan.margin_min is None or not closing or not callable(at):
        return _figure("margin", NONE, say("evacuation.no_closing", language), language)
    first = min(closing, key=lambda one: one.closes_at or plan.at)
    words = say("evacuation.margin_sub", language, pier=first.name.said(language), at=at(first.closes_at))
    hours, minutes = divmod(abs(plan.margin_min), 60)
    sign = "\u2212" if plan.margin_min < 0 else ""
    cls = "red" if plan.margin_min < 0 else "amber" if plan.margin_min < 60 else ""
    return _figure("margin", f"{sign}{hours}:{minutes:02}", words, language, cls=cls)


def _figure(name: str, value: str, under: str, language: Language, *, cls: str = "", title: str = "") -> Html:
    return tag(
        "div",
        tag("span", say(f"evacuation.fig_{name}", language), cls="dim cut"),
        tag("b", value, cls=f"big {cls}".strip()),
        tag("span", under, cls="dim cut"),
        cls="tile",
        title=title or None,
        data_figure=name,
    )
