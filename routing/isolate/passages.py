"""Passages from every pier and pad to the havens, as chains of legs a kernel can walk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from data.forces import CraftClass
from data.geography import Helipad, Pier, Place, Region
from routing.deploy.lane_book import LaneBook
from routing.handling import load_minutes, unload_minutes
from routing.network.projection import Floats

Ints = NDArray[np.int64]

# Assumed: how long the bridges must stay open after landing on an island that is a haven only by its bridges.
ONWARD_ROAD_MIN = 60.0


class LegKind(IntEnum):
    """What passes on a leg: sea or air of a zone, a moment at a site, handling there, the road onwards."""

    ZONE = 0
    MOMENT = 1
    UNLOAD = 2
    TURN = 3
    ROAD = 4


UNLOAD, TURN = int(LegKind.UNLOAD), int(LegKind.TURN)


@dataclass(frozen=True)
class Resources:
    """How the things that can be shut are numbered: zones, sites, the tide at sites, roads onwards from sites."""

    num_zones: int
    num_sites: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.num_zones + 3 * self.num_sites

    def site(self, number: int) -> int:
        """The site itself: closures, berthing, waves alongside, wind and visibility there."""
        return self.num_zones + number

    def tide(self, number: int) -> int:
        """The tide at a site."""
        return self.num_zones + self.num_sites + number

    def road(self, number: int) -> int:
        """The bridges from the island of a site to a haven."""
        return self.num_zones + 2 * self.num_sites + number


@dataclass(frozen=True)
class Legs:
    """Chains of legs, one after another: ``at[c]`` to ``at[c + 1]`` are those of chain c.

    ``metres`` pass at the class's speed, ``minutes`` whatever the speed. ``from_site`` and ``to_site`` are the site of
    boarding and of landing (for an out-and-back the haven and the site it serves).
    """

    at: Ints
    resource: Ints
    kind: Ints
    metres: Floats
    minutes: Floats
    from_site: Ints
    to_site: Ints

    @property
    def count(self) -> int:
        """How many chains there are."""
        return len(self.at) - 1

    def amounts(self, craft_class: CraftClass) -> Floats:
        """Return the minutes of each leg at the class's full speed."""
        unload, turn = unload_minutes(craft_class), load_minutes(craft_class) + unload_minutes(craft_class)
        amounts: Floats = self.minutes + self.metres / (craft_class.cruise_mps * 60.0)
        amounts[self.kind == UNLOAD] = unload
        amounts[self.kind == TURN] = turn
        return amounts


OneLeg = tuple[int, LegKind, float, float]  # resource, kind, metres, minutes


@dataclass(frozen=True)
class Sites:
    """The piers or pads of a region, numbered, with what is needed to tell whether a road leads on from them."""

    places: tuple[Place, ...]
    sites: tuple[Pier | Helipad, ...]
    islands: tuple[str, ...]
    resources: Resources
    zone_ids: tuple[str, ...]

    @classmethod
    def of(cls, region: Region, mode: str, zone_ids: Sequence[str]) -> Sites:
        """Return the piers (sea) or pads (air) of a region."""
        found: tuple[Pier | Helipad, ...] = tuple((region.piers if mode == "sea" else region.helipads).values())
        places = tuple(region.place(site.id) for site in found)
        islands = tuple(place.island_id for place in places)
        return cls(places, found, islands, Resources(max(1, len(zone_ids)), len(found)), tuple(zone_ids))


class Ways:
    """The legs between the sites of one mode; by sea the same for every class, by air one of these for each."""

    def __init__(self, sites: Sites, book: LaneBook, craft_class: CraftClass | None = None) -> None:
        self.sites, self.book, self.craft_class = sites, book, craft_class

    def between(self, a: Place, b: Place) -> list[OneLeg] | None:
        """Return the legs over water or through the air from a to b, None where there is no way."""
        if self.craft_class is not None:
            numbers = {zone_id: n for n, zone_id in enumerate(self.sites.zone_ids)}
            spans = self.book.flight(self.craft_class, a, b).zone_spans
            return [(numbers[z.zone_id], LegKind.ZONE, 0.0, (z.to_s - z.from_s) / 60.0) for z in spans]
        lane = self.book.lane(a, b)
        if lane is None:
            return None
        return [(zone, LegKind.ZONE, metres, 0.0) for zone, metres in zip(lane.zones, lane.metres, strict=True)]

    def to_haven(self, start: int, haven: int, by_road: bool) -> list[OneLeg] | None:
        """Return the legs of a departure from a site to a haven's, unloading and the road onwards included."""
        over = self.between(self.sites.places[start], self.sites.places[haven])
        return None if over is None else [*self._ashore(start), *over, *self._landing(haven, by_road)]

    def out_and_back(self, haven: int, site: int, by_road: bool) -> list[OneLeg] | None:
        """Return the legs from a haven's site to another, the turn there, and back."""
        places = self.sites.places
        out, back = self.between(places[haven], places[site]), self.between(places[site], places[haven])
        if out is None or back is None:
            return None
        number = self.sites.resources
        turn = [
            (number.tide(site), LegKind.MOMENT, 0.0, 0.0),
            (number.site(site), LegKind.TURN, 0.0, 0.0),
            (number.tide(site), LegKind.MOMENT, 0.0, 0.0),
        ]
        return [*self._ashore(haven), *out, *turn, *back, *self._landing(haven, by_road)]

    def _ashore(self, site: int) -> list[OneLeg]:
        number = self.sites.resources
        return [(number.site(site), LegKind.MOMENT, 0.0, 0.0), (number.tide(site), LegKind.MOMENT, 0.0, 0.0)]

    def _landing(self, site: int, by_road: bool) -> list[OneLeg]:
        number = self.sites.resources
        legs = [(number.tide(site), LegKind.MOMENT, 0.0, 0.0), (number.site(site), LegKind.UNLOAD, 0.0, 0.0)]
        if by_road:
            legs.append((number.road(site), LegKind.ROAD, 0.0, ONWARD_ROAD_MIN))
        return legs


def joined_legs(chains: Iterable[tuple[int, int, list[OneLeg]]]) -> Legs:
    """Return chains given as (from site, to site, legs) in one set of arrays."""
    starts, ends, at = [], [], [0]
    flat: list[OneLeg] = []
    for start, end, legs in chains:
        starts.append(start)
        ends.append(end)
        flat += legs
        at.append(len(flat))
    table = np.array(flat, float).reshape(-1, 4)
    return Legs(
        at=np.array(at, np.int64),
        resource=table[:, 0].astype(np.int64),
        kind=table[:, 1].astype(np.int64),
        metres=np.ascontiguousarray(table[:, 2]),
        minutes=np.ascontiguousarray(table[:, 3]),
        from_site=np.array(starts, np.int64),
        to_site=np.array(ends, np.int64),
    )
