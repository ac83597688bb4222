"""Tiny self-defence problems drawn by hypothesis, and their optimum by trying every plan."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from routing.hold.check_people import check_person
from routing.hold.crews import fill_crew
from routing.hold.plan import Assignment
from routing.hold.problem import Fixed, HoldProblem, Member, Need, Precedence, Task

HORIZON_MIN = 16


def small_problem(**changes: object) -> HoldProblem:
    """Return two places 5 minutes apart, three people and three tasks, with fields changed."""
    fields: dict[str, object] = {
        "people": (
            Member(frozenset({"medic"}), 0, 0, 100, 60, 20),
            Member(frozenset({"medic", "boat"}), 0, 5, 100, 60, 20),
            Member(frozenset(), 1, 0, 80, 60, 20),
        ),
        "travel_min": np.array([[[0, 5], [5, 0]]]),
        "tasks": (
            Task(0, 10, 30, 20, (Need("medic", 1), Need(None, 1)), 4),
            Task(1, 20, 50, 25, (Need("boat", 1),), 3),
            Task(1, 40, 60, 15, (Need(None, 2),), 2),
        ),
        "horizon_min": 100,
        "precedences": (Precedence(0, 2, 5),),
    }
    return HoldProblem(**(fields | changes))  # type: ignore[arg-type]


@st.composite
def tiny_problems(draw: st.DrawFn, with_fixed: bool = True) -> HoldProblem:
    """Draw up to three people and three tasks within sixteen minutes, with all the rules there are."""
    places = draw(st.integers(1, 3))
    upper = draw(st.lists(st.integers(1, 6), min_size=places * places, max_size=places * places))
    travel = np.array(upper).reshape(1, places, places)
    travel[:, range(places), range(places)] = 0
    skills = st.frozensets(st.sampled_from("ab"))
    people = tuple(
        Member(
            draw(skills),
            draw(st.integers(0, places - 1)),
            draw(st.integers(0, 4)),
            draw(st.integers(8, HORIZON_MIN + 2)),
            draw(st.integers(3, 12)),
            draw(st.integers(1, 6)),
            0,
            draw(st.integers(0, 3)),
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    tasks = []
    for _ in range(draw(st.integers(1, 3))):
        earliest = draw(st.integers(0, 10))
        needs = draw(st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=2, unique=True))
        crew = tuple(Need(skill, draw(st.integers(1, 2)) if len(needs) == 1 else 1) for skill in needs)
        latest = earliest + draw(st.integers(0, 4))
        tasks.append(
            Task(
                draw(st.integers(0, places - 1)),
                earliest,
                latest,
                draw(st.integers(1, 6)),
                crew,
                draw(st.integers(1, 5)),
            )
        )
    precedences: tuple[Precedence, ...] = ()
    if len(tasks) > 1 and draw(st.booleans()):
        precedences = (Precedence(0, 1, draw(st.integers(0, 2))),)
    relief = draw(st.one_of(st.none(), st.integers(4, 14)))
    problem = HoldProblem(people, travel, tuple(tasks), HORIZON_MIN, precedences, relief)
    if not with_fixed or not draw(st.booleans()):
        return problem
    last = len(tasks) - 1
    for crew_of in combinations(range(len(people)), tasks[last].persons):
        if fill_crew(problem, last, crew_of) is not None:
            begun = Fixed(last, draw(st.integers(-2, 0)), crew_of)
            return HoldProblem(people, travel, tuple(tasks), HORIZON_MIN, precedences, relief, (begun,))
    return problem


def best_by_brute_force(problem: HoldProblem) -> int:
    """Return the points of the best plan of all, found by trying each."""
    choices: list[list[tuple[int, tuple[int, ...]] | None]] = []
    for n, task in enumerate(problem.tasks):
        if n in problem.fixed_of:
            one = problem.fixed_of[n]
            choices.append([(one.start_min, tuple(one.people))])
            continue
        crews = [
            crew
            for crew in combinations(range(problem.num_people), task.persons)
            if fill_crew(problem, n, crew) is not None
        ]
        starts = range(task.earliest_min, problem.latest_start_min[n] + 1)
        choices.append([None, *product(starts, crews)])
    is_sound: dict[tuple[int, tuple[tuple[int, int], ...]], bool] = {}
    best = 0
    for plan in product(*choices):
        points = sum(
            100_000 * task.value - task.value * max(0, one[0] - task.earliest_min)
            for task, one in zip(problem.tasks, plan, strict=True)
            if one is not None
        )
        if points <= best or not _in_order(problem, plan):
            continue
        days: dict[int, list[tuple[int, int]]] = {}
        for n, one in enumerate(plan):
            for person in one[1] if one is not None else ():
                days.setdefault(person, []).append((one[0] if one is not None else 0, n))
        for person, day in days.items():
            key = person, tuple(sorted(day))
            if key not in is_sound:
                is_sound[key] = _is_sound(problem, person, key[1])
            if not is_sound[key]:
                break
        else:
            best = points
    return best


def _in_order(problem: HoldProblem, plan: tuple[tuple[int, tuple[int, ...]] | None, ...]) -> bool:
    for one in problem.precedences:
        before, after = plan[one.before], plan[one.after]
        if after is None or one.after in problem.fixed_of:
            continue
        if before is None or after[0] < before[0] + problem.tasks[one.before].duration_min + one.lag_min:
            return False
    return True


def _is_sound(problem: HoldProblem, person: int, day: tuple[tuple[int, int], ...]) -> bool:
    member, rows = problem.people[person], []
    here = member.place
    for start, n in day:
        task = problem.tasks[n]
        way = int(problem.travel_min[member.mode, here, task.place])
        rows.append(Assignment(person, n, 0, start, start + task.duration_min, here, way))
        here = task.place
    return not list(check_person(problem, person, rows))
