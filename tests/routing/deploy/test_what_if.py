"""Each small change is made as said, and a change is told only where it helps, soundly and by itself."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from routing.deploy.changes import KINDS, Change, ChangeKind, changed, changes_for
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import score
from routing.deploy.faults import find_faults
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import UNREACHABLE, DeployProblem, EchelonNeed
from routing.deploy.reach import Reach
from routing.deploy.search import LocalSearch
from routing.deploy.what_if import best_changes
from tests.routing.deploy.samples import cheapest_by_trying_all, random_problem, tiny_problem, with_calls_and_pools


def best_plan(problem: DeployProblem, moves: int = 500) -> Candidate:
    search = LocalSearch(problem, Reach(problem), plan_greedily(problem), 1)
    search.run(moves)
    return search.best()


def one_boat(**changes: object) -> DeployProblem:
    """Two groups of 6 and one boat of 6 seats: it must go twice, the second group is there at minute 47."""
    fields: dict[str, object] = {
        "strength": np.array([6, 6]),
        "skills": (frozenset({"police"}),) * 2,
        "ready_min": np.array([0, 0]),
        "station": np.array([0, 0]),
        "group_slots": np.array([0, 0]),
        "seats": np.array([6]),
        "craft_slots": np.array([0]),
        "craft_ready_min": np.array([4]),
        "load_min": np.array([2]),
        "unload_min": np.array([1]),
        "access_min": np.array([[5], [5]]),
        "position_min": np.array([[3]]),
        "haul_min": np.array([[[10]]]),
        "return_min": np.array([[[10]]]),
        "direct_min": np.full((2, 1), UNREACHABLE),
        "pickup_berths": np.array([1]),
        "landing_berths": np.array([1]),
        "echelons": (EchelonNeed(0, 12, None, 2),),
        "keep_groups": np.array([0]),
    }
    return tiny_problem(**(fields | changes))


def test_one_more_craft_saves_the_second_trip() -> None:
    problem = one_boat()
    plan = best_plan(problem)
    assert plan[0].complete_min == (47,)
    best = best_changes(problem, plan, [0])[0]
    assert best.change == Change("craft", 0)
    assert (best.from_min, best.to_min, best.minutes) == (47, 26, 21)
    other = changed(problem, best.change)
    assert find_faults(other, best.plan[1], best.plan[2]) == []
    assert score(other, best.plan[1], best.plan[2]) == best.plan[0]
    assert {trip.craft for trip in best.plan[1]} == {0, 1}


def test_of_minutes_earlier_the_fewest_that_bring_as_much_are_told() -> None:
    """The boat is ready at minute 4 and alongside at 7, the groups at 5: two minutes earlier help, four no more."""
    problem = one_boat(echelons=(EchelonNeed(0, 6, None, 1),))
    gains = {gain.change.kind: gain for gain in best_changes(problem, best_plan(problem), [0])}
    assert gains["craft-ready"].change == Change("craft-ready", 0, 2)
    assert (gains["craft-ready"].from_min, gains["craft-ready"].to_min) == (24, 22)


def test_a_floor_lowered_completes_what_is_unmet() -> None:
    problem = one_boat(keep_groups=np.array([1]), access_min=np.array([[5], [5]]))
    plan = best_plan(problem)
    assert plan[0].complete_min == (None,)
    cover = next(gain for gain in best_changes(problem, plan, [0]) if gain.change.kind == "cover")
    assert (cover.from_min, cover.to_min, cover.from_persons) == (None, 47, 6)


def test_a_window_opened_is_found() -> None:
    problem = one_boat(closed_hauls={(0, 0, 0): ((0, 60),)}, echelons=(EchelonNeed(0, 6, None, 1),))
    plan = best_plan(problem)
    assert plan[0].complete_min == (75,)
    kinds = {gain.change.kind: gain for gain in best_changes(problem, plan, [0])}
    assert kinds.keys() & {"landing-open", "pickup-open"}
    assert {gain.to_min for gain in kinds.values()} == {24}


def test_a_berth_more_is_found() -> None:
    """Two boats, one berth at the landing with a long unloading: the second waits for the first."""
    double = {
        name: np.repeat(getattr(one_boat(), name), 2, axis=0) for name in ("position_min", "haul_min", "return_min")
    }
    problem = one_boat(
        **double,
        seats=np.array([6, 6]),
        craft_slots=np.array([0, 0]),
        craft_ready_min=np.array([0, 0]),
        load_min=np.array([0, 0]),
        unload_min=np.array([20, 20]),
    )
    plan = best_plan(problem)
    assert plan[0].complete_min == (59,)
    berth = next(gain for gain in best_changes(problem, plan, [0]) if gain.change.kind == "landing-berth")
    assert berth.to_min == 39


def test_a_plan_that_is_merely_poor_is_not_called_short_of_craft() -> None:
    """Where searching on without any change helps as much, no change may take the credit."""
    problem = tiny_problem()
    poor = (score(problem, (), ()), (), ())
    best = cheapest_by_trying_all(problem)
    for gain in best_changes(problem, poor, [0, 1]):
        complete = best[0].complete_min[gain.echelon]
        assert complete is not None
        assert gain.to_min is not None
        assert gain.to_min < complete


@pytest.mark.parametrize("seed", range(12))
def test_every_gain_is_a_sound_plan_of_the_changed_problem(seed: int) -> None:
    problem = random_problem(seed)
    plan = best_plan(problem, 200)
    for gain in best_changes(problem, plan, range(len(problem.echelons)), seed=seed + 1):
        other = changed(problem, gain.change)
        assert find_faults(other, gain.plan[1], gain.plan[2]) == []
        assert score(other, gain.plan[1], gain.plan[2]).complete_min[gain.echelon] == gain.to_min
        assert gain.plan[0].total <= plan[0].total
        assert gain.minutes > 0 or gain.from_min is None
        assert gain.to_min is not None or gain.to_persons > gain.from_persons


def test_a_seed_gives_the_same_changes_twice() -> None:
    problem = draw_problem(SIZES["small"], 2)
    plan = best_plan(problem, 500)
    first, again = (best_changes(problem, plan, [1, 2], seed=5) for _ in range(2))
    assert first
    assert first == again


def test_no_time_or_a_cancel_ends_it_with_what_there_is() -> None:
    problem = draw_problem(SIZES["small"], 2)
    plan = best_plan(problem, 100)
    assert best_changes(problem, plan, [2], seconds=0.0) == ()
    asked = count()
    best_changes(problem, plan, [2], cancelled=lambda: next(asked) >= 4)
    assert next(asked) < 12


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_makes_no_other_plan_impossible(kind: ChangeKind) -> None:
    """A change only gives: the plan in hand stays a plan, at no more points."""
    for seed in range(6):
        problem = with_calls_and_pools(random_problem(seed), seed)
        _, trips, directs = plan_greedily(problem)
        other = changed(problem, Change(kind, 0, 3 if kind.endswith("ready") else 1))
        late = [d for d in directs if d.arrive_min >= problem.group_direct_min[d.group, d.incident]]
        assert find_faults(other, trips, late) == []
        rows = other.num_groups - problem.num_groups, other.num_craft - problem.num_craft
        assert rows == (int(kind == "group"), int(kind == "craft"))


def test_every_kind_is_tried_somewhere() -> None:
    tried: set[str] = set()
    for seed in range(60):
        problem = with_calls_and_pools(random_problem(seed), seed)
        plan = plan_greedily(problem)
        for e in range(len(problem.echelons)):
            tried |= {change.kind for change in changes_for(problem, Reach(problem), plan, e)}
    assert tried == set(KINDS)
