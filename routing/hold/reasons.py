"""Say why a task stays undone in numbers: whom it needs, how many of them there are, and what keeps the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.text import Text
from routing.hold.plan import Unmet, UnmetCode
from routing.hold.problem import HoldProblem
from routing.hold.search_kernel import count_free, window
from routing.hold.search_tables import (
    LONGEST,
    UNDONE,
    WORKED,
    HoldState,
    HoldTables,
    Room,
    empty_state,
)


@dataclass(frozen=True, slots=True)
class _Short:
    """The start at which a crew lacks fewest, with the need that lacks most there."""

    minute: int
    skill: str | None
    needed: int
    available: int
    lacking: int


def find_unmet(problem: HoldProblem, tables: HoldTables, state: HoldState, room: Room) -> tuple[Unmet, ...]:
    """Return every task that a plan does not do, each with the rule that keeps it from being done."""
    nobody_busy = empty_state(problem)
    tireless = tables.people.copy()
    tireless[:, LONGEST], tireless[:, WORKED] = 1 << 29, 0
    found = []
    for n in np.flatnonzero(state.start == UNDONE):
        found.append(_reason(problem, tables, tables._replace(people=tireless), state, nobody_busy, room, int(n)))
    return tuple(found)


def _reason(
    problem: HoldProblem,
    tables: HoldTables,
    tireless: HoldTables,
    state: HoldState,
    nobody_busy: HoldState,
    room: Room,
    n: int,
) -> Unmet:
    task = problem.tasks[n]
    if problem.latest_start_min[n] < task.earliest_min:
        return _unmet(problem, n, "window", None, task.persons, 0, None, None)
    for need in task.crew:
        held = problem.num_people if need.skill is None else problem.holders.get(need.skill, 0)
        if held < need.persons:
            return _unmet(problem, n, "skill", need.skill, need.persons, held, None, None)
    alone = _shortage(problem, tables, nobody_busy, room, n, (task.earliest_min, problem.latest_start_min[n]))
    if alone.lacking:
        code: UnmetCode = "travel" if _is_late(problem, n) else "shift"
        return _unmet(problem, n, code, alone.skill, alone.needed, alone.available, alone.minute, None)
    for one in problem.precedences:
        if one.after == n and state.start[one.before] == UNDONE:
            return _unmet(problem, n, "precedence", None, task.persons, 0, None, one.before)
    first, last = window(tables, state, n)
    if first > last:
        late = [one.before for one in problem.precedences if one.after == n]
        late += [one.after for one in problem.precedences if one.before == n]
        return _unmet(problem, n, "precedence", None, task.persons, 0, None, late[0] if late else None)
    now = _shortage(problem, tables, state, room, n, (first, last))
    rested = _shortage(problem, tireless, state, room, n, (first, last))
    is_rest = rested.lacking < now.lacking
    return _unmet(problem, n, "rest" if is_rest else "busy", now.skill, now.needed, now.available, now.minute, None)


def _is_late(problem: HoldProblem, n: int) -> bool:
    """Say whether too few of a skill can be there by the end of the window, whatever their shifts."""
    task = problem.tasks[n]
    there = [
        member.skills
        for p, member in enumerate(problem.people)
        if problem.free_from_min[p] + problem.travel_min[member.mode, member.place, task.place]
        <= problem.latest_start_min[n]
    ]
    return any(sum(need.skill is None or need.skill in skills for skills in there) < need.persons for need in task.crew)


def _shortage(
    problem: HoldProblem, tables: HoldTables, state: HoldState, room: Room, n: int, span: tuple[int, int]
) -> _Short:
    """Return the start of a window at which fewest people are lacking."""
    task, (first, last) = problem.tasks[n], span
    count_free(tables, state, n, first, last, room.free, False)
    free = room.free[: len(task.crew) + 1, : last - first + 1]
    asked = np.array([need.persons for need in task.crew] + [task.persons])
    lacking = np.maximum(0, asked[:, None] - free)
    worst = np.maximum(lacking[:-1].sum(axis=0), lacking[-1])
    at = int(worst.argmin())
    row = int(lacking[:, at].argmax())
    skill = task.crew[row].skill if row < len(task.crew) else None
    return _Short(first + at, skill, int(asked[row]), int(free[row, at]), int(worst[at]))


_WORDS: dict[UnmetCode, tuple[str, str]] = {
    "window": ("其时间窗内无法开始", "it cannot begin within its window"),
    "skill": ("需要 {needed} 名{skill}，全岛只有 {available} 名", "needs {needed} {skill}, the island has {available}"),
    "travel": (
        "需要 {needed} 名{skill}，时间窗内最多 {available} 名能赶到（{minute} 分）",
        "needs {needed} {skill}, at most {available} can be there in its window (at {minute} min)",
    ),
    "shift": (
        "需要 {needed} 名{skill}，班次内能完成的最多 {available} 名（{minute} 分）",
        "needs {needed} {skill}, the shifts of at most {available} last long enough (at {minute} min)",
    ),
    "precedence": ("须等任务 {waits_for} 完成", "waits for task {waits_for}"),
    "busy": (
        "需要 {needed} 名{skill}，其余在执行其他任务，最多 {available} 名有空（{minute} 分）",
        "needs {needed} {skill}, at most {available} are free of other tasks (at {minute} min)",
    ),
    "rest": (
        "需要 {needed} 名{skill}，其余须休息，最多 {available} 名可执勤（{minute} 分）",
        "needs {needed} {skill}, others must rest, at most {available} may work (at {minute} min)",
    ),
}


def _unmet(
    problem: HoldProblem,
    n: int,
    code: UnmetCode,
    skill: str | None,
    needed: int,
    available: int,
    minute: int | None,
    waits_for: int | None,
) -> Unmet:
    task, relief = problem.tasks[n], problem.relief_min
    zh, en = _WORDS[code]
    text = Text(
        zh=zh.format(needed=needed, available=available, minute=minute, skill=skill or "人员", waits_for=waits_for),
        en=en.format(needed=needed, available=available, minute=minute, skill=skill or "people", waits_for=waits_for),
    )
    handed_over = relief is not None and task.latest_min >= relief
    return Unmet(n, task.value, code, skill, needed, available, minute, waits_for, handed_over, text)
