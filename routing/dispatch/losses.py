"""What each incident loses by sharing units with the others, and what giving it its own nearest would cost them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.dispatch.joint import JointDispatch, Table, build_table, read_columns
from routing.dispatch.nearest import nearest_units
from routing.dispatch.problem import DispatchProblem


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
    objective rises by, least, if it is given its nearest and all others are shared out anew; ``shifts`` says
    who then fares otherwise.
    """

    incident: int
    alone: tuple[int, ...]
    lost_s: int
    lost_units: int
    last_s: int | None
    alone_last_s: int | None
    price: int
    shifts: tuple[Shift, ...]

    @property
    def is_loss(self) -> bool:
        """Whether anything is lost at all."""
        return self.lost_s != 0 or self.lost_units != 0


def find_losses(found: JointDispatch) -> tuple[Loss, ...]:
    """Return the loss of each incident, those that lose nothing included, with the exact price of making it good."""
    problem = found.problem
    table = build_table(problem)
    out = []
    for incident, units in enumerate(found.units):
        alone = nearest_units(problem, incident, int(problem.needed[incident]))
        alone_units = tuple(int(unit) for unit in alone.units)
        ours_s, alone_s = problem.travel_s[incident, list(units)], alone.seconds
        lost_units = len(alone_units) - len(units)
        # Units that do not come at all have no seconds: the nearest are compared with as many as do come.
        lost_s = int(ours_s.sum() - alone_s[: len(units)].sum())
        price = 0
        shifts: tuple[Shift, ...] = ()
        if lost_s or lost_units:
            price, shifts = _with_own_nearest(found, table, incident, alone_units)
        out.append(
            Loss(
                incident=incident,
                alone=alone_units,
                lost_s=lost_s,
                lost_units=lost_units,
                last_s=int(ours_s.max()) if len(ours_s) else None,
                alone_last_s=int(alone_s.max()) if len(alone_s) else None,
                price=price,
                shifts=shifts,
            )
        )
    return tuple(out)


def _with_own_nearest(
    found: JointDispatch, table: Table, incident: int, alone: tuple[int, ...]
) -> tuple[int, tuple[Shift, ...]]:
    """Return the rise of the objective, and how the others then fare, if an incident has its own nearest."""
    problem = found.problem
    rows = table.row_incident != incident
    columns = ~np.isin(table.column_unit, alone)
    rest = Table(table.cost[np.ix_(rows, columns)], table.row_incident[rows], table.column_unit[columns])
    _, taken = linear_sum_assignment(rest.cost)
    units, unmet = read_columns(problem, rest, taken)
    before = int(problem.weight[incident]) * (
        travel_s(problem, incident, found.units[incident]) + problem.unmet_s * found.unmet[incident]
    )
    lacking = int(problem.needed[incident]) - len(alone)
    after = int(problem.weight[incident]) * (travel_s(problem, incident, alone) + problem.unmet_s * lacking)
    others = int(rest.cost[np.arange(len(taken)), taken].sum()) - (found.objective - before)
    shifts = tuple(
        Shift(n, travel_s(problem, n, units[n]) - travel_s(problem, n, found.units[n]), unmet[n] - was)
        for n, was in enumerate(found.unmet)
        if n != incident and units[n] != found.units[n]
    )
    return others + after - before, tuple(one for one in shifts if one.travel_s or one.unmet)


def travel_s(problem: DispatchProblem, incident: int, units: tuple[int, ...]) -> int:
    """Return the travel seconds of some units to an incident, summed."""
    return int(problem.travel_s[incident, list(units)].sum())
