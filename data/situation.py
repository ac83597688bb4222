"""The frozen question put to a solver: forces, incidents, weather and closures at one moment."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from data.forces import CraftState, GroupState
from data.incidents import Incident
from data.text import Text
from data.weather import Closure, Forecast

WorldMode = Literal["live", "drill", "replay", "plan"]


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at ``at``: the only thing a plan may be built from, besides the region.

    ``pinned`` maps a group id to the craft it must travel with; ``forbidden`` lists craft or group ids
    that may not be used, each with its reason.
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

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON of this situation."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()
