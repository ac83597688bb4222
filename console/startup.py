"""Open everything a served console stands on: region, network, scenarios, world, solver, planning desk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.paths import cache_folder
from console.planning import PlanningDesk
from console.world import World
from data.array_cache import ArrayCache
from data.region_reader import read_region
from data.scenario import list_scenarios, read_scenario
from data.situation import WorldMode
from data.text import Text
from routing.network.network import Network
from routing.worker import SolveWorker


@dataclass(frozen=True)
class ScenarioRow:
    """What the list of scenarios shows of one."""

    id: str
    title: Text
    summary: Text


@dataclass(frozen=True)
class Stage:
    """What the pages are built on; ``scenarios`` in the order to list them."""

    world: World
    desk: PlanningDesk
    worker: SolveWorker
    scenarios: tuple[ScenarioRow, ...]

    def restart(self, scenario_id: str) -> None:
        """Begin a scenario in a journal of its own; raises UnknownNameError for an id nobody ships."""
        story = read_scenario(scenario_id, self.world.region)
        self.world.restart(story, speed=story.clock_speed)


def open_stage(
    store: Path, region_folder: Path, scenario: str | None, mode: WorldMode, speed: float | None = None
) -> Stage:
    """Read the region, build its network from the cache, and open or resume the world.

    ``scenario`` is the id or file of the scenario an empty journal begins with; None takes the first shipped.
    ``speed`` None is the scenario's own. Raises TongzhouError naming what is missing or at fault.
    """
    region = read_region(region_folder)
    network = Network.build(region, ArrayCache(cache_folder()))
    summaries = list_scenarios(region)
    scenarios = tuple(ScenarioRow(id=one.id, title=one.title, summary=one.story) for one in summaries)
    name = scenario or (scenarios[0].id if scenarios else None)
    story = read_scenario(name, region) if name is not None else None
    if speed is None:
        speed = story.clock_speed if story is not None else 1.0
    worker = SolveWorker(region_folder, cache_folder())
    world = World.open(store, region, network, story, mode=mode, speed=speed, worker=worker)
    return Stage(world=world, desk=PlanningDesk(world, worker), worker=worker, scenarios=scenarios)
