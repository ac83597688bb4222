"""What can happen: the closed set of events the journal stores, and the envelope each travels in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from data.counts import IslandCount, StoreCount
from data.evacuation_ask import EvacuationAsk
from data.forces import Craft, Group, UnitStatus
from data.holding import HoldTask, LocalTeamState
from data.incidents import Incident, IncidentStatus
from data.manual_weather import ManualValue
from data.plans import Order, Plan
from data.situation import WorldMode
from data.text import Text
from data.weather import Closure, Forecast


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base: ``kind`` is the class name in the stored JSON."""


class WorldOpened(_Event, frozen=True, kw_only=True, tag=True):
    """A journal begins: which region, in which mode, from which scenario, at which world time."""

    region_id: str
    region_hash: str
    mode: WorldMode
    scenario_id: str | None
    title: Text
    start_at: datetime


class ForcesMustered(_Event, frozen=True, kw_only=True, tag=True):
    """Craft and groups enter the picture at their homes."""

    craft: tuple[Craft, ...]
    groups: tuple[Group, ...]


class ForecastIssued(_Event, frozen=True, kw_only=True, tag=True):
    """A forecast comes into force."""

    forecast: Forecast


class ZoneWeatherSet(_Event, frozen=True, kw_only=True, tag=True):
    """An officer says what the weather of a zone is, which outranks the forecast until it ends."""

    value: ManualValue


class ZoneWeatherLifted(_Event, frozen=True, kw_only=True, tag=True):
    """An officer's value is taken back: the forecast holds again."""

    value_id: str


class ClosureSet(_Event, frozen=True, kw_only=True, tag=True):
    """Somebody closes a place or a link."""

    closure: Closure


class ClosureLifted(_Event, frozen=True, kw_only=True, tag=True):
    """A closure ends before its time."""

    closure_id: str


class IncidentReported(_Event, frozen=True, kw_only=True, tag=True):
    """A new incident."""

    incident: Incident


class IncidentRevised(_Event, frozen=True, kw_only=True, tag=True):
    """Facts of an incident change (place, priority, echelons, note); the whole new value."""

    incident: Incident


class IncidentStatusChanged(_Event, frozen=True, kw_only=True, tag=True):
    """An incident moves on in its life."""

    incident_id: str
    status: IncidentStatus
    disposition: str = ""


class PlanProposed(_Event, frozen=True, kw_only=True, tag=True):
    """A checked plan is put before the officer (without its situation, which the hash names)."""

    plan: Plan


class PlanAccepted(_Event, frozen=True, kw_only=True, tag=True):
    """The officer accepts a plan; the whole plan is stored so that replay never re-solves."""

    plan: Plan


class PlanRejected(_Event, frozen=True, kw_only=True, tag=True):
    """The officer rejects a proposed plan, with a reason."""

    plan_id: str
    incident_ids: tuple[str, ...]
    reason: str


class PlanWithdrawn(_Event, frozen=True, kw_only=True, tag=True):
    """An accepted plan is undone within its undo time; its orders are void."""

    plan_id: str


class OrderIssued(_Event, frozen=True, kw_only=True, tag=True):
    """A unit is told what to do."""

    order: Order


class UnitStatusChanged(_Event, frozen=True, kw_only=True, tag=True):
    """A unit reports (or a dispatcher keys) a status, and where it is.

    ``ready_at`` is when it can next move, None for its usual notice; ``reason`` says why it is out of service.
    """

    unit_id: str
    status: UnitStatus
    site_id: str | None
    lon_deg: float
    lat_deg: float
    incident_id: str | None
    plan_id: str | None
    leg_id: str | None
    ready_at: datetime | None = None
    reason: Text | None = None


class AlarmRaised(_Event, frozen=True, kw_only=True, tag=True):
    """The console asks for attention: cause, action, deadline."""

    alarm_id: str
    priority: Literal[1, 2, 3]
    cause: Text
    action: Text
    deadline_at: datetime | None
    subject_id: str


class AlarmAcknowledged(_Event, frozen=True, kw_only=True, tag=True):
    """A seat takes an alarm on."""

    alarm_id: str


class AlarmCleared(_Event, frozen=True, kw_only=True, tag=True):
    """The cause of an alarm is gone."""

    alarm_id: str


