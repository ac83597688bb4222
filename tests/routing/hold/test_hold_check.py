"""The check without the solver finds every fault planted in a sound plan."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from routing.hold.check import HoldPlanError, check_hold, find_hold_faults
from routing.hold.plan import HoldResult
from routing.hold.problem import Fixed, HoldOptions, HoldProblem, Member, Need, Task
from routing.hold.solve import solve_hold
from tests.routing.hold.samples import small_problem

PROBLEM = small_problem()
PLAN = solve_hold(PROBLEM, HoldOptions(iterations=200))
OF = {(one.task, one.person): n for n, one in enumerate(PLAN.assignments)}
Plant = Callable[[HoldResult], HoldResult]


def _change(n: int, **fields: int) -> Plant:
    def plant(plan: HoldResult) -> HoldResult:
        rows = list(plan.assignments)
        rows[n] = replace(rows[n], **fields)
        return replace(plan, assignments=tuple(rows))

    return plant


def _shift(task: int, minutes: int) -> Plant:
    def plant(plan: HoldResult) -> HoldResult:
        rows = [
            replace(one, start_min=one.start_min + minutes, end_min=one.end_min + minutes) if one.task == task else one
            for one in plan.assignments
        ]
        return replace(plan, assignments=tuple(rows))

    return plant


def _drop(task: int) -> Plant:
    return lambda plan: replace(plan, assignments=tuple(one for one in plan.assignments if one.task != task))


def _scored(**fields: int) -> Plant:
    return lambda plan: replace(plan, score=replace(plan.score, **fields))


def test_the_plan_itself_is_sound() -> None:
    assert PLAN.score.value == 9
    assert not find_hold_faults(PROBLEM, PLAN)
    check_hold(PROBLEM, PLAN)


@pytest.mark.parametrize(
    ("rule", "plant"),
    [
        ("number", _change(0, task=9)),
        ("number", _change(0, need=7)),
        ("start", _change(0, start_min=11)),
        ("start", _change(0, end_min=90)),
        ("window", _shift(0, -5)),
        ("window", _shift(1, 60)),
        ("crew", lambda plan: replace(plan, assignments=plan.assignments[1:])),
        ("skill", _change(OF[1, 1], person=2)),
        ("travel", _change(OF[1, 1], travel_min=1)),
        ("precedence", _drop(0)),
        ("precedence", _shift(2, -8)),
        ("score", _scored(value=10)),
        ("score", _scored(late_value_min=1)),
        ("score", _scored(points=0)),
        ("score", _scored(changes=1)),
        ("unmet", _drop(1)),
        ("bound", lambda plan: replace(plan, bound=plan.score.points - 1)),
        ("bound", lambda plan: replace(plan, bound_value=8)),
        ("unmet", lambda plan: replace(plan, running_at_relief=(0,))),
    ],
)
def test_a_planted_fault_is_found(rule: str, plant: Plant) -> None:
    assert rule in {one.rule for one in find_hold_faults(PROBLEM, plant(PLAN))}
    with pytest.raises(HoldPlanError, match="broken"):
        check_hold(PROBLEM, plant(PLAN))


def _against(changed: HoldProblem) -> set[str]:
    """Return the rules that the plan breaks in a problem made stricter after it."""
    return {one.rule for one in find_hold_faults(changed, PLAN)}


def test_a_shorter_shift_less_work_and_a_later_call_are_found() -> None:
    people = PROBLEM.people
    assert "shift" in _against(small_problem(people=tuple(replace(one, until_min=40) for one in people)))
    assert "rest" in _against(small_problem(people=tuple(replace(one, longest_work_min=24) for one in people)))
    assert "travel" in _against(small_problem(people=tuple(replace(one, ready_min=12) for one in people)))
    assert "window" in _against(small_problem(relief_min=20))
    assert "window" in _against(small_problem(horizon_min=50))


def test_two_who_swap_skills_are_still_a_crew_but_not_in_those_roles() -> None:
    people = (
        Member(frozenset({"a"}), 0, 0, 60, 60, 20),
        Member(frozenset({"a", "b"}), 0, 0, 60, 60, 20),
    )
    problem = HoldProblem(
        people, np.zeros((1, 1, 1), dtype=int), (Task(0, 0, 0, 5, (Need("a", 1), Need("b", 1)), 1),), 60
    )
    plan = solve_hold(problem, HoldOptions(iterations=0))
    swapped = replace(plan, assignments=tuple(replace(one, need=1 - one.need) for one in plan.assignments))
    assert not find_hold_faults(problem, plan)
    assert [one.rule for one in find_hold_faults(problem, swapped)] == ["skill"]


def test_what_has_begun_may_not_be_changed() -> None:
    problem = small_problem(fixed=(Fixed(0, -3, (0, 2)),))
    plan = solve_hold(problem, HoldOptions(iterations=100))
    assert plan.starts()[0] == -3
    assert not find_hold_faults(problem, plan)
    other = small_problem(fixed=(Fixed(0, -2, (0, 2)),))
    assert "fixed" in {one.rule for one in find_hold_faults(other, plan)}
