"""A self-defence solve: what is known by hand, the same plan twice, progress, cancelling, relief, reasons."""

from __future__ import annotations

import numpy as np
import pytest

from routing.hold.generate import LOADS, SIZES, draw_hold
from routing.hold.plan import HoldProgress
from routing.hold.problem import UNREACHABLE, HoldOptions, HoldProblem, Member, Need, Task, post_slots
from routing.hold.search import HoldSearch
from routing.hold.solve import solve_hold
from tests.routing.hold.samples import small_problem

HERE = np.zeros((1, 1, 1), dtype=int)
FEW = HoldOptions(iterations=300)


def _guards(count: int, longest_work_min: int, rest_min: int) -> tuple[Member, ...]:
    return tuple(Member(frozenset({"guard"}), 0, 0, 240, longest_work_min, rest_min) for _ in range(count))


def test_a_post_is_held_by_turns_so_that_everybody_rests() -> None:
    slots = post_slots(0, 0, 0, 40, (1,) * 6, (Need("guard", 1),))
    plan = solve_hold(HoldProblem(_guards(2, 80, 40), HERE, slots, 240), FEW)
    assert plan.score.value == 6 == plan.bound_value
    assert plan.status == "optimal"
    for person in (0, 1):
        mine = sorted(one.start_min for one in plan.assignments if one.person == person)
        assert not any(a + 80 == b + 40 == c for a, b, c in zip(mine, mine[1:], mine[2:], strict=False))


def test_one_guard_alone_rests_every_third_slot() -> None:
    slots = post_slots(0, 0, 0, 40, (1,) * 6, (Need("guard", 1),))
    plan = solve_hold(HoldProblem(_guards(1, 80, 40), HERE, slots, 240), FEW)
    assert plan.score.value == 4 == plan.bound_value
    assert {one.code for one in plan.unmet} == {"rest"}


@pytest.mark.parametrize("load", ["loose", "tight"])
def test_the_same_seed_and_iterations_give_the_same_plan(load: str) -> None:
    problem = draw_hold(SIZES["30x20"], LOADS[load], 2)
    plans = [solve_hold(problem, HoldOptions(iterations=800, seed=7)) for _ in range(2)]
    assert plans[0].assignments == plans[1].assignments
    assert (plans[0].score, plans[0].bound, plans[0].unmet) == (plans[1].score, plans[1].bound, plans[1].unmet)
    if load == "tight":
        assert solve_hold(problem, HoldOptions(iterations=800, seed=8)).assignments != plans[0].assignments


def test_progress_only_gets_better_and_ends_with_the_answer() -> None:
    heard: list[HoldProgress] = []
    problem = draw_hold(SIZES["30x20"], LOADS["tight"], 1)
    plan = solve_hold(problem, HoldOptions(seconds=0.6), heard.append)
    assert heard[0].stage in ("greedy", "search")
    assert heard[0].result is not None
    assert [one.points for one in heard] == sorted(one.points for one in heard)
    assert [one.bound for one in heard] == sorted((one.bound for one in heard), reverse=True)
    assert heard[-1].stage == "done"
    assert heard[-1].points == plan.score.points
    assert plan.score.value >= plan.baseline.value
    assert plan.gap <= 0.2


def test_a_cancelled_solve_returns_the_plan_it_has() -> None:
    problem = draw_hold(SIZES["30x20"], LOADS["tight"], 1)
    plan = solve_hold(problem, HoldOptions(iterations=10**9), cancelled=lambda: True)
    assert plan.score.value > 0
    assert plan.iterations == 0


def test_greedy_takes_most_value_a_minute_first() -> None:
    tasks = (Task(0, 0, 0, 60, (Need("guard", 1),), 3), Task(0, 0, 0, 10, (Need("guard", 1),), 2))
    search = HoldSearch(HoldProblem(_guards(1, 60, 10), HERE, tasks, 240), 1)
    search.add_greedily()
    assert search.best.start[1] == 0
    assert search.best.start[0] < 0
    assert solve_hold(search.problem, FEW).starts() == {0: 0}


def test_nobody_and_nothing_are_answers() -> None:
    nobody = solve_hold(small_problem(people=(), fixed=()), FEW)
    assert nobody.score.points == 0 == nobody.bound
    assert nobody.status == "optimal"
    assert {one.code for one in nobody.unmet} == {"skill"}
    nothing = solve_hold(small_problem(tasks=(), precedences=()), FEW)
    assert nothing.assignments == ()
    assert nothing.gap == 0.0


def test_what_relief_can_still_begin_is_handed_over() -> None:
    tasks = (
        Task(0, 0, 100, 30, (Need("guard", 2),), 5),
        Task(0, 0, 10, 30, (Need("guard", 2),), 5),
        Task(0, 30, 45, 40, (Need("guard", 1),), 1),
        Task(0, 90, 100, 10, (Need("guard", 1),), 9),
    )
    plan = solve_hold(HoldProblem(_guards(1, 240, 10), HERE, tasks, 240, relief_min=60), FEW)
    assert plan.total_value == 11
    assert {one.task: (one.code, one.handed_over) for one in plan.unmet} == {
        0: ("skill", True),
        1: ("skill", False),
        3: ("window", True),
    }
    assert plan.running_at_relief == (2,)


def test_reasons_name_the_count_that_is_short() -> None:
    travel = np.array([[[0, 50], [50, 0]]])
    tasks = (
        Task(1, 0, 40, 10, (Need("guard", 2),), 1),
        Task(0, 225, 230, 10, (Need("guard", 2),), 1),
        Task(0, 0, 0, 60, (Need("guard", 2),), 9),
        Task(0, 10, 20, 20, (Need("guard", 2),), 1),
    )
    people = tuple(Member(frozenset({"guard"}), 0, 0, 230, 240, 10) for _ in range(2))
    plan = solve_hold(HoldProblem(people, travel, tasks, 240), FEW)
    found = {one.task: (one.code, one.needed, one.available, one.minute) for one in plan.unmet}
    assert found == {0: ("travel", 2, 0, 0), 1: ("shift", 2, 0, 225), 3: ("busy", 2, 0, 10)}
    assert all("{" not in one.text.zh + one.text.en for one in plan.unmet)


def test_a_place_with_no_way_to_it_is_left_alone() -> None:
    travel = np.array([[[0, UNREACHABLE], [UNREACHABLE, 0]]])
    plan = solve_hold(small_problem(travel_min=travel, precedences=()), FEW)
    assert plan.starts() == {0: 10}
    assert plan.status == "optimal"
