"""The three models for CP-SAT: each gives the figure of every outlook as a linear expression of who stands where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from routing.positioning.problem import Measure, PositionProblem

Expression = cp_model.LinearExprT


@dataclass(frozen=True)
class Standing:
    """How many units of each kind stand on each site; only (kind, site) pairs that may be have a variable."""

    count: dict[tuple[int, int], cp_model.IntVar]

    def among(self, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[cp_model.IntVar]:
        """Return the counts at the (kind, site) pairs that are true."""
        return [variable for (kind, site), variable in self.count.items() if where[kind, site]]


def stand_within_units_and_berths(model: cp_model.CpModel, problem: PositionProblem) -> Standing:
    """No more units than there are, no more on a site than berths, no fewer than its floor."""
    count = {
        (int(k), int(s)): model.new_int_var(0, min(int(problem.units[k]), int(problem.berths[s])), f"stand_{k}_{s}")
        for k, s in np.argwhere(problem.may_stand)
        if problem.units[k] and problem.berths[s]
    }
    for kind, most in enumerate(problem.units.tolist()):
        model.add(sum(v for (k, _), v in count.items() if k == kind) <= most)
    for site, (low, high) in enumerate(zip(problem.floor.tolist(), problem.berths.tolist(), strict=True)):
        model.add_linear_constraint(sum(v for (_, s), v in count.items() if s == site), low, high)
    return Standing(count)


def _within_reach(
    problem: PositionProblem, standing: Standing, outlook: int
) -> Iterator[tuple[int, int, list[cp_model.IntVar]]]:
    """Yield each point with demand that some unit could reach, its demand, and who could."""
    for point, persons in enumerate(problem.demand.tolist()):
        near = standing.among(problem.covers[outlook, :, :, point])
        if near and persons:
            yield point, persons, near


def maximum_covering(model: cp_model.CpModel, problem: PositionProblem, standing: Standing) -> list[Expression]:
    """Demand within reach of one unit or more (MCLP; Church and ReVelle 1974)."""
    figures: list[Expression] = []
    for outlook in range(problem.num_outlooks):
        terms = []
        for point, persons, near in _within_reach(problem, standing, outlook):
            covered = model.new_bool_var(f"covered_{outlook}_{point}")
            model.add(covered <= sum(near))
            terms.append(persons * covered)
        figures.append(sum(terms))
    return figures


def expected_covering(model: cp_model.CpModel, problem: PositionProblem, standing: Standing) -> list[Expression]:
    """Demand expected to find a free unit in reach: each further one adds less (MEXCLP; Daskin 1983)."""
    figures: list[Expression] = []
    for outlook in range(problem.num_outlooks):
        terms = []
        for point, persons, near in _within_reach(problem, standing, outlook):
            # The gains never rise, so the solver fills them in order by itself.
            turns = [model.new_bool_var(f"turn_{outlook}_{point}_{n}") for n in range(len(problem.gain_of_next))]
            model.add(sum(turns) <= sum(near))
            terms += [persons * gain * turn for gain, turn in zip(problem.gain_of_next, turns, strict=True)]
        figures.append(sum(terms))
    return figures


def least_travel(model: cp_model.CpModel, problem: PositionProblem, standing: Standing) -> list[Expression]:
    """Demand times minutes to the nearest unit (p-median; Hakimi 1964), by the distance steps still to go.

    One variable for each step of minutes, true while nobody stands within it, in place of one for each pair of
    point and site; a step is passed unless somebody stands at just its distance (Elloumi 2010).
    """
    figures: list[Expression] = []
    for outlook in range(problem.num_outlooks):
        terms: list[Expression] = []
        for point, persons in enumerate(problem.demand.tolist()):
            if not persons:
                continue
            at_step: dict[int, list[cp_model.IntVar]] = {}
            for (kind, site), variable in standing.count.items():
                minutes = int(problem.minutes[outlook, kind, site, point])
                if minutes < problem.unserved_min:
                    at_step.setdefault(minutes, []).append(variable)
            steps = [*sorted(at_step), problem.unserved_min]
            terms.append(persons * steps[0])
            before: Expression = 1
            for step, further in pairwise(steps):
                beyond = model.new_bool_var(f"beyond_{outlook}_{point}_{step}")
                model.add(beyond + sum(at_step[step]) >= before)
                terms.append(persons * (further - step) * beyond)
                before = beyond
        figures.append(sum(terms))
    return figures


MODELS: dict[Measure, Callable[[cp_model.CpModel, PositionProblem, Standing], list[Expression]]] = {
    "mclp": maximum_covering,
    "mexclp": expected_covering,
    "p-median": least_travel,
}
