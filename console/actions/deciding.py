"""Acts that give commands to the world."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from console.actions.registry import Message, act, execute
from console.commands import (
    AcceptPlan,
    AcknowledgeAlarm,
    ApprovePlan,
    ChangeIncidentStatus,
    RefuseApproval,
    RejectPlan,
    ReportIncident,
    SetUnitStatus,
    WithdrawMove,
    WithdrawPlan,
)
from console.decide.plans import UNDO_S
from console.i18n import both
from console.seat import Seat
from data.incidents import Echelon
from data.journal.events import ApprovalAsked, IncidentReported, OrderIssued
from data.plans import Plan
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

NO_INCIDENT = Text(zh="请先选择一起警情。", en="Select an incident first.")
NO_PLAN = Text(zh="还没有方案可采纳。按 P 出方案。", en="There is no plan to accept yet. Press P to plan.")
FORBIDDEN_BY_OFFICER = Text(zh="值班员指定不用", en="kept out by the officer")


@act("report", ReportIncident, orders=True)
def report(seat: Seat, world: World, message: Message) -> None:
    """Enter a new incident from the form; a refusal leaves the form as it was typed."""
    point = message.get("lon") and message.get("lat")
    command = ReportIncident(
        case_type=str(message["type"]),
        place="" if point else str(message.get("place", "")).strip(),
        lon_deg=float(message["lon"]) if point else None,
        lat_deg=float(message["lat"]) if point else None,
        priority=int(message["priority"]) if message.get("priority") else None,  # type: ignore[arg-type]
        echelons=read_demand(str(message.get("demand", "")), world, str(message["type"])),
        note=str(message.get("note", "")),
    )
    report_incident(seat, command, message)


def report_incident(seat: Seat, command: ReportIncident, message: Message) -> bool:
    """Enter an incident and select it; returns whether it was taken."""
    outcome = execute(seat, command, message)
    incident = next((one.event.incident for one in outcome.events if isinstance(one.event, IncidentReported)), None)
    if incident is None:
        return False
    seat.param.update(drawer="", draft={}, picking=False, selected_incident_id=incident.id, selected_unit_id=None)
    seat.say(
        Text(zh=f"已接警 {incident.number}。按 P 出方案。", en=f"Incident {incident.number} entered. Press P to plan.")
    )
    return True


def read_demand(words: str, world: World, case_type: str) -> tuple[Echelon, ...] | None:
    """Return echelons of cumulative head counts such as 12/40/100; None where nothing was typed.

    The run card gives names, weights and due times as far as it has steps. Raises ValueError unless the counts rise.
    """
    counts = [int(part) for part in words.replace("，", "/").replace(",", "/").split("/") if part.strip()]
    if not counts:
        return None
    if any(later <= earlier for earlier, later in pairwise(counts)):
        raise ValueError(f"the head counts {words!r} must rise")
    card = world.region.case_types[case_type].echelons if case_type in world.region.case_types else ()
    return tuple(
        _echelon(count, card[index] if index < len(card) else None, index) for index, count in enumerate(counts)
    )


def _echelon(persons: int, like: Echelon | None, index: int) -> Echelon:
    if like is not None and like.persons == persons:
        return like
    return Echelon(
        id=f"t{persons}",
        name=Text(zh=f"T{persons}", en=f"T{persons}"),
        persons=persons,
        skill=like.skill if like else None,
        weight=like.weight if like else max(1, 3 - index),
        due_min=like.due_min if like else None,
    )


@act("plan", "ask_plan", orders=True)
def plan(seat: Seat, world: World, message: Message) -> None:
    """Ask for a plan for an incident, the selected one if none is named."""
    incident_id = str(message.get("id") or seat.selected_incident_id or "")
    if incident_id not in world.picture.incidents:
        seat.say(NO_INCIDENT, kind="refused")
        return
    if seat.selected_incident_id != incident_id:
        seat.param.update(selected_incident_id=incident_id, selected_unit_id=None)
    if seat.drawer in {"change", "reject"}:
        seat.drawer = ""
    seat.service.request_plan(seat.principal, (incident_id,), forbidden=seat.forbidden.get(incident_id, {}))


def _plan_named(seat: Seat, message: Message) -> Plan | None:
    """The plan a button names; a plan that was improved under the officer's hand is the better one now shown."""
    wanted = str(message.get("id") or "")
    plans: list[Plan] = list(seat.job.alternatives.values()) if seat.job is not None else []
    named = (one for one in [*plans, *seat.picture.proposals.values()] if one.id == wanted)
    return next(named, seat.shown_plan)


@act("accept", AcceptPlan, orders=True)
def accept(seat: Seat, world: World, message: Message) -> None:
    """Accept the plan shown and issue its orders; it can be undone for ten seconds.

    Orders that cannot be taken back, by the case type or because the officer says so, ask a second person.
    """
    chosen = _plan_named(seat, message)
    if chosen is None or chosen.id in world.picture.accepted:
        seat.say(NO_PLAN, kind="refused")
        return
    irreversible = message.get("irreversible") in (True, "true")
    outcome = execute(seat, AcceptPlan(plan_id=chosen.id, plan=chosen, irreversible=irreversible), message)
    if outcome.ok:
        for incident_id in chosen.incident_ids:
            seat.desk.cancel(incident_id)
        if any(isinstance(one.event, ApprovalAsked) for one in outcome.events):
            seat.say(both("approval.asked_done"), kind="done")
            return
        orders = sum(isinstance(one.event, OrderIssued) for one in outcome.events)
        seat.say(
            Text(zh=f"方案已采纳，下达指令 {orders} 条。", en=f"Plan accepted, {orders} orders issued."),
            kind="done",
            undo_id=chosen.id,
            undo_s=UNDO_S,
        )


