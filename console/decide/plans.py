"""Decide commands about plans: what was proposed, accepted, rejected, undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from console.commands import AcceptPlan, ProposePlan, RejectPlan, WithdrawPlan
from console.decide.approvals import ask_approval, waiting_for
from console.decide.ground import Ground, RefusedError
from console.decide.late_start import begun_at
from console.decide.orders import orders_of
from console.decide.texts import read_reason
from console.decide.weather import CLOSURES_STREAM, WEATHER_STREAM
from data.incidents import INCIDENT_TRANSITIONS
from data.journal.events import (
    IncidentStatusChanged,
    OrderIssued,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanWithdrawn,
    UnitStatusChanged,
)
from data.journal.interface import Entry
from data.journal.views import UnitView
from data.plans import Plan
from data.text import Text
from routing.check import check_plan
from routing.movement import units_of

# Real seconds in which an acceptance may be taken back without a word to anybody.
UNDO_S = 10.0
# A plan found more than this before its acceptance starts from another picture: plan again.
PLAN_TOO_OLD = timedelta(minutes=30)


def propose_plan(command: ProposePlan, ground: Ground) -> list[Entry]:
    """A plan goes on record for incidents that are still open."""
    plan = command.plan
    _open_incidents(plan, ground)
    return [ground.entry(f"plan:{plan.id}", PlanProposed(plan=without_situation(plan)))]


def accept_plan(command: AcceptPlan, ground: Ground) -> list[Entry]:
    """A plan is accepted whole, or, where it cannot be taken back, put before a second person.

    Also a plan that is only asked about must be one that could be accepted now.
    """
    plan = _acceptable(command, ground)
    if (waiting := waiting_for(plan.id, ground)) is not None:
        raise RefusedError(
            f"该方案由 {waiting.asked_by} 提出,正待第二人同意。",
            f"{waiting.asked_by} has asked for this plan: it waits for a second person to approve it.",
        )
    entries = _ordered(plan, ground, irreversible=False)
    reason = why_two_persons(command, plan, ground)
    if reason is None:
        return entries
    return ask_approval(command, without_situation(plan), reason, ground)


def accept_approved_plan(command: AcceptPlan, ground: Ground) -> list[Entry]:
    """A plan a second person agrees to is judged again against the picture of now; its orders are irreversible."""
    return _ordered(_acceptable(command, ground), ground, irreversible=True)


def why_two_persons(command: AcceptPlan, plan: Plan, ground: Ground) -> Text | None:
    """Return why the orders of a plan may not be given by one person alone; None where they may."""
    for incident_id in plan.incident_ids:
        incident = ground.picture.incidents[incident_id]
        case_type = ground.region.case_types.get(incident.case_type)
        if case_type is not None and case_type.two_person:
            return Text(f"“{case_type.name.zh}”须两人同意", f"'{case_type.name.en}' takes two persons")
    if command.irreversible:
        return Text("标为不可撤回", "marked as irreversible")
    return None


def _acceptable(command: AcceptPlan, ground: Ground) -> Plan:
    """Return the plan asked for, if it is not accepted yet and sends somebody to incidents that are open."""
    picture = ground.picture
    if command.plan_id in picture.accepted:
        who = picture.accepted_by[command.plan_id]
        raise RefusedError(f"该方案已由 {who} 采纳。", f"{who} has already accepted this plan.")
    plan = _plan_asked(command.plan_id, command.plan, ground)
    if plan.status == "infeasible" or not plan.legs:
        raise RefusedError(
            "该方案不派任何单位,不能采纳。请更改要求后重新计算。",
            "This plan sends nobody. Change the demand, then plan again.",
        )
    _open_incidents(plan, ground)
    return plan


def _ordered(plan: Plan, ground: Ground, *, irreversible: bool) -> list[Entry]:
    """Every unit is free and the check without a fault: all orders go out in one transaction, or none.

    Each unit and incident is named with the version it was seen at, so that of two seats that order one unit
    at the same time only one can win, at whichever console; so are the forecast and the closures it was checked by.
    """
    picture = ground.picture
    _all_free(units_of(plan), ground)
    plan = without_situation(begun_at(plan, ground.now, PLAN_TOO_OLD))
    _passes_check(plan, ground)
    entries = [ground.entry(f"plan:{plan.id}", PlanAccepted(plan=plan))]
    entries.extend(
        ground.entry(f"unit:{order.unit_id}", OrderIssued(order=order))
        for order in orders_of(plan, ground, irreversible=irreversible)
    )
    entries.extend(
        ground.entry(f"incident:{incident_id}", IncidentStatusChanged(incident_id=incident_id, status="dispatched"))
        for incident_id in plan.incident_ids
        if "dispatched" in INCIDENT_TRANSITIONS[picture.incidents[incident_id].status]
    )
    named = {entry.stream for entry in entries}
    rests_on = [*(f"incident:{incident_id}" for incident_id in plan.incident_ids), WEATHER_STREAM, CLOSURES_STREAM]
    entries.extend(ground.guard(stream) for stream in rests_on if stream not in named)
    return entries


def reject_plan(command: RejectPlan, ground: Ground) -> list[Entry]:
    """A rejection says why; it can only be of a plan not yet accepted."""
    reason = read_reason(command.reason)
    if not reason:
        raise RefusedError("请写明否决理由。", "Give the reason for the rejection.")
    if command.plan_id in ground.picture.accepted:
        raise RefusedError(
            "该方案已采纳,不能否决;可在 10 秒内撤销。", "This plan is accepted. Undo it within 10 s instead."
        )
    plan = _plan_asked(command.plan_id, command.plan, ground)
    if waiting_for(plan.id, ground) is not None:
        raise RefusedError(
            "该方案正待第二人同意。请拒绝或撤回该请求。",
            "This plan waits for a second person. Refuse or withdraw that request instead.",
        )
    event = PlanRejected(plan_id=plan.id, incident_ids=plan.incident_ids, reason=reason)
    return [ground.entry(f"plan:{plan.id}", event)]


def withdraw_plan(command: WithdrawPlan, ground: Ground) -> list[Entry]:
    """An acceptance may be undone for 10 real seconds; units not yet moving are free again at once."""
    picture = ground.picture
    plan = picture.accepted.get(command.plan_id)
    if plan is None:
        raise RefusedError("没有可撤销的方案。", "There is no accepted plan to undo.")
    if picture.is_irreversible(plan.id):
        raise RefusedError(
            "该方案经两人同意,不可撤销。请向各单位下达新指令。",
            "Two persons agreed to this plan: it cannot be undone. Give the units new orders instead.",
        )
    age_s = (ground.wall_now - picture.accepted_recorded_at[plan.id]).total_seconds()
    if age_s > UNDO_S:
        raise RefusedError(
            f"已过 {age_s:.0f} 秒,超过撤销时限 {UNDO_S:.0f} 秒。请向各单位下达新指令。",
            f"{age_s:.0f} s have passed; undo ends after {UNDO_S:.0f} s. Give the units new orders instead.",
        )
    entries = [ground.entry(f"plan:{plan.id}", PlanWithdrawn(plan_id=plan.id))]
    units = [unit for unit in picture.units.values() if unit.plan_id == plan.id]
    entries.extend(ground.entry(f"unit:{unit.unit_id}", _freed(unit)) for unit in units)
    entries.extend(
        ground.entry(f"incident:{incident_id}", IncidentStatusChanged(incident_id=incident_id, status="accepted"))
        for incident_id in plan.incident_ids
        if picture.incidents[incident_id].status in ("dispatched", "en_route")
    )
    return entries


def _plan_asked(plan_id: str, given: Plan | None, ground: Ground) -> Plan:
    plan = given or ground.picture.proposals.get(plan_id)
    if plan is None or plan.id != plan_id:
        raise RefusedError(
            "该方案已被新方案取代。请看最新方案。", "A newer plan has taken the place of this one. Look again."
        )
    return plan


def _open_incidents(plan: Plan, ground: Ground) -> None:
    for incident_id in plan.incident_ids:
        incident = ground.incident(incident_id)
        if incident.status == "closed":
            raise RefusedError(
                f"警情 {incident.number} 已结。", f"Incident {incident.number} is closed. Nothing to send."
            )


def _all_free(unit_ids: Iterable[str], ground: Ground) -> None:
    """No unit of the plan may be under another order; whoever gave that order is named."""
    picture = ground.picture
    for unit_id in unit_ids:
        unit = ground.unit(unit_id)
        if unit.is_free:
            continue
        if unit.plan_id in picture.accepted:
            who, at = picture.accepted_by[unit.plan_id], picture.accepted_at[unit.plan_id]
            number = picture.incidents[unit.incident_id].number if unit.incident_id in picture.incidents else "?"
            clock = local_time(at, ground)
            raise RefusedError(
                f"{unit.call_sign.zh} 已由 {who} 于 {clock} 派往警情 {number}。请重新计算。",
                f"{unit.call_sign.en} was sent to incident {number} by {who} at {clock}. Plan again.",
            )
        raise RefusedError(
            f"{unit.call_sign.zh} 已不在待命。请重新计算。", f"{unit.call_sign.en} is no longer available. Plan again."
        )


def _passes_check(plan: Plan, ground: Ground) -> None:
    """The plan holds against the weather and closures of now, by the check that knows no solver."""
    situation = ground.picture.situation(plan.start_at, plan.incident_ids)
    plan = msgspec.structs.replace(plan, situation_hash=situation.content_hash())
    faults = check_plan(plan, situation, ground.region, ground.network)
    if faults:
        more = len(faults) - 1
        raise RefusedError(
            f"方案已不成立:{faults[0].text.zh}" + (f"(另有 {more} 处)" if more else "") + "。请重新计算。",
            f"The plan no longer holds: {faults[0].text.en}"
            + (f" (and {more} more)" if more else "")
            + ". Plan again.",
        )


def _freed(unit: UnitView) -> UnitStatusChanged:
    at_site = unit.site_id is not None
    return UnitStatusChanged(
        unit_id=unit.unit_id,
        status="available" if at_site else "returning",
        site_id=unit.site_id,
        lon_deg=unit.lon_deg,
        lat_deg=unit.lat_deg,
        incident_id=None,
        plan_id=None,
        leg_id=None,
    )


def without_situation(plan: Plan) -> Plan:
    """Return the plan as the journal keeps it: the situation is the picture of that moment, named by its hash."""
    return msgspec.structs.replace(plan, situation=None)


def local_time(moment: datetime, ground: Ground) -> str:
    """Return a moment as the region's local hours and minutes."""
    return f"{moment.astimezone(ZoneInfo(ground.region.timezone)):%H:%M}"
