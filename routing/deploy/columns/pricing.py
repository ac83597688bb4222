"""From rounded duals to a proven bound and the trips that would lower the master's value."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.deploy.columns.echelon_rows import PARTS, Box, BoxPrices, EchelonRows, Int64Array
from routing.deploy.columns.load_kernel import load_of, load_values
from routing.deploy.columns.load_kinds import list_load_kinds, list_stands
from routing.deploy.columns.trip_kernel import TripPrices, TripWork, trips_of_all
from routing.deploy.problem import UNREACHABLE, DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.search_tables import Int32Array, SearchTables

FloatArray = npt.NDArray[np.float64]
_BARRED = 1 << 50


@dataclass(frozen=True, slots=True)
class Duals:
    """Prices at least 0: of a person in each row, of each group, of a group from each station, of trips.

    ``more[C, I]`` is charged for a trip of a craft for an incident where a box limits them, ``fewer[C, I]`` given for
    one where it asks for them.
    """

    rows: FloatArray
    groups: FloatArray
    stations: FloatArray
    more: FloatArray
    fewer: FloatArray

    def towards(self, other: Duals, share: float) -> Duals:
        """Return the prices a share of the way towards others."""
        return Duals(
            self.rows + share * (other.rows - self.rows),
            self.groups + share * (other.groups - self.groups),
            self.stations + share * (other.stations - self.stations),
            self.more + share * (other.more - self.more),
            self.fewer + share * (other.fewer - self.fewer),
        )


@dataclass(frozen=True, slots=True)
class Ride:
    """One trip of an itinerary: a link of the tables, the minute its groups are at the scene, and who rides.

    ``call`` is a pickup called at before; groups may then board at any pickup it could have called at, however many.
    """

    link: int
    arrive_min: int
    groups: tuple[int, ...]
    call: int | None = None


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The trips of one craft in order."""

    craft: int
    rides: tuple[Ride, ...]


