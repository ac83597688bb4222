"""Turn a scenario into the first events of a journal."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from data.forces import CraftState, GroupState
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
    entries += [
        _placed(state.craft.id, state) for state in situation.craft if _is_elsewhere(state, state.craft.home_site_id)
    ]
    entries += [
        _placed(state.group.id, state) for state in situation.groups if _is_elsewhere(state, state.group.home_site_id)
    ]
    entries.append(Entry(stream="clock", event=ClockChanged(world_at=story.start_at, speed=speed)))
    return entries


def _is_elsewhere(state: CraftState | GroupState, home_site_id: str) -> bool:
    return state.status != "available" or state.site_id != home_site_id


def _placed(unit_id: str, state: CraftState | GroupState) -> Entry:
    return Entry(
        stream=f"unit:{unit_id}",
        event=UnitStatusChanged(
            unit_id=unit_id,
            status=state.status,
            site_id=state.site_id,
            lon_deg=state.lon_deg,
            lat_deg=state.lat_deg,
            incident_id=None,
            plan_id=None,
            leg_id=None,
        ),
    )
