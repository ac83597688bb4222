"""The bound is never below the best plan there is, the search never above it, and both meet on most tiny problems."""

from hypothesis import HealthCheck, Phase, given, seed, settings

from routing.hold.bound import BoundLimits, earliest_starts, prove_bound, trivial_bound
from routing.hold.check import find_hold_faults
from routing.hold.problem import HoldOptions, HoldProblem, Need, Task
from routing.hold.solve import solve_hold
from tests.routing.hold.samples import best_by_brute_force, small_problem, tiny_problems

LIMITS = BoundLimits(seconds=0.0, seed=1, deterministic=0.5)
SLOW = settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=(Phase.generate,)
)


@SLOW
@seed(5)
@given(tiny_problems())
def test_no_plan_of_all_is_above_the_bound(problem: HoldProblem) -> None:
    best = best_by_brute_force(problem)
    bound = prove_bound(problem, LIMITS)
    assert bound.points >= best
    assert trivial_bound(problem).points >= bound.points


@SLOW
@seed(6)
@given(tiny_problems())
def test_the_search_finds_the_best_plan_of_all(problem: HoldProblem) -> None:
    result = solve_hold(problem, HoldOptions(iterations=400, seed=3))
    assert not find_hold_faults(problem, result)
    assert result.score.points == best_by_brute_force(problem)


def test_the_bound_is_reached_where_heads_alone_decide() -> None:
    problem = small_problem(tasks=tuple(Task(0, 10, 10, 20, (Need("medic", 1),), v) for v in (4, 3, 2)), precedences=())
    assert prove_bound(problem, LIMITS).value == 7 == best_by_brute_force(problem) // 100_000


def test_minutes_of_work_bound_what_is_done() -> None:
    tasks = tuple(Task(0, 0, 80, 30, (Need("boat", 1),), 1) for _ in range(4))
    problem = small_problem(tasks=tasks, precedences=())
    # 60 min of work, 20 of rest: from minute 5 on 75 min of work fit, two tasks of 30 min and half of a third.
    assert prove_bound(problem, LIMITS).value == 2


def test_a_crew_that_comes_late_begins_late() -> None:
    tasks = (Task(0, 0, 30, 20, (Need("medic", 2),), 2), Task(0, 0, 4, 5, (Need("boat", 1),), 1))
    problem = small_problem(tasks=tasks, precedences=())
    assert earliest_starts(problem) == [5, None]
    assert trivial_bound(problem).points == 2 * 100_000 - 2 * 5
