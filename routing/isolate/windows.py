"""Minute by minute, from which island which class still reaches a haven under one outlook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from data.forces import CraftClass
from data.geography import MAINLAND, Region
from data.weather import Closure, Forecast
from routing.deploy.lane_book import LaneBook
from routing.isolate.havens import Joined, haven_islands, road_islands
from routing.isolate.kernels import last_back, open_minutes, quickest, walk
from routing.isolate.passages import TURN, Ints, Legs, Sites, Ways, joined_legs
from routing.isolate.spans import Span, false_spans
from routing.isolate.surfaces import Surface, build_surface
from routing.isolate.weather_tables import ZoneTable
from routing.network.conditions import Conditions
from routing.network.network import Network
from routing.network.projection import Floats

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Walked:
    """A departure walked to its end: ``arrive_min``, or the leg and the minute at which it meets something shut."""

    is_open: bool
    arrive_min: float
    leg: int
    at_min: float


class Charts:
    """What does not change with the weather: sites, lanes and havens of a region, worked out once and kept."""

    def __init__(self, region: Region, network: Network, book: LaneBook, havens: frozenset[str] | None = None) -> None:
        self.region, self.network, self.book = region, network, book
        self.havens = haven_islands(region) if havens is None else havens | {MAINLAND}
        self.road_havens = road_islands(region, self.havens)
        self.islands = (*region.islands, MAINLAND)
        self.row = {island_id: n for n, island_id in enumerate(self.islands)}
        self.column = {island_id: n for n, island_id in enumerate(sorted(self.havens | self.road_havens))}
        zone_ids = network.lanes.zones.ids
        self.sites = {mode: Sites.of(region, mode, zone_ids) for mode in ("sea", "air")}
        self._ways: dict[str, Ways] = {}
        self._legs: dict[tuple[str, bool], Legs] = {}
        self._turns: dict[str, Ints] = {}

    def ways(self, craft_class: CraftClass) -> Ways:
        """Return the ways of a class: one for all by sea, its own by air."""
        key = self._key(craft_class)
        if key not in self._ways:
            own = craft_class if craft_class.mode == "air" else None
            self._ways[key] = Ways(self.sites[craft_class.mode], self.book, own)
        return self._ways[key]

    def legs(self, craft_class: CraftClass, and_back: bool = False) -> Legs:
        """Return the passages to every haven from every site off it, or out from it and back."""
        key = self._key(craft_class), and_back
        if key not in self._legs:
            ways, islands = self.ways(craft_class), self.sites[craft_class.mode].islands
            chains = []
            for haven, haven_island in enumerate(islands):
                by_road = haven_island in self.road_havens
                if haven_island not in self.havens and not by_road:
                    continue
                for site, island in enumerate(islands):
                    if island == haven_island:
                        continue
                    make = ways.out_and_back if and_back else ways.to_haven
                    legs = make(haven, site, by_road) if and_back else make(site, haven, by_road)
                    if legs is not None:
                        chains.append((site, haven, legs))
            self._legs[key] = joined_legs(chains)
        return self._legs[key]

    def turns(self, craft_class: CraftClass) -> Ints:
        """Return the leg of each out-and-back at which the craft lies at the island."""
        key = self._key(craft_class)
        if key not in self._turns:
            self._turns[key] = np.flatnonzero(self.legs(craft_class, True).kind == TURN).astype(np.int64)
        return self._turns[key]

    def _key(self, craft_class: CraftClass) -> str:
        return craft_class.id if craft_class.mode == "air" else "sea"


@dataclass
class Outlook:
    """One forecast from one moment on: the surfaces of the classes and what is open when, each worked out once."""

    charts: Charts
    forecast: Forecast | None
    closures: tuple[Closure, ...]
    start: datetime
    num_minutes: int
    joined: Joined = field(init=False)
    with_haven: dict[str, Bools] = field(init=False)
    onward: dict[str, tuple[Span, ...]] = field(init=False)
    tables: dict[str, ZoneTable] = field(init=False)
    _surfaces: dict[str, Surface] = field(default_factory=dict)
    _amounts: dict[tuple[str, bool], Floats] = field(default_factory=dict)
    _windows: dict[str, tuple[Bools, Bools]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        charts, region = self.charts, self.charts.region
        self.joined = Joined.of(region, self.conditions, self.start, self.num_minutes)
        self.with_haven = {one: self.joined.with_haven(one, charts.havens, self.num_minutes) for one in region.islands}
        self.tables = {
            zone_id: ZoneTable.of(self.conditions.hours(zone_id), self.start)
            for zone_id in (*charts.network.lanes.zones.ids, *(pier.zone_id for pier in region.piers.values()))
        }
        self.onward = {one: false_spans(self.with_haven[one]) for one in charts.road_havens}

    @property
    def conditions(self) -> Conditions:
        """The conditions of the forecast and closures."""
        return self.charts.network.conditions(self.forecast, self.closures)

    @property
    def horizon_to(self) -> datetime:
        """The end of the last minute looked at."""
        return self.start + timedelta(minutes=self.num_minutes)

    def surface(self, craft_class: CraftClass) -> Surface:
        """Return what a class meets."""
        if craft_class.id not in self._surfaces:
            self._surfaces[craft_class.id] = build_surface(
                craft_class, self.charts.sites[craft_class.mode], self.conditions, self.charts.book,
                self.start, self.horizon_to, self.onward, self.tables,
            )  # fmt: skip
        return self._surfaces[craft_class.id]

    def amounts(self, craft_class: CraftClass, and_back: bool = False) -> Floats:
        """Return the minutes of each leg of the class's passages at full speed."""
        key = craft_class.id, and_back
        if key not in self._amounts:
            self._amounts[key] = self.charts.legs(craft_class, and_back).amounts(craft_class)
        return self._amounts[key]

    def by_site(self, craft_class: CraftClass) -> Bools:
        """Return the minutes at which a class leaves each site for a haven, ``[site, minute]``."""
        return self._windows_of(craft_class)[1]

    def by_island(self, craft_class: CraftClass) -> Bools:
        """Return the minutes at which a class leaves each island for a haven, ``[island, minute]``.

        Islands that open bridges join to each other but to no haven leave from each other's piers.
        """
        return self._windows_of(craft_class)[0]

    def _windows_of(self, craft_class: CraftClass) -> tuple[Bools, Bools]:
        if craft_class.id not in self._windows:
            by_pair, by_site = self._open(craft_class)
            self._windows[craft_class.id] = self._with_neighbours(by_pair), by_site
        return self._windows[craft_class.id]

    def _open(self, craft_class: CraftClass) -> tuple[Bools, Bools]:
        """Return open minutes ``[island, haven island, minute]``, a large table, and ``[site, minute]``."""
        charts, legs = self.charts, self.charts.legs(craft_class)
        sites = charts.sites[craft_class.mode]
        rows = np.array([charts.row[island] for island in sites.islands], np.int64).reshape(-1)
        columns = np.array([charts.column.get(island, 0) for island in sites.islands], np.int64).reshape(-1)
        by_pair = np.zeros((len(charts.islands), len(charts.column), self.num_minutes), np.bool_)
        by_site = np.zeros((len(sites.sites), self.num_minutes), np.bool_)
        if legs.count:
            open_minutes(
                legs.at, legs.resource, self.amounts(craft_class), rows[legs.from_site],
                columns[legs.to_site], legs.from_site, *self.surface(craft_class).arrays, by_pair, by_site,
            )  # fmt: skip
        return by_pair, by_site

    def _with_neighbours(self, by_pair: Bools) -> Bools:
        """Return the open minutes of each island, with those of its neighbours over open bridges."""
        found: Bools = np.asarray(by_pair.any(axis=1))
        for first, last, groups in self.joined.stretches:
            members: dict[str, list[int]] = {}
            for island_id, group in groups.items():
                members.setdefault(group, []).append(self.charts.row[island_id])
            for rows in members.values():
                for row in rows if len(rows) > 1 else ():
                    island_id = self.charts.islands[row]
                    if island_id == MAINLAND or self.with_haven[island_id][first]:
                        continue
                    others = [other for other in rows if other != row]
                    there = by_pair[others, :, first:last].copy()
                    if (own := self.charts.column.get(island_id)) is not None:
                        there[:, own] = False  # back to the island itself is no way off it
                    found[row, first:last] |= there.any(axis=(0, 1))
        return found

    def walked(self, craft_class: CraftClass, chain: int, depart_min: float, and_back: bool = False) -> Walked:
        """Walk one passage from a minute."""
        legs, out = self.charts.legs(craft_class, and_back), np.empty(3)
        is_open = walk(
            int(legs.at[chain]), int(legs.at[chain + 1]), legs.resource, self.amounts(craft_class, and_back),
            *self.surface(craft_class).arrays, float(depart_min), out,
        )  # fmt: skip
        return Walked(bool(is_open), float(out[0]), int(out[1]), float(out[2]))

    def quickest(self, craft_class: CraftClass, chains: Sequence[int], depart_min: float) -> tuple[int, float] | None:
        """Return the passage of some that, begun at a minute, is open and over first, and when that is."""
        if not chains:
            return None
        legs, out = self.charts.legs(craft_class), np.empty(3)
        chain = quickest(
            np.array(chains, np.int64), legs.at, legs.resource, self.amounts(craft_class),
            *self.surface(craft_class).arrays, float(depart_min), out,
        )  # fmt: skip
        return None if chain < 0 else (int(chain), float(out[0]))

    def last_back(self, craft_class: CraftClass, chains: Sequence[int], until_min: int) -> tuple[int, int] | None:
        """Return the out-and-back of some that begins last and leaves the island by a minute, and when it begins."""
        if not chains:
            return None
        legs, out = self.charts.legs(craft_class, True), np.empty(3)
        chain = last_back(
            np.array(chains, np.int64), legs.at, self.charts.turns(craft_class), legs.resource,
            self.amounts(craft_class, True), *self.surface(craft_class).arrays, float(until_min),
            self.num_minutes - 1, out,
        )  # fmt: skip
        return None if chain < 0 else (int(chain), int(out[0]))
