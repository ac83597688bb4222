"""Which function decides which command: adding a command is a struct, a function and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.commands import (
    AcceptPlan,
    AcknowledgeAlarm,
    ApprovePlan,
    ChangeIncidentStatus,
    Command,
    IssueForecast,
    LiftClosure,
    LiftZoneWeather,
    LogNote,
    NoteAccess,
    OrderMove,
    ProposePlan,
    RaiseAlarms,
    RecordArchive,
    RefuseApproval,
    RejectPlan,
    ReportIncident,
    ReportLocalTeam,
    ReportUnits,
    ReviseIncident,
    SetClock,
    SetClosure,
    SetUnitStatus,
    SetZoneWeather,
    WithdrawMove,
    WithdrawPlan,
)
from console.decide.access import note_access
from console.decide.approvals import Decider, approve, refuse_approval
from console.decide.desk import acknowledge_alarm, log_note, raise_alarms, record_archive, set_clock
from console.decide.ground import Ground
from console.decide.incidents import change_incident_status, report_incident, revise_incident
from console.decide.local_teams import report_local_team
from console.decide.moves import order_move, withdraw_move
from console.decide.plans import accept_approved_plan, accept_plan, propose_plan, reject_plan, withdraw_plan
from console.decide.texts import check_ids
from console.decide.units import report_units, set_unit_status
from console.decide.weather import (
    issue_forecast,
    lift_closure,
    lift_zone_weather,
    set_closure,
    set_zone_weather,
)
from data.journal.interface import Entry

# What may wait for a second person, and what decides it once that person agrees.
ON_APPROVAL: dict[str, tuple[type, Decider]] = {"AcceptPlan": (AcceptPlan, accept_approved_plan)}

_DECIDERS: dict[type, Callable[[Any, Ground], list[Entry]]] = {
    ReportIncident: report_incident,
    ReviseIncident: revise_incident,
    ChangeIncidentStatus: change_incident_status,
    ProposePlan: propose_plan,
    AcceptPlan: accept_plan,
    RejectPlan: reject_plan,
    WithdrawPlan: withdraw_plan,
    ApprovePlan: lambda command, ground: approve(command, ground, ON_APPROVAL),
    RefuseApproval: refuse_approval,
    SetUnitStatus: set_unit_status,
    ReportUnits: report_units,
    SetClosure: set_closure,
    LiftClosure: lift_closure,
    IssueForecast: issue_forecast,
    SetZoneWeather: set_zone_weather,
    LiftZoneWeather: lift_zone_weather,
    LogNote: log_note,
    RaiseAlarms: raise_alarms,
    AcknowledgeAlarm: acknowledge_alarm,
    SetClock: set_clock,
    NoteAccess: note_access,
    RecordArchive: record_archive,
    OrderMove: order_move,
    WithdrawMove: withdraw_move,
    ReportLocalTeam: report_local_team,
}


def decide(command: Command, ground: Ground) -> list[Entry]:
    """Return the events a command becomes, none if it changes nothing; raises RefusedError."""
    check_ids(command)
    return _DECIDERS[type(command)](command, ground)
