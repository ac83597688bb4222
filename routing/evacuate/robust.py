"""One plan under several forecasts, and what it is worth to start before the forecast is certain; plain matrices.

A plan that keeps out of every outlook's closed spans and allows each leg its longest holds in all of them (strict
robustness, Soyster 1973). Where none takes everybody off, the plan that leaves fewest behind at worst is chosen and
told where it does not hold. The value of acting tonight is that of the first stage of a two-stage programme (Birge and
Louveaux 2011): the same trips under every outlook until it is known which holds, the best for each after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data.text import Text
from routing.deploy.problem_input import fault
from routing.evacuate.check import check_evacuation
from routing.evacuate.problem import EvacuationProblem, EvacuationSolution, Lists, SolveOptions, Spans
from routing.evacuate.search import LocalSearch
from routing.evacuate.solve import solve_evacuation
from routing.evacuate.tables import joined

CLOSED = ("closed_docks", "closed_drops", "closed_firsts", "closed_hauls", "closed_returns")
LEGS = ("first_min", "haul_min", "return_min")


@dataclass(frozen=True)
class Fare:
    """How a plan's trips fare under one outlook: as timed (``faults`` none), else sailed in order, later where it must.

    ``complete_min`` is the last landing, whoever remains.
    """

    faults: tuple[Text, ...]
    remaining: int
    complete_min: int

    @property
    def holds(self) -> bool:
        """Whether every trip can be made as timed and nobody remains."""
        return not self.faults and self.remaining == 0


@dataclass(frozen=True)
class RobustSolution:
    """One plan with how it fares under each outlook, and the problem it was timed for.

    ``bound_min`` is the earliest completion of any plan timed to hold in every outlook, 0 where none takes everybody.
    """

    problem: EvacuationProblem
    solution: EvacuationSolution
    fares: tuple[Fare, ...]
    bound_min: float


@dataclass(frozen=True)
class Expected:
    """People left and completion, by the outlooks' weights; who remains counts as done at the horizon."""

    remaining: float
    complete_min: float


@dataclass(frozen=True)
class Tonight:
    """What each way of acting is expected to reach; ``first`` are the trips begun before it is known which holds."""

    wait_and_see: Expected
    act_tonight: Expected
    here_and_now: Expected
    perfect: Expected
    first: Lists
    bound: Expected


def strict(outlooks: Sequence[EvacuationProblem]) -> EvacuationProblem:
    """Return the problem whose plans hold in every outlook: all closed spans together, each leg at its longest.

    Raises ProblemFaultError where the outlooks are not of the same people, docks and vessels.
    """
    first = outlooks[0]
    for n, one in enumerate(outlooks[1:], start=1):
        if one.haul_min.shape != first.haul_min.shape or not np.array_equal(one.persons, first.persons):
            raise fault(
                f"outlooks[{n}]: has other people, docks or vessels than outlooks[0]; change nothing but the weather",
                f"outlooks[{n}]：人员、泊位或船与首个情形不同；请只改变天气",
            )
    legs: dict[str, Any] = {name: np.max([getattr(one, name) for one in outlooks], axis=0) for name in LEGS}
    shut: dict[str, Any] = {}
    for name in CLOSED:
        keys = {key for one in outlooks for key in getattr(one, name)}
        shut[name] = {key: _together([getattr(one, name).get(key, ()) for one in outlooks]) for key in keys}
    return replace(first, **legs, **shut)


def _together(spans: Sequence[Spans]) -> Spans:
    return tuple(joined(tuple(span for some in spans for span in some)))


def solve_robust(
    outlooks: Sequence[EvacuationProblem], options: SolveOptions, known: Sequence[EvacuationSolution] = ()
) -> RobustSolution:
    """Return the plan that holds in every outlook, else the one that fares best at worst of it and those ``known``.

    ``known`` are plans of each outlook by itself, in the outlooks' order.
    """
    problem = strict(outlooks)
    found = solve_evacuation(problem, options)
    options_at = [RobustSolution(problem, found, fares(found, outlooks), found.bound_min)]
    for own, plan in zip(outlooks, known, strict=False):
        options_at.append(RobustSolution(own, plan, fares(plan, outlooks), 0.0))
    best = min(options_at, key=lambda one: _worst(one.fares))
    bound = found.bound_min if found.timing.remaining == 0 else 0.0
    return replace(best, bound_min=bound)


