"""The drawn self-defence problems are those whose hashes are kept."""

from __future__ import annotations

from dataclasses import replace

from routing.hold.generate import LOADS, SIZES, draw_hold
from tests.bench.hold import drawn_hashes, stored_hashes
from tests.bench.instances import content_hash


def test_the_generator_draws_the_problems_whose_hashes_are_kept() -> None:
    drawn = drawn_hashes()
    assert drawn == stored_hashes()
    assert len(set(drawn.values())) == len(drawn)


def test_one_changed_number_changes_the_hash() -> None:
    problem = draw_hold(SIZES["30x20"], LOADS["tight"], 1)
    task = replace(problem.tasks[-1], value=problem.tasks[-1].value + 1)
    assert content_hash(replace(problem, tasks=(*problem.tasks[:-1], task))) != content_hash(problem)


def test_the_load_is_what_was_asked_for() -> None:
    from routing.hold.work import most_work_min

    for name, load in LOADS.items():
        problem = draw_hold(SIZES["60x40"], load, 1)
        asked = sum(task.persons * task.duration_min for task in problem.tasks)
        there = sum(most_work_min(one, problem.horizon_min) for one in problem.people)
        assert load <= asked / there < load + 0.03, name
