"""Scenarios: a story to run on a region, read from YAML: forces, forecast, closures and incidents at a start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import msgspec

from data.counts import IslandCount, StoreCount
from data.errors import DataFaultsError, UnknownNameError
from data.evacuation_ask import EvacuationAsk
from data.forces import CraftState, GroupState
from data.geography import Region
from data.incidents import Incident
from data.manual_weather import ManualValue, merged
from data.roster import Forces, read_forces
from data.scenario_counts import read_counts, read_stores
from data.scenario_evacuation import read_evacuations
from data.scenario_hold import HoldSection, read_hold
from data.scenario_parts import (
    ClosurePart,
    ForcesPart,
    ForecastPart,
    IncidentPart,
    OptionsPart,
    check_ids_once,
    check_offset,
    read_closure,
    read_craft_states,
    read_forecast,
    read_group_states,
    read_incident,
)
from data.scenario_weather import read_manual_values, read_warnings
from data.situation import Situation, WorldMode
from data.text import Text
from data.weather import Closure, Forecast
from data.yaml_document import YamlDocument

DATA_FOLDER = Path(__file__).parent
SCENARIO_FOLDER = DATA_FOLDER / "scenarios"
KEYS = (
    "id",
    "region",
    "title",
    "story",
    "source",
    "mode",
    "start_at",
    "clock_speed",
    "options",
    "forecast",
    "closures",
    "incidents",
    "forces",
    "counts",
    "stores",
    "hold",
    "evacuation",
    "warnings",
    "manual_weather",
)


class ScenarioSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of scenarios shows of one."""

    id: str
    title: Text
    story: Text
    start_at: datetime
    incidents: int
    path: Path


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A world at its start: everything the console opens with, or the solver is asked about.

    ``forecast`` is as it was issued; ``situation`` gives it with the officers' values over it.
    """

    id: str
    region_id: str
    title: Text
    story: Text
    source: str
    mode: WorldMode
    start_at: datetime
    clock_speed: float
    options: OptionsPart
    forecast: Forecast | None
    closures: tuple[Closure, ...]
    incidents: tuple[Incident, ...]
    craft: tuple[CraftState, ...]
    groups: tuple[GroupState, ...]
    counts: tuple[IslandCount, ...] = ()
    stores: tuple[StoreCount, ...] = ()
    hold: HoldSection = HoldSection()
    evacuations: tuple[EvacuationAsk, ...] = ()
    manual_weather: tuple[ManualValue, ...] = ()

    def situation(self) -> Situation:
        """Return the question a solver is asked at the scenario's start."""
        return Situation(
            at=self.start_at,
            mode=self.mode,
            region_id=self.region_id,
            craft=self.craft,
            groups=self.groups,
            incidents=self.incidents,
            forecast=merged(self.forecast, self.manual_weather) if self.forecast is not None else None,
            closures=self.closures,
            scenario_id=self.id,
            forbidden={
                **{state.craft.id: state.excluded for state in self.craft if state.excluded is not None},
                **{state.group.id: state.excluded for state in self.groups if state.excluded is not None},
            },
            counts=self.counts,
            stores=self.stores,
            tasks=self.hold.tasks,
            local_teams=self.hold.teams,
            relief_at=self.hold.relief_at,
            evacuations=self.evacuations,
        )


