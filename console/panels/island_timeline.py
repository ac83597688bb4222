"""Who holds an island until relief: tasks as bars with their people, landings and the hand-over on one timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.i18n import say
from console.panels.cutoff_parts import Scale, now_line, texts
from console.panels.evacuation_curve import half_hours
from console.panels.figures import DOT, clock, share
from console.panels.markup import Html, join, tag
from data.holding import HandOver, HoldPlan, HoldService, HoldTask, HoldUnmet
from data.text import Language

ROUND = timedelta(minutes=30)
CLEAR_OF_NOW = 14.0  # percent beside now within which no other time is written
NAMED_FROM = 5.0  # percent of the timeline below which a bar has no room for its number


def timeline_html(plan: HoldPlan, timezone: str, now: datetime, language: Language) -> Html:
    """Return the figures of the plan, what it cannot do, and a row for each task up to the relief's taking over."""
    scale = timeline_scale(plan, timezone)
    unmet: dict[str, list[HoldUnmet]] = {}
    for one in plan.unmet:
        unmet.setdefault(one.task_id, []).append(one)
    over = {one.task_id: one for one in plan.hand_over}
    rows = [
        _row(task, plan, unmet.get(task.id, []), over.get(task.id), scale, now, language)
        for task in sorted(plan.tasks, key=lambda one: (-one.value, one.earliest_at, one.id))
    ]
    axis = tag(
        "div",
        tag("span", say("hold.task", language), cls="dim"),
        tag(
            "div",
            *(
                tag("span", clock(one, timezone), style=scale.left(one))
                for one in half_hours(scale)
                if abs(scale.percent(one) - scale.percent(now)) > CLEAR_OF_NOW
            ),
            *_landing_tags(plan, scale, language),
            now_line(scale, now, language),
            cls="plotaxis",
        ),
        tag("span", say("hold.crew", language), cls="dim num"),
        tag("span", say("hold.hand_over", language), cls="dim"),
        cls="task axisrow",
    )
    nothing = tag("p", say("hold.nothing", language), cls="note first") if not rows else None
    return tag(
        "div",
        _figures(plan, language) if rows else None,
        axis if rows else None,
        tag("div", nothing, *rows, *_notes(plan, language), cls="rows taskrows"),
        cls="timeline",
    )


def timeline_scale(plan: HoldPlan, timezone: str) -> Scale:
    """Return the scale from the plan's start to a little after the last hand-over."""
    ends = [plan.until_at, *(one.at for one in plan.hand_over), *(one.at for one in plan.relief)]
    end = max(one for one in ends) + ROUND / 2
    start = plan.at - timedelta(seconds=plan.at.timestamp() % ROUND.total_seconds())
    return Scale(start, max(end, start + 2 * ROUND), timezone)


def _figures(plan: HoldPlan, language: Language) -> Html:
    short = sum(one.short for one in plan.unmet)
    words = [
        say("hold.value", language, value=f"{plan.value:,}", asked=f"{plan.value_asked:,}"),
        say("hold.gap", language, gap=share(plan.gap), s=f"{plan.solve_s:.1f}"),
        say("hold.late", language, n=f"{plan.late_min:.0f}"),
    ]
    lacking = tag("b", say("hold.short", language, tasks=len(plan.unmet), people=short), cls="loud") if short else None
    return tag("div", join([*words, lacking], DOT), cls="section")


def _landing_tags(plan: HoldPlan, scale: Scale, language: Language) -> list[Html]:
    found = []
    for one in plan.relief:
        at = clock(one.at, scale.timezone)
        words = say("hold.landing", language, at=at, people=one.people, place=one.place.name.said(language))
        found.append(tag("i", tag("b", f"+{one.people}"), cls="landing", style=scale.left(one.at), title=words))
    return found