@act("approve", ApprovePlan, orders=True)
def approve(seat: Seat, world: World, message: Message) -> None:
    """Agree as the second person; the orders go out."""
    outcome = execute(seat, ApprovePlan(approval_id=str(message["id"])), message)
    if outcome.ok:
        orders = sum(isinstance(one.event, OrderIssued) for one in outcome.events)
        seat.say(both("approval.done", orders=orders), kind="done")


@act("refuse-approval", RefuseApproval, orders=True)
def refuse_approval(seat: Seat, world: World, message: Message) -> None:
    """Say no as the second person, or take one's own request back."""
    command = RefuseApproval(approval_id=str(message["id"]), reason=str(message.get("reason", "")))
    if execute(seat, command, message).ok:
        seat.say(both("approval.refused_done"), kind="done")


@act("undo", WithdrawPlan, orders=True)
def undo(seat: Seat, world: World, message: Message) -> None:
    """Take back an acceptance, or an ordered move, within its undo time."""
    plan_id = str(message.get("id") or (seat.accepted_plan.id if seat.accepted_plan else ""))
    if plan_id in world.picture.moves:
        if execute(seat, WithdrawMove(move_id=plan_id), message).ok:
            seat.say(both("moves.withdrawn"), kind="done")
        return
    if execute(seat, WithdrawPlan(plan_id=plan_id), message).ok:
        seat.say(Text(zh="已撤销，指令作废。", en="Undone; the orders are void."), kind="done")


@act("reject", RejectPlan, orders=True)
def reject(seat: Seat, world: World, message: Message) -> None:
    """Turn the plan shown down, with the reason."""
    chosen = _plan_named(seat, message)
    reason = str(message.get("reason", "")).strip()
    if chosen is None:
        seat.say(NO_PLAN, kind="refused")
    elif not reason:
        seat.drawer = "reject"
    elif execute(seat, RejectPlan(plan_id=chosen.id, reason=reason, plan=chosen), message).ok:
        seat.drawer = ""
        seat.say(Text(zh="方案已否决，理由已记入日志。", en="Plan rejected; the reason is in the log."), kind="done")


def _set_forbidden(seat: Seat, unit_id: str, forbidden: bool) -> None:
    if seat.selected_incident_id is None:
        seat.say(NO_INCIDENT, kind="refused")
        return
    of_incident = dict(seat.forbidden.get(seat.selected_incident_id, {}))
    if forbidden:
        of_incident[unit_id] = FORBIDDEN_BY_OFFICER
    else:
        of_incident.pop(unit_id, None)
    seat.forbidden = {**seat.forbidden, seat.selected_incident_id: of_incident}


@act("forbid", "ask_plan", orders=True)
def forbid(seat: Seat, world: World, message: Message) -> None:
    """Keep a unit out of this incident's next plan."""
    if message["id"] in world.picture.units:
        _set_forbidden(seat, str(message["id"]), True)


@act("allow", "ask_plan", orders=True)
def allow(seat: Seat, world: World, message: Message) -> None:
    """Let a unit be used again."""
    _set_forbidden(seat, str(message["id"]), False)


@act("ack-alarm", AcknowledgeAlarm, orders=True)
def acknowledge_alarm(seat: Seat, world: World, message: Message) -> None:
    """Take an alarm on."""
    execute(seat, AcknowledgeAlarm(alarm_id=str(message["id"])), message)


@act("status", SetUnitStatus, orders=True)
def set_status(seat: Seat, world: World, message: Message) -> None:
    """Key a unit's status."""
    value: Any = message["value"]
    execute(seat, SetUnitStatus(unit_id=str(message["id"]), status=value), message)


@act("incident-status", ChangeIncidentStatus, orders=True)
def set_incident_status(seat: Seat, world: World, message: Message) -> None:
    """Move an incident on."""
    value: Any = message["value"]
    execute(seat, ChangeIncidentStatus(incident_id=str(message["id"]), status=value), message)


@act("scenario-run", "restart_scenario", orders=True)
def run_scenario(seat: Seat, world: World, message: Message) -> None:
    """Run a scenario from its start in a journal of its own; the one before is kept."""
    scenario_id = str(message["id"])
    seat.service.ask("restart_scenario", seat.principal, scenario_id)
    seat.restart(scenario_id)
    seat.param.update(
        drawer="", selected_incident_id=None, selected_unit_id=None, forbidden={}, draft={}, replay_at=None
    )
    seat.say(
        Text(zh="场景已从头开始；原日志已保留。", en="The scenario runs from its start; the earlier journal is kept."),
        kind="done",
    )
