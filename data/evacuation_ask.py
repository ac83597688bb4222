"""What an evacuation is asked about: who is to be taken off an island, where they gather, where craft may take them.

Counts only, never identities. What a scenario does not say is assumed by ``routing/evacuate`` and told as assumed.
"""

from __future__ import annotations

import msgspec

from data.evacuation import EvacuationPriority
from data.geography import Berthing
from data.text import Text


class AskedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """So many people who gather at one muster point; ``together`` groups board one craft."""

    id: str
    name: Text
    persons: int
    priority: EvacuationPriority = "others"
    together: bool = False
    muster_id: str | None = None


class AskedMuster(msgspec.Struct, frozen=True, kw_only=True):
    """A muster point with how many it shelters, None where nobody has said."""

    id: str
    name: Text
    lon_deg: float
    lat_deg: float
    capacity: int | None = None


class AskedBerth(msgspec.Struct, frozen=True, kw_only=True):
    """One berth of a pick-up: what kind of berthing it offers, and the most seats of a craft that fits."""

    name: str
    berthing: frozenset[Berthing]
    most_seats: int | None = None


class AskedPier(msgspec.Struct, frozen=True, kw_only=True):
    """A pick-up: its berths (those of the region's table where none are named) and how many may queue there."""

    pier_id: str
    berths: tuple[AskedBerth, ...] = ()
    queue_limit: int | None = None


class AskedDrop(msgspec.Struct, frozen=True, kw_only=True):
    """Where people may be taken: how many it can receive, and how many of its berths are free for it."""

    pier_id: str
    capacity: int | None = None
    berths: int | None = None


class EvacuationAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One island's evacuation as the officer asks for it; an empty field is for the planner to assume.

    ``boarding_s`` and ``landing_s`` are seconds a person takes to board and to go ashore, on top of what a craft needs
    to berth. ``notice_min`` is the time from the order to the first people walking. ``craft_ids`` limits the craft.
    """

    island_id: str
    groups: tuple[AskedGroup, ...] = ()
    musters: tuple[AskedMuster, ...] = ()
    piers: tuple[AskedPier, ...] = ()
    drops: tuple[AskedDrop, ...] = ()
    craft_ids: tuple[str, ...] = ()
    boarding_s: int | None = None
    landing_s: int | None = None
    notice_min: int | None = None
    source: str = "assumed"
