"""Read a plan out of the search's arrays: who does what and when, and its score."""

from __future__ import annotations

from routing.hold.plan import Assignment, Score
from routing.hold.problem import VALUE_POINTS, HoldProblem
from routing.hold.search_tables import COUNT, UNDONE, HoldState


def read_assignments(problem: HoldProblem, state: HoldState) -> tuple[Assignment, ...]:
    """Return the assignments of a plan, by person and time."""
    roles = [
        dict(zip(crew[: task.persons], role, strict=False))
        for task, crew, role in zip(problem.tasks, state.crew.tolist(), state.role.tolist(), strict=True)
    ]
    starts, travel = state.start.tolist(), problem.travel_min.tolist()
    found = []
    for p, member in enumerate(problem.people):
        here = member.place
        for n in state.route[p, : state.load[p, COUNT]].tolist():
            task, start = problem.tasks[n], starts[n]
            is_there = n in problem.fixed_of and start <= 0
            way = 0 if is_there else travel[member.mode][here][task.place]
            come_from = task.place if is_there else here
            found.append(Assignment(p, n, roles[n][p], start, start + task.duration_min, come_from, way))
            here = task.place
    return tuple(found)


def score_of(problem: HoldProblem, state: HoldState) -> Score:
    """Return the score of a plan, reckoned apart from the compiled search."""
    value = late = changes = 0
    for n, task in enumerate(problem.tasks):
        start = int(state.start[n])
        if start == UNDONE:
            continue
        value += task.value
        late += task.value * max(0, start - task.earliest_min)
        known = problem.before[n] if problem.before is not None else frozenset()
        crew = state.crew[n, : task.persons].tolist()
        changes += sum(bool(known) and p not in known for p in crew)
    return Score(value, late, changes, VALUE_POINTS * value - late - problem.change_points * changes)