def _worst(some: Sequence[Fare]) -> tuple[int, int, int, int]:
    """Return what plans are compared by: most left, all left, outlooks it breaks in, latest completion."""
    left = [one.remaining for one in some]
    breaks = sum(not one.holds for one in some)
    return max(left), sum(left), breaks, max(one.complete_min for one in some)


def fares(solution: EvacuationSolution, outlooks: Sequence[EvacuationProblem]) -> tuple[Fare, ...]:
    """Return how a plan fares under each outlook."""
    found = []
    lists = lists_of(solution, outlooks[0].num_vessels, outlooks[0].num_drops)
    for problem in outlooks:
        faults = check_evacuation(problem, solution.trips, solution.timing)
        if not faults:
            found.append(Fare((), solution.timing.remaining, solution.timing.complete_min))
            continue
        _, timing = LocalSearch(problem, 1).sailed(lists, problem.horizon_min)
        found.append(Fare(faults, timing.remaining, timing.complete_min))
    return tuple(found)


def lists_of(solution: EvacuationSolution, vessels: int, drops: int, before_min: int | None = None) -> Lists:
    """Return a plan's trips as lists for each vessel, only those it leaves for before a minute where one is given."""
    lists: list[list[int]] = [[] for _ in range(vessels)]
    for trip in sorted(solution.trips, key=lambda one: one.load_from_min):
        if before_min is None or trip.leave_min < before_min:
            lists[trip.vessel].append((trip.dock * drops + trip.drop) * 8)
    return tuple(map(tuple, lists))


def value_of_acting(
    outlooks: Sequence[EvacuationProblem],
    weights: Sequence[float],
    known_min: int,
    options: SolveOptions,
    own: Sequence[EvacuationSolution],
    robust: RobustSolution,
) -> Tonight:
    """Return what waiting, acting tonight, a plan never changed and perfect foresight are expected to reach.

    ``own`` are the best plans of each outlook alone. Until ``known_min`` nobody knows which outlook holds.
    """
    late = [replace(one, start_min=np.maximum(one.start_min, known_min)) for one in outlooks]
    waits = _expected([solve_evacuation(one, options) for one in late], outlooks, weights)
    vessels, drops = outlooks[0].num_vessels, outlooks[0].num_drops
    best: tuple[tuple[float, float], Expected, Lists] | None = None
    for plan in (robust.solution, *own):
        first = lists_of(plan, vessels, drops, known_min)
        found = _expected([solve_evacuation(one, options, held=first) for one in outlooks], outlooks, weights)
        key = (found.remaining, found.complete_min)
        if best is None or key < best[0]:
            best = (key, found, first)
    assert best is not None
    if (waits.remaining, waits.complete_min) < best[0]:
        best = ((waits.remaining, waits.complete_min), waits, ((),) * vessels)
    never = Expected(
        _mean([one.remaining for one in robust.fares], weights),
        _mean([_done(f.remaining, f.complete_min, p) for f, p in zip(robust.fares, outlooks, strict=True)], weights),
    )
    bound = Expected(
        _mean([one.least_remaining for one in own], weights),
        _mean(
            [one.bound_min if one.least_remaining == 0 else p.horizon_min for one, p in _pairs(own, outlooks)], weights
        ),
    )
    return Tonight(waits, best[1], never, _expected(own, outlooks, weights), best[2], bound)


def _expected(
    plans: Sequence[EvacuationSolution], outlooks: Sequence[EvacuationProblem], weights: Sequence[float]
) -> Expected:
    return Expected(
        _mean([one.timing.remaining for one in plans], weights),
        _mean([_done(one.timing.remaining, one.timing.complete_min, p) for one, p in _pairs(plans, outlooks)], weights),
    )


def _pairs(
    plans: Sequence[EvacuationSolution], outlooks: Sequence[EvacuationProblem]
) -> list[tuple[EvacuationSolution, EvacuationProblem]]:
    return list(zip(plans, outlooks, strict=True))


def _done(remaining: int, complete_min: int, problem: EvacuationProblem) -> float:
    return float(problem.horizon_min if remaining else complete_min)


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return float(np.average(np.asarray(values, float), weights=np.asarray(weights, float)))
