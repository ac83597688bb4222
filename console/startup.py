"""Open everything a served console stands on: region, network, scenarios, world, solver, planning desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from console.archivist import Archivist
from console.paths import cache_folder
from console.planning import PlanningDesk
from console.retention import KEEP_HOURS
from console.world import World
from data.array_cache import ArrayCache
from data.errors import CommandRefusedError, UnknownNameError, worded
from data.forces import CraftState, GroupState
from data.geography import Region
from data.region_reader import read_region
from data.scenario import Scenario, list_scenarios, read_scenario
from data.situation import WorldMode
from data.text import Text
from routing.network.network import Network
from routing.worker import SolveWorker

State = TypeVar("State", CraftState, GroupState)


@dataclass(frozen=True)
class ScenarioRow:
    """What the list of scenarios shows of one."""

    id: str
    title: Text
    summary: Text


@dataclass(frozen=True)
class Stage:
    """What the pages are built on; ``scenarios`` in the order to list them.

    Positions stay in the store for ``keep_hours``.
    """

    world: World
    desk: PlanningDesk
    worker: SolveWorker
    scenarios: tuple[ScenarioRow, ...]
    keep_hours: int = KEEP_HOURS

    def restart(self, scenario_id: str) -> None:
        """Begin a scenario in a journal of its own; raises UnknownNameError for one that is not in the list.

        It is a page that asks: a path would have it read, or wait for, whatever file there is on this machine.
        """
        listed = [one.id for one in self.scenarios]
        if scenario_id not in listed:
            raise UnknownNameError("scenario", scenario_id[:80], known=listed)
        story = read_scenario(scenario_id, self.world.region)
        self.world.restart(story, speed=story.clock_speed)


def open_stage(
    store: Path | str,
    region_folder: Path,
    scenario: str | None,
    mode: WorldMode,
    speed: float | None = None,
    keep_hours: int = KEEP_HOURS,
) -> Stage:
    """Read the region, build its network from the cache, and open, join or resume the world in a store.

    ``scenario`` is the id or file of the scenario to show: it begins an empty journal, and where the journal
    tells another story that one is archived. None resumes what is there, or begins with the first shipped.
    ``speed`` None is the scenario's own. Archived positions leave the store after ``keep_hours``. Raises TongzhouError
    naming what is missing or at fault.
    """
    region = read_region(region_folder)
    network = Network.build(region, ArrayCache(cache_folder()))
    summaries = list_scenarios(region)
    scenarios = tuple(ScenarioRow(id=one.id, title=one.title, summary=one.story) for one in summaries)
    story = _story(scenario or (scenarios[0].id if scenarios else None), scenario is not None, region, mode)
    if speed is None:
        speed = story.clock_speed if story is not None else 1.0
    worker = SolveWorker(region_folder, cache_folder())
    world = World.open(store, region, network, story, mode=mode, speed=speed, worker=worker)
    if scenario is not None and story is not None and world.picture.scenario_id != story.id:
        world.restart(story, speed=speed)
    archivist = Archivist(world, keep_hours)
    world.each_minute += [archivist.tend, archivist.look]
    desk = PlanningDesk(world, worker)
    return Stage(world=world, desk=desk, worker=worker, scenarios=scenarios, keep_hours=keep_hours)


def _story(name: str | None, asked_for: bool, region: Region, mode: WorldMode) -> Scenario | None:
    """A drill begins from a scenario; live work begins now, with the forces at home and nothing invented."""
    if mode == "live" and asked_for:
        raise worded(
            CommandRefusedError(
                "A live journal cannot begin from a scenario. Leave --scenario out, or serve a drill (--mode drill)."
            ),
            zh="实战日志不能从想定开始。请去掉 --scenario，或改为演练（--mode drill）。",
        )
    story = read_scenario(name, region) if name is not None else None
    if story is None or mode != "live":
        return story
    return msgspec.structs.replace(
        story,
        id="live",
        title=Text(zh="实战", en="Live"),
        mode="live",
        start_at=datetime.now(UTC),
        clock_speed=1.0,
        forecast=None,
        closures=(),
        incidents=(),
        **_sections_left_out(),
        craft=tuple(_at_home(one, one.craft.home_site_id, region) for one in story.craft),
        groups=tuple(_at_home(one, one.group.home_site_id, region) for one in story.groups),
    )


def _sections_left_out() -> dict[str, Any]:
    """Return every section a scenario may leave out, as it is then: counts, stores, tasks, whatever comes to be one."""
    fields = msgspec.structs.fields(Scenario)
    return {one.name: one.default for one in fields if one.default is not msgspec.NODEFAULT}


def _at_home(state: State, site_id: str, region: Region) -> State:
    home = region.place(site_id)
    return msgspec.structs.replace(
        state,
        status="available",
        site_id=site_id,
        lon_deg=home.lon_deg,
        lat_deg=home.lat_deg,
        ready_in_min=0,
        excluded=None,
    )
