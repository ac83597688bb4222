"""Trips that board at two pickups, and road vehicles that are fewer than the groups: by hand and against the search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.deploy import cpsat_rules
from routing.deploy.bound_delivery import bound_of, delivery_floors, isolated_floors
from routing.deploy.cpsat import ProofLimits, prove
from routing.deploy.evaluate import EarlierStop, Stop, arrivals, score, time_plan, time_trips
from routing.deploy.faults import RULES, find_faults
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import NO_POOL, UNREACHABLE, Call, Direct, EchelonNeed, Trip, Weights
from routing.deploy.problem_input import ProblemFaultError
from routing.deploy.reach import Reach
from routing.deploy.search import LocalSearch
from routing.deploy.useful_calls import with_useful_calls
from routing.deploy.windows import Usefulness, echelon_windows
from tests.routing.deploy.samples import random_problem, tiny_problem, with_calls_and_pools
from tests.routing.deploy.test_rules import forced_status

SHIFT = np.array([[[UNREACHABLE, 4], [6, UNREACHABLE]], [[UNREACHABLE, 4], [6, UNREACHABLE]]])
# Boat 0 takes the first group at pickup 0 and the medics at pickup 1.
BOTH = Trip(0, 0, 1, 0, (0, 2), 11, 13, 26, Call(0, (0,), 5, 7))


def test_a_trip_by_two_pickups_by_hand() -> None:
    problem = tiny_problem(shift_min=SHIFT)
    trips = time_trips(problem, [[Stop(1, 0, 0, (0, 2), EarlierStop(0, (0,)))], []])
    assert trips == (BOTH,)
    found = score(problem, trips, ())
    assert found.complete_min == (30, 30)
    assert found.craft_minutes == 3 + 2 + 4 + 2 + 12 + 1
    assert find_faults(problem, trips, ()) == []
    assert forced_status(problem, trips, ()) == "OPTIMAL"


def test_a_closed_departure_holds_the_craft_at_its_earlier_pickup() -> None:
    problem = tiny_problem(shift_min=SHIFT, closed_shifts={(0, 0, 1): ((6, 20),)})
    trips = time_trips(problem, [[Stop(1, 0, 0, (0, 2), EarlierStop(0, (0,)))], []])
    assert trips is not None
    assert trips[0].call == Call(0, (0,), 18, 20)
    assert trips[0].board_min == 24
    assert Reach(problem).by_craft_min[0, 0, 0] == 22  # the straight way is quicker and stays the lower limit


def test_an_earlier_call_may_be_the_only_way() -> None:
    """No craft crosses from pickup 0 itself, so that the lower limits rest on the way by pickup 1."""
    haul = np.array([[[UNREACHABLE], [12]], [[UNREACHABLE], [22]]])
    problem = tiny_problem(shift_min=SHIFT, haul_min=haul)
    assert Reach(problem).by_craft_min[0, 0, 0] == 5 + 2 + 4 + 2 + 12 + 1 + 4


def test_the_search_finds_the_trip_by_two_pickups() -> None:
    """One boat, each group at a pier of its own: two trips end at 65, one by both piers at 30."""
    access = np.array([[5, UNREACHABLE], [5, UNREACHABLE], [UNREACHABLE, 3]])
    problem = tiny_problem(
        shift_min=SHIFT,
        access_min=access,
        seats=np.array([12, 1]),
        echelons=(EchelonNeed(0, 10, None, 2), EchelonNeed(0, 4, "medical", 1)),
    )
    search = LocalSearch(problem, Reach(problem), plan_greedily(problem), 1)
    for _ in range(6):
        search.run(2_000)
    found, trips, _ = search.best()
    assert [(t.call.pickup, t.pickup) for t in trips if t.call is not None] in ([(0, 1)], [(1, 0)])
    assert found.total < score(problem, *plan_greedily(problem)[1:]).total


@pytest.mark.parametrize(
    ("changes", "trip", "named"),
    [
        ({"shift_min": np.minimum(SHIFT + 1, UNREACHABLE)}, BOTH, "calls_are_on_the_way"),
        ({"closed_shifts": {(0, 0, 1): ((7, 8),)}}, BOTH, "calls_are_on_the_way"),
        ({"access_min": np.array([[6, 20], [5, 20], [30, 3]])}, BOTH, "groups_are_there"),
        ({"position_min": np.array([[6, 9], [3, 9]])}, BOTH, "craft_are_there"),
    ],
)
def test_a_call_that_breaks_a_rule_is_named_and_refused_by_the_model(
    changes: dict[str, Any], trip: Trip, named: str
) -> None:
    problem = tiny_problem(**({"shift_min": SHIFT} | changes))
    assert [rule.__name__ for rule in RULES if list(rule(problem, [trip], []))] == [named]
    model_rule = "craft_starts_from_its_place" if named == "craft_are_there" else named
    assert forced_status(problem, [trip], []) == "INFEASIBLE"
    assert forced_status(problem, [trip], [], without=model_rule) == "OPTIMAL"


def test_a_call_at_which_nobody_boards_is_named() -> None:
    problem = tiny_problem(shift_min=SHIFT)
    empty = replace(BOTH, call=Call(0, (), 5, 7))
    assert "nobody boards at one of them" in find_faults(problem, [empty], [])[0]
    rules = {rule.__name__ for rule in cpsat_rules.RULES}
    assert {"calls_carry_somebody", "calls_are_on_the_way"} <= rules


def test_one_van_drives_its_groups_one_after_the_other_on_both_shores() -> None:
    pools: dict[str, Any] = {
        "vehicles_home": np.array([1, 1, 0]),
        "vehicles_shore": np.array([1, 1, 1]),
        "pool_home": np.array([0, 0, NO_POOL]),
        "pool_shore": np.array([[1]]),
        "pool_vehicles": np.array([1, 1]),
    }
    problem = tiny_problem(**pools)
    timed = time_plan(problem, [[Stop(0, 0, 0, (0, 1))], []], [])
    assert timed is not None
    (trip,), _ = timed
    # Five minutes to the pier and back: the second group is there at 15. Ashore at 28, the scene is four away.
    assert trip.set_out_min == (0, 10)
    assert (trip.board_min, trip.land_min) == (15, 28)
    assert trip.onward_min == (28, 36)
    assert [minute for minute, _, _ in arrivals(problem, [trip], ())] == [32, 40]
    assert find_faults(problem, [trip], ()) == []
    assert "1 of its 1" not in find_faults(problem, [replace(trip, onward_min=(28, 30))], ())[0]
    assert "has 2 of its 1 vehicles out" in find_faults(problem, [replace(trip, onward_min=(28, 30))], ())[0]


def test_a_group_larger_than_its_pool_is_driven_in_turns() -> None:
    problem = tiny_problem(vehicles_shore=np.array([3, 0, 0]), pool_shore=np.array([[0]]), pool_vehicles=np.array([2]))
    timed = time_plan(problem, [[Stop(0, 0, 0, (0,))], []], [])
    assert timed is not None
    # Two vans, then one again: there, back, there.
    assert arrivals(problem, *timed) == [(18 + 3 * 4, 0, 0)]


def test_who_drives_all_the_way_takes_vehicles_first() -> None:
    problem = tiny_problem(
        direct_min=np.array([[10], [UNREACHABLE], [UNREACHABLE]]),
        vehicles_home=np.array([1, 1, 0]),
        pool_home=np.array([0, 0, NO_POOL]),
        pool_vehicles=np.array([1]),
    )
    timed = time_plan(problem, [[Stop(0, 0, 0, (1,))], []], [(0, 0)])
    assert timed is not None
    trips, directs = timed
    assert directs == (Direct(0, 0, 10, 0),)
    assert trips[0].set_out_min == (20,)


def test_pools_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ProblemFaultError, match="pool_home: pool 1 has no entry in pool_vehicles"):
        tiny_problem(pool_home=np.array([0, 1, 0]), pool_vehicles=np.array([3]))
    with pytest.raises(ProblemFaultError, match=r"pool_vehicles\[0\]: must be 1 or more"):
        tiny_problem(pool_vehicles=np.array([0]))
    with pytest.raises(ProblemFaultError, match="weights: craft"):
        Weights(craft=-1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_search_times_calls_and_vehicles_as_the_reference_does(seed: int) -> None:
    problem = with_calls_and_pools(random_problem(seed), seed)
    reach, greedy = Reach(problem), plan_greedily(problem)
    assert find_faults(problem, greedy[1], greedy[2]) == []
    search = LocalSearch(problem, reach, greedy, 1)
    search.run(2_000)
    found, trips, directs = search.best()
    assert found.total == search.best_points
    assert find_faults(problem, trips, directs) == []
    for minute, incident, group in arrivals(problem, trips, directs):
        assert reach.arrive_min[group, incident] <= minute


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_no_bound_of_the_exact_model_or_the_floors_exceeds_a_plan_with_calls(seed: int) -> None:
    problem = with_calls_and_pools(random_problem(seed, (4, 2, 3, 2, 1)), seed)
    reach, greedy = Reach(problem), plan_greedily(problem)
    search = LocalSearch(problem, reach, greedy, 1)
    for _ in range(6):
        search.run(1_000)
    best = search.best()
    floors = isolated_floors(problem, reach)
    floors = delivery_floors(problem, search.tables, floors, [problem.horizon_min] * len(floors))
    assert bound_of(problem, floors) <= best[0].total
    points = [floor.points(problem, need.weight) for floor, need in zip(floors, problem.echelons, strict=True)]
    useful = Usefulness(problem, reach, echelon_windows(problem, points, greedy[0].total))
    proof = prove(problem, useful, greedy, ProofLimits(5.0, 1, 1))
    if proof.bound is not None:
        assert proof.bound <= best[0].total
    if proof.candidate is not None:
        assert find_faults(problem, proof.candidate[1], proof.candidate[2]) == []


def test_a_call_is_kept_only_for_who_cannot_be_at_the_next_pickup_as_soon() -> None:
    """Boat by pickup 0 takes 2 + 4 to pickup 1: the first groups need 15 minutes more by road, then 6."""
    problem = tiny_problem(shift_min=SHIFT)
    assert with_useful_calls(problem).shift_min[0, 0, 1] == 4
    nearer = tiny_problem(shift_min=SHIFT, access_min=np.array([[5, 11], [5, 11], [30, 3]]))
    assert with_useful_calls(nearer).shift_min[0, 0, 1] == UNREACHABLE
    assert with_useful_calls(nearer).shift_min[0, 1, 0] == 6
