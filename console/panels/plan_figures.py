"""The figures of one plan as cells: when an echelon is complete, the proven gap, what stays at home, who goes."""

from __future__ import annotations

from console.i18n import say
from console.panels.figures import DOT, MINUS, NONE, change, clock, share
from console.panels.markup import Html, join, tag
from data.geography import Region
from data.incidents import Echelon, Incident
from data.plans import Baseline, EchelonTime, Plan
from data.text import Language


def find_echelon(echelons: tuple[EchelonTime, ...], incident: Incident, echelon: Echelon) -> EchelonTime | None:
    """Return the time of one echelon of one incident, None where the plan does not speak of it."""
    return next((e for e in echelons if e.incident_id == incident.id and e.echelon_id == echelon.id), None)


def echelon_name(echelon: Echelon, language: Language) -> Html:
    """Return an echelon as T and its head count, with its name beside it."""
    words = say("plan.echelon", language, name=echelon.name.said(language), persons=echelon.persons)
    return tag(
        "span", tag("b", f"T{echelon.persons}"), tag("span", " ", echelon.name.said(language), cls="more"), title=words
    )


def baseline_arrival(time: EchelonTime | None, region: Region, language: Language) -> Html:
    """Return when the nearest-first dispatcher completes an echelon, without a judgement of it."""
    if time is None or time.complete_min is None:
        return arrival(time, region, language)
    return tag("span", f"{time.complete_min} ", tag("small", clock(time.complete_at, region.timezone)))


def arrival(time: EchelonTime | None, region: Region, language: Language, later_min: int | None = None) -> Html:
    """Return when an echelon is complete: minutes and local time, or minutes and how many later than elsewhere."""
    if time is None:
        return join([NONE])
    if time.complete_min is None or time.complete_at is None:
        words = say("plan.arrived_of", language, arrived=time.arrived, persons=time.persons)
        return tag("span", tag("b", f"\u2715 {words}"), title=say("plan.unmet", language), cls="unmet")
    overdue = time.due_min is not None and time.complete_min > time.due_min
    if later_min is None:
        beside = tag("small", clock(time.complete_at, region.timezone), tag("span", band_words(time), cls="band"))
    else:
        beside = tag("small", signed(later_min), cls="differs" if later_min else None)
    title = DOT.join([clock(time.complete_at, region.timezone), *_arrival_words(time, overdue, language)])
    return tag("span", tag("b", f"{time.complete_min}", cls="late" if overdue else None), beside, title=title)


def signed(number: float) -> str:
    """Return a difference with its sign, a true minus; =, where there is none."""
    whole = f"{abs(number):g}"
    return "=" if number == 0 else f"{MINUS if number < 0 else '+'}{whole}"


def band_words(time: EchelonTime) -> str:
    """Return the wider half of the early-late band, in minutes."""
    if time.complete_min is None or time.early_min is None or time.late_min is None:
        return ""
    half = max(time.complete_min - time.early_min, time.late_min - time.complete_min)
    return f"\u00b1{half}" if half > 0 else ""


def _arrival_words(time: EchelonTime, overdue: bool, language: Language) -> list[str]:
    words = []
    if time.early_min is not None and time.late_min is not None:
        words.append(say("plan.band", language, early=time.early_min, late=time.late_min))
    if overdue:
        words.append(say("plan.due", language, minutes=time.due_min))
    return words


def versus_nearest(plan: Plan, language: Language) -> str:
    """Return the largest echelon's change against nearest-first; words where only one of them meets it."""
    if plan.baseline is None or not plan.echelons:
        return NONE
    mine = max(plan.echelons, key=lambda echelon: echelon.persons)
    same = [e for e in plan.baseline.echelons if (e.incident_id, e.echelon_id) == (mine.incident_id, mine.echelon_id)]
    if not same:
        return NONE
    theirs = same[0]
    if mine.complete_min is None or theirs.complete_min is None:
        if mine.complete_min is not None:
            return say("plan.only_this", language)
        return NONE if theirs.complete_min is None else say("plan.only_nearest", language)
    if theirs.complete_min == 0:
        return change(0.0)
    return change(mine.complete_min / theirs.complete_min - 1)


def groups_at_home(plans: list[Plan]) -> dict[str, int]:
    """Return the groups at home before, at each station that any of the plans asks for one."""
    return {row.station_id: row.groups_before for plan in plans for row in plan.cover}


def cover_left(plan: Plan, at_home: dict[str, int]) -> str:
    """Return the groups left at home of those that were there; a dash where no station is asked."""
    before = sum(at_home.values())
    return f"{before - _groups_sent(plan)}/{before}" if before else NONE


def cover_title(plan: Plan, at_home: dict[str, int], language: Language) -> str | None:
    """Return what stays at home as a share, and from how many stations groups go."""
    before = sum(at_home.values())
    if not before:
        return None
    kept = share(1 - _groups_sent(plan) / before)
    return say("choice.cover_is", language, share=kept, sent=_groups_sent(plan), stations=len(plan.cover))


def _groups_sent(plan: Plan) -> int:
    return sum(row.groups_before - row.groups_left for row in plan.cover)


def gap_words(plan: Plan, language: Language) -> str:
    """Return the proven gap, in words where it is closed."""
    if plan.status == "infeasible":
        return say("plan.infeasible", language)
    if plan.status == "optimal":
        return f"0 % {say('plan.proven', language)}"
    return f"\u2264 {share(plan.gap)}"


def gap_title(plan: Plan, language: Language) -> str:
    """Return what the gap is measured against: the lower bound and what its proof takes for granted."""
    assumed = [text.said(language) for text in plan.bound_assumes]
    return DOT.join([say("plan.gap_is", language), *assumed])


def baseline_gap(plan: Plan, baseline: Baseline | None) -> str:
    """Return how far nearest-first lies above the same bound."""
    if baseline is None or baseline.objective.total <= 0:
        return NONE
    return f"\u2264 {share(max(0.0, (baseline.objective.total - plan.bound) / baseline.objective.total))}"
