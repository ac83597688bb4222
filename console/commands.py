"""What a seat, the simulator or the ticker may ask of the world, in the imperative."""

from __future__ import annotations

from datetime import datetime

import msgspec

from data.forces import UnitStatus
from data.holding import CallState
from data.incidents import Echelon, IncidentStatus, Priority
from data.journal.events import AlarmRaised
from data.plans import Plan
from data.text import Text
from data.weather import ClosureTarget, Forecast


class _Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands."""


class ReportIncident(_Command, frozen=True, kw_only=True):
    """Enter a new incident, at a named place (an island, pier, pad, station, or 'lon, lat') or at a point.

    What is left out comes from the case type's run card.
    """

    case_type: str
    place: str = ""
    lon_deg: float | None = None
    lat_deg: float | None = None
    priority: Priority | None = None
    echelons: tuple[Echelon, ...] | None = None
    title: Text | None = None
    note: str = ""


class ReviseIncident(_Command, frozen=True, kw_only=True):
    """Correct facts of an incident; None leaves a fact as it is.

    ``seen_version`` is that of the incident the caller looked at: where it has changed since, that is a conflict.
    """

    incident_id: str
    place: str = ""
    lon_deg: float | None = None
    lat_deg: float | None = None
    priority: Priority | None = None
    echelons: tuple[Echelon, ...] | None = None
    title: Text | None = None
    note: str | None = None
    seen_version: int | None = None


class ChangeIncidentStatus(_Command, frozen=True, kw_only=True):
    """Move an incident on; closing it sends its units home. ``seen_version`` as in ReviseIncident."""

    incident_id: str
    status: IncidentStatus
    disposition: str = ""
    seen_version: int | None = None


class ProposePlan(_Command, frozen=True, kw_only=True):
    """Put a checked plan on record before the officer decides."""

    plan: Plan


class AcceptPlan(_Command, frozen=True, kw_only=True):
    """Accept a plan and issue its orders; ``plan`` is given while it is not yet on record.

    Orders marked ``irreversible``, here or by the case type, wait for a second person.
    """

    plan_id: str
    plan: Plan | None = None
    irreversible: bool = False


class ApprovePlan(_Command, frozen=True, kw_only=True):
    """Agree as the second person; what was asked for is done now."""

    approval_id: str


class RefuseApproval(_Command, frozen=True, kw_only=True):
    """Say no as the second person, or take back what one asked for oneself."""

    approval_id: str
    reason: str = ""


class RejectPlan(_Command, frozen=True, kw_only=True):
    """Turn a proposed plan down, with the reason."""

    plan_id: str
    reason: str
    plan: Plan | None = None


class WithdrawPlan(_Command, frozen=True, kw_only=True):
    """Undo an acceptance within its undo time."""

    plan_id: str


class SetUnitStatus(_Command, frozen=True, kw_only=True):
    """A unit reports a status, or a dispatcher keys it.

    Place and leg left None stay as the picture has them, except that a moving unit is at no site.
    """

    unit_id: str
    status: UnitStatus
    leg_id: str | None = None
    site_id: str | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None


class ReportUnits(_Command, frozen=True, kw_only=True):
    """Several units report at once, in one transaction."""

    reports: tuple[SetUnitStatus, ...]


class SetClosure(_Command, frozen=True, kw_only=True):
    """Declare a place or link closed for so many minutes (None: until lifted)."""

    target_kind: ClosureTarget
    target_id: str
    reason: Text
    minutes: int | None = None


class LiftClosure(_Command, frozen=True, kw_only=True):
    """End a closure."""

    closure_id: str


class IssueForecast(_Command, frozen=True, kw_only=True):
    """Bring a forecast into force."""

    forecast: Forecast


class SetZoneWeather(_Command, frozen=True, kw_only=True):
    """Say what the weather of a zone is until a moment; None leaves a value to the forecast.

    It outranks the forecast. ``tide_offset_m`` is how much higher the tide stands than the forecast says.
    """

    zone_id: str
    until_at: datetime
    reason: Text
    wind_mps: float | None = None
    gust_mps: float | None = None
    wind_from_deg: float | None = None
    hs_m: float | None = None
    wave_from_deg: float | None = None
    visibility_m: float | None = None
    current_kn: float | None = None
    tide_offset_m: float | None = None


class LiftZoneWeather(_Command, frozen=True, kw_only=True):
    """Take back what officers said of a zone: the forecast holds again. Name one value, or the zone for all of it."""

    value_id: str = ""
    zone_id: str = ""


class LogNote(_Command, frozen=True, kw_only=True):
    """Write a line into the log."""

    text: str
    incident_id: str | None = None


class RaiseAlarms(_Command, frozen=True, kw_only=True):
    """Raise alarms whose cause has come, clear those whose cause has gone."""

    raised: tuple[AlarmRaised, ...]
    cleared_ids: tuple[str, ...]


class AcknowledgeAlarm(_Command, frozen=True, kw_only=True):
    """Take an alarm on."""

    alarm_id: str


class OrderMove(_Command, frozen=True, kw_only=True):
    """Order a move of people, forces or stores before an island is cut off; ``text`` says what, how and by when."""

    move_id: str
    island_id: str
    text: Text
    before_at: datetime


class WithdrawMove(_Command, frozen=True, kw_only=True):
    """Take an ordered move back."""

    move_id: str


class ReportLocalTeam(_Command, frozen=True, kw_only=True):
    """Say what became of a local team: its call-out, how many answered, or how many dropped out and why."""

    team_id: str
    status: CallState | None = None
    acknowledged: int | None = None
    lost: int = 0
    reason: str = ""


class SetClock(_Command, frozen=True, kw_only=True):
    """Run a drill's clock at another speed; 0 pauses it."""

    speed: float


class RecordArchive(_Command, frozen=True, kw_only=True):
    """Say in the chain that an hour of positions lies in a file with this hash; the console's own command."""

    hour: datetime
    rows: int
    sha256: str


class NoteAccess(_Command, frozen=True, kw_only=True):
    """Write down that somebody read what is sensitive, or was refused; the console's own command."""

    what: str
    subject: str
    detail: Text
    refused: bool
    count: int = 1


Command = (
    ReportIncident
    | ReviseIncident
    | ChangeIncidentStatus
    | ProposePlan
    | AcceptPlan
    | RejectPlan
    | WithdrawPlan
    | ApprovePlan
    | RefuseApproval
    | SetUnitStatus
    | ReportUnits
    | SetClosure
    | LiftClosure
    | IssueForecast
    | SetZoneWeather
    | LiftZoneWeather
    | LogNote
    | RaiseAlarms
    | AcknowledgeAlarm
    | SetClock
    | NoteAccess
    | RecordArchive
    | OrderMove
    | WithdrawMove
    | ReportLocalTeam
)
