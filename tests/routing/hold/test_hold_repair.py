"""A plan in force is carried over to a changed problem: what can stay stays, and what changed is listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.hold.generate import LOADS, SIZES, draw_hold
from routing.hold.plan import Change, HoldProgress
from routing.hold.problem import Fixed, HoldOptions, HoldProblem, Member
from routing.hold.repair import carry_over, differences, orders_of
from routing.hold.search import HoldSearch
from routing.hold.solve import solve_hold

PROBLEM = draw_hold(SIZES["30x20"], LOADS["tight"], 3)
PLAN = solve_hold(PROBLEM, HoldOptions(iterations=1_500))
ORDERS = orders_of(PLAN)


def _carried(problem: HoldProblem) -> dict[int, Fixed]:
    search = HoldSearch(problem, 1)
    search.start_from(carry_over(problem, search.tables, search.room, ORDERS))
    return {one.task: one for one in _orders_in(search)}


def _orders_in(search: HoldSearch) -> tuple[Fixed, ...]:
    state, tasks = search.state, search.problem.tasks
    return tuple(
        Fixed(n, int(at), tuple(sorted(state.crew[n, : tasks[n].persons].tolist())))
        for n, at in enumerate(state.start)
        if at > -(1 << 30)
    )


def test_without_a_change_all_is_kept() -> None:
    assert _carried(PROBLEM) == {one.task: one for one in ORDERS}


def test_a_lost_person_is_replaced_at_the_same_minute_or_the_task_is_left_out() -> None:
    lost = ORDERS[0].people[0]
    gone = replace(PROBLEM.people[lost], until_min=0)
    changed = replace(PROBLEM, people=(*PROBLEM.people[:lost], gone, *PROBLEM.people[lost + 1 :]))
    kept = _carried(changed)
    for one in ORDERS:
        if one.task in kept and lost not in one.people:
            assert kept[one.task] == one
        elif one.task in kept:
            assert kept[one.task].start_min == one.start_min
            assert lost not in kept[one.task].people
    first: list[HoldProgress] = []
    plan = solve_hold(changed, HoldOptions(iterations=300), first.append, orders=ORDERS)
    assert first[0].stage == "repair"
    assert not any(one.person == lost for one in plan.assignments)


def test_somebody_who_comes_and_a_new_task_are_used() -> None:
    task = PROBLEM.tasks[0]
    guest = Member(frozenset(need.skill for need in task.crew if need.skill), task.place, 0, 240, 240, 240)
    crew = tuple(replace(need, persons=1) for need in task.crew)
    helpers = tuple(guest for _ in crew)
    urgent = replace(task, crew=crew, value=9, post=None)
    changed = replace(PROBLEM, people=(*PROBLEM.people, *helpers), tasks=(*PROBLEM.tasks, urgent))
    plan = solve_hold(changed, HoldOptions(iterations=500), orders=ORDERS)
    assert plan.score.value >= PLAN.score.value + 9


@pytest.mark.parametrize("price", [0, 20_000])
def test_a_price_on_changes_keeps_crews_together(price: int) -> None:
    crews = PLAN.crews()
    before = tuple(crews.get(n, frozenset()) for n in range(PROBLEM.num_tasks))
    lost = ORDERS[-1].people[0]
    gone = replace(PROBLEM.people[lost], until_min=0)
    people = (*PROBLEM.people[:lost], gone, *PROBLEM.people[lost + 1 :])
    changed = replace(PROBLEM, people=people, before=before, change_points=price)
    plan = solve_hold(changed, HoldOptions(iterations=2_000, seed=4), orders=ORDERS)
    if price:
        assert plan.score.changes <= 12
    else:
        assert plan.score.changes > 12


def test_differences_name_start_and_people() -> None:
    before = (Fixed(0, 10, (1, 2)), Fixed(1, 5, (3,)), Fixed(2, 7, (4,)))
    after = (Fixed(0, 12, (2, 5)), Fixed(2, 7, (4,)), Fixed(3, 1, (1,)))
    assert differences(before, after) == (
        Change(0, 10, 12, (1,), (5,)),
        Change(1, 5, None, (3,), ()),
        Change(3, None, 1, (), (1,)),
    )
