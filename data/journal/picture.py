"""The picture: what is known now, folded from the journal's events one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

import msgspec

from data.counts import IslandCount, StoreCount
from data.evacuation_ask import EvacuationAsk
from data.forces import Craft, CraftState, Group, GroupState
from data.geography import Region
from data.holding import HoldTask, LocalTeamState
from data.incidents import OPEN_STATUSES, Incident
from data.journal.events import Recorded
from data.journal.folds import FOLDS
from data.journal.interface import Fix
from data.journal.views import Alarm, Approval, LogLine, OrderedMove, UnitView
from data.journal.wording import Named, say_event
from data.manual_weather import ManualValue
from data.plans import Order, Plan
from data.situation import Situation, WorldMode
from data.text import Text
from data.weather import Closure, Forecast

# A unit whose last fix is older than this is left out of recommendations until it is heard of again.
FIX_TOO_OLD = timedelta(minutes=30)


class Picture:
    """What everyone sees at ``world_at``; changed only by ``apply`` and ``apply_fixes``.

    ``grid`` is the forecast as it was issued, ``forecast`` the same with the officers' values over it.
    ``unread_hours`` are archived hours of positions that a past picture should rest on and could not read.

    ``versions`` counts events by stream, for expected versions. The rows are frozen, so ``copy`` copies
    only the tables that hold them.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self.mode: WorldMode = "drill"
        self.region_id = region.id
        self.scenario_id: str | None = None
        self.title = Text("", "")
        self.start_at: datetime | None = None
        self.seq = 0
        self.world_at: datetime | None = None
        self.clock_speed = 1.0
        self.units: dict[str, UnitView] = {}
        self.incidents: dict[str, Incident] = {}
        self.proposals: dict[str, Plan] = {}
        self.accepted: dict[str, Plan] = {}
        self.accepted_by: dict[str, str] = {}
        self.accepted_at: dict[str, datetime] = {}
        self.accepted_recorded_at: dict[str, datetime] = {}
        self.orders: dict[str, Order] = {}
        self.closures: dict[str, Closure] = {}
        self.grid: Forecast | None = None
        self.manual_weather: dict[str, ManualValue] = {}
        self.forecast: Forecast | None = None
        self.counts: dict[tuple[str, str], IslandCount] = {}
        self.stores: dict[tuple[str, str], StoreCount] = {}
        self.local_teams: dict[str, LocalTeamState] = {}
        self.tasks: dict[str, HoldTask] = {}
        self.relief_at: dict[str, datetime] = {}
        self.evacuations: dict[str, EvacuationAsk] = {}
        self.moves: dict[str, OrderedMove] = {}
        self.alarms: dict[str, Alarm] = {}
        self.approvals: dict[str, Approval] = {}
        self.archived_hours: dict[datetime, str] = {}
        self.unread_hours: tuple[datetime, ...] = ()
        self.log: list[LogLine] = []
        self.versions: dict[str, int] = {}

    def copy(self) -> Picture:
        """Return a picture that may be changed without changing this one."""
        twin = Picture(self.region)
        for name, value in vars(self).items():
            setattr(twin, name, value.copy() if isinstance(value, dict | list) else value)
        return twin

    @property
    def open_incidents(self) -> list[Incident]:
        """The incidents not yet closed, oldest first within a priority."""
        rows = [one for one in self.incidents.values() if one.status in OPEN_STATUSES]
        return sorted(rows, key=lambda one: (one.priority, one.reported_at, one.number))

    def plan_for(self, incident_id: str) -> Plan | None:
        """Return the accepted plan an incident is being worked by, the latest if several."""
        found = [plan for plan in self.accepted.values() if incident_id in plan.incident_ids]
        return found[-1] if found else None

    def is_irreversible(self, plan_id: str) -> bool:
        """Tell whether a second person agreed to a plan, so that it has no undo."""
        return any(
            one.state == "given" and one.plan is not None and one.plan.id == plan_id for one in self.approvals.values()
        )

    def apply(self, recorded: Recorded) -> None:
        """Fold one event in."""
        event = recorded.event
        text, subjects = say_event(event, Named(self.units, self.incidents, self.alarms, self.moves))
        FOLDS[type(event)](self, event, recorded)
        self.seq = recorded.seq
        self.versions[recorded.stream] = recorded.version
        if self.world_at is None or recorded.world_at > self.world_at:
            self.world_at = recorded.world_at
        self.log.append(
            LogLine(
                seq=recorded.seq,
                world_at=recorded.world_at,
                actor=recorded.actor,
                text=text,
                subject_ids=subjects,
                stream=recorded.stream,
            )
        )

    def apply_fixes(self, fixes: Iterable[Fix]) -> None:
        """Move units to their fixes, leaving out any older than what is known."""
        for fix in fixes:
            unit = self.units.get(fix.unit_id)
            if unit is None or fix.world_at < unit.fix_at:
                continue
            self.units[fix.unit_id] = msgspec.structs.replace(
                unit,
                lon_deg=fix.lon_deg,
                lat_deg=fix.lat_deg,
                heading_deg=fix.heading_deg,
                speed_mps=fix.speed_mps,
                fix_at=fix.world_at,
            )

    def situation(
        self, at: datetime, incident_ids: Iterable[str] | None = None, forbidden: dict[str, Text] | None = None
    ) -> Situation:
        """Return the frozen question for a solver: everything known at ``at`` about these incidents.

        ``incident_ids`` None takes every open incident. A unit under another order or not heard of for
        ``FIX_TOO_OLD`` is kept, with the reason why it is excluded.
        """
        wanted = {one.id for one in self.open_incidents} if incident_ids is None else set(incident_ids)
        units = self.units.values()
        return Situation(
            at=at,
            mode=self.mode,
            region_id=self.region_id,
            craft=tuple(self._craft_state(one, one.craft, at) for one in units if one.craft is not None),
            groups=tuple(self._group_state(one, one.group, at) for one in units if one.group is not None),
            incidents=tuple(one for one in self.incidents.values() if one.id in wanted),
            forecast=self.forecast,
            closures=tuple(self.closures.values()),
            scenario_id=self.scenario_id,
            forbidden=dict(forbidden or {}),
            counts=tuple(self.counts.values()),
            stores=tuple(self.stores.values()),
            local_teams=tuple(self.local_teams.values()),
            tasks=tuple(self.tasks.values()),
            relief_at=dict(self.relief_at),
            evacuations=tuple(self.evacuations.values()),
        )

    def _craft_state(self, unit: UnitView, craft: Craft, at: datetime) -> CraftState:
        return CraftState(
            craft=craft,
            status=unit.status,
            lon_deg=unit.lon_deg,
            lat_deg=unit.lat_deg,
            site_id=unit.site_id,
            ready_in_min=_ready_in_min(unit, craft.notice_min, at),
            excluded=self._exclusion(unit, at),
        )

    def _group_state(self, unit: UnitView, group: Group, at: datetime) -> GroupState:
        return GroupState(
            group=group,
            status=unit.status,
            lon_deg=unit.lon_deg,
            lat_deg=unit.lat_deg,
            site_id=unit.site_id,
            ready_in_min=_ready_in_min(unit, group.notice_min, at),
            excluded=self._exclusion(unit, at),
        )

    def _exclusion(self, unit: UnitView, at: datetime) -> Text | None:
        """A unit with an open order, out of service or long unheard of is not recommended."""
        if unit.status == "out_of_service":
            return unit.reason or Text("停用", "out of service")
        if not unit.is_free:
            incident = self.incidents.get(unit.incident_id or "")
            number = incident.number if incident else "?"
            return Text(f"已受令(警情 {number})", f"already under orders for incident {number}")
        age = at - unit.fix_at
        if age > FIX_TOO_OLD:
            minutes = int(age.total_seconds() // 60)
            return Text(f"定位已 {minutes} 分钟未更新", f"last fix is {minutes} min old")
        return None


def _ready_in_min(unit: UnitView, notice_min: int, at: datetime) -> int:
    """A unit moves after its notice, or later where it said so."""
    if unit.ready_at is None:
        return notice_min
    return max(notice_min, ceil((unit.ready_at - at).total_seconds() / 60))


def picture_from(events: Iterable[Recorded], region: Region, fixes: Iterable[Fix] = ()) -> Picture:
    """Return the picture folded from events in order, then moved to the fixes."""
    picture = Picture(region)
    for recorded in events:
        picture.apply(recorded)
    picture.apply_fixes(fixes)
    return picture