class Pricing:
    """Bounds the problem for any prices at all, and finds each craft's best trips under them.

    The bound is that of Lagrange: rows, groups and stations are let go at the prices; what is left falls apart into the
    echelons, the groups going by road, and one problem a craft, each solved exactly. It is reckoned in whole numbers.
    Berths and road vehicles are free in it, a group may be in two trips of one craft, deck slots hold for each group
    alone, and a trip with an earlier call has the groups of all pickups it could have called at.
    ``counted[G, E]`` are the persons of each group that count for an echelon, up to what it asks.
    """

    def __init__(self, problem: DeployProblem, tables: SearchTables, reach: Reach, rows: EchelonRows) -> None:
        self.problem, self.tables, self.rows = problem, tables, rows
        self.stands = list_stands(tables)
        self.kinds = list_load_kinds(tables, self.stands, reach)
        minutes = rows.until_min + 1
        num_p, num_l = problem.num_pickups, problem.num_landings
        self._values = np.zeros((len(self.kinds.stand), minutes), dtype=np.int64)
        self._work = TripWork(
            np.empty((num_p, minutes), dtype=np.int64),
            np.empty((num_p, minutes), dtype=np.int32),
            np.empty((num_p, minutes), dtype=np.int64),
            np.empty((num_p, minutes), dtype=np.int32),
            np.empty((num_l, minutes), dtype=np.int64),
            np.empty((num_l, minutes), dtype=np.int32),
        )
        self._trips = np.empty((problem.num_craft, minutes + problem.num_groups + 1, 3), dtype=np.int32)
        self._offers = np.zeros(len(self.stands.order), dtype=np.bool_)
        # Where going straight is always quickest and cheapest, no craft makes a trip for nobody.
        self._may_detour = reach.has_detours or _has_detours_by_call(problem)
        self._taken = np.zeros(problem.num_groups, dtype=np.bool_)
        by_road = problem.group_direct_min <= rows.last_min[None]
        self.directs = np.argwhere(by_road)
        self.counted = np.minimum(problem.counts_for, np.array([need.persons for need in problem.echelons]))

    def bound(self, box: Box, prices: BoxPrices, duals: Duals) -> tuple[int, list[Itinerary]]:
        """Return a bound in parts of a point for the plans in a box, and each craft's best trips if worth anything."""
        per_row, per_group, per_station = (_whole(one) for one in (duals.rows, duals.groups, duals.stations))
        total = prices.constant + self._of_echelons(prices, per_row)
        total -= int(per_group.sum()) + int((per_station * self.problem.spare_groups).sum())
        worth, charge = self._prepared(per_row, per_group, per_station)
        total -= self._of_roads(worth, charge)
        more, fewer = _whole(duals.more), _whole(duals.fewer)
        trip_price = np.zeros_like(more)
        for one in box.trips:
            at = one.craft, one.incident
            trip_price[at] = more[at] - fewer[at]
            total += int(fewer[at]) * one.least - int(more[at]) * one.most
        gains, found = self._best(range(self.problem.num_craft), worth, charge, trip_price)
        return total - gains, found

    def best_of(self, craft: Iterable[int], duals: Duals, barred: Collection[int]) -> list[Itinerary]:
        """Return the best trips of some craft without the barred groups, where they are worth anything."""
        worth, charge = self._prepared(_whole(duals.rows), _whole(duals.groups), _whole(duals.stations))
        charge[list(barred)] = _BARRED
        no_price = np.zeros((self.problem.num_craft, self.problem.num_incidents), dtype=np.int64)
        return self._best(craft, worth, charge, no_price)[1]

    def _prepared(
        self, per_row: Int64Array, per_group: Int64Array, per_station: Int64Array
    ) -> tuple[Int64Array, Int64Array]:
        """Return what a person is worth by echelon and minute, and what taking each group costs."""
        problem = self.problem
        charge = per_group + problem.cover_points * PARTS
        if len(per_station):
            charge = charge + np.where(problem.station >= 0, per_station[np.maximum(problem.station, 0)], 0)
        return np.where(self.rows.row_of >= 0, per_row[self.rows.row_of], 0), charge

    def _best(
        self, craft: Iterable[int], worth: Int64Array, charge: Int64Array, trip_price: Int64Array
    ) -> tuple[int, list[Itinerary]]:
        """Return what the best trips of all these craft are worth together, and those worth anything."""
        rows, tables, found = self.rows, self.tables, []
        load_values(tables, self.stands, self.kinds, worth, charge, rows.last_min, self._values, self._offers)
        weights = self.problem.weights
        # Where a trip itself is worth something, it may be made for nobody.
        has_empty = self._may_detour or bool((trip_price < 0).any())
        minute, craft_price = weights.craft_minute * PARTS, weights.craft * PARTS
        prices = TripPrices(self._values, minute, trip_price, craft_price, self._offers, has_empty)
        asked = np.array(sorted(craft), dtype=np.int32)
        gains, counts = np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=np.int32)
        limits = rows.last_min, rows.until_min
        trips_of_all(tables, self.stands, self.kinds, asked, prices, *limits, self._trips, gains, counts, self._work)
        for n in np.flatnonzero(gains > 0).tolist():
            found.append(self._itinerary(int(asked[n]), self._trips[n, : counts[n]], worth, charge))
        return int(gains.sum()), found

    def _of_echelons(self, prices: BoxPrices, per_row: Int64Array) -> int:
        """Return the least the echelons cost when persons are bought at the prices, any number of them by any row."""
        following = np.append(per_row[1:], 0)
        following[np.array(self.rows.first_row[1:]) - 1] = 0  # the last row of a ladder hands nobody on
        # Between two levels what is lost falls by the person at first and at once in the end: an end of it is least.
        return int((prices.lost + (per_row - following)[:, None] * self.rows.levels).min(axis=1).sum())

    def _of_roads(self, worth: Int64Array, charge: Int64Array) -> int:
        """Return the most that groups going by road can be worth, each going one way at best."""
        if not len(self.directs):
            return 0
        gains = np.zeros(self.problem.num_groups, dtype=np.int64)
        group, incident = self.directs.T
        minute = self.problem.group_direct_min[group, incident]
        value = -charge[group]
        for e, need in enumerate(self.problem.echelons):
            here = incident == need.incident
            value = value + np.where(here, worth[e, minute] * self.counted[group, e], 0)
        np.maximum.at(gains, group, value)
        return int(gains.sum())

    def _itinerary(self, craft: int, trips: Int32Array, worth: Int64Array, charge: Int64Array) -> Itinerary:
        rides: list[Ride] = []
        for link, arrive, call in reversed(trips.tolist()):
            groups: tuple[int, ...] = ()
            if arrive <= self.rows.last_min[self.tables.links[link, 3]]:
                kind = self.kinds.of_link[link, 0 if call < 0 else 1]
                load_of(self.tables, self.stands, self.kinds, kind, arrive, worth, charge, self._taken)
                groups = tuple(np.flatnonzero(self._taken).tolist())
            rides.append(Ride(link, arrive, groups, None if call < 0 else call))
        return Itinerary(craft, tuple(rides))


def _has_detours_by_call(problem: DeployProblem) -> bool:
    """Say whether a trip for nobody with an earlier call may bring a craft to a pickup sooner than going there."""
    if not problem.has_calls:
        return False
    handling = (problem.load_min + problem.unload_min)[:, None, None]
    shift = problem.shift_min + problem.load_min[:, None, None]
    for start in (problem.position_min[:, None, :], problem.return_min):
        after = (start[..., None] + shift[:, None]).min(axis=2, initial=UNREACHABLE)
        across = (after[..., None] + problem.haul_min[:, None]).min(axis=2, initial=UNREACHABLE) + handling
        back = (across[..., None] + problem.return_min[:, None]).min(axis=2, initial=UNREACHABLE)
        if bool((back < np.minimum(start, UNREACHABLE)).any()):
            return True
    return False


def _whole(prices: FloatArray) -> Int64Array:
    """Return prices in whole parts of a point, none below 0: any such prices give a valid bound."""
    return np.maximum(np.rint(prices * PARTS), 0).astype(np.int64)
