"""What one alternative found serves the others: none is worse under its own weights than another's plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from data.plans import Alternative
from routing.deploy.alternatives import ALTERNATIVES_IN_ORDER
from routing.deploy.evaluate import score
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.plan_pool import PlanPool
from routing.deploy.problem import ALTERNATIVES, DeployProblem, Solution, SolveOptions
from routing.deploy.solve import solve

# Too few to find the best: so that one alternative's plan is better for another.
MOVES = 60
Solved = dict[Alternative, tuple[DeployProblem, Solution]]


@cache
def solved_apart(seed: int) -> Solved:
    drawn = draw_problem(SIZES["small"], seed)
    problems = {one: replace(drawn, weights=ALTERNATIVES[one]) for one in ALTERNATIVES_IN_ORDER}
    return {
        one: (problem, solve(problem, SolveOptions(iterations=MOVES, seed=n)))
        for n, (one, problem) in enumerate(problems.items())
    }


def pooled(solved: Solved) -> tuple[PlanPool, Solved]:
    pool = PlanPool()
    kept: Solved = {one: (problem, pool.keep(one, problem, found)) for one, (problem, found) in solved.items()}
    for one, (problem, found) in kept.items():
        kept[one] = problem, pool.bettered(one) or found
    return pool, kept


def worse_than_another(solved: Solved) -> set[tuple[Alternative, Alternative]]:
    return {
        (one, other)
        for one, (problem, found) in solved.items()
        for other, (_, theirs) in solved.items()
        if score(problem, theirs.trips, theirs.directs).total < found.objective.total
    }


@pytest.mark.parametrize("seed", [3, 4])
def test_no_alternative_is_worse_under_its_own_weights_than_the_plan_of_another(seed: int) -> None:
    _, kept = pooled(solved_apart(seed))
    assert not worse_than_another(kept)
    for problem, found in kept.values():
        assert found.objective == score(problem, found.trips, found.directs)
        assert found.bound <= found.objective.total


def test_apart_some_are_worse_so_the_pool_has_something_to_do() -> None:
    assert worse_than_another(solved_apart(3))


def test_a_start_is_the_best_plan_known_under_the_problems_own_weights() -> None:
    pool, kept = pooled(solved_apart(3))
    for problem, _ in kept.values():
        start = pool.start(problem)
        assert start is not None
        assert start[0].total == min(
            score(problem, found.trips, found.directs).total for _, found in kept.values()
        )  # fmt: skip
    assert PlanPool().start(problem) is None


def test_a_bound_holds_for_dearer_weights_and_for_no_others() -> None:
    solved = solved_apart(3)
    problem, found = solved["balanced"]
    pool = PlanPool()
    proven = float(found.objective.total)
    pool.keep("balanced", problem, replace(found, bound=proven))
    dearer = pool.keep("keep_cover", solved["keep_cover"][0], replace(solved["keep_cover"][1], bound=0.0))
    assert dearer.bound == min(proven, dearer.objective.total) > 0.0
    cheaper = pool.keep("fastest", solved["fastest"][0], replace(solved["fastest"][1], bound=0.0))
    assert cheaper.bound == 0.0
    assert cheaper.status == "feasible"
