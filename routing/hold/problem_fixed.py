"""Hold what is fixed in a self-defence problem against the people and tasks it names: it must be able to stay."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from routing.deploy.problem_input import UNREACHABLE, ProblemFaultError, fault, whole_number
from routing.hold.crews import fill_crew

if TYPE_CHECKING:
    from routing.hold.problem import Fixed, HoldProblem


def check_fixed(problem: HoldProblem) -> None:
    """Refuse fixed tasks of people or tasks that do not exist, of a crew that cannot do them, or that overlap."""
    held: dict[int, list[Fixed]] = {}
    seen: set[int] = set()
    for n, one in enumerate(problem.fixed):
        where = f"fixed[{n}]"
        if not hasattr(one, "people") or not isinstance(one.people, tuple | list):
            raise fault(f"{where}: must be a Fixed, is {one!r}", f"{where}：须为 Fixed，现为 {one!r}")
        if whole_number(f"{where} task", one.task, 0, UNREACHABLE) >= problem.num_tasks:
            raise _no_such(f"{where} task", one.task, problem.num_tasks)
        whole_number(f"{where} start_min", one.start_min, -UNREACHABLE, UNREACHABLE)
        for person in one.people:
            if whole_number(f"{where} people", person, 0, UNREACHABLE) >= problem.num_people:
                raise _no_such(f"{where} people", person, problem.num_people)
            held.setdefault(person, []).append(one)
        if one.task in seen:
            raise fault(
                f"{where}: task {one.task} is fixed twice; keep one", f"{where}：任务 {one.task} 重复固定；请保留一项"
            )
        seen.add(one.task)
        task = problem.tasks[one.task]
        if len(set(one.people)) != task.persons or fill_crew(problem, one.task, one.people) is None:
            raise fault(
                f"{where}: its {len(set(one.people))} people are no crew of task {one.task}, which asks for "
                f"{task.persons}; correct them",
                f"{where}：所列 {len(set(one.people))} 人不符合任务 {one.task} 的 {task.persons} 人班组要求；请更正",
            )
    for person, tasks in held.items():
        tasks.sort(key=lambda one: one.start_min)
        for earlier, later in pairwise(tasks):
            ended = earlier.start_min + problem.tasks[earlier.task].duration_min
            places = problem.tasks[earlier.task].place, problem.tasks[later.task].place
            arrives = ended + int(problem.travel_min[problem.people[person].mode, places[0], places[1]])
            if arrives > later.start_min:
                raise fault(
                    f"fixed: person {person} can be at task {later.task} at {arrives}, it begins at {later.start_min}; "
                    "release one of the two",
                    f"fixed：人员 {person} 最早 {arrives} 分到任务 {later.task}，而该任务 {later.start_min} 分开始；"
                    "请取消其一",
                )


def _no_such(name: str, number: int, count: int) -> ProblemFaultError:
    return fault(
        f"{name}: {number} does not exist (there are {count}); correct its number",
        f"{name}：没有编号 {number}（共 {count} 个）；请更正序号",
    )
