"""A self-defence problem solved the plainest way, so that what surrounds the solver is tested without it."""

from __future__ import annotations

from dataclasses import replace

from data.text import Text
from routing.hold.plan import Assignment, HoldResult, Score, Unmet
from routing.hold.problem import HoldProblem, Task

Busy = list[tuple[int, int, int]]  # from, to, place


def solve_by_hand(problem: HoldProblem) -> HoldResult:
    """Return a plan that takes tasks by their latest begin, each as early as its crew can be there."""
    busy: list[Busy] = [[] for _ in problem.people]
    done: dict[int, int] = {}
    rows: list[Assignment] = []
    for one in problem.fixed:
        task = problem.tasks[one.task]
        left = list(one.people)
        for n, need in sorted(enumerate(task.crew), key=lambda item: item[1].skill is None):
            able = [p for p in left if need.skill is None or need.skill in problem.people[p].skills][: need.persons]
            for person in able:
                left.remove(person)
                span = one.start_min, one.start_min + task.duration_min, task.place
                busy[person] = sorted([*busy[person], span])
                rows.append(
                    Assignment(person, one.task, n, one.start_min, one.start_min + task.duration_min, task.place, 0)
                )
        done[one.task] = one.start_min + task.duration_min
    order = sorted(range(problem.num_tasks), key=lambda t: (problem.tasks[t].latest_min, -problem.tasks[t].value, t))
    for number in order:
        if number in done:
            continue
        task = problem.tasks[number]
        firsts = [one.before for one in problem.precedences if one.after == number]
        if any(first not in done for first in firsts):
            continue
        soonest = max([0, task.earliest_min, *(done[first] for first in firsts)])
        for start in range(soonest, problem.latest_start_min[number] + 1):
            if crew := _crew(problem, busy, task, start):
                for person, need, origin, minutes in crew:
                    rows.append(Assignment(person, number, need, start, start + task.duration_min, origin, minutes))
                    busy[person] = sorted([*busy[person], (start, start + task.duration_min, task.place)])
                done[number] = start + task.duration_min
                break
    value = sum(problem.tasks[task].value for task in done)
    unmet = tuple(
        Unmet(n, task.value, "busy", None, task.persons, 0, None, None, False, Text("无人有空", "nobody is free"))
        for n, task in enumerate(problem.tasks)
        if n not in done
    )
    total = sum(task.value for task in problem.tasks)
    score = Score(value, 0, 0, value)
    told = tuple(sorted(_from_where_they_are(problem, rows)))
    words = (Text("全部任务", "all tasks"),)
    return HoldResult("feasible", told, score, total, total, total, words, unmet, (), score, 0.0, 0.0, 0, 1)


def _from_where_they_are(problem: HoldProblem, rows: list[Assignment]) -> list[Assignment]:
    """Return the rows with each person coming from the task before: some were entered later than the one after."""
    here = {n: member.place for n, member in enumerate(problem.people)}
    found = []
    for row in sorted(rows, key=lambda row: row.start_min):
        place = problem.tasks[row.task].place
        minutes = int(problem.travel_min[problem.people[row.person].mode, here[row.person], place])
        found.append(replace(row, from_place=here[row.person], travel_min=minutes))
        here[row.person] = place
    return found


def _crew(problem: HoldProblem, busy: list[Busy], task: Task, start: int) -> list[tuple[int, int, int, int]] | None:
    taken: list[tuple[int, int, int, int]] = []
    used: set[int] = set()
    for n, need in sorted(enumerate(task.crew), key=lambda item: item[1].skill is None):
        free = []
        for p, member in enumerate(problem.people):
            if p in used or not (need.skill is None or need.skill in member.skills):
                continue
            if (way := _way(problem, busy[p], p, task, start)) is not None:
                free.append((way[1], len(member.skills), p, way[0]))
        if len(free) < need.persons:
            return None
        for minutes, _, p, origin in sorted(free)[: need.persons]:
            used.add(p)
            taken.append((p, n, origin, minutes))
    return taken


def _way(problem: HoldProblem, busy: Busy, person: int, task: Task, start: int) -> tuple[int, int] | None:
    """Return where a person comes from and how long it takes; None where they cannot be there."""
    member, travel = problem.people[person], problem.travel_min[problem.people[person].mode]
    end = start + task.duration_min
    earlier = [one for one in busy if one[1] <= start]
    later = [one for one in busy if one[0] >= end]
    if len(earlier) + len(later) < len(busy) or end > member.until_min:
        return None
    free_at, place = (earlier[-1][1], earlier[-1][2]) if earlier else (member.ready_min, member.place)
    minutes = int(travel[place, task.place])
    if free_at + minutes > start or (later and end + int(travel[task.place, later[0][2]]) > later[0][0]):
        return None
    worked, free_at, place = member.worked_min, member.ready_min, member.place
    for begin, stop, where in sorted([*busy, (start, end, task.place)]):
        if begin - int(travel[place, where]) - free_at >= member.rest_min:
            worked = 0
        worked, free_at, place = worked + stop - begin, stop, where
        if worked > member.longest_work_min:
            return None
    return (earlier[-1][2] if earlier else member.place), minutes
