"""Choose one posture for all outlooks: greedy first, then OR-Tools CP-SAT with its bound; judged without the solver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor
from time import perf_counter
from typing import Literal

import numpy as np
from ortools.sat.python import cp_model

from data.text import Text
from routing.positioning.evaluate import Priced, check_stand, is_better_when_larger, objective, price_posture
from routing.positioning.greedy import first_posture
from routing.positioning.models import MODELS, Standing, stand_within_units_and_berths
from routing.positioning.problem import MEASURES, Aim, IntArray, Measure, PositionProblem, fault

PostureStatus = Literal["optimal", "feasible", "infeasible", "unknown"]
# The solver's bound is a float; whole figures allow rounding once this much is forgiven.
BOUND_SLACK = 1e-3
# What part of the time left one outlook alone may take, and the least that is worth beginning with.
ALONE_SHARE = 0.5
LEAST_S = 0.05


@dataclass(frozen=True, slots=True)
class Posture:
    """Who stands where, with its price under each outlook and the proof.

    ``stand[K, S]`` counts units. ``objective`` is what was made best, ``bound`` what no posture betters: above it
    for a measure to be made large, below for p-median. An infeasible one (floors that the kinds allowed there
    cannot fill) has no ``stand``, nor has one for which time ran out before any was found ("unknown").
    """

    status: PostureStatus
    measure: Measure
    aim: Aim
    stand: IntArray | None
    outlooks: tuple[Priced, ...]
    objective: int | None
    bound: int | None
    seconds: float

    @property
    def gap(self) -> float:
        """How far from optimal the posture may be at most, 0..1 of the larger figure."""
        if self.objective is None or self.bound is None:
            return 1.0
        return abs(self.objective - self.bound) / max(abs(self.objective), abs(self.bound), 1)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What one posture for all costs under one outlook: its figure, and that of the best posture for it alone.

    ``best_bound`` is what no posture betters under this outlook; equal to ``best`` where that is proven.
    """

    outlook: int
    figure: int
    best: int
    best_bound: int


def solve_positions(
    problem: PositionProblem,
    measure: Measure,
    aim: Aim = "expected",
    *,
    seconds: float = 10.0,
    workers: int = 2,
    seed: int = 1,
    deterministic: float | None = None,
) -> Posture:
    """Return the best posture found within ``seconds``, and its bound.

    ``deterministic`` is a limit in the solver's own units with one worker: the same problem then gives the same
    posture twice. Raises PositionFaultError for a measure or aim there is not, or no time.
    """
    if measure not in MEASURES or aim not in ("expected", "worst"):
        raise fault(
            f"measure and aim: '{measure}', '{aim}'; choose one of {', '.join(MEASURES)}, and expected or worst",
            f"measure 与 aim：“{measure}”“{aim}”；请选 {'、'.join(MEASURES)} 之一，及 expected 或 worst",
        )
    if not seconds > 0:
        raise fault(f"seconds: must be above 0, is {seconds}", f"seconds：须大于 0，现为 {seconds}")
    ask = _Ask(seconds, workers, seed, deterministic)
    hint = first_posture(problem, measure, aim)
    if aim == "worst" and problem.num_outlooks > 1:
        return _solve_worst(problem, measure, ask, hint)
    return _solve(problem, measure, aim, ask, hint)


@dataclass(frozen=True, slots=True)
class _Ask:
    """How long, with how many threads and from which seed the solver looks."""

    seconds: float
    workers: int
    seed: int
    deterministic: float | None


