"""The plan card: the alternatives beside the nearest-first baseline, and what to do with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.alternatives import PlanJobLike, alternatives_table, columns_of, is_running, looked_at
from console.panels.approvals import approval_buttons, asked_words
from console.panels.figures import DOT, share
from console.panels.markup import Html, button, join, tag
from console.panels.timers import countdown
from data.geography import Region
from data.incidents import Incident
from data.plans import Alternative, Plan
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import Approval


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
    alone = accepted
    if approval is not None and approval.plan is not None:
        job, alone = None, approval.plan
    plans = dict(job.alternatives) if job else {}
    if job is not None and plans:
        chosen, columns = looked_at(job, chosen), columns_of(job)
    elif alone is not None:
        # What was not chosen is past: the plan in force, or asked for, stands alone beside the baseline.
        plans, chosen, columns = {alone.alternative: alone}, alone.alternative, (alone.alternative,)
    else:
        columns = ()
    running = job is not None and is_running(job)
    shown = plans.get(chosen)
    return tag(
        "section",
        tag(
            "header",
            *_head(job, running, shown, language),
            _again(incident, shown, language) if can_act and not running and approval is None else None,
            cls="head",
        ),
        tag("progress", cls="working", aria_label=say("plan.working", language)) if running else None,
        tag("p", job.error.said(language), cls="loud") if job and job.error else None,
        _waits(approval, picture, language) if approval is not None and picture is not None else None,
        _unmet(incident, shown, region, language) if shown else None,
        tag("div", *_body(incident, plans, columns, chosen, region, language, can_act, running), cls="scroll"),
        _asked(approval, now, language, actor, can_act)
        if approval is not None
        else _actions(incident, shown, accepted, region, language, can_act, can_undo),
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


def _again(incident: Incident, shown: Plan | None, language: Language) -> Html | None:
    """To plan anew stands apart from what is done with the plan there is."""
    if shown is None:
        return None
    return button(say("plan.again", language), "plan", key="P", cls="again", id=incident.id)


def _body(
    incident: Incident,
    plans: Mapping[Alternative, Plan],
    columns: tuple[Alternative, ...],
    chosen: Alternative,
    region: Region,
    language: Language,
    can_act: bool,
    running: bool,
) -> list[Html]:
    if plans:
        return alternatives_table(incident, plans, columns, chosen, region, language, can_act)
    words = "plan.first_soon" if running else "plan.how" if can_act else "plan.none_then"
    return [tag("p", say(words, language), cls="note")]


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
    region: Region,
    language: Language,
    can_act: bool,
    can_undo: bool,
) -> Html | None:
    if not can_act:
        return tag("div", tag("span", say("plan.replay", language), cls="dim"), cls="actions")
    make = None if shown else button(say("plan.make", language), "plan", key="P", cls="primary", id=incident.id)
    if accepted is not None and (shown is None or shown.id == accepted.id):
        undo = button(say("plan.undo", language), "undo", key="U", cls="primary", id=accepted.id) if can_undo else None
        orders = len(
            {leg.craft_id for leg in accepted.legs if leg.craft_id}.union(*(g.group_ids for g in accepted.legs))
        )
        words = say("plan.accepted", language, name=say(f"alternative.{accepted.alternative}", language), orders=orders)
        return tag("div", tag("b", "\u2713 " + words, cls="cut"), tag("span", cls="spring"), undo, make, cls="actions")
    if shown is None or not shown.legs:
        return tag("div", make, cls="actions") if make else None
    return tag(
        "div",
        *_accept_buttons(incident, shown, region, language),
        button(say("plan.change", language), "drawer", key="E", value="change"),
        button(say("plan.reject", language), "drawer", key="R", value="reject"),
        cls="actions",
    )