def _row(
    task: HoldTask,
    plan: HoldPlan,
    unmet: Sequence[HoldUnmet],
    over: HandOver | None,
    scale: Scale,
    now: datetime,
    language: Language,
) -> Html:
    services = [one for one in plan.services if one.task_id == task.id]
    bars = [_bar(one, scale) for one in services if one.served and one.from_at and one.to_at]
    gaps = [_gap(one, scale) for one in services if not one.served]
    lines = [tag("i", cls="landing line", style=scale.left(one.at)) for one in plan.relief]
    relief = None
    if plan.relief_at is not None:
        relief = tag("i", cls="mark complete", style=scale.left(plan.relief_at))
    teams = dict.fromkeys(row.team_id for row in plan.rows if row.task_id == task.id)
    names = {one.team.id: one.team.name.said(language) for one in plan.teams}
    crew = say("list.comma", language).join(names.get(one, one) for one in teams)
    words = [tag("span", one.text.said(language), cls="loud cut", title=_remedy(one, language)) for one in unmet[:1]]
    return tag(
        "div",
        tag(
            "span",
            tag("b", task.name.said(language), cls="cut"),
            tag("small", join([task.place.name.said(language), _origin(task, language)], DOT), cls="dim cut"),
            cls="what",
        ),
        tag("span", *bars, *gaps, *lines, relief, now_line(scale, now, language, worded=False), cls="track"),
        tag("span", tag("b", str(task.people)), tag("small", crew, cls="dim cut"), cls="num crewcell", title=crew),
        tag(
            "span", *words, None if words and over is None else _over_words(over, plan, scale, language), cls="overcell"
        ),
        cls="task",
        data_key=f"task-{task.id}",
    )


def _origin(task: HoldTask, language: Language) -> str:
    return say(f"hold.origin_{task.origin}", language)


def _bar(one: HoldService, scale: Scale) -> Html:
    assert one.from_at is not None
    assert one.to_at is not None
    start, end = scale.percent(one.from_at), scale.percent(one.to_at)
    number = tag("span", str(one.people)) if end - start >= NAMED_FROM / 3 else None
    late = " late" if one.late_min > 0 else ""
    title = f"{clock(one.from_at, scale.timezone)}\u2013{clock(one.to_at, scale.timezone)} \u00b7 {one.people}"
    return tag(
        "i", number, cls=f"bar3 work{late}", style=f"left:{start:.2f}%;width:{max(0.2, end - start):.2f}%", title=title
    )


def _gap(one: HoldService, scale: Scale) -> Html:
    """Return where nobody stands: the turn of a post, or the span in which the work should have begun."""
    left, right = scale.percent(one.asked_from), scale.percent(one.asked_to)
    return tag("i", cls="bar3 gap", style=f"left:{left:.2f}%;width:{max(0.4, right - left):.2f}%")


def _remedy(one: HoldUnmet, language: Language) -> str:
    change = one.least_change.said(language) if one.least_change is not None else ""
    return f"{one.text.said(language)} {change}".strip()


def _over_words(over: HandOver | None, plan: HoldPlan, scale: Scale, language: Language) -> Html:
    if over is None:
        words = "hold.no_relief" if plan.relief_at is None else "hold.ends_before"
        return tag("span", say(words, language), cls="dim cut")
    words = say(
        "hold.over",
        language,
        at=clock(over.at, scale.timezone),
        people=over.from_people,
        relief=over.to_people,
    )
    lacks = tag("span", say("hold.over_short", language, n=over.short), cls="loud") if over.short else None
    return tag("span", words, " ", lacks, cls="cut", title=over.text.said(language))


def _notes(plan: HoldPlan, language: Language) -> list[Html | None]:
    """Return every unmet task with its remedy, what has changed, what the bound relaxes and what is assumed."""
    rows = [
        tag("li", tag("b", one.text.said(language)), " ", one.least_change.said(language) if one.least_change else None)
        for one in plan.unmet
    ]
    lacking = None
    if rows:
        title = say("hold.unmet", language, n=len(rows))
        lacking = tag(
            "details", tag("summary", title, cls="loudish"), tag("ul", *rows), cls="texts", open=len(rows) <= 3
        )
    return [
        lacking,
        texts(say("hold.changes", language), [one.text for one in plan.changes], language),
        texts(say("evacuation.relaxes", language), plan.bound_assumes, language),
        texts(say("study.assumptions", language), plan.assumptions, language),
    ]
