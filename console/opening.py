"""Turn a scenario into the first events of a journal."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from console.clock import MAX_SPEED
from console.decide.weather import CLOSURES_STREAM, WEATHER_STREAM
from data.errors import CommandRefusedError, worded
from data.forces import Craft, CraftState, Group, GroupState
from data.geography import Region
from data.journal.events import (
    ClockChanged,
    ClosureSet,
    ForcesMustered,
    ForecastIssued,
    IncidentReported,
    IslandsReported,
    UnitStatusChanged,
    WorldOpened,
    ZoneWeatherSet,
)
from data.journal.interface import BrokenChainError, ConflictError, Entry, Journal
from data.manual_weather import ManualValue
from data.situation import Situation, WorldMode
from data.text import Text
from data.weather import Forecast


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

    @property
    def forecast(self) -> Forecast | None:
        """The forecast as it was issued."""

    @property
    def manual_weather(self) -> tuple[ManualValue, ...]:
        """What officers said of zones, which outranks it."""

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
    if story.forecast is not None:
        entries.append(Entry(stream=WEATHER_STREAM, event=ForecastIssued(forecast=story.forecast)))
    entries += [Entry(stream=WEATHER_STREAM, event=ZoneWeatherSet(value=one)) for one in story.manual_weather]
    entries += [Entry(stream=CLOSURES_STREAM, event=ClosureSet(closure=one)) for one in situation.closures]
    entries += [Entry(stream=f"incident:{one.id}", event=IncidentReported(incident=one)) for one in situation.incidents]
    reported = IslandsReported(
        counts=situation.counts,
        stores=situation.stores,
        local_teams=situation.local_teams,
        tasks=situation.tasks,
        relief_at=situation.relief_at,
        evacuations=situation.evacuations,
    )
    if reported != IslandsReported():
        entries.append(Entry(stream="islands", event=reported))
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


@dataclass(frozen=True)
class Opening:
    """How a journal begins: its first events and their moment. The id makes a second attempt harmless."""

    entries: tuple[Entry, ...]
    start_at: datetime
    command_id: str


def opening_of(story: Story, region: Region, mode: WorldMode, speed: float | None) -> Opening:
    """Return the opening of a scenario, at its own speed or another; a live clock runs at 1."""
    chosen = min(story.clock_speed if speed is None else speed, MAX_SPEED)
    entries = opening_entries(story, region, mode, 1.0 if mode == "live" else chosen)
    # Two consoles may find the same empty journal: the second one's opening is then a conflict.
    first = msgspec.structs.replace(entries[0], expected_version=0)
    return Opening(entries=(first, *entries[1:]), start_at=story.start_at, command_id=f"open-{uuid.uuid4().hex}")


def begin(journal: Journal, opening: Opening) -> None:
    """Write an opening into an empty journal; where another console was first, its opening holds."""
    with suppress(ConflictError):
        journal.append(
            opening.entries,
            command_id=opening.command_id,
            actor="scenario",
            world_at=opening.start_at,
            recorded_at=datetime.now(UTC),
        )


def check_chain(journal: Journal) -> None:
    """Refuse a journal that was changed after it was written: nothing on screen may rest on it.

    Raises BrokenChainError with the remedy.
    """
    try:
        journal.verify()
    except BrokenChainError as error:
        raise worded(
            BrokenChainError(f"{error} Serve from a copy made before, or begin another journal (--store FOLDER)."),
            zh=f"日志的哈希链不成立，文件被改动过：{error} 请用改动前的副本，或另开日志（--store 文件夹）。",
        ) from error


def begin_if_empty(
    journal: Journal, story: Story | None, region: Region, mode: WorldMode, speed: float | None, shown: str
) -> None:
    """Begin an empty journal from a scenario; raises CommandRefusedError where none is given."""
    if journal.mode is not None:
        return
    if story is None:
        raise worded(
            CommandRefusedError(f"The journal in {shown} is empty. Name a scenario to begin with."),
            zh=f"{shown} 中的日志是空的。请指明从哪个想定开始。",
        )
    begin(journal, opening_of(story, region, mode, speed))


def check_mode(journal: Journal, mode: WorldMode, shown: str) -> None:
    """Raise CommandRefusedError where a journal is of another mode than the one asked for: modes are never mixed."""
    if journal.mode in (None, mode):
        return
    raise worded(
        CommandRefusedError(
            f"The journal in {shown} is of mode {journal.mode}, and {mode} was asked for. Give --mode {journal.mode}, "
            "or name another store (--store FOLDER)."
        ),
        zh=f"{shown} 中的日志模式为 {journal.mode}，而要求的是 {mode}。请用 --mode {journal.mode}，"
        "或换一个存放文件夹（--store FOLDER）。",
    )


def check_region(journal: Journal, region: Region, shown: str) -> None:
    """Raise CommandRefusedError where a journal is of another region, naming both."""
    opened = next(iter(journal.read()), None)
    if opened is None or not isinstance(opened.event, WorldOpened) or opened.event.region_id == region.id:
        return
    of_region = opened.event.region_id
    raise worded(
        CommandRefusedError(
            f"The journal in {shown} is of the region '{of_region}', not '{region.id}'. "
            "Name that region (--region FOLDER), or another store (--store FOLDER)."
        ),
        zh=f"{shown} 中的日志属于区域“{of_region}”，而不是“{region.id}”。"
        "请指明该区域（--region FOLDER），或换一个存放文件夹（--store FOLDER）。",
    )
