"""People over time: how many wait to board, how many stand in the queue at the pier, how many are ashore."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.i18n import say
from console.panels.cutoff_parts import Scale, now_line
from console.panels.figures import clock, local
from console.panels.markup import Html, tag
from data.evacuation import EvacuationPlan, PierUse, Step
from data.text import Language

HEIGHT = 1000
ROUNDS = (10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000)


def curve_html(plan: EvacuationPlan, scale: Scale, now: datetime, language: Language) -> Html:
    """Return the chart: lines stretch with their cell, words are set over them."""
    top, step = grid_of(plan.persons)
    queue = summed([one.steps for one in plan.piers if one.role == "pick_up"])
    limits = [one.capacity for one in plan.piers if one.role == "pick_up"]
    limit = sum(one for one in limits if one is not None) if limits and None not in limits else None
    lines = "".join(
        (
            f'<path class="queue" d="{area(queue, scale, top)}"/>',
            f'<path class="waits" d="{line(plan.to_board, scale, top)}"/>',
            f'<path class="ashore" d="{line(plan.ashore_over_time, scale, top)}"/>',
        )
    )
    svg = Html(
        f'<svg class="curve" viewBox="0 0 {_x(scale.to_at, scale)} {HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="{say("evacuation.curve", language)}">{lines}</svg>'
    )
    grid = [tag("i", cls="level", style=f"bottom:{100 * k * step / top:.2f}%") for k in range(1, round(top / step) + 1)]
    levels = [
        tag("span", f"{k * step:,}", style=f"bottom:{100 * k * step / top:.2f}%") for k in range(round(top / step) + 1)
    ]
    capacity = None
    if limit is not None and limit < top:
        words = say("evacuation.limit", language, n=limit)
        capacity = tag("i", tag("span", words), cls="level limit", style=f"bottom:{100 * limit / top:.2f}%")
    plot = tag("div", *grid, svg, capacity, *_marks(plan, scale, language), now_line(scale, now, language), cls="plot")
    head = tag(
        "div",
        tag("b", say("evacuation.curve", language)),
        tag("span", tag("i", cls="stroke waits"), say("evacuation.waits", language)),
        tag("span", tag("i", cls="stroke queue"), say("evacuation.queue", language, peak=_peak(plan.piers))),
        tag("span", tag("i", cls="stroke ashore"), say("evacuation.ashore", language)),
        tag("span", cls="spring"),
        tag("span", say("evacuation.planned", language), cls="dim cut"),
        cls="head charthead",
    )
    axis = tag(
        "div",
        *(tag("span", clock(one, scale.timezone), style=scale.left(one)) for one in half_hours(scale)),
        cls="plotaxis",
    )
    body = tag("div", tag("div", *levels, cls="levels"), plot, tag("span"), tag("span"), axis, cls="chart")
    return tag("div", head, body, cls="curvebox")


def _peak(piers: Sequence[PierUse]) -> int:
    return max((one.peak for one in piers if one.role == "pick_up"), default=0)


def _marks(plan: EvacuationPlan, scale: Scale, language: Language) -> list[Html]:
    found = []
    for name, moment in (("last", plan.last_departure_at), ("bound", plan.bound_at), ("complete", plan.complete_at)):
        if moment is None or not scale.holds(moment):
            continue
        words = say(f"evacuation.mark_{name}", language, at=clock(moment, scale.timezone))
        side = "end" if scale.percent(moment) > 70 or name == "bound" else ""
        found.append(tag("i", tag("b", words, cls=side), cls=f"mark {name}", style=scale.left(moment)))
    return found


def grid_of(persons: int) -> tuple[int, int]:
    """Return the top of the chart and the step of its grid, at most six steps of a round number."""
    step = next((one for one in ROUNDS if persons / one <= 5), ROUNDS[-1])
    return max(step, -(-persons // step) * step), step


def half_hours(scale: Scale) -> list[datetime]:
    """Return the moments named under the chart: each half hour, or fewer where there are many."""
    count = scale.hours * 2
    every = 30 if count <= 14 else 60 if count <= 28 else 120 if count <= 56 else 360
    moment, found = local(scale.from_at, scale.timezone), []
    while moment <= scale.to_at:
        if (moment.hour * 60 + moment.minute) % every == 0:
            found.append(moment)
        moment += timedelta(minutes=30)
    return found


def summed(series: Sequence[Sequence[Step]]) -> list[Step]:
    """Return the sum of several counts, as steps."""
    moments = sorted({one.at for steps in series for one in steps})
    return [Step(at=at, persons=sum(_at(steps, at) for steps in series)) for at in moments]


def _at(steps: Sequence[Step], moment: datetime) -> int:
    held = [one.persons for one in steps if one.at <= moment]
    return held[-1] if held else 0


def line(steps: Sequence[Step], scale: Scale, top: int) -> str:
    """Return the path of a count that holds between its steps."""
    if not steps:
        return ""
    parts = [f"M{_x(steps[0].at, scale)} {_y(steps[0].persons, top)}"]
    parts += [f"H{_x(one.at, scale)}V{_y(one.persons, top)}" for one in steps[1:]]
    return "".join(parts) + f"H{_x(scale.to_at, scale)}"


def area(steps: Sequence[Step], scale: Scale, top: int) -> str:
    """Return the path of the ground under a count."""
    if not steps:
        return ""
    drawn = line(steps, scale, top)
    return f"{drawn}V{HEIGHT}H{_x(steps[0].at, scale)}z"


def _x(moment: datetime, scale: Scale) -> int:
    """Return seconds from the start of the chart, within it."""
    held = min(max(moment, scale.from_at), scale.to_at)
    return round((held - scale.from_at).total_seconds())


def _y(persons: int, top: int) -> int:
    return round(HEIGHT * (1 - persons / top)) if top else HEIGHT
