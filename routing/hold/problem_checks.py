"""Refuse a self-defence problem that cannot be meant, naming the field and the remedy, before anything is solved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.deploy.problem_input import (
    MAX_HORIZON_MIN,
    UNREACHABLE,
    any_array,
    check_names,
    fault,
    whole_array,
    whole_number,
)
from routing.hold.problem_fixed import check_fixed

if TYPE_CHECKING:
    from routing.hold.problem import HoldProblem, Member, Task

# Points of one unit of value held on time; a minute of lateness costs one point a unit of value.
VALUE_POINTS = 100_000
MOST_PEOPLE, MOST_TASKS, MOST_PLACES = 2_000, 2_000, 500
# The search tells the needs of one crew apart by the bits of a number.
MOST_NEEDS = 32
MOST_VALUE = 1_000_000
# Points of all tasks together, and of the lateness against them, stay whole in a double.
MOST_POINTS = 2**50


def freeze_problem(problem: HoldProblem) -> None:
    """Replace sequences by tuples and the travel minutes by a read-only copy; raises ProblemFaultError."""
    for name in ("people", "tasks", "precedences", "fixed"):
        object.__setattr__(problem, name, _tuple_of(name, getattr(problem, name)))
    travel = any_array("travel_min", problem.travel_min)
    if travel.ndim != 3 or travel.shape[1] != travel.shape[2] or 0 in travel.shape:
        raise fault(
            f"travel_min: needs shape (modes, places, places), has {travel.shape}; give one square matrix a mode",
            f"travel_min：形状须为（方式, 地点, 地点），现为 {travel.shape}；每种出行方式给一个方阵",
        )
    if travel.shape[1] > MOST_PLACES:
        raise fault(
            f"travel_min: {travel.shape[1]} places, more than {MOST_PLACES}; merge places that lie together",
            f"travel_min：共 {travel.shape[1]} 个地点，超过 {MOST_PLACES}；请合并相邻地点",
        )
    object.__setattr__(problem, "travel_min", whole_array("travel_min", travel, travel.shape, 0, UNREACHABLE))
    object.__setattr__(problem, "horizon_min", whole_number("horizon_min", problem.horizon_min, 1, MAX_HORIZON_MIN))
    if problem.relief_min is not None:
        relief = whole_number("relief_min", problem.relief_min, 0, UNREACHABLE)
        object.__setattr__(problem, "relief_min", relief)
    if problem.before is not None:
        object.__setattr__(problem, "before", _tuple_of("before", problem.before))


def _tuple_of(name: str, given: Any) -> tuple[Any, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise fault(
            f"{name}: must be a sequence, is {type(given).__name__}; give a tuple",
            f"{name}：须为序列，现为 {type(given).__name__}；请给出元组",
        )
    return tuple(given)


def check_problem(problem: HoldProblem) -> None:
    """Refuse fields that contradict each other; raises ProblemFaultError naming the field and the remedy."""
    for name, held, most in (("people", problem.people, MOST_PEOPLE), ("tasks", problem.tasks, MOST_TASKS)):
        if len(held) > most:
            raise fault(
                f"{name}: {len(held)} entries, more than {most}; split the problem",
                f"{name}：共 {len(held)} 项，超过 {most}；请拆分问题",
            )
    modes, places = problem.travel_min.shape[:2]
    if (diagonal := problem.travel_min[:, range(places), range(places)]).any():
        mode, place = (int(i) for i in np.argwhere(diagonal)[0])
        raise fault(
            f"travel_min[{mode}, {place}, {place}]: a place lies 0 minutes from itself; correct it",
            f"travel_min[{mode}, {place}, {place}]：同一地点之间须为 0 分钟；请更正",
        )
    for n, member in enumerate(problem.people):
        _check_member(f"people[{n}]", member, places, modes)
    for n, task in enumerate(problem.tasks):
        _check_task(f"tasks[{n}]", task, places)
    _check_precedences(problem)
    _check_before(problem)
    worst = sum(VALUE_POINTS * task.value for task in problem.tasks) + problem.change_points * sum(
        task.persons for task in problem.tasks
    )
    if worst > MOST_POINTS:
        raise fault(
            f"tasks: all values together make {worst} points, more than {MOST_POINTS}; use smaller values",
            f"tasks：各任务价值合计 {worst} 分，超过 {MOST_POINTS}；请调低价值",
        )
    check_fixed(problem)


def _check_member(where: str, member: Member, places: int, modes: int) -> None:
    for name in ("skills", "place", "ready_min", "until_min", "longest_work_min", "rest_min", "mode", "worked_min"):
        if not hasattr(member, name):
            raise fault(f"{where}: must be a Member, is {member!r}", f"{where}：须为 Member，现为 {member!r}")
    check_names(f"{where} skills", member.skills)
    _below(f"{where} place", member.place, places, "places", "地点")
    _below(f"{where} mode", member.mode, modes, "travel modes", "出行方式")
    for name, low in (("ready_min", 0), ("until_min", 0), ("longest_work_min", 1), ("rest_min", 0), ("worked_min", 0)):
        whole_number(f"{where} {name}", getattr(member, name), low, UNREACHABLE)


def _check_task(where: str, task: Task, places: int) -> None:
    for name in ("place", "earliest_min", "latest_min", "duration_min", "crew", "value", "post"):
        if not hasattr(task, name):
            raise fault(f"{where}: must be a Task, is {task!r}", f"{where}：须为 Task，现为 {task!r}")
    _below(f"{where} place", task.place, places, "places", "地点")
    for name in ("earliest_min", "latest_min"):
        whole_number(f"{where} {name}", getattr(task, name), -UNREACHABLE, UNREACHABLE)
    whole_number(f"{where} duration_min", task.duration_min, 1, MAX_HORIZON_MIN)
    whole_number(f"{where} value", task.value, 1, MOST_VALUE)
    if task.latest_min < task.earliest_min:
        raise fault(
            f"{where}: may begin at {task.latest_min} at the latest but not before {task.earliest_min}; swap them",
            f"{where}：最晚开始 {task.latest_min} 早于最早开始 {task.earliest_min}；请对调",
        )
    if not isinstance(task.crew, tuple | list) or not task.crew:
        raise fault(f"{where} crew: asks for nobody; give at least one need", f"{where} crew：未要求人员；请至少给一项")
    if len(task.crew) > MOST_NEEDS:
        raise fault(
            f"{where} crew: {len(task.crew)} needs, more than {MOST_NEEDS}; split the task",
            f"{where} crew：共 {len(task.crew)} 项要求，超过 {MOST_NEEDS}；请拆分任务",
        )
    skills = [getattr(need, "skill", need) for need in task.crew]
    for k, need in enumerate(task.crew):
        if not hasattr(need, "persons") or not (need.skill is None or isinstance(need.skill, str)):
            raise fault(
                f"{where} crew[{k}]: must be a Need, is {need!r}", f"{where} crew[{k}]：须为 Need，现为 {need!r}"
            )
        whole_number(f"{where} crew[{k}] persons", need.persons, 1, MOST_PEOPLE)
        if skills.index(need.skill) != k:
            raise fault(
                f"{where} crew[{k}]: asks for {need.skill or 'anybody'} again; add the persons of both",
                f"{where} crew[{k}]：重复要求{need.skill or '不限技能'}；请合并人数",
            )


def _below(name: str, value: Any, count: int, of: str, of_zh: str) -> None:
    if whole_number(name, value, 0, UNREACHABLE) >= count:
        raise fault(
            f"{name}: {value} does not exist ({count} {of}); correct its number",
            f"{name}：没有编号 {value}（共 {count} 个{of_zh}）；请更正序号",
        )


def _check_precedences(problem: HoldProblem) -> None:
    after: dict[int, list[int]] = {}
    for n, one in enumerate(problem.precedences):
        where = f"precedences[{n}]"
        if not hasattr(one, "lag_min"):
            raise fault(f"{where}: must be a Precedence, is {one!r}", f"{where}：须为 Precedence，现为 {one!r}")
        for name in ("before", "after"):
            _below(f"{where} {name}", getattr(one, name), problem.num_tasks, "tasks", "任务")
        whole_number(f"{where} lag_min", one.lag_min, 0, MAX_HORIZON_MIN)
        after.setdefault(one.before, []).append(one.after)
    left = {task: 0 for pair in after.items() for task in (pair[0], *pair[1])}
    for following in after.values():
        for task in following:
            left[task] += 1
    free = [task for task, count in left.items() if count == 0]
    while free:
        task = free.pop()
        del left[task]
        for one_after in after.get(task, ()):
            left[one_after] -= 1
            if left[one_after] == 0:
                free.append(one_after)
    if left:
        ring = ", ".join(map(str, sorted(left)))
        raise fault(
            f"precedences: tasks {ring} wait for each other in a ring; take one precedence out",
            f"precedences：任务 {ring} 互相等待成环；请去掉其中一条先后关系",
        )


def _check_before(problem: HoldProblem) -> None:
    whole_number("change_points", problem.change_points, 0, 10**9)
    if problem.before is None:
        return
    if len(problem.before) != problem.num_tasks:
        raise fault(
            f"before: {len(problem.before)} entries for {problem.num_tasks} tasks; give one crew a task",
            f"before：{problem.num_tasks} 项任务只有 {len(problem.before)} 项；每项任务给一个班组，没有则为空集",
        )
    for n, crew in enumerate(problem.before):
        if not isinstance(crew, frozenset | set):
            raise fault(
                f"before[{n}]: must be a set of people, is {crew!r}", f"before[{n}]：须为人员序号集合，现为 {crew!r}"
            )
        for person in crew:
            _below(f"before[{n}]", person, problem.num_people, "people", "人员")