def _solve_worst(problem: PositionProblem, measure: Measure, ask: _Ask, hint: IntArray | None) -> Posture:
    """Choose for the worst outlook: first for the one that is worst alone, then, if that proves nothing, for all.

    What no posture betters under one outlook alone, none betters under the worst of all: so the bound of the
    simple problem holds, and where its posture is no worse under the others, it is the answer.
    """
    began = perf_counter()
    larger = is_better_when_larger(measure)
    best, bound = hint, bound_everywhere(problem, measure, "worst")
    looked_at: set[int] = set()
    while len(looked_at) < problem.num_outlooks:
        left_s = ask.seconds - (perf_counter() - began)
        if left_s <= 0.0 and ask.deterministic is None:
            break
        worst = _worst_outlook(problem, best, measure) if best is not None else 0
        if worst in looked_at:
            break
        looked_at.add(worst)
        share = replace(ask, seconds=max(left_s * ALONE_SHARE, LEAST_S))
        alone = _solve(problem.under(worst), measure, "expected", share, best)
        if alone.status == "infeasible":
            return replace(alone, aim="worst", seconds=perf_counter() - began)
        best = _better(problem, best, alone.stand, measure, "worst", larger)
        if alone.bound is not None:
            bound = min(bound, alone.bound) if larger else max(bound, alone.bound)
        if best is not None and objective(problem, price_posture(problem, best), measure, "worst") == bound:
            return _judged(problem, measure, "worst", best, bound, perf_counter() - began)
    left = replace(ask, seconds=max(ask.seconds - (perf_counter() - began), LEAST_S))
    found = _solve(problem, measure, "worst", left, best, bound)
    return replace(found, seconds=perf_counter() - began)


def _worst_outlook(problem: PositionProblem, stand: IntArray, measure: Measure) -> int:
    figures = [one.by(measure) for one in price_posture(problem, stand)]
    return figures.index(min(figures) if is_better_when_larger(measure) else max(figures))


