"""The frozen question put to a solver: forces, incidents, weather and closures at one moment."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Literal

import msgspec

from data.counts import IslandCount, StoreCount
from data.evacuation_ask import EvacuationAsk
from data.forces import CraftState, GroupState
from data.holding import HoldTask, LocalTeamState
from data.incidents import Incident
from data.text import Text
from data.weather import Closure, Forecast

WorldMode = Literal["live", "drill", "replay", "plan"]
# Fields that came after plans were stored: empty ones are left out of the hash, so that those plans still fit.
FIELDS_SINCE = ("tasks", "local_teams", "relief_at", "counts", "stores", "evacuations")
FORECAST_FIELDS_SINCE = ("warnings",)
HOUR_FIELDS_SINCE = ("mark", "spread")


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at ``at``: the only thing a plan may be built from, besides the region.

    ``pinned`` maps a group id to the craft it must travel with; ``forbidden`` lists craft or group ids
    that may not be used, each with its reason. ``tasks`` are what islands are asked to do besides what their cases
    ask, ``local_teams`` the teams whose state differs from the region's table, ``relief_at`` when relief is expected
    on an island by its id. ``counts`` and ``stores`` are what was counted on the islands; the region's standing figures
    hold where nobody has counted (``data/island_people.py``). ``evacuations`` are whom to take off, an island each.
    """

    at: datetime
    mode: WorldMode
    region_id: str
    craft: tuple[CraftState, ...]
    groups: tuple[GroupState, ...]
    incidents: tuple[Incident, ...]
    forecast: Forecast | None
    closures: tuple[Closure, ...] = ()
    scenario_id: str | None = None
    forbidden: dict[str, Text] = {}
    tasks: tuple[HoldTask, ...] = ()
    local_teams: tuple[LocalTeamState, ...] = ()
    relief_at: dict[str, datetime] = {}
    counts: tuple[IslandCount, ...] = ()
    stores: tuple[StoreCount, ...] = ()
    evacuations: tuple[EvacuationAsk, ...] = ()

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON of this situation."""
        content = msgspec.to_builtins(self, order="deterministic")
        _drop_empty(content, FIELDS_SINCE)
        if content["forecast"] is not None:
            _drop_empty(content["forecast"], FORECAST_FIELDS_SINCE)
            for hour in content["forecast"]["hours"]:
                _drop_empty(hour, HOUR_FIELDS_SINCE)
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def _drop_empty(content: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if not content[name]:
            del content[name]
