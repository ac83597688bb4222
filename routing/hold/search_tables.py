"""Lay a self-defence problem out as flat arrays for the compiled search, and give it room to work in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.hold.problem import HoldProblem

IntArray = npt.NDArray[np.int64]
Float64Array = npt.NDArray[np.float64]

# The start of a task that is not done.
UNDONE = -(1 << 30)


# Columns of a person's row.
PLACE, READY, UNTIL, LONGEST, REST, MODE, WORKED = range(7)
# Columns of a task's row; from ABLE on pairs of first and end into ``able`` and ``links``.
SITE, EARLIEST, LATEST, DURATION, VALUE, PERSONS, FIXED, NEEDS = range(8)
ABLE, BEFORE, AFTER, HEIRS = 8, 10, 12, 14
# The need that fewest people can fill for what it asks, and how many of ``able`` can: they stand first there.
KEY_NEED, KEY_COUNT = 16, 17
TASK_COLUMNS = 18
# Columns of a person's row in a plan.
COUNT, BUSY = range(2)


class HoldTables(NamedTuple):
    """The problem in arrays: people N, tasks T, places P, modes M. Few arrays keep the compilation short."""

    travel: IntArray  # [M, P, P]
    people: IntArray  # [N, 7], columns PLACE..WORKED
    tasks: IntArray  # [T, TASK_COLUMNS]
    needs: IntArray  # [T, K]: persons asked for by each need of a crew
    can: IntArray  # [T, N]: bits of the needs of the task that the person can fill
    able: IntArray  # people who can fill any need, task after task
    links: IntArray  # [L, 2]: another task and a lag, for BEFORE, AFTER and HEIRS (all that wait, however far)
    change: IntArray  # [T, N] or [T, 0]: points for putting the person on the task
    near: IntArray  # [T, T]: other tasks, those most akin first
    scarce: Float64Array  # [N]: minutes asked of a person's skills for each who holds them


class HoldState(NamedTuple):
    """A plan: when each task starts, its crew and their needs, and each person's tasks in the order of time."""

    start: IntArray  # [T], UNDONE where it is not done
    crew: IntArray  # [T, C]
    role: IntArray  # [T, C]
    route: IntArray  # [N, R]
    load: IntArray  # [N, 2]: number of tasks, minutes on task in all
    whole: IntArray  # all of them in one piece of memory, to be copied at once


class Room(NamedTuple):
    """Room to work in, laid out once."""

    todo: IntArray  # [T]
    key: Float64Array  # [T]
    free: IntArray  # [33, longest window + 2]
    cost: Float64Array  # [N]
    found: IntArray  # [N]
    crew: IntArray  # [2C + 96]
    taste: Float64Array  # [6]


def build_room(problem: HoldProblem) -> Room:
    """Return the room that the search of a problem needs."""
    spans = [last - task.earliest_min for last, task in zip(problem.latest_start_min, problem.tasks, strict=True)]
    widest = max((task.persons for task in problem.tasks), default=1)
    needs = max((len(task.crew) for task in problem.tasks), default=1)
    num_t, num_n = problem.num_tasks, problem.num_people
    return Room(
        np.zeros(num_t + 1, dtype=np.int64),
        np.zeros(num_t),
        np.zeros((needs + 1, max([0, *spans]) + 3), dtype=np.int64),
        np.zeros(num_n),
        np.zeros(num_n, dtype=np.int64),
        np.zeros(2 * widest + 96, dtype=np.int64),
        np.zeros(6),
    )


