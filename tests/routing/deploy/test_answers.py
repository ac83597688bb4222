"""Every answer, however found, keeps the rules and claims its true points; no bound exceeds any plan."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.deploy.bound_delivery import bound_of, isolated_floors
from routing.deploy.cpsat import ProofLimits, prove
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import score
from routing.deploy.faults import find_faults
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.greedy import plan_greedily
from routing.deploy.naive import dispatch_nearest_first
from routing.deploy.problem import UNREACHABLE, DeployProblem, EchelonNeed, Progress, SolveOptions, Weights
from routing.deploy.reach import Reach
from routing.deploy.search import LocalSearch
from routing.deploy.search_kernel import IMPOSSIBLE
from routing.deploy.solve import solve
from routing.deploy.windows import Usefulness, echelon_windows
from tests.routing.deploy.samples import cheapest_by_trying_all, random_problem, tiny_problem

slow_but_few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)


def floor_points(problem: DeployProblem) -> list[int]:
    floors = isolated_floors(problem, Reach(problem))
    return [f.points(problem, need.weight) for f, need in zip(floors, problem.echelons, strict=True)]


def proven(problem: DeployProblem, incumbent: Candidate) -> tuple[Candidate, int | None]:
    windows = echelon_windows(problem, floor_points(problem), incumbent[0].total)
    useful = Usefulness(problem, Reach(problem), windows)
    proof = prove(problem, useful, incumbent, ProofLimits(seconds=4, workers=1, seed=1))
    return (proof.candidate if proof.candidate is not None else incumbent), proof.bound


@slow_but_few
@given(seeds)
def test_every_answer_keeps_the_rules(seed: int) -> None:
    problem = random_problem(seed)
    naive, greedy = dispatch_nearest_first(problem), plan_greedily(problem)
    search = LocalSearch(problem, Reach(problem), greedy, seed)
    search.run(2_000)
    exact, bound = proven(problem, greedy)
    floor = bound_of(problem, isolated_floors(problem, Reach(problem)))
    for found, trips, directs in (naive, greedy, search.best(), exact):
        assert find_faults(problem, trips, directs) == []
        assert score(problem, trips, directs) == found
        assert floor <= found.total
        assert bound is None or min(bound, greedy[0].total) <= found.total
    if bound is not None and not Reach(problem).has_detours:
        assert search.best()[0].total >= bound


@slow_but_few
@given(seeds)
def test_the_proof_agrees_with_trying_everything(seed: int) -> None:
    problem = random_problem(seed, (3, 2, 2, 2, 1))
    best = cheapest_by_trying_all(problem)
    greedy = plan_greedily(problem)
    exact, bound = proven(problem, greedy)
    assert sum(floor_points(problem)) <= best[0].total
    if bound is not None and not Reach(problem).has_detours:
        assert bound <= best[0].total
        # Trying everything uses one order at the berths only, so the exact plan may be better, never worse.
        assert exact[0].total <= best[0].total


@slow_but_few
@given(seeds)
def test_the_compiled_evaluator_agrees_with_the_reference(seed: int) -> None:
    problem = random_problem(seed)
    search = LocalSearch(problem, Reach(problem), plan_greedily(problem), seed)
    for _ in range(7):
        search.run(300)
        assert search.best_points < IMPOSSIBLE
        assert search.best()[0].total == search.best_points


def test_the_tiny_optimum_known_by_hand() -> None:
    solution = solve(tiny_problem(), SolveOptions(iterations=5_000))
    assert solution.status == "optimal"
    assert solution.objective.complete_min == (22, 38)
    assert solution.objective.total == solution.bound == 8_250 == cheapest_by_trying_all(tiny_problem())[0].total


def test_dear_cover_keeps_a_group_at_home() -> None:
    need = (EchelonNeed(0, 4, None, 1), EchelonNeed(0, 10, None, 1))
    cheap = solve(tiny_problem(echelons=need), SolveOptions(iterations=5_000))
    dear = solve(tiny_problem(echelons=need, weights=Weights(cover=31_000)), SolveOptions(iterations=5_000))
    used = [sum(len(t.groups) for t in s.trips) for s in (cheap, dear)]
    assert used == [2, 1]
    assert dear.status == "optimal"


def test_a_demand_nobody_can_meet_is_answered_with_what_can_come() -> None:
    solution = solve(tiny_problem(echelons=(EchelonNeed(0, 500, None, 1),)), SolveOptions(iterations=5_000))
    assert solution.status == "optimal"
    assert solution.objective.complete_min == (None,)
    assert solution.objective.arrived == (15,)


def test_infeasible_when_nobody_can_reach_anything() -> None:
    shut = np.full((2, 2, 1), UNREACHABLE)
    solution = solve(tiny_problem(haul_min=shut))
    assert solution.status == "infeasible"
    assert solution.trips == solution.directs == ()
    assert solution.bound <= solution.objective.total


def test_no_craft_and_no_groups_are_answers_too() -> None:
    none = tiny_problem(
        seats=np.zeros(0, dtype=int),
        craft_slots=np.zeros(0, dtype=int),
        craft_ready_min=np.zeros(0, dtype=int),
        load_min=np.zeros(0, dtype=int),
        unload_min=np.zeros(0, dtype=int),
        position_min=np.zeros((0, 2), dtype=int),
        haul_min=np.zeros((0, 2, 1), dtype=int),
        return_min=np.zeros((0, 1, 2), dtype=int),
        direct_min=np.array([[9], [12], [14]]),
    )
    solution = solve(none, SolveOptions(iterations=1_000))
    assert solution.objective.complete_min == (12, 14)
    assert solution.status == "optimal"


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = draw_problem(SIZES["small"], 3)
    options = SolveOptions(seed=5, iterations=30_000)
    first, second = solve(problem, options), solve(problem, options)
    assert (first.trips, first.directs, first.bound) == (second.trips, second.directs, second.bound)


def test_cancelling_returns_the_best_so_far() -> None:
    problem = draw_problem(SIZES["small"], 2)
    heard: list[Progress] = []
    solution = solve(problem, SolveOptions(seconds=30), heard.append, lambda: len(heard) > 2)
    assert solution.seconds < 15
    assert find_faults(problem, solution.trips, solution.directs) == []
    assert solution.objective.total == min(p.objective for p in heard)


def test_progress_never_goes_back() -> None:
    heard: list[Progress] = []
    solution = solve(draw_problem(SIZES["small"], 1), SolveOptions(iterations=20_000), heard.append)
    assert heard[0].stage == "greedy"
    assert heard[-1].stage == "done"
    for before, after in pairwise(heard):
        assert after.objective <= before.objective
        assert after.bound >= before.bound
    assert solution.baseline is not None
    assert solution.objective.total <= solution.baseline.objective.total


@pytest.mark.parametrize("name", SIZES)
def test_drawn_problems_repeat(name: str) -> None:
    first, second = draw_problem(SIZES[name], 1), draw_problem(SIZES[name], 1)
    assert first.num_groups == SIZES[name].groups
    assert (first.haul_min == second.haul_min).all()
    assert (first.return_min == first.haul_min.transpose(0, 2, 1)).all()


def test_plans_and_bounds_are_told_by_a_thread_that_python_made() -> None:
    # Told by the solver's own threads, the next map projection there crashes the process (pyproj issue 1622).
    problem = draw_problem(SIZES["medium"], 2)
    naive = dispatch_nearest_first(problem)
    windows = echelon_windows(problem, floor_points(problem), naive[0].total)
    useful = Usefulness(problem, Reach(problem), windows)
    teller: list[threading.Thread] = []
    prove(
        problem,
        useful,
        naive,
        ProofLimits(seconds=60, workers=2, seed=1),  # a busy machine takes long until it tells anything
        on_candidate=lambda _: teller.append(threading.current_thread()),
        on_bound=lambda _: teller.append(threading.current_thread()),
        cancelled=lambda: bool(teller),
    )
    assert teller
    assert not any(isinstance(thread, threading._DummyThread) for thread in teller)
