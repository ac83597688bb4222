"""Draw self-defence problems of stated size and load on an invented island, for benches and tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from routing.hold.problem import HoldProblem, IntArray, Member, Need, Precedence, Task, post_slots
from routing.hold.work import most_work_min

SKILLS = ("police", "first aid", "search", "boat", "crowd", "power", "radio", "cook")
_SHARES = (0.30, 0.10, 0.15, 0.10, 0.20, 0.05, 0.05, 0.05)
_NUM_PLACES = 14
_HORIZON_MIN, _SLOT_MIN = 240, 40
# Metres a minute on foot and by scooter, with the bends of island roads.
_MODES_M_MIN = (75.0, 300.0)
_LOOK_M = 2_200.0


@dataclass(frozen=True, slots=True)
class HoldSize:
    """How many people and how many tasks, a standing post counted as one."""

    people: int
    tasks: int


SIZES: dict[str, HoldSize] = {
    "30x20": HoldSize(30, 20),
    "60x40": HoldSize(60, 40),
    "120x60": HoldSize(120, 60),
}
# Crew-minutes asked for, as a share of the minutes the people can be on task; ways between places come on top.
LOADS: dict[str, float] = {"loose": 0.5, "tight": 0.95, "overload": 1.6}


def draw_hold(size: HoldSize, load: float, seed: int, rest_min: int = _HORIZON_MIN) -> HoldProblem:
    """Return a problem drawn from a seed: four hours, 14 places, 8 skills, a sixth of the tasks standing posts.

    With the rest as long as the horizon a person has one allowance of work for all of it. One task in seven waits for
    another.
    """
    rng = np.random.default_rng(seed)
    travel = _draw_travel(rng)
    people = tuple(_draw_member(rng, rest_min) for _ in range(size.people))
    tasks: list[Task] = []
    num_posts = size.tasks // 6
    for post in range(num_posts):
        slots = int(rng.integers(2, 6))
        begin = int(rng.integers(2, (_HORIZON_MIN - slots * _SLOT_MIN) // 5 + 1)) * 5
        values = [int(v) for v in rng.integers(1, 7, slots)]
        tasks += post_slots(post, int(rng.integers(_NUM_PLACES)), begin, _SLOT_MIN, values, _draw_needs(rng))
    for _ in range(size.tasks - num_posts):
        duration = int(rng.integers(4, 19)) * 5
        earliest = int(rng.integers(1, (_HORIZON_MIN - duration) // 5)) * 5
        latest = min(_HORIZON_MIN - duration, earliest + int(rng.integers(2, 16)) * 5)
        place, value = int(rng.integers(_NUM_PLACES)), int(rng.integers(1, 9))
        tasks.append(Task(place, earliest, latest, duration, _draw_needs(rng), value))
    tasks = _load_up(rng, tasks, people, load)
    first = len(tasks) - (size.tasks - num_posts)
    precedences = tuple(_draw_precedences(rng, tasks, first, size.tasks * 15 // 100))
    return HoldProblem(people, travel, tuple(tasks), _HORIZON_MIN, precedences)


def draw_jobs(people: int, jobs: int, seed: int) -> HoldProblem:
    """Return a problem of one-person jobs alone, each of one skill, without precedence or posts."""
    rng = np.random.default_rng(seed)
    travel = _draw_travel(rng)
    members = tuple(_draw_member(rng, _HORIZON_MIN) for _ in range(people))
    tasks = []
    for _ in range(jobs):
        duration = int(rng.integers(2, 9)) * 5
        earliest = int(rng.integers(1, (_HORIZON_MIN - duration) // 5)) * 5
        latest = min(_HORIZON_MIN - duration, earliest + int(rng.integers(2, 16)) * 5)
        need = Need(SKILLS[int(rng.choice(len(SKILLS), p=_SHARES))], 1)
        tasks.append(Task(int(rng.integers(_NUM_PLACES)), earliest, latest, duration, (need,), int(rng.integers(1, 8))))
    return HoldProblem(members, travel, tuple(tasks), _HORIZON_MIN)


def _draw_travel(rng: np.random.Generator) -> IntArray:
    at = rng.uniform(0.0, _LOOK_M, (_NUM_PLACES, 2))
    apart_m = np.abs(at[:, None] - at[None]).sum(axis=2)
    minutes = [np.clip(np.ceil(apart_m / speed), 2, 30).astype(np.int64) for speed in _MODES_M_MIN]
    for one in minutes:
        np.fill_diagonal(one, 0)
    return np.stack(minutes)


def _draw_member(rng: np.random.Generator, rest_min: int) -> Member:
    held = rng.choice(len(SKILLS), int(rng.integers(1, 4)), replace=False, p=_SHARES)
    return Member(
        skills=frozenset(SKILLS[k] for k in held),
        place=int(rng.integers(_NUM_PLACES)),
        ready_min=int(rng.integers(0, 7)) * 5,
        until_min=int(rng.choice((180, 210, _HORIZON_MIN, _HORIZON_MIN))),
        longest_work_min=int(rng.choice((120, 150, 180, 240))),
        rest_min=rest_min,
        mode=int(rng.random() < 0.5),
    )


def _draw_needs(rng: np.random.Generator) -> tuple[Need, ...]:
    asked = rng.choice(len(SKILLS), int(rng.integers(1, 3)), replace=False, p=_SHARES)
    needs = [Need(SKILLS[k], 1) for k in asked]
    return (*needs, Need(None, 1)) if rng.random() < 0.3 else tuple(needs)


def _load_up(rng: np.random.Generator, tasks: list[Task], people: tuple[Member, ...], load: float) -> list[Task]:
    """Add persons to needs drawn by lot until the load is asked for; all slots of a post have one crew."""
    left = load * sum(most_work_min(one, _HORIZON_MIN) for one in people)
    left -= sum(task.persons * task.duration_min for task in tasks)
    posts: dict[int, list[int]] = {}
    for n, task in enumerate(tasks):
        posts.setdefault(-n - 1 if task.post is None else task.post, []).append(n)
    keys = list(posts)
    while left > 0:
        group = posts[keys[int(rng.integers(len(keys)))]]
        crew = list(tasks[group[0]].crew)
        k = int(rng.integers(len(crew)))
        crew[k] = Need(crew[k].skill, crew[k].persons + 1)
        for n in group:
            tasks[n] = replace(tasks[n], crew=tuple(crew))
            left -= tasks[n].duration_min
    return tasks


def _draw_precedences(rng: np.random.Generator, tasks: list[Task], first: int, count: int) -> list[Precedence]:
    drawn: dict[int, Precedence] = {}
    for _ in range(50 * count):
        a, b = (int(n) for n in rng.integers(first, len(tasks), 2))
        if a == b or b in drawn or len(drawn) == count:
            continue
        is_possible = tasks[a].earliest_min + tasks[a].duration_min <= tasks[b].latest_min - 5
        if is_possible and tasks[a].earliest_min < tasks[b].earliest_min:
            drawn[b] = Precedence(a, b, int(rng.integers(0, 3)) * 5)
    return list(drawn.values())
