"""The master problem: how to mix the craft's itineraries so that every echelon completes as early as it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np

from routing.deploy.columns.echelon_rows import PARTS, Box, BoxPrices, EchelonRows, TripLimit
from routing.deploy.columns.lp import FloatArray, GrowingLp
from routing.deploy.columns.pricing import Duals, Itinerary, Pricing
from routing.deploy.problem import DeployProblem
from routing.deploy.search_tables import SearchTables


@dataclass(frozen=True, slots=True)
class MasterPoint:
    """An optimum of the master over the columns so far: its points, prices, and what of each echelon is complete.

    ``complete[R, K]`` is what share of each echelon of its ladder is complete by a row's minute; ``shares`` how much of
    each itinerary.
    """

    value: float
    duals: Duals
    complete: FloatArray
    shares: FloatArray


class Master:
    """A linear programme over itineraries, with one row a craft, group, station and (ladder, minute)."""

    def __init__(self, problem: DeployProblem, tables: SearchTables, rows: EchelonRows, pricing: Pricing) -> None:
        self.problem, self.tables, self.rows = problem, tables, rows
        self._counted = pricing.counted
        self._lp = GrowingLp()
        self._craft = self._lp.add_rows([1.0] * problem.num_craft)
        self._group = self._lp.add_rows([1.0] * problem.num_groups)
        self._station = self._lp.add_rows(problem.spare_groups.astype(float))
        self._came = self._lp.add_rows([0.0] * len(rows.minute))
        # Between its levels what a row loses is cut by lines from below, each a column as long as its line.
        self._num_lines = rows.levels.shape[1] - 1
        for row in range(len(rows.minute)):
            entries = [(self._came[row], 1.0)]
            if row + 1 not in rows.first_row:
                entries.append((self._came[row + 1], -1.0))  # who has come by now has come by then
            for _ in range(self._num_lines):
                self._lp.add_column(0.0, entries, 0.0)
        self._lost = np.full_like(rows.levels, -1)
        self._line_start = np.zeros((len(rows.minute), self._num_lines))
        self._line_end = np.ones((len(rows.minute), self._num_lines))
        for group, incident in pricing.directs.tolist():
            arrive = int(problem.group_direct_min[group, incident])
            self._lp.add_column(float(problem.cover_points[group]), self._entries([((group,), incident, arrive)]))
        self._first_itinerary = self._lp.num_columns
        self.itineraries: list[Itinerary] = []
        self._number: dict[Itinerary, int] = {}
        self._constant = 0.0
        self._trip_rows: dict[tuple[int, int], range] = {}  # for each (craft, incident): at most, at least
        self._limited: tuple[TripLimit, ...] = ()

    def set_box(self, box: Box, prices: BoxPrices) -> None:
        """Ask for the plans in a box from now on."""
        for one in self._limited:
            for row in self._rows_of(one.craft, one.incident):
                self._lp.set_limit(row, inf)
        for one in box.trips:
            most, least = self._rows_of(one.craft, one.incident)
            self._lp.set_limit(most, float(one.most))
            self._lp.set_limit(least, -float(one.least))
        self._limited = box.trips
        for row in np.flatnonzero((prices.lost != self._lost).any(axis=1)).tolist():
            self._draw_lines(row, prices.lost[row].tolist())
        self._lost = prices.lost
        self._constant = (prices.constant + int(prices.lost[:, 0].sum())) / PARTS

    def _draw_lines(self, row: int, lost: list[int]) -> None:
        """Lay the lines of a row below what it loses at each level: the lower convex hull."""
        levels = self.rows.levels[row].tolist()
        corners = [0]
        for k in range(1, len(levels)):
            if levels[k] == levels[corners[-1]]:
                continue
            while len(corners) > 1:
                a, b = corners[-2:]
                if (lost[b] - lost[a]) * (levels[k] - levels[b]) < (lost[k] - lost[b]) * (levels[b] - levels[a]):
                    break
                corners.pop()
            corners.append(k)
        first = row * self._num_lines
        for n in range(self._num_lines):
            length, slope = 0.0, 0.0
            if n + 1 < len(corners):
                a, b = corners[n : n + 2]
                length = float(levels[b] - levels[a])
                slope = (lost[b] - lost[a]) / (length * PARTS)
                self._line_start[row, a:b], self._line_end[row, a:b] = levels[a], levels[b]
            self._lp.set_most(first + n, length)
            self._lp.set_cost(first + n, slope)

    def add(self, itinerary: Itinerary) -> bool:
        """Add an itinerary; says whether it is new."""
        if itinerary in self._number:
            return False
        self._number[itinerary] = len(self.itineraries)
        self.itineraries.append(itinerary)
        loads, minutes, before = [], 0, -1
        tables = self.tables
        for ride in itinerary.rides:
            c, p, landing, incident = tables.links[ride.link].tolist()
            first = p if ride.call is None else ride.call
            minutes += int(tables.position[c, first] if before < 0 else tables.back[c, before, first])
            if ride.call is not None:
                minutes += int(tables.load[c] + tables.shift[c, first, p])
            minutes += int(tables.load[c] + tables.haul[c, p, landing] + tables.unload[c])
            loads.append((ride.groups, incident, ride.arrive_min))
            before = landing
        weights = self.problem.weights
        cost = weights.craft_minute * minutes + (weights.craft if itinerary.rides else 0)
        cost += sum(int(self.problem.cover_points[g]) for groups, _, _ in loads for g in groups)
        counted = [
            (row, value)
            for key, value in self.trips_counted(itinerary).items()
            for row, value in zip(self._trip_rows.get((itinerary.craft, key), ()), (value, -value), strict=False)
        ]
        self._lp.add_column(float(cost), [(self._craft[itinerary.craft], 1.0), *self._entries(loads), *counted])
        return True

    def mean_trips(self, point: MasterPoint) -> dict[tuple[int, int], float]:
        """Return how many trips each craft makes for each incident in a master's mix."""
        mean: dict[tuple[int, int], float] = {}
        for number in np.flatnonzero(point.shares > 1e-9).tolist():
            one = self.itineraries[number]
            for incident, trips in self.trips_counted(one).items():
                key = one.craft, incident
                mean[key] = mean.get(key, 0.0) + trips * float(point.shares[number])
        return mean

    def trips_counted(self, itinerary: Itinerary) -> Counter[int]:
        """Return how many of an itinerary's trips arrive while they still count, by incident."""
        links, last_min = self.tables.links, self.rows.last_min
        incidents = ((int(links[ride.link, 3]), ride.arrive_min) for ride in itinerary.rides)
        return Counter(incident for incident, minute in incidents if minute <= last_min[incident])

    def _rows_of(self, craft: int, incident: int) -> range:
        """Return the rows that limit a craft's trips for an incident, laid out when first asked for."""
        if (craft, incident) not in self._trip_rows:
            rows = self._lp.add_rows([inf, inf])
            self._trip_rows[craft, incident] = rows
            for number, one in enumerate(self.itineraries):
                if one.craft == craft and (trips := self.trips_counted(one)[incident]):
                    for row, value in zip(rows, (trips, -trips), strict=True):
                        self._lp.set_entry(row, self._first_itinerary + number, float(value))
        return self._trip_rows[craft, incident]

    def add_all(self, itineraries: Iterable[Itinerary]) -> bool:
        """Add itineraries; says whether any is new."""
        before = len(self.itineraries)
        for one in itineraries:
            self.add(one)
        return len(self.itineraries) > before

    def number_of(self, itinerary: Itinerary) -> int:
        """Return the number of an itinerary, adding it if it is new."""
        self.add(itinerary)
        return self._number[itinerary]

    def fix(self, itinerary: int, least: float) -> None:
        """Hold an itinerary, by its number, in the mix; 0 lets it go again."""
        self._lp.fix(self._first_itinerary + itinerary, least)

    def solve(self) -> MasterPoint | None:
        """Return the optimum over the columns so far, None where floating point found none."""
        found = self._lp.solve()
        if found is None:
            return None
        prices = -found.duals
        num_rows = len(self.rows.minute)
        came = found.columns[: num_rows * self._num_lines].reshape(num_rows, self._num_lines).sum(axis=1)
        return MasterPoint(
            value=found.value + self._constant,
            duals=Duals(
                prices[self._came.start : self._came.stop],
                prices[self._group.start : self._group.stop],
                prices[self._station.start : self._station.stop],
                *self._trip_prices(prices),
            ),
            complete=np.clip((came[:, None] - self._line_start) / (self._line_end - self._line_start), 0.0, 1.0),
            shares=found.columns[self._first_itinerary :],
        )

    def _trip_prices(self, prices: FloatArray) -> tuple[FloatArray, FloatArray]:
        more = np.zeros((self.problem.num_craft, self.problem.num_incidents))
        fewer = np.zeros_like(more)
        for one in self._limited:
            most, least = self._rows_of(one.craft, one.incident)
            more[one.craft, one.incident], fewer[one.craft, one.incident] = prices[most], prices[least]
        return more, fewer

    def _entries(self, loads: list[tuple[tuple[int, ...], int, int]]) -> list[tuple[int, float]]:
        """Return the rows that loads of (groups, incident, minute) touch, counted as the pricing counts them."""
        problem, rows = self.problem, self.rows
        entries: Counter[int] = Counter()
        for groups, incident, minute in loads:
            for g in groups:
                entries[self._group[g]] += 1
                if problem.station[g] >= 0:
                    entries[self._station[int(problem.station[g])]] += 1
            if minute > rows.last_min[incident]:
                continue
            for e, need in enumerate(problem.echelons):
                row = int(rows.row_of[e, minute])
                if need.incident != incident or row < 0:
                    continue
                if need.skill is None:
                    persons = min(need.persons, sum(int(problem.strength[g]) for g in groups))
                else:
                    persons = int(self._counted[list(groups), e].sum())
                if persons:
                    entries[self._came[row]] -= persons
        return [(row, float(value)) for row, value in sorted(entries.items()) if value]


def fractional(rows: EchelonRows, box: Box, complete: FloatArray) -> tuple[list[float], list[float]]:
    """Return for each echelon the minute a master's point completes it on average, and how undecided that is."""
    minutes: list[float] = []
    undecided: list[float] = []
    for e, need in enumerate(rows.problem.echelons):
        at, doubt, reached = float(box.earliest[e]), 0.0, box.earliest[e]
        for row in rows.rows_of(e):
            minute = min(int(rows.minute[row]), box.latest[e] - 1)
            if minute >= reached:
                length, share = minute + 1 - reached, float(complete[row, rows.step_of[e]])
                at += length * (1.0 - share)
                doubt += length * min(share, 1.0 - share)
                reached = minute + 1
        minutes.append(at)
        undecided.append(doubt * need.weight)
    return minutes, undecided


def whole_points(parts: int) -> int:
    """Return the least whole number of points at or above a bound in parts: every plan costs a whole number."""
    return -(-parts // PARTS)
