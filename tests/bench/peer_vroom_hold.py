"""Ask VROOM for a self-defence plan of one-person jobs: what it can express of the problem, in the same minutes.

It knows skills, windows, shifts and ways; the longest work is the capacity of a person. Crews, common starts and
precedence it does not know, so only problems without them are put to it. Its plan is timed by itself and checked by us.
"""

from __future__ import annotations

from datetime import timedelta

import vroom

from routing.hold.check import find_hold_faults
from routing.hold.plan import Assignment, HoldResult, Score
from routing.hold.problem import UNREACHABLE, VALUE_POINTS, HoldProblem
from routing.hold.reasons import find_unmet
from routing.hold.search import HoldSearch
from routing.hold.search_tables import put

# VROOM counts seconds.
_S = 60
_DEEPEST = 5
_THREADS = 2


def ask_vroom_to_hold(problem: HoldProblem, seconds: float) -> HoldResult:
    """Return VROOM's plan after so many seconds at most; raises ValueError where it cannot be asked or is unsound."""
    if problem.precedences or problem.fixed or any(task.persons > 1 for task in problem.tasks):
        raise ValueError("VROOM is asked about one-person jobs without precedence alone")
    if any(one.rest_min < problem.horizon_min for one in problem.people):
        raise ValueError("VROOM has no rests: the rest must be as long as the horizon")
    asked = vroom.Input()
    for mode, matrix in enumerate(problem.travel_min):
        asked.set_durations_matrix(f"mode {mode}", (matrix.clip(max=UNREACHABLE) * _S).astype("uint32"))
    skills = sorted({need.skill or "" for task in problem.tasks for need in task.crew})
    number = {skill: n for n, skill in enumerate(skills)}
    for p, member in enumerate(problem.people):
        until = min(member.until_min, problem.horizon_min)
        asked.add_vehicle(
            vroom.Vehicle(
                p,
                start=member.place,
                profile=f"mode {member.mode}",
                capacity=[member.longest_work_min - member.worked_min],
                skills={number[skill] for skill in (*member.skills, "") if skill in number},
                time_window=vroom.TimeWindow(member.ready_min * _S, until * _S),
            )
        )
    for n, task in enumerate(problem.tasks):
        window = vroom.TimeWindow(task.earliest_min * _S, problem.latest_start_min[n] * _S)
        asked.add_job(
            vroom.Job(
                n,
                location=task.place,
                default_service=task.duration_min * _S,
                delivery=vroom.Amount([task.duration_min]),
                skills={number[task.crew[0].skill or ""]},
                priority=task.value,
                time_windows=[window],
            )
        )
    found = asked.solve(_DEEPEST, _THREADS, timeout=timedelta(seconds=seconds))
    return _read(problem, found.to_dict()["routes"])


def _read(problem: HoldProblem, routes: list[dict[str, object]]) -> HoldResult:
    search = HoldSearch(problem, 1)
    rows = []
    for route in routes:
        person = int(str(route["vehicle"]))
        member = problem.people[person]
        here = member.place
        steps = route["steps"]
        assert isinstance(steps, list)
        for step in steps:
            if step["type"] != "job":
                continue
            task = problem.tasks[step["id"]]
            start = (int(step["arrival"]) + int(step["waiting_time"])) // _S
            way = int(problem.travel_min[member.mode, here, task.place])
            rows.append(Assignment(person, step["id"], 0, start, start + task.duration_min, here, way))
            put(problem, search.state, step["id"], start, (person,))
            here = task.place
    value = sum(problem.tasks[one.task].value for one in rows)
    late = sum(
        problem.tasks[one.task].value * max(0, one.start_min - problem.tasks[one.task].earliest_min) for one in rows
    )
    score = Score(value, late, 0, VALUE_POINTS * value - late)
    total = problem.total_value
    unmet = find_unmet(problem, search.tables, search.state, search.room)
    plan = HoldResult(
        "feasible", tuple(rows), score, total, VALUE_POINTS * total, total, (), unmet, (), score, 0.0, 0.0, 0, 0
    )
    if faults := find_hold_faults(problem, plan):
        raise ValueError(f"VROOM's plan breaks a rule: {faults[0].text.en}")
    return plan
