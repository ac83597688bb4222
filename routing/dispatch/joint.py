"""Share units out among many incidents at once: least unmet need first, then least weighted travel, proven.

The assignment is solved by the shortest augmenting paths of Jonker and Volgenant (1987; scipy's
``linear_sum_assignment``, after Crouse 2016). Its bound is worked out afterwards from prices of the units and
holds whatever the solver did: any prices of zero or more give one.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.dispatch.problem import Block, DispatchProblem, IntArray

JointStatus = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True, slots=True)
class Table:
    """The costs the solver sees: rows are units asked for, then units held at home; columns are units, then nobody.

    ``row_incident`` is -1 for a row that holds a unit; ``column_unit`` is -1 for a column that sends nobody.
    """

    cost: IntArray
    row_incident: IntArray
    column_unit: IntArray


@dataclass(frozen=True, slots=True)
class Matching:
    """The table as solved: the column of each row, and the price of each column that proves it."""

    table: Table
    columns: IntArray
    price: IntArray


@dataclass(frozen=True, slots=True)
class JointDispatch:
    """Who goes where, with the proof.

    ``units[n]`` go to incident n, nearest first; ``unmet[n]`` more were asked for. ``objective`` is unmet units
    (each ``problem.unmet_s`` times its incident's weight) plus weighted travel seconds; ``bound`` is a number no
    answer lies below, so that both are equal when the status is "optimal". ``infeasible``: nobody can go anywhere.
    ``prices[u]`` is what one more unit like u would be worth in weighted seconds at most.
    """

    problem: DispatchProblem
    status: JointStatus
    units: tuple[tuple[int, ...], ...]
    unmet: tuple[int, ...]
    objective: int
    bound: int
    seconds: float
    matching: Matching

    @property
    def prices(self) -> IntArray:
        """The price of each unit, [U]; 0 for one that stays or is not needed."""
        out = np.zeros(self.problem.num_units, np.int64)
        is_unit = self.matching.table.column_unit >= 0
        out[self.matching.table.column_unit[is_unit]] = self.matching.price[is_unit]
        return out

    @property
    def weighted_travel_s(self) -> int:
        """Travel seconds times weight, summed over the units sent."""
        return sum(
            int(self.problem.weight[n]) * int(self.problem.travel_s[n, unit])
            for n, going in enumerate(self.units)
            for unit in going
        )

    @property
    def gap(self) -> float:
        """How far from optimal the answer may be at most, 0..1 of its objective."""
        return 0.0 if self.objective <= 0 else max(0, self.objective - self.bound) / self.objective


def build_table(problem: DispatchProblem) -> Table:
    """Return the costs of every unit for every unit asked for, with a row for each unit that must stay."""
    can_leave = ~problem.busy & (
        (problem.station < 0) | (problem.spare_units[np.maximum(problem.station, 0)] > 0)
        if len(problem.keep_units)
        else True
    )
    units = np.flatnonzero(can_leave)
    slots = np.repeat(np.arange(problem.num_incidents), problem.needed)
    holds = np.repeat(np.arange(len(problem.keep_units)), _held(problem))
    forbidden = problem.forbidden_cost
    cost = np.full((len(slots) + len(holds), len(units) + len(slots)), forbidden, np.int64)
    by_incident = np.where(
        problem.blocks[:, units] == Block.FREE, problem.weight[:, None] * problem.travel_s[:, units], forbidden
    )
    cost[: len(slots), : len(units)] = by_incident[slots]
    cost[: len(slots), len(units) :] = (problem.unmet_s * problem.weight[slots])[:, None]
    cost[len(slots) :, : len(units)] = np.where(holds[:, None] == problem.station[units][None], 0, forbidden)
    return Table(
        cost=cost,
        row_incident=np.concatenate([slots, np.full(len(holds), -1)]),
        column_unit=np.concatenate([units, np.full(len(slots), -1)]),
    )


def _held(problem: DispatchProblem) -> IntArray:
    """Return how many rows hold units of each station: none where all or no units may leave."""
    held: IntArray = np.where(problem.spare_units > 0, problem.keep_units, 0)
    return held


def assign_units(problem: DispatchProblem) -> JointDispatch:
    """Return the best sharing out of the units, proven; the same problem always gives the same answer."""
    began = perf_counter()
    table = build_table(problem)
    rows, columns = linear_sum_assignment(table.cost)
    price = column_prices(table.cost, columns)
    objective = int(table.cost[rows, columns].sum())
    bound = int((table.cost + price[None]).min(axis=1).sum() - price.sum())
    units, unmet = read_columns(problem, table, columns)
    status: JointStatus = "optimal" if bound == objective else "feasible"
    if not any(units):
        status = "infeasible"
    return JointDispatch(
        problem=problem,
        status=status,
        units=units,
        unmet=unmet,
        objective=objective,
        bound=bound,
        seconds=perf_counter() - began,
        matching=Matching(table, columns, price),
    )


def column_prices(cost: IntArray, columns: IntArray) -> IntArray:
    """Return the greatest prices (columns,) at which each row would still choose its own column; 0 where unused.

    A price is what giving its column up saves: the cheapest chain of moves that ends at an unused column
    (Bellman 1958 over the rows). On an assignment that is not optimal some chain saves, and prices stop at 0.
    """
    num_rows, num_columns = cost.shape
    own = cost[np.arange(num_rows), columns]
    unused = np.ones(num_columns, np.bool_)
    unused[columns] = False
    leave = cost[:, unused].min(axis=1, initial=np.iinfo(np.int64).max // 4) - own
    moves = cost[:, columns] - own[:, None]
    price = np.maximum(leave, 0)
    for _ in range(num_rows):
        lower = np.maximum(np.minimum(price, (moves + price[None]).min(axis=1)), 0)
        if np.array_equal(lower, price):
            break
        price = lower
    out = np.zeros(num_columns, np.int64)
    out[columns] = price
    return out


def read_columns(
    problem: DispatchProblem, table: Table, columns: IntArray
) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Return the units of each incident, nearest first, and how many it lacks."""
    going: list[list[int]] = [[] for _ in range(problem.num_incidents)]
    for incident, unit in zip(table.row_incident.tolist(), table.column_unit[columns].tolist(), strict=True):
        if incident >= 0 and unit >= 0:
            going[incident].append(unit)
    units = tuple(tuple(_nearest_first(problem, n, some)) for n, some in enumerate(going))
    return units, tuple(int(problem.needed[n]) - len(some) for n, some in enumerate(units))


def _nearest_first(problem: DispatchProblem, incident: int, units: list[int]) -> list[int]:
    return sorted(units, key=lambda unit: (int(problem.travel_s[incident, unit]), unit))
