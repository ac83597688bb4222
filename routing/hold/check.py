"""Check a self-defence plan against its problem without the solver: every rule and the score, from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from data.errors import TongzhouError
from data.text import Text
from routing.hold.check_people import check_person
from routing.hold.plan import Assignment, HoldResult, Score
from routing.hold.problem import HoldProblem

Rule = Literal[
    "number",
    "window",
    "start",
    "crew",
    "skill",
    "travel",
    "shift",
    "rest",
    "precedence",
    "fixed",
    "score",
    "unmet",
    "bound",
]


@dataclass(frozen=True, slots=True)
class HoldFault:
    """One rule that a plan breaks, with the task and the person it concerns, if any."""

    rule: Rule
    task: int | None
    person: int | None
    text: Text


class HoldPlanError(ValueError, TongzhouError):
    """A self-defence plan that breaks a rule; nobody is to see it."""

    def __init__(self, faults: tuple[HoldFault, ...]) -> None:
        self.faults = faults
        first = faults[0].text
        self.text = Text(zh=f"方案违反 {len(faults)} 条规则：{first.zh}", en=f"{len(faults)} rules broken: {first.en}")
        super().__init__(self.text.en)


def check_hold(problem: HoldProblem, result: HoldResult) -> None:
    """Raise HoldPlanError naming every rule that a plan breaks."""
    faults = find_hold_faults(problem, result)
    if faults:
        raise HoldPlanError(faults)


def find_hold_faults(problem: HoldProblem, result: HoldResult) -> tuple[HoldFault, ...]:
    """Return every rule that a plan breaks; none where it is sound."""
    wrong = [
        _fault("number", one.task, one.person, "no such task, person or need", "任务、人员或技能项编号不存在")
        for one in result.assignments
        if not (
            0 <= one.person < problem.num_people
            and 0 <= one.task < problem.num_tasks
            and 0 <= one.need < len(problem.tasks[one.task].crew)
        )
    ]
    if wrong:
        return tuple(wrong)
    crews: dict[int, list[Assignment]] = {}
    days: dict[int, list[Assignment]] = {}
    for one in result.assignments:
        crews.setdefault(one.task, []).append(one)
        days.setdefault(one.person, []).append(one)
    found: list[HoldFault] = []
    for task, crew in sorted(crews.items()):
        found += _check_task(problem, task, crew)
        found += _check_crew(problem, task, crew)
    for person, day in sorted(days.items()):
        day.sort(key=lambda one: one.start_min)
        found += [_fault(rule, task, person, en, zh) for rule, task, en, zh in check_person(problem, person, day)]
    found += _check_precedences(problem, crews)
    found += _check_fixed(problem, crews)
    found += _check_score(problem, crews, result)
    found += _check_unmet(problem, crews, result)
    return tuple(found)


def _fault(rule: Rule, task: int | None, person: int | None, en: str, zh: str) -> HoldFault:
    subject = [f"task {task}"] if task is not None else []
    subject_zh = [f"任务 {task}"] if task is not None else []
    if person is not None:
        subject, subject_zh = [*subject, f"person {person}"], [*subject_zh, f"人员 {person}"]
    head, head_zh = ", ".join(subject) or "plan", "，".join(subject_zh) or "方案"
    return HoldFault(rule, task, person, Text(zh=f"{head_zh}：{zh}", en=f"{head}: {en}"))


def _check_task(problem: HoldProblem, task: int, crew: list[Assignment]) -> Iterator[HoldFault]:
    """Begun by all at one minute in the window, ended by the horizon, before relief; lasts what it lasts."""
    asked = problem.tasks[task]
    start = crew[0].start_min
    if any(one.start_min != start or one.end_min != start + asked.duration_min for one in crew):
        yield _fault(
            "start",
            task,
            None,
            f"its crew does not begin together for {asked.duration_min} min",
            f"班组未同时开始或时长不是 {asked.duration_min} 分钟",
        )
    if task in {one.task for one in problem.fixed}:
        return
    last = min(asked.latest_min, problem.horizon_min - asked.duration_min)
    if problem.relief_min is not None:
        last = min(last, problem.relief_min - 1)
    if not asked.earliest_min <= start <= last:
        yield _fault(
            "window",
            task,
            None,
            f"begins at {start}, allowed is {asked.earliest_min}..{last}",
            f"{start} 分开始，允许 {asked.earliest_min}..{last}",
        )


def _check_crew(problem: HoldProblem, task: int, crew: list[Assignment]) -> Iterator[HoldFault]:
    """As many different people as asked for, each need filled by people of its skill, by a bipartite matching."""
    asked = problem.tasks[task].crew
    seats = [n for n, need in enumerate(asked) for _ in range(need.persons)]
    people = [one.person for one in crew]
    if len(people) != len(seats) or len(set(people)) != len(people):
        yield _fault(
            "crew",
            task,
            None,
            f"{len(set(people))} people of {len(seats)}",
            f"应有 {len(seats)} 人，实有 {len(set(people))} 人",
        )
        return
    fits = [
        [s for s, n in enumerate(seats) if asked[n].skill is None or asked[n].skill in problem.people[person].skills]
        for person in people
    ]
    taken_by: dict[int, int] = {}
    for first in range(len(people)):
        if not _find_seat(first, fits, taken_by, set()):
            yield _fault("skill", task, people[first], "the crew lacks a skill", "班组缺少所需技能")
            return
    for n, need in enumerate(asked):
        named = [one.person for one in crew if one.need == n]
        able = [p for p in named if need.skill is None or need.skill in problem.people[p].skills]
        if len(named) != need.persons or len(able) != len(named):
            yield _fault(
                "skill",
                task,
                None,
                f"{len(able)} of {need.persons} named for {need.skill or 'any skill'} can do it",
                f"列为“{need.skill or '不限技能'}”的 {need.persons} 人中 {len(able)} 人符合",
            )


def _find_seat(person: int, fits: list[list[int]], taken_by: dict[int, int], tried: set[int]) -> bool:
    for s in fits[person]:
        if s not in tried:
            tried.add(s)
            if s not in taken_by or _find_seat(taken_by[s], fits, taken_by, tried):
                taken_by[s] = person
                return True
    return False


def _check_precedences(problem: HoldProblem, crews: dict[int, list[Assignment]]) -> Iterator[HoldFault]:
    """Nothing begins before what it waits for has ended, with the lag; what is fixed has begun anyway."""
    fixed = {one.task for one in problem.fixed}
    for one in problem.precedences:
        if one.after not in crews or one.after in fixed:
            continue
        start = crews[one.after][0].start_min
        if one.before not in crews:
            yield _fault(
                "precedence",
                one.after,
                None,
                f"task {one.before} is not done before it",
                f"其前置任务 {one.before} 未完成",
            )
            continue
        ready = crews[one.before][0].start_min + problem.tasks[one.before].duration_min + one.lag_min
        if start < ready:
            yield _fault(
                "precedence",
                one.after,
                None,
                f"begins at {start}, task {one.before} allows it from {ready}",
                f"{start} 分开始，前置任务 {one.before} 允许的最早时间为 {ready} 分",
            )


def _check_fixed(problem: HoldProblem, crews: dict[int, list[Assignment]]) -> Iterator[HoldFault]:
    for one in problem.fixed:
        crew = crews.get(one.task, [])
        people, starts = {a.person for a in crew}, {a.start_min for a in crew}
        if people != set(one.people) or starts != {one.start_min}:
            yield _fault("fixed", one.task, None, "has begun and was changed", "已开始的任务被更改")


def _check_score(problem: HoldProblem, crews: dict[int, list[Assignment]], result: HoldResult) -> Iterator[HoldFault]:
    value = sum(problem.tasks[task].value for task in crews)
    late = sum(
        problem.tasks[task].value * max(0, crew[0].start_min - problem.tasks[task].earliest_min)
        for task, crew in crews.items()
    )
    moved = 0
    if problem.before is not None:
        for task, crew in crews.items():
            known = problem.before[task]
            moved += sum(bool(known) and one.person not in known for one in crew)
    points = 100_000 * value - late - problem.change_points * moved
    if (own := Score(value, late, moved, points)) != result.score:
        yield _fault("score", None, None, f"scored {result.score}, is {own}", f"记分 {result.score}，实为 {own}")
    if points > result.bound or value > result.bound_value:
        yield _fault(
            "bound",
            None,
            None,
            f"{points} points are above the bound {result.bound}",
            f"{points} 分高于上界 {result.bound}",
        )


def _check_unmet(problem: HoldProblem, crews: dict[int, list[Assignment]], result: HoldResult) -> Iterator[HoldFault]:
    named = sorted(one.task for one in result.unmet)
    left = [task for task in range(problem.num_tasks) if task not in crews]
    if named != left:
        yield _fault("unmet", None, None, f"not done are {left}, named are {named}", f"未完成 {left}，列出 {named}")
    for one in result.unmet:
        is_open = problem.relief_min is not None and problem.tasks[one.task].latest_min >= problem.relief_min
        if one.handed_over != is_open or one.value != problem.tasks[one.task].value:
            yield _fault("unmet", one.task, None, "its hand-over or value is told wrong", "移交或价值记录有误")
    relief = problem.relief_min
    running = [
        task
        for task, crew in sorted(crews.items())
        if relief is not None and crew[0].start_min < relief < crew[0].end_min
    ]
    if running != list(result.running_at_relief):
        yield _fault(
            "unmet",
            None,
            None,
            f"under way at relief are {running}, named are {list(result.running_at_relief)}",
            f"移交时进行中的任务为 {running}，列出 {list(result.running_at_relief)}",
        )