def empty_state(problem: HoldProblem) -> HoldState:
    """Return the plan that does only what is fixed."""
    num_t, num_n = problem.num_tasks, problem.num_people
    widest = max((task.persons for task in problem.tasks), default=1)
    shortest = min((task.duration_min for task in problem.tasks), default=1)
    longest = min(num_t, problem.horizon_min // shortest + len(problem.fixed) + 1) + 1
    state = _laid_out(num_t, num_n, widest, longest)
    state.start[:] = UNDONE
    for one in problem.fixed:
        put(problem, state, one.task, one.start_min, one.people)
    return state


def put(problem: HoldProblem, state: HoldState, task: int, start_min: int, people: tuple[int, ...]) -> None:
    """Enter a task with its crew into a plan, whether or not it fits."""
    from routing.hold.crews import fill_crew

    roles = fill_crew(problem, task, people)
    assert roles is not None
    state.start[task] = start_min
    for k, person in enumerate(people):
        state.crew[task, k], state.role[task, k] = person, roles[person]
        count = int(state.load[person, COUNT])
        at = sum(state.start[other] < start_min for other in state.route[person, :count])
        state.route[person, at + 1 : count + 1] = state.route[person, at:count].copy()
        state.route[person, at] = task
        state.load[person] += 1, problem.tasks[task].duration_min


def copy_state(state: HoldState) -> HoldState:
    """Return a plan of its own with the same content."""
    (num_t, widest), (num_n, longest) = state.crew.shape, state.route.shape
    copy = _laid_out(num_t, num_n, widest, longest)
    copy.whole[:] = state.whole
    return copy


def _laid_out(num_t: int, num_n: int, widest: int, longest: int) -> HoldState:
    shapes = ((num_t,), (num_t, widest), (num_t, widest), (num_n, longest), (num_n, 2))
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    whole = np.zeros(int(ends[-1]), dtype=np.int64)
    start, crew, role, route, load = (
        part.reshape(shape) for part, shape in zip(np.split(whole, ends[:-1]), shapes, strict=True)
    )
    return HoldState(start, crew, role, route, load, whole)


def build_tables(problem: HoldProblem) -> HoldTables:
    """Return the arrays of a problem."""
    num_t, num_n = problem.num_tasks, problem.num_people
    can = _who_can(problem)
    able, key_need, key_count = _key_people_first(problem, can)
    people = [
        (
            one.place,
            one.ready_min,
            min(one.until_min, problem.horizon_min),
            one.longest_work_min,
            one.rest_min,
            one.mode,
            one.worked_min,
        )
        for one in problem.people
    ]
    needs = np.zeros((num_t, max((len(task.crew) for task in problem.tasks), default=1)), dtype=np.int64)
    tasks = np.zeros((num_t, TASK_COLUMNS), dtype=np.int64)
    for n, task in enumerate(problem.tasks):
        needs[n, : len(task.crew)] = [need.persons for need in task.crew]
        tasks[n, :ABLE] = (
            task.place,
            task.earliest_min,
            problem.latest_start_min[n],
            task.duration_min,
            task.value,
            task.persons,
            n in problem.fixed_of,
            len(task.crew),
        )
    tasks[:, KEY_NEED], tasks[:, KEY_COUNT] = key_need, key_count
    tasks[:, ABLE : ABLE + 2] = _spans([len(row) for row in able], 0)
    rows: list[tuple[int, int]] = []
    for column, linked in ((BEFORE, _befores(problem)), (AFTER, _afters(problem)), (HEIRS, _heirs(problem))):
        tasks[:, column : column + 2] = _spans([len(row) for row in linked], len(rows))
        rows += [pair for row in linked for pair in row]
    return HoldTables(
        travel=problem.travel_min.astype(np.int64),
        people=np.array(people, dtype=np.int64).reshape(num_n, 7),
        tasks=tasks,
        needs=needs,
        can=can,
        able=np.concatenate([*able, np.empty(0, dtype=np.int64)]).astype(np.int64),
        links=np.array(rows, dtype=np.int64).reshape(-1, 2),
        change=_change_points(problem),
        near=_nearness(problem, can),
        scarce=_scarcity(problem),
    )


def _key_people_first(problem: HoldProblem, can: IntArray) -> tuple[list[IntArray], list[int], list[int]]:
    """Return who can do each task, those first who can fill its scarcest need, with that need and their number."""
    able, needs, counts = [], [], []
    for n, task in enumerate(problem.tasks):
        held = [int((can[n] >> k & 1).sum()) for k in range(len(task.crew))]
        key = min(range(len(held)), key=lambda k: held[k] / task.crew[k].persons)
        first = np.flatnonzero(can[n] >> key & 1)
        able.append(np.concatenate([first, np.flatnonzero((can[n] > 0) & (can[n] >> key & 1 == 0))]))
        needs.append(key)
        counts.append(len(first))
    return able, needs, counts


def _spans(counts: list[int], base: int) -> IntArray:
    """Return first and end of each run of rows."""
    ends = base + np.cumsum(counts, dtype=np.int64)
    return np.column_stack([ends - np.array(counts, dtype=np.int64), ends]).astype(np.int64)


def _befores(problem: HoldProblem) -> list[list[tuple[int, int]]]:
    rows: list[list[tuple[int, int]]] = [[] for _ in problem.tasks]
    for one in problem.precedences:
        rows[one.after].append((one.before, one.lag_min))
    return rows


def _afters(problem: HoldProblem) -> list[list[tuple[int, int]]]:
    rows: list[list[tuple[int, int]]] = [[] for _ in problem.tasks]
    for one in problem.precedences:
        rows[one.before].append((one.after, one.lag_min))
    return rows


def _heirs(problem: HoldProblem) -> list[list[tuple[int, int]]]:
    """Return for each task all that wait for it, directly or not, but what is fixed and stays anyway."""
    direct = [[task for task, _ in row] for row in _afters(problem)]
    rows: list[list[tuple[int, int]]] = []
    for first in range(problem.num_tasks):
        seen: dict[int, None] = {}
        waiting = list(direct[first])
        while waiting:
            task = waiting.pop()
            if task not in seen and task not in problem.fixed_of:
                seen[task] = None
                waiting += direct[task]
        rows.append([(task, 0) for task in seen])
    return rows


def _change_points(problem: HoldProblem) -> IntArray:
    if problem.before is None or not problem.change_points:
        return np.zeros((problem.num_tasks, 0), dtype=np.int64)
    change = np.zeros((problem.num_tasks, problem.num_people), dtype=np.int64)
    for n, crew in enumerate(problem.before):
        if crew:
            change[n] = problem.change_points
            change[n, list(crew)] = 0
    return change


def _who_can(problem: HoldProblem) -> IntArray:
    """Return bits of needs for task and person; none where the person can never be at the task in time.

    The way is left out: by another task it may be shorter than straight.
    """
    can = np.zeros((problem.num_tasks, problem.num_people), dtype=np.int64)
    free = np.array(problem.free_from_min, dtype=np.int64)
    until = np.array([min(one.until_min, problem.horizon_min) for one in problem.people], dtype=np.int64)
    longest = np.array([one.longest_work_min for one in problem.people], dtype=np.int64)
    skills = {need.skill for task in problem.tasks for need in task.crew}
    holds = {
        skill: np.array([skill is None or skill in one.skills for one in problem.people], dtype=np.bool_)
        for skill in skills
    }
    for n, task in enumerate(problem.tasks):
        first = np.maximum(free, task.earliest_min)
        last = np.minimum(until - task.duration_min, problem.latest_start_min[n])
        in_time = (first <= last) & (longest >= task.duration_min)
        for k, need in enumerate(task.crew):
            can[n] |= (in_time & holds[need.skill]).astype(np.int64) << k
    return can


def _scarcity(problem: HoldProblem) -> Float64Array:
    """Return for each person the minutes asked of each of their skills for each person who holds it."""
    asked: dict[str, int] = {}
    for task in problem.tasks:
        for need in task.crew:
            if need.skill is not None:
                asked[need.skill] = asked.get(need.skill, 0) + need.persons * task.duration_min
    held = {skill: sum(skill in member.skills for member in problem.people) for skill in asked}
    return np.array(
        [sum(asked[skill] / held[skill] for skill in member.skills if skill in asked) for member in problem.people],
        dtype=np.float64,
    )


def _nearness(problem: HoldProblem, can: IntArray) -> IntArray:
    """Return for each task the others, those first that want the same people at the same time and place."""
    num_t = problem.num_tasks
    tasks = problem.tasks
    begin = np.array([task.earliest_min for task in tasks], dtype=np.float64)
    middle = begin + np.array([(task.latest_min - task.earliest_min + task.duration_min) / 2 for task in tasks])
    site = np.array([task.place for task in tasks], dtype=np.int64)
    way = np.minimum(problem.travel_min.min(axis=0), 60)[site][:, site]
    able = (can > 0).astype(np.float64)
    shared = able @ able.T / np.maximum(1.0, np.minimum(able.sum(1)[:, None], able.sum(1)[None]))
    apart = np.abs(middle[:, None] - middle[None]) + way - 60.0 * shared
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1, kind="stable").astype(np.int64).reshape(num_t, num_t)