def _solve(
    problem: PositionProblem, measure: Measure, aim: Aim, ask: _Ask, hint: IntArray | None, known: int | None = None
) -> Posture:
    """Return the best posture found, ``known`` being a bound that holds already."""
    began = perf_counter()
    larger = is_better_when_larger(measure)
    model = cp_model.CpModel()
    standing = stand_within_units_and_berths(model, problem)
    figures = MODELS[measure](model, problem, standing)
    goal = _goal(model, problem, figures, aim, larger)
    (model.maximize if larger else model.minimize)(goal)
    if hint is not None:
        for (kind, site), variable in standing.count.items():
            model.add_hint(variable, int(hint[kind, site]))
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = ask.seed
    solver.parameters.catch_sigint_signal = False
    solver.parameters.max_time_in_seconds = ask.seconds
    solver.parameters.num_workers = ask.workers
    if measure == "p-median":
        # Its linear relaxation is nearly whole: solvers that keep all of it bound far better than the default mix.
        solver.parameters.linearization_level = 2
        solver.parameters.ignore_subsolvers.extend(["no_lp", "quick_restart_no_lp"])
        solver.parameters.subsolvers.extend(["max_lp", "reduced_costs"])
        solver.parameters.num_workers = max(ask.workers, 3)
    if ask.deterministic is not None:
        solver.parameters.max_time_in_seconds = float("inf")
        solver.parameters.max_deterministic_time = ask.deterministic
        solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(f"the {measure} model is invalid: {model.validate()}")
    found = _read(problem, standing, solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    stand = _better(problem, hint, found, measure, aim, larger)
    if stand is None:
        none: PostureStatus = "infeasible" if status == cp_model.INFEASIBLE else "unknown"
        return Posture(none, measure, aim, None, (), None, None, perf_counter() - began)
    bound = bound_everywhere(problem, measure, aim)
    if known is not None:
        bound = min(bound, known) if larger else max(bound, known)
    if found is not None:  # before its first plan the solver's bound may be no bound at all
        raw = solver.best_objective_bound
        bound = min(bound, floor(raw + BOUND_SLACK)) if larger else max(bound, ceil(raw - BOUND_SLACK))
    return _judged(problem, measure, aim, stand, bound, perf_counter() - began)


def _judged(
    problem: PositionProblem, measure: Measure, aim: Aim, stand: IntArray, bound: int, seconds: float
) -> Posture:
    """Return a posture with its price and proof; raises AssertionError for one that breaks a rule."""
    if faults := check_stand(problem, stand):
        raise AssertionError(f"a posture that breaks its own rules: {faults[0].en}")
    priced = price_posture(problem, stand)
    value = objective(problem, priced, measure, aim)
    bound = max(bound, value) if is_better_when_larger(measure) else min(bound, value)
    return Posture("optimal" if bound == value else "feasible", measure, aim, stand, priced, value, bound, seconds)


def bound_everywhere(problem: PositionProblem, measure: Measure, aim: Aim) -> int:
    """Return the figure if units stood everywhere they may at once: no posture betters it, whatever a solver says."""
    everywhere = np.where(problem.may_stand, np.minimum(problem.units[:, None], problem.berths[None]), 0)
    return objective(problem, price_posture(problem, everywhere), measure, aim)


def price_of_one_posture(
    problem: PositionProblem, posture: Posture, *, seconds: float = 10.0, workers: int = 2
) -> tuple[Foresight, ...]:
    """Return for each outlook what a posture made for that outlook alone would reach, beside the one for all."""
    out = []
    for outlook, priced in enumerate(posture.outlooks):
        alone = solve_positions(problem.under(outlook), posture.measure, seconds=seconds, workers=workers)
        figure = priced.by(posture.measure)
        if alone.objective is None or alone.bound is None:
            continue
        better = max if is_better_when_larger(posture.measure) else min
        out.append(Foresight(outlook, figure, better(figure, alone.objective), alone.bound))
    return tuple(out)


def check_posture(problem: PositionProblem, posture: Posture) -> list[Text]:
    """Return every fault of a posture in words: rules, prices and objective worked out again without the solver."""
    if posture.stand is None:
        return []
    faults = check_stand(problem, posture.stand)
    if faults:
        return faults
    priced = price_posture(problem, posture.stand)
    if priced != posture.outlooks:
        faults.append(Text("各预报下的数值不符", "the figures under the outlooks are not what they come to"))
    value = objective(problem, priced, posture.measure, posture.aim)
    if value != posture.objective:
        faults.append(Text(f"目标值应为 {value}", f"the objective is {value}, not {posture.objective}"))
    larger = is_better_when_larger(posture.measure)
    if posture.bound is None or (posture.bound < value if larger else posture.bound > value):
        faults.append(Text(f"界 {posture.bound} 不成立", f"bound {posture.bound} is on the wrong side of {value}"))
    if posture.status == "optimal" and posture.bound != value:
        faults.append(Text("称为最优但未证明", "called optimal without proof"))
    return faults


def _goal(
    model: cp_model.CpModel, problem: PositionProblem, figures: list[cp_model.LinearExprT], aim: Aim, larger: bool
) -> cp_model.LinearExprT:
    if aim == "expected":
        return sum(int(weight) * figure for weight, figure in zip(problem.outlook_weight, figures, strict=True))
    worst = model.new_int_var(0, 2**52, "worst")
    for figure in figures:
        model.add(worst <= figure) if larger else model.add(worst >= figure)
    return worst


def _read(problem: PositionProblem, standing: Standing, solver: cp_model.CpSolver) -> IntArray:
    stand = np.zeros(problem.may_stand.shape, np.int64)
    for (kind, site), variable in standing.count.items():
        stand[kind, site] = solver.value(variable)
    return stand


def _better(
    problem: PositionProblem, a: IntArray | None, b: IntArray | None, measure: Measure, aim: Aim, larger: bool
) -> IntArray | None:
    if a is None or b is None:
        return b if a is None else a
    worth = [objective(problem, price_posture(problem, stand), measure, aim) for stand in (a, b)]
    return b if (worth[1] > worth[0] if larger else worth[1] < worth[0]) else a
