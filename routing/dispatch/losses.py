"""What each incident loses by sharing units with the others, and what giving it its own nearest would cost them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.dispatch.joint import JointDispatch, Table, read_columns
from routing.dispatch.nearest import FIRST_LOOK, nearest_units
from routing.dispatch.problem import Block, BoolArray, DispatchProblem, IntArray


@dataclass(frozen=True, slots=True)
class Shift:
    """How one incident fares if another is given its own nearest: travel seconds and units more (less if negative)."""

    incident: int
    travel_s: int
    unmet: int


@dataclass(frozen=True, slots=True)
class Loss:
    """One incident's units as shared out against its own nearest, had it been alone.

    ``lost_s`` is the travel of its units, summed, over that of its nearest; ``lost_units`` how many fewer come;
    ``last_s`` and ``alone_last_s`` are when the last of them arrives, None where none comes. ``price`` is what the
    objective rises by, least, if it is given its nearest and all others are shared out anew (None if not asked
    for); ``shifts`` says who then fares otherwise.
    """

    incident: int
    alone: tuple[int, ...]
    lost_s: int
    lost_units: int
    last_s: int | None
    alone_last_s: int | None
    price: int | None
    shifts: tuple[Shift, ...]

    @property
    def is_loss(self) -> bool:
        """Whether anything is lost at all."""
        return self.lost_s != 0 or self.lost_units != 0


def find_losses(found: JointDispatch, priced: Collection[int] | None = None) -> tuple[Loss, ...]:
    """Return the loss of each incident, those that lose nothing included, with the exact price of making it good.

    ``priced`` are the incidents whose price is worked out, all if None: each takes milliseconds where many
    incidents want the same units.
    """
    pricing = _Pricing(found) if priced is None or priced else None
    has_nearest = _have_their_nearest(found)
    alone = nearest_alone(found.problem, [n for n, has in enumerate(has_nearest) if not has])
    return tuple(
        _no_loss(found, incident)
        if has_nearest[incident]
        else _loss(found, incident, alone[incident], pricing if priced is None or incident in priced else None)
        for incident in range(found.problem.num_incidents)
    )


def _have_their_nearest(found: JointDispatch) -> list[bool]:
    """Return for which incidents no unit that could go at all is nearer than the last of theirs but their own."""
    problem = found.problem
    last_s = [int(problem.travel_s[n, going[-1]]) if going else -1 for n, going in enumerate(found.units)]
    units = found.matching.table.column_unit
    units = units[units >= 0]
    nearer = (problem.blocks[:, units] == Block.FREE) & (problem.travel_s[:, units] < np.array(last_s)[:, None])
    count = nearer.sum(axis=1)
    own = [sum(int(problem.travel_s[n, unit]) < last_s[n] for unit in going) for n, going in enumerate(found.units)]
    return [not found.unmet[n] and int(count[n]) == own[n] for n in range(problem.num_incidents)]


def _no_loss(found: JointDispatch, incident: int) -> Loss:
    units = found.units[incident]
    last_s = int(found.problem.travel_s[incident, units[-1]])
    return Loss(
        incident=incident,
        alone=units,
        lost_s=0,
        lost_units=0,
        last_s=last_s,
        alone_last_s=last_s,
        price=0,
        shifts=(),
    )


def nearest_alone(problem: DispatchProblem, incidents: list[int]) -> dict[int, tuple[int, ...]]:
    """Return the units of ``nearest_units`` for each incident as if it were alone, all looked up in one table."""
    if not incidents:
        return {}
    look = FIRST_LOOK * int(problem.needed[incidents].max())
    rows = np.array(incidents)
    free = problem.blocks[rows] == Block.FREE
    keys = problem.travel_s[rows] * problem.num_units + np.arange(problem.num_units)
    keys[~free] = np.iinfo(np.int64).max
    if look < problem.num_units:
        near = np.argpartition(keys, look - 1, axis=1)[:, :look]
    else:
        near = np.broadcast_to(np.arange(problem.num_units), keys.shape)
    near_keys = np.take_along_axis(keys, near, axis=1)
    near = np.take_along_axis(near, near_keys.argsort(axis=1), axis=1)
    counts = free.sum(axis=1).tolist()
    stations, spare = problem.station.tolist(), problem.spare_units.tolist()
    out = {}
    for incident, count, units in zip(incidents, counts, near.tolist(), strict=True):
        needed = int(problem.needed[incident])
        going = _going(units[: min(count, look)], needed, stations, spare)
        if len(going) < needed and count > look:  # stations near by keep theirs: look farther
            going = nearest_units(problem, incident, needed).units.tolist()
        out[incident] = tuple(going)
    return out


def _going(units: list[int], needed: int, stations: list[int], spare: list[int]) -> list[int]:
    """Return the first so many units that their stations can spare together."""
    going: list[int] = []
    left: dict[int, int] = {}
    for unit in units:
        station = stations[unit]
        if station >= 0:
            left[station] = left.get(station, spare[station]) - 1
            if left[station] < 0:
                continue
        going.append(unit)
        if len(going) == needed:
            break
    return going


def _loss(found: JointDispatch, incident: int, alone_units: tuple[int, ...], pricing: _Pricing | None) -> Loss:
    problem, units = found.problem, found.units[incident]
    ours_s, alone_s = problem.travel_s[incident, list(units)], problem.travel_s[incident, list(alone_units)]
    lost_units = len(alone_units) - len(units)
    # Units that do not come at all have no seconds: the nearest are compared with as many as do come.
    lost_s = int(ours_s.sum() - alone_s[: len(units)].sum())
    price: int | None = 0
    shifts: tuple[Shift, ...] = ()
    if (lost_s or lost_units) and pricing is None:
        price = None
    elif pricing is not None and (lost_s or lost_units):
        price, shifts = pricing.with_own_nearest(incident, alone_units)
    return Loss(
        incident=incident,
        alone=alone_units,
        lost_s=lost_s,
        lost_units=lost_units,
        last_s=int(ours_s.max()) if len(ours_s) else None,
        alone_last_s=int(alone_s.max()) if len(alone_s) else None,
        price=price,
        shifts=shifts,
    )


class _Pricing:
    """The same sharing out with one incident's units given, over the few columns that can still matter."""

    def __init__(self, found: JointDispatch) -> None:
        self.found, self.table = found, found.matching.table
        self.columns, price = found.matching.columns, found.matching.price
        self.row_of = np.full(len(price), -1)
        self.row_of[self.columns] = np.arange(len(self.columns))
        asking = self.table.row_incident >= 0
        priced = self.table.cost[asking] + price[None]
        # What sending a column's unit anywhere costs at least above the optimum, whatever else is done.
        self.least_rise = (priced - priced.min(axis=1)[:, None]).min(axis=0)
        self.is_sent = np.zeros(len(price), np.bool_)
        self.is_sent[self.columns[asking]] = True
        stations = found.problem.station
        self.column_station = np.where(self.table.column_unit >= 0, stations[self.table.column_unit], -1)
        # A row that holds a unit is known by its station: all its columns have it.
        self.row_station = np.where(asking, -1, self.column_station[self.columns])

    def with_own_nearest(self, incident: int, alone: tuple[int, ...]) -> tuple[int, tuple[Shift, ...]]:
        """Return the rise of the objective, and how the others then fare."""
        found, problem, table = self.found, self.found.problem, self.table
        given = np.searchsorted(table.column_unit[table.column_unit >= 0], sorted(alone))
        cost = table.cost
        own_rows = np.flatnonzero(table.row_incident == incident)
        was = int(cost[own_rows, self.columns[own_rows]].sum())
        nobody = int(problem.unmet_s * problem.weight[incident]) * (len(own_rows) - len(alone))
        own_rise = int(problem.weight[incident]) * travel_s(problem, incident, alone) + nobody - was
        ceiling = own_rise + self._rise_by_moving_on(given, incident)
        keep = self.is_sent | (self.least_rise <= ceiling)
        idle = ~keep
        keep[given] = idle[given] = False
        rows = (table.row_incident != incident) & ~self._held_by(idle)
        rest = Table(cost[np.ix_(rows, keep)], table.row_incident[rows], table.column_unit[keep])
        _, taken = linear_sum_assignment(rest.cost)
        units, unmet = read_columns(problem, rest, taken)
        others = int(rest.cost[np.arange(len(taken)), taken].sum()) - (found.objective - was)
        shifts = tuple(
            Shift(n, travel_s(problem, n, units[n]) - travel_s(problem, n, found.units[n]), unmet[n] - before)
            for n, before in enumerate(found.unmet)
            if n != incident and units[n] != found.units[n]
        )
        return others + own_rise, tuple(one for one in shifts if one.travel_s or one.unmet)

    def _held_by(self, idle: BoolArray) -> BoolArray:
        """Return the rows that hold a unit which units sent nowhere can fill, as many as there are of each station."""
        count = len(self.found.problem.keep_units)
        if not count:
            return np.zeros(len(self.row_station), np.bool_)
        there = np.bincount(self.column_station[idle & (self.column_station >= 0)], minlength=count)
        # Rows of one station stand together, so a row's turn is its distance from the first of them.
        turn = np.arange(len(self.row_station)) - np.searchsorted(self.row_station, self.row_station)
        return np.asarray((self.row_station >= 0) & (turn < there[np.maximum(self.row_station, 0)]))

    def _rise_by_moving_on(self, given: IntArray, incident: int) -> int:
        """Return what it costs the rows that give up a column to take, one after another, the cheapest unused one."""
        unused = self.row_of < 0
        unused[given] = False
        rise = 0
        for row in self.row_of[given].tolist():
            if row < 0 or self.table.row_incident[row] == incident:
                continue
            costs = np.where(unused, self.table.cost[row], 2 * self.found.problem.forbidden_cost)
            taken = int(costs.argmin())
            unused[taken] = False
            rise += int(costs[taken]) - int(self.table.cost[row, self.columns[row]])
        return rise


def travel_s(problem: DispatchProblem, incident: int, units: tuple[int, ...]) -> int:
    """Return the travel seconds of some units to an incident, summed."""
    return int(problem.travel_s[incident, list(units)].sum())
