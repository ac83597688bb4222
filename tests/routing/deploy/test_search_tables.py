"""The tables of every problem have one layout in memory: another would be compiled for anew, a minute of waiting."""

from __future__ import annotations

from numba import typeof

from routing.deploy.generate import Size, draw_problem
from routing.deploy.problem import UNREACHABLE, DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.search_tables import build_search_tables
from tests.routing.deploy.samples import random_problem, tiny_problem, with_calls_and_pools


def layout(problem: DeployProblem) -> dict[str, object]:
    """What compiled code knows of each table."""
    tables = build_search_tables(problem, Reach(problem))
    return {name: typeof(getattr(tables, name)) for name in tables._fields}


def test_every_problem_has_the_layout_that_warming_up_compiles_for() -> None:
    warmed = layout(draw_problem(Size(6, 3, 1, 3), 1))
    tiny = tiny_problem()
    nowhere = tiny_problem(haul_min=tiny.haul_min * 0 + UNREACHABLE)
    problems = [tiny, nowhere, *(random_problem(seed) for seed in range(12))]
    problems += [with_calls_and_pools(random_problem(seed), seed) for seed in range(6)]
    assert all(layout(problem) == warmed for problem in problems)
