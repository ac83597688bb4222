"""Grow a linear programme column by column and solve it from where it stood, by OR-Tools' GLOP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.glop import parameters_pb2
from ortools.math_opt.core.python import solver as core
from ortools.math_opt.python import mathopt
from pybind11_abseil.status import StatusNotOk  # type: ignore[import-untyped]

FloatArray = npt.NDArray[np.float64]

# Columns come and prices change, rows seldom: the old basis stays feasible, so the primal simplex goes on from it.
# Scaling changes with every column added and costs the old basis its worth: without it a solve takes a sixth.
_PARAMETERS = mathopt.SolveParameters(
    lp_algorithm=mathopt.LPAlgorithm.PRIMAL_SIMPLEX,
    presolve=mathopt.Emphasis.OFF,
    threads=1,
    glop=parameters_pb2.GlopParameters(use_scaling=False),
)


@dataclass(frozen=True, slots=True)
class LpPoint:
    """An optimum: its value without any constant, the column values and the row duals (at most 0 for a minimum)."""

    value: float
    columns: FloatArray
    duals: FloatArray


class GrowingLp:
    """Minimise over columns between bounds with rows that have an upper limit.

    MathOpt's own wrapper builds a Python object for every number of an answer, which takes longer than the solve; this
    one reads the answer's arrays. Rows and columns are known by the order in which they were added.
    """

    def __init__(self) -> None:
        self._model = mathopt.Model()
        self._rows: list[mathopt.LinearConstraint] = []
        self._columns: list[mathopt.Variable] = []
        self._tracker = self._model.add_update_tracker()
        self._solver: core.Solver | None = None

    @property
    def num_columns(self) -> int:
        """The number of columns so far."""
        return len(self._columns)

    def add_rows(self, limits: Iterable[float]) -> range:
        """Add rows ``sum <= limit`` and return their numbers."""
        first = len(self._rows)
        self._rows += [self._model.add_linear_constraint(ub=float(limit)) for limit in limits]
        return range(first, len(self._rows))

    def set_limit(self, row: int, limit: float) -> None:
        """Change the upper limit of a row."""
        self._rows[row].upper_bound = limit

    def set_entry(self, row: int, column: int, value: float) -> None:
        """Change a coefficient."""
        self._rows[row].set_coefficient(self._columns[column], value)

    def add_column(self, cost: float, entries: Sequence[tuple[int, float]], most: float = np.inf) -> int:
        """Add a column between 0 and ``most`` with its row entries, and return its number."""
        column = self._model.add_variable(lb=0.0, ub=most)
        for row, value in entries:
            self._rows[row].set_coefficient(column, value)
        if cost:
            self._model.objective.set_linear_coefficient(column, cost)
        self._columns.append(column)
        return len(self._columns) - 1

    def set_cost(self, column: int, cost: float) -> None:
        """Change what a column costs."""
        self._model.objective.set_linear_coefficient(self._columns[column], cost)

    def set_most(self, column: int, most: float) -> None:
        """Change the upper bound of a column."""
        self._columns[column].upper_bound = most

    def fix(self, column: int, least: float) -> None:
        """Ask for at least so much of a column; 0 lets it go again."""
        self._columns[column].lower_bound = least

    def solve(self) -> LpPoint | None:
        """Return the optimum, or None where the solver found none in floating point."""
        update = self._tracker.export_update()
        if self._solver is None or (update is not None and not self._solver.update(update)):
            self._begin_anew()
        if update is not None:
            self._tracker.advance_checkpoint()
        try:
            answer = self._answer()
        except StatusNotOk:
            # GLOP gives up now and then on the way from an old basis; from nothing it has been seen to get there.
            self._begin_anew()
            try:
                answer = self._answer()
            except StatusNotOk:
                self._solver = None
                return None
        if answer.termination.reason != mathopt.TerminationReason.OPTIMAL.value or not answer.solutions:
            return None
        found = answer.solutions[0]
        return LpPoint(
            found.primal_solution.objective_value,
            np.array(found.primal_solution.variable_values.values),
            np.array(found.dual_solution.dual_values.values),
        )

    def _begin_anew(self) -> None:
        init = mathopt.StreamableSolverInitArguments().to_proto()
        self._solver = core.new(mathopt.SolverType.GLOP.value, self._model.export_model(), init)

    def _answer(self) -> Any:
        assert self._solver is not None
        return self._solver.solve(
            _PARAMETERS.to_proto(),
            mathopt.ModelSolveParameters().to_proto(),
            None,
            mathopt.CallbackRegistration().to_proto(),
            None,
            None,
        )
