"""The plan card: three alternatives beside the nearest-first baseline, and what to do with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from console.i18n import say
from console.panels.approvals import approval_buttons, asked_words
from console.panels.figures import DOT, NONE, change, clock, share
from console.panels.markup import Html, button, join, tag
from console.panels.timers import countdown
from data.geography import Region
from data.incidents import Echelon, Incident
from data.plans import Alternative, Baseline, EchelonTime, Plan
from data.text import Language, Text

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import Approval

ALTERNATIVES: tuple[Alternative, ...] = ("fastest", "balanced", "keep_cover")


class PlanJobLike(Protocol):
    """What the card needs to know of a running or finished planning job."""

    status: str
    elapsed_s: float
    alternatives: Mapping[Alternative, Plan]
    error: Text | None


def plan_card_html(
    incident: Incident | None,
    job: PlanJobLike | None,
    accepted: Plan | None,
    region: Region,
    chosen: Alternative,
    now: datetime,
    language: Language,
    *,
    can_act: bool = True,
    can_undo: bool = False,
    approval: Approval | None = None,
    picture: Picture | None = None,
    actor: str = "",
) -> Html:
    """Return the card for the selected incident.

    ``accepted`` is the plan in force for it; ``can_undo`` while it may still be withdrawn;
    ``can_act`` is False in a replay, where nothing may give orders. ``approval`` is what waits for a second
    person for it: its plan is shown before any other, to whoever looks as ``actor``.
    """
    if incident is None:
        return tag("section", tag("p", say("plan.none", language), cls="note"), cls="room plan-card")
    if approval is not None and approval.plan is not None:
        job, chosen = None, approval.plan.alternative
    plans = dict(job.alternatives) if job else {}
    if approval is not None and approval.plan is not None:
        plans = {chosen: approval.plan}
    if accepted is not None and not plans:
        plans, chosen = {accepted.alternative: accepted}, accepted.alternative
    running = job is not None and job.status in ("queued", "running")
    shown = plans.get(chosen)
    return tag(
        "section",
        tag("header", *_head(job, running, shown, language), cls="head"),
        tag("progress", cls="working", aria_label=say("plan.working", language)) if running else None,
        tag("p", job.error.said(language), cls="loud") if job and job.error else None,
        _waits(approval, picture, language) if approval is not None and picture is not None else None,
        _unmet(incident, shown, region, language) if shown else None,
        tag("div", *_body(incident, plans, chosen, region, language, can_act, running), cls="scroll"),
        _asked(approval, now, language, actor, can_act)
        if approval is not None
        else _actions(incident, shown, accepted, running, region, language, can_act, can_undo),
        cls="room plan-card",
    )


def _head(job: PlanJobLike | None, running: bool, shown: Plan | None, language: Language) -> list[object]:
    state = None
    if running and job:
        state = say("plan.running", language, seconds=f"{job.elapsed_s:.1f}")
        if shown:
            state += DOT + say("plan.gap_so_far", language, gap=share(shown.gap))
    elif shown:
        state = say("plan.solved", language, seconds=f"{shown.solve_s:.2f}", seed=shown.seed)
    return [
        tag("b", say("plan.alternatives", language)),
        tag("span", cls="spring"),
        tag("span", state, cls="dim cut") if state else None,
    ]


def _body(
    incident: Incident,
    plans: Mapping[Alternative, Plan],
    chosen: Alternative,
    region: Region,
    language: Language,
    can_act: bool,
    running: bool,
) -> list[Html]:
    if plans:
        return _figures(incident, plans, chosen, region, language, can_act)
    words = "plan.first_soon" if running else "plan.how" if can_act else "plan.none_then"
    return [tag("p", say(words, language), cls="note")]


def _figures(
    incident: Incident,
    plans: Mapping[Alternative, Plan],
    chosen: Alternative,
    region: Region,
    language: Language,
    can_act: bool,
) -> list[Html]:
    any_plan = next(iter(plans.values()))
    baseline = next((plan.baseline for plan in plans.values() if plan.baseline), None)
    start = say("plan.from", language, at=clock(any_plan.start_at, region.timezone))
    head = tag(
        "tr",
        tag("th", start, scope="col", title=start),
        *(_column_head(name, index, plans, chosen, language, can_act) for index, name in enumerate(ALTERNATIVES, 1)),
        tag("th", say("plan.nearest", language), scope="col", cls="dim", title=say("plan.nearest_is", language)),
    )

    def row(words: str | Html, cells: list[object], last: object, cls: str = "") -> Html:
        marked = [
            tag("td", cell, cls="on" if name == chosen else None)
            for name, cell in zip(ALTERNATIVES, cells, strict=True)
        ]
        name = None if isinstance(words, Html) else words
        return tag(
            "tr", tag("th", words, scope="row", title=name), *marked, tag("td", last, cls="dim"), cls=cls or None
        )

    def each(cell: object) -> list[object]:
        return [cell(plans[name]) if name in plans else "\u2026" for name in ALTERNATIVES]  # type: ignore[operator]

    rows = [
        row(
            echelon_name(echelon, language),
            each(lambda plan, e=echelon: _arrival(find_echelon(plan.echelons, incident, e), region, language)),
            _baseline_arrival(find_echelon(baseline.echelons, incident, echelon), region, language)
            if baseline
            else NONE,
            "figures",
        )
        for echelon in incident.echelons
    ]
    rows += [
        row(
            say("plan.versus", language, persons=max(e.persons for e in incident.echelons)),
            each(lambda plan: versus_nearest(plan, language)),
            NONE,
        ),
        row(
            say("plan.gap", language),
            each(lambda plan: tag("span", gap_words(plan, language), title=gap_title(plan, language))),
            baseline_gap(any_plan, baseline),
        ),
        row(say("plan.cover", language), each(lambda plan: cover_left(plan, language)), NONE),
        row(
            say("plan.force", language),
            each(lambda plan: f"{plan.persons} / {plan.craft_used}"),
            f"{baseline.persons} / {baseline.craft}" if baseline else NONE,
        ),
    ]
    return [tag("table", tag("thead", head), tag("tbody", *rows), cls="alternatives")]


def _column_head(
    name: Alternative,
    index: int,
    plans: Mapping[Alternative, Plan],
    chosen: Alternative,
    language: Language,
    can_act: bool,
) -> Html:
    words = say(f"alternative.{name}", language)
    mark = "\u25cf " if name == chosen else ""
    choice = tag(
        "button",
        f"{mark}{words}",
        tag("kbd", str(index)),
        type="button",
        cls="pick",
        data_act="choose-alternative",
        data_value=name,
        aria_label=words,
        aria_pressed="true" if name == chosen else "false",
        disabled=name not in plans or not can_act,
    )
    return tag("th", choice, scope="col", cls="on" if name == chosen else None)


def find_echelon(echelons: tuple[EchelonTime, ...], incident: Incident, echelon: Echelon) -> EchelonTime | None:
    """Return the time of one echelon of one incident, None where the plan does not speak of it."""
    return next((e for e in echelons if e.incident_id == incident.id and e.echelon_id == echelon.id), None)


def echelon_name(echelon: Echelon, language: Language) -> Html:
    """Return an echelon as T and its head count, with its name beside it."""
    words = say("plan.echelon", language, name=echelon.name.said(language), persons=echelon.persons)
    return tag(
        "span", tag("b", f"T{echelon.persons}"), tag("span", " ", echelon.name.said(language), cls="more"), title=words
    )


def _baseline_arrival(time: EchelonTime | None, region: Region, language: Language) -> Html:
    if time is None or time.complete_min is None:
        return _arrival(time, region, language)
    return tag("span", f"{time.complete_min} ", tag("small", clock(time.complete_at, region.timezone)))


def _arrival(time: EchelonTime | None, region: Region, language: Language) -> Html:
    if time is None:
        return join([NONE])
    if time.complete_min is None or time.complete_at is None:
        words = say("plan.arrived_of", language, arrived=time.arrived, persons=time.persons)
        return tag("span", tag("b", f"\u2715 {words}"), title=say("plan.unmet", language), cls="unmet")
    overdue = time.due_min is not None and time.complete_min > time.due_min
    return tag(
        "span",
        tag("b", f"{time.complete_min}", cls="late" if overdue else None),
        tag("small", clock(time.complete_at, region.timezone), tag("span", band_words(time), cls="band")),
        title=_arrival_title(time, overdue, language),
    )


def band_words(time: EchelonTime) -> str:
    """Return the wider half of the early-late band, in minutes."""
    if time.complete_min is None or time.early_min is None or time.late_min is None:
        return ""
    half = max(time.complete_min - time.early_min, time.late_min - time.complete_min)
    return f"\u00b1{half}" if half > 0 else ""


def _arrival_title(time: EchelonTime, overdue: bool, language: Language) -> str | None:
    words = []
    if time.early_min is not None and time.late_min is not None:
        words.append(say("plan.band", language, early=time.early_min, late=time.late_min))
    if overdue:
        words.append(say("plan.due", language, minutes=time.due_min))
    return DOT.join(words) or None


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


def cover_left(plan: Plan, language: Language) -> str:
    """Return the groups left at home of those that were there, and their share."""
    before = sum(cover.groups_before for cover in plan.cover)
    left = sum(cover.groups_left for cover in plan.cover)
    return f"{left}/{before}{DOT}{share(left / before)}" if before else NONE


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


def _unmet(incident: Incident, plan: Plan, region: Region, language: Language) -> Html | None:
    """An echelon that is never complete is said loudly, with what does arrive."""
    unmet = [e for e in plan.echelons if e.complete_min is None and e.incident_id == incident.id]
    if not unmet:
        return None
    words = [
        say("plan.cannot", language, name=e.name.said(language), arrived=e.arrived, persons=e.persons) for e in unmet
    ]
    why = [
        reason.text.said(language)
        for reason in plan.reasons
        if reason.subject_kind in ("echelon", "plan") and reason.code not in ("bound", "change", "conflict")
    ]
    return tag("p", join([*words, *why], DOT), cls="loud", role="alert")


def _waits(approval: Approval, picture: Picture, language: Language) -> Html:
    """What waits for a second person is said loudly: nobody has been sent."""
    return tag("p", asked_words(approval, picture, language), cls="loud", role="status")


def _asked(approval: Approval, now: datetime, language: Language, actor: str, can_act: bool) -> Html:
    """The buttons of the second person, and how long they may be pressed."""
    buttons = approval_buttons(approval, now, language, actor=actor, keyed=True, cls="") if can_act else []
    return tag(
        "div",
        *buttons,
        tag("span", cls="spring"),
        countdown(approval.expires_at, now, language),
        cls="actions",
    )


def _accept_buttons(incident: Incident, shown: Plan, region: Region, language: Language) -> list[Html]:
    """Accept alone, with undo, or ask a second person where the orders cannot be taken back."""
    case_type = region.case_types.get(incident.case_type)
    if case_type is not None and case_type.two_person:
        words = "\u2713 " + say("approval.submit", language)
        return [button(words, "accept", key="Enter", cls="primary", id=shown.id)]
    name = say(f"alternative.{shown.alternative}", language)
    return [
        button("\u2713 " + say("plan.accept", language, name=name), "accept", key="Enter", cls="primary", id=shown.id),
        button(
            say("approval.two_persons", language),
            "accept",
            cls="quiet",
            label=say("approval.two_persons_is", language),
            id=shown.id,
            irreversible="true",
        ),
    ]


def _actions(
    incident: Incident,
    shown: Plan | None,
    accepted: Plan | None,
    running: bool,
    region: Region,
    language: Language,
    can_act: bool,
    can_undo: bool,
) -> Html | None:
    if not can_act:
        return tag("div", tag("span", say("plan.replay", language), cls="dim"), cls="actions")
    again = "plan.again" if shown else "plan.make"
    plan_button = button(say(again, language), "plan", key="P", cls="again" if shown else "primary", id=incident.id)
    if accepted is not None and (shown is None or shown.id == accepted.id):
        undo = button(say("plan.undo", language), "undo", key="U", cls="primary", id=accepted.id) if can_undo else None
        orders = len(
            {leg.craft_id for leg in accepted.legs if leg.craft_id}.union(*(g.group_ids for g in accepted.legs))
        )
        words = say("plan.accepted", language, name=say(f"alternative.{accepted.alternative}", language), orders=orders)
        return tag(
            "div", tag("b", "\u2713 " + words, cls="cut"), tag("span", cls="spring"), undo, plan_button, cls="actions"
        )
    if shown is None or not shown.legs:
        return tag("div", plan_button, cls="actions")
    return tag(
        "div",
        *_accept_buttons(incident, shown, region, language),
        button("\u270e " + say("plan.change", language), "drawer", key="E", value="change"),
        button("\u2715 " + say("plan.reject", language), "drawer", key="R", value="reject"),
        tag("span", cls="spring"),
        None if running else plan_button,
        cls="actions",
    )
