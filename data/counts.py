"""Who and what is on an island: people as counts, stores in units, and what an island should have when cut off.

A count is a number of people of one kind, never a list of them. What nobody has counted stands in the region's tables
as an assumption and says so.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Literal

import msgspec

from data.text import Text

CountKind = Literal["visitors", "workers", "patients", "children", "elderly"]
StoreItem = Literal["water_m3", "food_person_days", "generator_kw", "fuel_l", "medicine_kits"]
NeedKind = Literal["persons", "stores", "craft"]
ANY_SKILL = "any"
ANY_BOAT = "any-boat"
HOURS_A_DAY = 24.0

# Visitors and workers are on the island besides its residents; the rest are part of either.
BESIDE_RESIDENTS: frozenset[str] = frozenset({"visitors", "workers"})
COUNT_WORDS: dict[str, Text] = {
    "visitors": Text("游客", "visitors"),
    "workers": Text("外来务工人员", "workers from outside"),
    "patients": Text("病患", "patients"),
    "children": Text("儿童", "children"),
    "elderly": Text("高龄老人", "elderly"),
}
STORE_WORDS: dict[str, Text] = {
    "water_m3": Text("饮用水", "drinking water"),
    "food_person_days": Text("食品", "food"),
    "generator_kw": Text("发电机", "generators"),
    "fuel_l": Text("燃油", "fuel"),
    "medicine_kits": Text("药品箱", "medicine kits"),
}
STORE_UNITS: dict[str, Text] = {
    "water_m3": Text("m³", "m³"),
    "food_person_days": Text("人日", "person-days"),
    "generator_kw": Text("kW", "kW"),
    "fuel_l": Text("L", "L"),
    "medicine_kits": Text("箱", "kits"),
}


class IslandCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many people of one kind are on an island; ``at`` None is a standing figure, counted at no moment."""

    island_id: str
    kind: CountKind
    number: int
    at: datetime | None
    source: str
    confidence: str

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(
                f"number of {self.kind} on {self.island_id} is {self.number}; give 0 or more (人数不得为负)"
            )


class StoreCount(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one item an island holds, in the unit its name ends with; ``at`` None is a standing figure."""

    island_id: str
    item: StoreItem
    amount: float
    at: datetime | None
    source: str
    confidence: str = "stated"

    def __post_init__(self) -> None:
        if not 0 <= self.amount < float("inf"):
            raise ValueError(
                f"amount of {self.item} on {self.island_id} is {self.amount:g}; give 0 or more (数量不得为负)"
            )

    @property
    def unit(self) -> Text:
        """Return the unit of the amount."""
        return STORE_UNITS[self.item]


class StandingNeed(msgspec.Struct, frozen=True, kw_only=True):
    """What an island should have once it is cut off for ``from_h`` hours or longer.

    ``what`` is a skill ("any" for anybody), an item of stores, or a craft class ("any-boat" for any boat). The amount
    is ``absolute`` and so many for each thousand residents and visitors; ``per_day`` multiplies it by the days cut
    off. ``island_id`` None holds for every inhabited island.
    """

    id: str
    name: Text
    kind: NeedKind
    what: str
    from_h: float
    absolute: float
    per_1000_residents: float
    per_1000_visitors: float
    per_day: bool
    source: str
    confidence: str
    island_id: str | None = None

    def amount(self, residents: int, visitors: int, hours_cut_off: float) -> float:
        """Return what is needed, in the unit of ``what``; persons and craft are whole, 0 before ``from_h``.

        Whoever is on the island from outside counts as a visitor.
        """
        if hours_cut_off < self.from_h:
            return 0.0
        people = residents * self.per_1000_residents + visitors * self.per_1000_visitors
        needed = (self.absolute + people / 1000.0) * (hours_cut_off / HOURS_A_DAY if self.per_day else 1.0)
        return needed if self.kind == "stores" else float(ceil(needed - 1e-9))
