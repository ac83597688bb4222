"""Every bound stays below the proven optimum, and each is reached where it should be."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing.deploy.bound_delivery import bound_of, delivery_floors, isolated_floors
from routing.deploy.bound_means import cover_floor, craft_minutes_floor, means_floor
from routing.deploy.bound_times import prove_times, settled_late
from routing.deploy.cpsat import ProofLimits, prove
from routing.deploy.evaluate import score
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import EchelonNeed, Weights
from routing.deploy.reach import Reach
from routing.deploy.search_tables import build_search_tables
from routing.deploy.windows import EchelonWindow, Usefulness, echelon_windows
from tests.routing.deploy.samples import cheapest_by_trying_all, random_problem, tiny_problem

LIMITS = ProofLimits(seconds=4, workers=1, seed=1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_no_bound_exceeds_the_best_plan(seed: int) -> None:
    problem = random_problem(seed, (3, 2, 2, 1, 1))
    best = cheapest_by_trying_all(problem)
    reach, greedy = Reach(problem), plan_greedily(problem)
    floors = isolated_floors(problem, reach)
    everywhere = [problem.horizon_min] * len(floors)
    raised = delivery_floors(problem, build_search_tables(problem, reach), floors, everywhere)
    assert bound_of(problem, floors) <= bound_of(problem, raised) <= best[0].total
    assume(not reach.has_detours)
    points = [f.points(problem, need.weight) for f, need in zip(raised, problem.echelons, strict=True)]
    useful = Usefulness(problem, reach, echelon_windows(problem, points, greedy[0].total))
    means = means_floor(problem, useful)
    assert min(greedy[0].total, sum(points) + means) <= best[0].total
    narrow = Usefulness(problem, reach, echelon_windows(problem, points, greedy[0].total, means))
    times = prove_times(problem, narrow, points, greedy, LIMITS)
    assert times is None or times <= best[0].total
    proof = prove(problem, narrow, greedy, LIMITS)
    assert proof.bound is None or proof.bound <= best[0].total


def test_the_delivery_curve_knows_that_seats_are_scarce() -> None:
    problem = tiny_problem(seats=np.array([6, 6]), echelons=(EchelonNeed(0, 15, None, 1),))
    reach = Reach(problem)
    floors = isolated_floors(problem, reach)
    raised = delivery_floors(problem, build_search_tables(problem, reach), floors, [120])
    # By the best boat each, all are there at 28; with six seats boat 0 must go twice, boat 1 once.
    assert floors[0].complete_min == 28
    assert raised[0].complete_min == 45 == cheapest_by_trying_all(problem)[0].complete_min[0]


def test_a_window_ends_where_the_budget_does() -> None:
    problem = tiny_problem()
    # Floors 22 and 38 at 200 and 100 points a minute; 1,000 points to spare.
    windows = echelon_windows(problem, [4_400, 3_800], 9_200)
    assert [(w.earliest_min, w.latest_min, w.may_fail) for w in windows] == [(22, 27, False), (38, 48, False)]
    narrowed = echelon_windows(problem, [4_400, 3_800], 9_200, means_points=600)
    assert [w.latest_min for w in narrowed] == [24, 42]
    assert echelon_windows(problem, [4_400, 3_800], 200_000)[0].may_fail


def test_the_fewest_craft_minutes_and_groups_by_hand() -> None:
    problem = tiny_problem(weights=Weights(cover=60))
    useful = Usefulness(problem, Reach(problem), (EchelonWindow(22, 60, False), EchelonWindow(38, 60, False)))
    # Boat 0 holds all ten in one trip of 3 + 2 + 10 + 1 minutes; two groups are the fewest that make ten.
    assert craft_minutes_floor(problem, useful, 0) == 16
    assert cover_floor(problem, useful, 0) == 120
    assert means_floor(problem, useful) >= 16 + 120


def test_only_a_settled_echelon_after_every_open_one_is_left_out() -> None:
    problem = tiny_problem()
    found = (score(problem, (), ()), (), ())
    early_open = (EchelonWindow(22, 30, False), EchelonWindow(38, 40, False))
    assert settled_late(early_open, found) == [False, False]
    best = cheapest_by_trying_all(problem)
    assert settled_late((EchelonWindow(20, 30, False), EchelonWindow(38, 40, False)), best) == [False, True]
    assert settled_late((EchelonWindow(20, 39, False), EchelonWindow(38, 40, False)), best) == [False, False]
