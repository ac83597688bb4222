"""The self-defence problem refuses what contradicts itself, in words of both languages."""

from dataclasses import replace

import numpy as np
import pytest

from routing.hold.problem import Fixed, HoldOptions, Member, Need, Precedence, ProblemFaultError, Task, post_slots
from routing.hold.work import most_work_min
from tests.routing.hold.samples import small_problem

TASK = Task(0, 0, 10, 5, (Need(None, 1),), 1)
MEMBER = Member(frozenset(), 0, 0, 60, 60, 20)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people": 3}, "people: must be a sequence, is int"),
        ({"travel_min": np.zeros((2, 2), dtype=int)}, r"travel_min: needs shape \(modes, places, places\)"),
        ({"travel_min": np.array([[[0, 1.5], [1, 0]]])}, "travel_min: must hold whole numbers"),
        ({"travel_min": np.array([[[0, 5], [5, 3]]])}, r"travel_min\[0, 1, 1\]: a place lies 0 minutes from itself"),
        ({"travel_min": np.array([[[0, -5], [5, 0]]])}, r"travel_min\[0, 0, 1\]: must be 0 or more, is -5"),
        ({"horizon_min": 0}, "horizon_min: must lie in"),
        ({"relief_min": -1}, "relief_min: must lie in"),
        ({"people": (replace(MEMBER, place=7),)}, r"people\[0\] place: 7 does not exist \(2 places\)"),
        ({"people": (replace(MEMBER, mode=1),)}, r"people\[0\] mode: 1 does not exist"),
        ({"people": (replace(MEMBER, longest_work_min=0),)}, r"people\[0\] longest_work_min: must lie in 1"),
        ({"people": (replace(MEMBER, skills="medic"),)}, r"people\[0\] skills: must be a set of names"),
        ({"tasks": (replace(TASK, latest_min=-1),)}, r"tasks\[0\]: may begin at -1 at the latest"),
        ({"tasks": (replace(TASK, crew=()),)}, r"tasks\[0\] crew: asks for nobody"),
        ({"tasks": (replace(TASK, crew=(Need("a", 0),)),)}, r"crew\[0\] persons: must lie in 1"),
        ({"tasks": (replace(TASK, crew=(Need("a", 1), Need("a", 2))),)}, r"crew\[1\]: asks for a again"),
        ({"tasks": (replace(TASK, crew=tuple(Need(str(n), 1) for n in range(33))),)}, "crew: 33 needs, more than 32"),
        ({"tasks": (replace(TASK, value=0),)}, r"tasks\[0\] value: must lie in 1"),
        ({"tasks": (replace(TASK, duration_min=2.5),)}, r"duration_min: must be a whole number"),
        ({"precedences": (Precedence(0, 9),)}, r"precedences\[0\] after: 9 does not exist"),
        ({"precedences": (Precedence(0, 1), Precedence(1, 0))}, "tasks 0, 1 wait for each other in a ring"),
        ({"before": (frozenset(),)}, "before: 1 entries for 3 tasks"),
        ({"before": (frozenset({9}), frozenset(), frozenset())}, r"before\[0\]: 9 does not exist"),
        ({"fixed": (Fixed(0, 0, (0,)),)}, "its 1 people are no crew of task 0, which asks for 2"),
        ({"fixed": (Fixed(1, 0, (0,)),)}, "are no crew of task 1"),
        ({"fixed": (Fixed(9, 0, (0,)),)}, r"fixed\[0\] task: 9 does not exist"),
        ({"fixed": (Fixed(0, 0, (0, 1)), Fixed(1, 10, (1,)))}, "person 1 can be at task 1 at 25, it begins at 10"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ProblemFaultError, match=words) as caught:
        small_problem(**changes)
    assert caught.value.text is not None
    assert any("一" <= letter <= "鿿" for letter in caught.value.text.zh)


def test_options_are_checked() -> None:
    with pytest.raises(ProblemFaultError, match="seconds must be above 0"):
        HoldOptions(seconds=0)
    with pytest.raises(ProblemFaultError, match="workers: must lie in 1"):
        HoldOptions(workers=0)


def test_a_post_is_cut_into_slots_that_follow_each_other() -> None:
    slots = post_slots(4, 1, 30, 40, (3, 2), (Need("police", 2),))
    assert [(one.earliest_min, one.latest_min, one.duration_min, one.value, one.post) for one in slots] == [
        (30, 30, 40, 3, 4),
        (70, 70, 40, 2, 4),
    ]
    with pytest.raises(ProblemFaultError, match="slot_min"):
        post_slots(0, 0, 0, 0, (1,), (Need(None, 1),))


def test_nothing_is_begun_from_relief_on() -> None:
    problem = small_problem(relief_min=41)
    assert problem.latest_start_min == (30, 40, 40)
    assert problem.total_value == 9
    assert small_problem(relief_min=40).total_value == 7


@pytest.mark.parametrize(
    ("member", "most"),
    [
        (Member(frozenset(), 0, 0, 100, 60, 20), 80),
        (Member(frozenset(), 0, 10, 60, 60, 20), 50),
        (Member(frozenset(), 0, 0, 100, 60, 20, worked_min=50), 70),
        (Member(frozenset(), 0, 0, 100, 60, 20, worked_min=60), 60),
        (Member(frozenset(), 0, 90, 80, 60, 20), 0),
    ],
)
def test_the_most_work_counts_shift_and_rests(member: Member, most: int) -> None:
    assert most_work_min(member, 240) == most
