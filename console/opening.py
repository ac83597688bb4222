"""Turn a scenario into the first events of a journal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from data.forces import Craft, CraftState, Group, GroupState
from data.geography import Region
from data.journal.events import (
    ClockChanged,
    ClosureSet,
    ForcesMustered,
    ForecastIssued,
    IncidentReported,
    UnitStatusChanged,
    WorldOpened,
)
from data.journal.interface import Entry
from data.situation import Situation, WorldMode
from data.text import Text


class Story(Protocol):
    """What the opening needs of a scenario."""

    @property
    def id(self) -> str:
        """The scenario's name among files."""

    @property
    def title(self) -> Text:
        """What people call it."""

    @property
    def start_at(self) -> datetime:
        """World time at which it begins."""

    @property
    def clock_speed(self) -> float:
        """How fast its clock runs at first."""

    def situation(self) -> Situation:
        """Return the forces, incidents, weather and closures at the start."""


def opening_entries(story: Story, region: Region, mode: WorldMode, speed: float) -> list[Entry]:
    """Return the events that set a world up as the scenario has it at its start."""
    situation = story.situation()
    opened = WorldOpened(
        region_id=region.id,
        region_hash=region.content_hash,
        mode=mode,
        scenario_id=story.id,
        title=story.title,
        start_at=story.start_at,
    )
    mustered = ForcesMustered(
        craft=tuple(one.craft for one in situation.craft), groups=tuple(one.group for one in situation.groups)
    )
    entries = [Entry(stream="world", event=opened), Entry(stream="forces", event=mustered)]
    if situation.forecast is not None:
        entries.append(Entry(stream="weather", event=ForecastIssued(forecast=situation.forecast)))
    entries += [Entry(stream=f"closure:{one.id}", event=ClosureSet(closure=one)) for one in situation.closures]
    entries += [Entry(stream=f"incident:{one.id}", event=IncidentReported(incident=one)) for one in situation.incidents]
    placed = [_placed(state.craft, state, story.start_at) for state in situation.craft]
    placed += [_placed(state.group, state, story.start_at) for state in situation.groups]
    entries += [entry for entry in placed if entry is not None]
    entries.append(Entry(stream="clock", event=ClockChanged(world_at=story.start_at, speed=speed)))
    return entries


def _placed(unit: Craft | Group, state: CraftState | GroupState, start_at: datetime) -> Entry | None:
    """Return the report of a unit that is not simply ready at home."""
    if state.status == "available" and state.site_id == unit.home_site_id and state.ready_in_min == unit.notice_min:
        return None
    return Entry(
        stream=f"unit:{unit.id}",
        event=UnitStatusChanged(
            unit_id=unit.id,
            status=state.status,
            site_id=state.site_id,
            lon_deg=state.lon_deg,
            lat_deg=state.lat_deg,
            incident_id=None,
            plan_id=None,
            leg_id=None,
            ready_at=start_at + timedelta(minutes=state.ready_in_min),
            reason=state.excluded,
        ),
    )