class NoteLogged(_Event, frozen=True, kw_only=True, tag=True):
    """A line typed into the log."""

    text: str
    incident_id: str | None


class IslandsReported(_Event, frozen=True, kw_only=True, tag=True):
    """What islands report of themselves: people and stores as counted, teams, tasks asked for, and when relief is due.

    Each entry takes the place of the one before of its kind on its island, or of its id.
    """

    counts: tuple[IslandCount, ...] = ()
    stores: tuple[StoreCount, ...] = ()
    local_teams: tuple[LocalTeamState, ...] = ()
    tasks: tuple[HoldTask, ...] = ()
    relief_at: dict[str, datetime] = {}
    evacuations: tuple[EvacuationAsk, ...] = ()


class MoveOrdered(_Event, frozen=True, kw_only=True, tag=True):
    """Somebody orders people, forces or stores moved before an island is cut off; ``text`` says what, how, by when."""

    move_id: str
    island_id: str
    text: Text
    before_at: datetime


class MoveWithdrawn(_Event, frozen=True, kw_only=True, tag=True):
    """An ordered move is taken back."""

    move_id: str


class ApprovalAsked(_Event, frozen=True, kw_only=True, tag=True):
    """Something irreversible was ordered: it waits for a second person until ``expires_at``.

    ``command`` names what is done on approval, ``given`` holds its fields; its plan stands in ``plan``.
    """

    approval_id: str
    command: str
    given: dict[str, Any]
    incident_ids: tuple[str, ...]
    reason: Text
    expires_at: datetime
    plan: Plan | None = None


class ApprovalGiven(_Event, frozen=True, kw_only=True, tag=True):
    """A second person agrees; what was asked for follows in the same transaction."""

    approval_id: str
    asked_by: str


class ApprovalRefused(_Event, frozen=True, kw_only=True, tag=True):
    """A second person says no, or who asked takes it back; nothing is done."""

    approval_id: str
    asked_by: str
    reason: str


class AccessNoted(_Event, frozen=True, kw_only=True, tag=True):
    """Somebody read what is sensitive, or was refused; ``count`` times where the same came again and again."""

    what: str
    subject: str
    detail: Text
    refused: bool
    count: int = 1


class PositionsArchived(_Event, frozen=True, kw_only=True, tag=True):
    """The positions of a closed UTC hour lie in a file of their own, whose SHA-256 is ``sha256``.

    ``rows`` counts the fixes of the hour itself. A later event of the same hour holds instead of an earlier one.
    """

    hour: datetime
    rows: int
    sha256: str


class ClockChanged(_Event, frozen=True, kw_only=True, tag=True):
    """The world clock is set, started, stopped or changes speed (speed 0 is paused)."""

    world_at: datetime
    speed: float


Event = (
    WorldOpened
    | ForcesMustered
    | ForecastIssued
    | ZoneWeatherSet
    | ZoneWeatherLifted
    | ClosureSet
    | ClosureLifted
    | IncidentReported
    | IncidentRevised
    | IncidentStatusChanged
    | PlanProposed
    | PlanAccepted
    | PlanRejected
    | PlanWithdrawn
    | OrderIssued
    | UnitStatusChanged
    | AlarmRaised
    | AlarmAcknowledged
    | AlarmCleared
    | NoteLogged
    | ClockChanged
    | ApprovalAsked
    | ApprovalGiven
    | ApprovalRefused
    | AccessNoted
    | PositionsArchived
    | IslandsReported
    | MoveOrdered
    | MoveWithdrawn
)


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a newer program, kept as it stands: read and verified, never understood and never written."""

    kind: str
    body: str


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the journal keeps it.

    ``seq`` counts from 1 without gaps; ``version`` counts within ``stream``. ``world_at`` is the world's
    clock (simulated in a drill), ``recorded_at`` the machine's, both UTC. ``hash`` is the SHA-256 of
    ``prev_hash`` and the canonical bytes of everything else.
    """

    seq: int
    stream: str
    version: int
    world_at: datetime
    recorded_at: datetime
    mode: WorldMode
    actor: str
    command_id: str
    event: Event | UnknownEvent
    prev_hash: str
    hash: str
