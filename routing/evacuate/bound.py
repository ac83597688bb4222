"""The earliest completion any plan could reach: a linear programme over what each vessel can do by itself.

For a minute T: one mix of trip counts for each vessel (column generation, Dantzig and Wolfe 1960, over ``fronts.py``),
berths as throughput, people as numbers. T is too early where the Lagrangian of any prices leaves somebody behind, so
a search cut short gives a lower bound still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from data.text import Text
from routing.evacuate.fronts import Floats, find_front
from routing.evacuate.problem import NO_LIMIT, UNREACHABLE, BoolArray, EvacuationProblem

ROUNDS = 60
NOBODY = 0.01
RELAXES = (
    Text("泊位按吞吐量计，不排先后", "berths count as throughput, not as a queue"),
    Text("同行组可拆分，人员可零散分配", "groups that stay together may be shared among craft"),
    Text("人员陆续到达码头只计首批与末批", "of people still walking to a pier only the first and the last are counted"),
)


@dataclass(frozen=True)
class BerthRow:
    """A limit on minutes alongside: of some vessels at some docks of a location (at drops where ``place`` is None)."""

    vessels: tuple[int, ...]
    place: int | None
    berths: int
    heads_min: tuple[int, ...]
    tail_min: int

    def room(self, by_min: int) -> float:
        """Return how many minutes the berths have until a minute, none before the vessels can be there."""
        last = by_min - self.tail_min
        return float(sum(max(0, last - head) for head in self.heads_min[: self.berths]))


class CompletionBound:
    """Tell whether any plan can be done by a minute; fronts are listed once, up to ``latest_min``."""

    def __init__(self, problem: EvacuationProblem, latest_min: int) -> None:
        self.problem, self.latest_min = problem, latest_min
        self.fronts = [find_front(problem, v, latest_min) for v in range(problem.num_vessels)]
        self.rows = berth_rows(problem)
        self.rate_min = (problem.load_s + problem.unload_s) / 60.0
        self.capacity = min(float(problem.drop_capacity.sum()), float(NO_LIMIT))
        self.columns: list[dict[tuple[float, ...], tuple[Floats, Floats]]] = [{} for _ in self.fronts]

    def least_behind(self, by_min: int, stop: Callable[[], bool] | None = None, enough: float = np.inf) -> float:
        """Return a number of people at least so many of whom any plan leaves behind at a minute.

        Ends early once the number is above ``enough``, or when ``stop`` says so.
        """
        problem = self.problem
        demand = problem.demand.astype(float)
        prices, berth_prices = np.ones(problem.num_locations), np.zeros(len(self.rows))
        room = np.array([row.room(by_min) for row in self.rows])
        best = max(0.0, float(demand.sum()) - self.capacity)
        for _ in range(ROUNDS):
            value = float(prices @ demand) - float(berth_prices @ room)
            is_new = False
            for v in range(problem.num_vessels):
                worth, counts, taken = self._price(v, by_min, prices, berth_prices)
                value -= worth
                key = (*counts.tolist(), *np.round(taken, 3).tolist())
                if worth > 1e-9 and key not in self.columns[v]:
                    self.columns[v][key] = (counts, taken)
                    is_new = True
            best = max(best, value)
            if best > enough or not is_new or (stop is not None and stop()):
                break
            solved = self._master(by_min, demand, room)
            if solved is None or solved[2] <= max(best, 0.0) + 1e-7:
                break
            prices, berth_prices = solved[0], solved[1]
        return best

    def _price(self, v: int, by_min: int, prices: Floats, berth_prices: Floats) -> tuple[float, Floats, Floats]:
        """Return the most a vessel is worth by a minute at some prices, its trips and people by location."""
        problem = self.problem
        counts, spare = self.fronts[v].until(by_min)
        trip_cost, person_worth = np.zeros(problem.num_locations), prices.copy()
        for row, price in zip(self.rows, berth_prices, strict=True):
            if v in row.vessels and price > 0:
                fixed, per = (
                    (problem.load_min[v], problem.load_s[v]) if row.place is not None
                    else (problem.unload_min[v], problem.unload_s[v])
                )  # fmt: skip
                where = slice(None) if row.place is None else row.place
                trip_cost[where] += price * fixed
                person_worth[where] -= price * per / 60.0
        seats = int(problem.seats[v])
        budget = spare / self.rate_min[v] if self.rate_min[v] > 0 else np.full(len(counts), np.inf)
        taken = np.zeros(counts.shape)
        for place in np.argsort(-person_worth):
            if person_worth[place] <= 0:
                break
            taken[:, place] = np.minimum(counts[:, place] * seats, np.maximum(budget, 0.0))
            budget = budget - taken[:, place]
        worth = taken @ np.maximum(person_worth, 0.0) - counts @ trip_cost
        at = int(worth.argmax())
        return float(worth[at]), counts[at], taken[at]

    def _master(self, by_min: int, demand: Floats, room: Floats) -> tuple[Floats, Floats, float] | None:
        """Return prices of people by location and of berth minutes, and the least left behind by the columns."""
        problem = self.problem
        places, rows, vessels = problem.num_locations, len(self.rows), problem.num_vessels
        listed = [
            (v, counts, taken)
            for v in range(vessels)
            for counts, taken in self.columns[v].values()
            if self._fits(v, counts, taken, by_min)
        ]
        upper = np.zeros((places + rows + vessels, places + len(listed)))
        upper[:places, :places] = -np.eye(places)
        for k, (v, counts, taken) in enumerate(listed, start=places):
            upper[:places, k] = -taken
            for n, row in enumerate(self.rows):
                if v in row.vessels:
                    upper[places + n, k] = self._alongside(v, row, counts, taken)
            upper[places + rows + v, k] = 1.0
        limit = np.concatenate((-demand, room, np.ones(vessels)))
        cost = np.concatenate((np.ones(places), np.zeros(len(listed))))
        solved = linprog(cost, A_ub=upper, b_ub=limit, bounds=(0, None), method="highs")
        if solved.status != 0:
            return None
        duals = -np.asarray(solved.ineqlin.marginals)
        return np.clip(duals[:places], 0.0, 1.0), np.maximum(duals[places : places + rows], 0.0), float(solved.fun)

    def _fits(self, v: int, counts: Floats, taken: Floats, by_min: int) -> bool:
        """Say whether a column found at another minute is one at this."""
        possible, spare = self.fronts[v].until(by_min)
        at = np.flatnonzero((possible == counts).all(axis=1))
        return bool(len(at) and self.rate_min[v] * float(taken.sum()) <= spare[at[0]] + 1e-6)

    def _alongside(self, v: int, row: BerthRow, counts: Floats, taken: Floats) -> float:
        problem = self.problem
        if row.place is None:
            return float(problem.unload_min[v] * counts.sum() + problem.unload_s[v] * taken.sum() / 60.0)
        return float(problem.load_min[v] * counts[row.place] + problem.load_s[v] * taken[row.place] / 60.0)


def earliest_ready(problem: EvacuationProblem) -> int:
    """Return the minute before which the last group cannot be ashore, whatever the rest do."""
    worst = 0
    for g in range(problem.num_groups):
        soon = UNREACHABLE
        for v in range(problem.num_vessels):
            for p in np.flatnonzero(problem.dock_location == problem.location[g]):
                for q in range(problem.num_drops):
                    if problem.can_serve(v, int(p), q) and problem.first_min[v, p] < UNREACHABLE:
                        there = max(int(problem.ready_min[g]), int(problem.start_min[v] + problem.first_min[v, p]))
                        rides = problem.load_min[v] + problem.haul_min[v, p, q] + problem.unload_min[v]
                        soon = min(soon, there + int(rides))
        if soon < UNREACHABLE:
            worst = max(worst, soon)
    return worst


def berth_rows(problem: EvacuationProblem) -> tuple[BerthRow, ...]:
    """Return the limits on minutes alongside: of every set of docks that some vessels are confined to."""
    rows = []
    haul = problem.haul_min
    berthed = (problem.dock_berths > 0)[None, :, None] & (problem.drop_berths > 0)[None, None, :]
    goes: BoolArray = np.asarray((haul < UNREACHABLE) & berthed)
    comes: BoolArray = np.asarray(goes.any(axis=2))
    there = np.maximum(problem.start_min[:, None] + problem.first_min, problem.first_ready_min[problem.dock_location])
    arrive = np.where(comes, there, UNREACHABLE)
    back = problem.unload_min[:, None] + np.where(goes, haul, UNREACHABLE).min(axis=2)
    for place in range(problem.num_locations):
        docks = np.flatnonzero(problem.dock_location == place)
        sets = {frozenset(docks[comes[v, docks]].tolist()) for v in range(problem.num_vessels)}
        sets.add(frozenset(docks.tolist()))
        for some in sorted(sets, key=sorted):
            among = sorted(some)
            vessels = (
                [
                    v
                    for v in range(problem.num_vessels)
                    if comes[v, among].any() and not (comes[v, docks].sum() > comes[v, among].sum())
                ]
                if among
                else []
            )
            berths = int(problem.dock_berths[among].sum()) if among else 0
            if vessels and berths < len(vessels):
                # A vessel may have come to another of the docks first: legs to it are never shorter than the soonest.
                heads = sorted(int(arrive[v].min()) for v in vessels)
                tail = int(min(back[v, among].min() for v in vessels))
                rows.append(BerthRow(tuple(vessels), place, berths, tuple(heads), tail))
    lands: BoolArray = np.asarray(goes.any(axis=1))
    sets = {frozenset(np.flatnonzero(lands[v]).tolist()) for v in range(problem.num_vessels)}
    sets.add(frozenset(range(problem.num_drops)))
    for some in sorted(sets, key=sorted):
        vessels = [v for v in range(problem.num_vessels) if lands[v].any() and set(np.flatnonzero(lands[v])) <= some]
        berths = int(problem.drop_berths[sorted(some)].sum()) if some else 0
        if vessels and berths < len(vessels):
            first = np.where(goes, arrive[:, :, None] + problem.load_min[:, None, None] + haul, UNREACHABLE)
            heads = sorted(int(first[v].min()) for v in vessels)
            rows.append(BerthRow(tuple(vessels), None, berths, tuple(heads), 0))
    return tuple(rows)


def first_minute(
    bound: CompletionBound, floor_min: int, ceiling_min: int, stop: Callable[[], bool] | None = None
) -> int:
    """Return the earliest minute not proven too early, of two minutes; what ``stop`` cuts off counts as possible."""
    low, high = floor_min, max(floor_min, ceiling_min)
    while low < high:
        if stop is not None and stop():
            break
        middle = (low + high) // 2
        if bound.least_behind(middle, stop, NOBODY) > NOBODY:
            low = middle + 1
        else:
            high = middle
    return low