def find_scenario(name: str | Path) -> Path:
    """Return the file of a scenario given by path or by the id of a shipped one.

    Raises UnknownNameError naming close matches if it is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    shipped = SCENARIO_FOLDER / f"{name}.yaml"
    if path.name == str(name) and shipped.is_file():
        return shipped
    ids = [found.stem for found in _shipped()]
    raise UnknownNameError("scenario", str(name), get_close_matches(path.stem, ids, n=3), known=ids)


def list_scenarios(region: Region) -> list[ScenarioSummary]:
    """Return the shipped scenarios of a region, its default first, then by id; one that cannot be read is left out."""
    found = []
    for path in _shipped():
        document = YamlDocument(path)
        title, story = document.read("title", Text), document.read("story", Text)
        start_at = document.read("start_at", datetime)
        if document.content.get("region") != region.id or title is None or story is None or start_at is None:
            continue
        incidents = len(document.content.get("incidents") or [])
        found.append(
            ScenarioSummary(id=path.stem, title=title, story=story, start_at=start_at, incidents=incidents, path=path)
        )
    return sorted(found, key=lambda summary: summary.id != region.default_scenario)


def read_scenario(path: str | Path, region: Region, forces: Forces | None = None) -> Scenario:
    """Read and validate a scenario by path or shipped id.

    ``forces`` are the region's craft and groups; by default those shipped in the region's folder.
    Raises UnknownNameError for an unknown scenario and DataFaultsError, holding every fault with its
    line and key path, for a broken one.
    """
    path = find_scenario(path)
    if forces is None:
        forces = read_forces(DATA_FOLDER / region.id, region)
    document = YamlDocument(path)
    if document.faults and not document.content:
        raise DataFaultsError(document.faults)
    scenario = _read(document, path, region, forces)
    if scenario is None or document.faults:
        raise DataFaultsError(sorted(document.faults, key=lambda f: (f.file != path.name, f.file, f.row or 0)))
    return scenario


def _shipped() -> Iterable[Path]:
    return sorted(SCENARIO_FOLDER.glob("*.yaml"))


def _read(document: YamlDocument, path: Path, region: Region, forces: Forces) -> Scenario | None:
    document.check_keys(KEYS)
    scenario_id = document.read("id", str)
    region_id = document.read("region", str)
    title, story = document.read("title", Text), document.read("story", Text)
    source = document.read("source", str)
    mode: WorldMode | None = document.convert("mode", document.content.get("mode", "drill"), cast(Any, WorldMode))
    start_at = document.read("start_at", datetime)
    clock_speed = document.read("clock_speed", float, default=1.0)
    options = document.read("options", OptionsPart, default=OptionsPart())
    if region_id is not None and region_id != region.id:
        document.fault("region", f"is '{region_id}', but the region loaded is '{region.id}'. Load that region.")
    if clock_speed is not None and not 0 <= clock_speed <= 3600:
        document.fault("clock_speed", f"{clock_speed:g} is out of range. Give 0 (paused) to 3600.")
    starts = start_at if start_at is not None and check_offset(document, "start_at", start_at) else None
    part = document.read("forecast", ForecastPart) if "forecast" in document.content else None
    forecast = read_forecast(document, part, path.parent, region, starts) if part else None
    closure_parts = document.read_list("closures", ClosurePart)
    incident_parts = document.read_list("incidents", IncidentPart)
    check_ids_once(document, closure_parts)
    check_ids_once(document, incident_parts)
    closures = [read_closure(document, at, closure, region, starts) for at, closure in closure_parts]
    incidents = [
        read_incident(document, at, incident, number, region, starts)
        for number, (at, incident) in enumerate(incident_parts, start=1)
    ]
    overrides = document.read("forces", ForcesPart, default=ForcesPart()) or ForcesPart()
    craft = read_craft_states(document, overrides, region, forces)
    groups = read_group_states(document, overrides, region, forces)
    counts, stores = read_counts(document, region, starts), read_stores(document, region, starts)
    warnings, manual_weather = read_warnings(document, region, starts), read_manual_values(document, region, starts)
    if forecast is not None:
        forecast = msgspec.structs.replace(forecast, warnings=warnings)
    elif warnings and part is None:
        document.fault("warnings", "stand with a forecast, and there is none. Add 'forecast:'.")
    if (
        scenario_id is None
        or title is None
        or story is None
        or source is None
        or mode is None
        or starts is None
        or clock_speed is None
        or options is None
    ):
        return None
    return Scenario(
        id=scenario_id,
        region_id=region.id,
        title=title,
        story=story,
        source=source,
        mode=mode,
        start_at=starts,
        clock_speed=clock_speed,
        options=options,
        forecast=forecast,
        closures=tuple(closure for closure in closures if closure is not None),
        incidents=tuple(incident for incident in incidents if incident is not None),
        craft=craft,
        groups=groups,
        counts=counts,
        stores=stores,
        hold=read_hold(document, region, forces, starts),
        evacuations=read_evacuations(document, region, forces),
        manual_weather=manual_weather,
    )
