"""Check what one person does from ready to the end of the shift: ways, shift, work and rests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from routing.hold.plan import Assignment
from routing.hold.problem import HoldProblem

PersonRule = Literal["travel", "shift", "rest"]
Broken = tuple[PersonRule, int, str, str]


def check_person(problem: HoldProblem, person: int, day: list[Assignment]) -> Iterator[Broken]:
    """Yield rule, task and words of all that is wrong with a person's assignments, given in the order of time.

    What is fixed has begun: its own way, shift and rest are not asked after, but it counts for what follows.
    """
    member = problem.people[person]
    fixed = {one.task: one.start_min for one in problem.fixed}
    here, free, worked = member.place, member.ready_min, member.worked_min
    for k, one in enumerate(day):
        task = problem.tasks[one.task]
        way = int(problem.travel_min[member.mode, here, task.place])
        is_there = one.task in fixed and fixed[one.task] <= 0
        if is_there:
            way = 0
        elif one.from_place != here or one.travel_min != way:
            yield (
                "travel",
                one.task,
                f"comes from place {one.from_place} in {one.travel_min} min, is at {here}, {way} min away",
                f"列为从地点 {one.from_place} 出发 {one.travel_min} 分钟，实在地点 {here}，路程 {way} 分钟",
            )
        if free + way > one.start_min and not (is_there and k == 0):
            yield (
                "travel",
                one.task,
                f"can be there at {free + way}, it begins at {one.start_min}",
                f"最早 {free + way} 分到达，任务 {one.start_min} 分开始",
            )
        if one.task not in fixed and one.end_min > member.until_min:
            yield (
                "shift",
                one.task,
                f"ends at {one.end_min}, the shift at {member.until_min}",
                f"{one.end_min} 分结束，班次 {member.until_min} 分结束",
            )
        if one.start_min - way - free >= member.rest_min:
            worked = 0
        worked += task.duration_min
        if worked > member.longest_work_min and not all(later.task in fixed for later in day[: k + 1]):
            yield (
                "rest",
                one.task,
                f"{worked} min on task without a rest of {member.rest_min}, allowed are {member.longest_work_min}",
                f"未休息满 {member.rest_min} 分钟即连续执勤 {worked} 分钟，上限 {member.longest_work_min} 分钟",
            )
        here, free = task.place, one.end_min
