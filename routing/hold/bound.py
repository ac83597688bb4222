"""Bound what any self-defence plan can hold: tasks as intervals against head counts of skills, solved by CP-SAT.

People are not told apart and have no way to go between tasks, so every plan is a solution and the optimum is an upper
bound. For each set of skills the tasks under way may ask for no more people than hold one of them and are on shift
(Hall 1935), and for no more minutes in all than those people can be on task.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import floor
from threading import Event

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from routing.deploy.problem_input import UNREACHABLE
from routing.hold.problem import VALUE_POINTS, HoldProblem, Task
from routing.hold.work import most_work_min

# Sets of skills with a rule of their own; more take longer to build and were never seen to lower the bound.
_MOST_SETS = 120
# Needs of one crew held against the arrivals of those who fill any of them.
_MOST_TOGETHER = 4
# Slack for the doubles in which CP-SAT tells whole bounds.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class HoldBound:
    """Upper bounds on value and on points, and whether the relaxation was solved to its optimum."""

    value: int
    points: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class BoundLimits:
    """Time for the relaxation: seconds, or deterministic solver time in their place."""

    seconds: float
    seed: int
    deterministic: float | None = None


def trivial_bound(problem: HoldProblem) -> HoldBound:
    """Return the value of all tasks that a crew can reach at all, each as early as it can."""
    starts = earliest_starts(problem)
    return _with_lateness(problem, starts, sum(problem.tasks[n].value for n, at in enumerate(starts) if at is not None))


def earliest_starts(problem: HoldProblem) -> list[int | None]:
    """Return the minute before which no crew can begin each task, None where none ever can.

    Every person is taken to have nothing else to do and to come by the shortest way over any places.
    """
    arrival = _arrivals(problem)
    skills = {need.skill for task in problem.tasks for need in task.crew}
    holds = {
        skill: np.array([skill is None or skill in one.skills for one in problem.people], dtype=np.bool_)
        for skill in skills
    }
    starts: list[int | None] = []
    for n, task in enumerate(problem.tasks):
        if n in problem.fixed_of:
            starts.append(problem.fixed_of[n].start_min)
            continue
        at, sizes = task.earliest_min, range(1, min(len(task.crew), _MOST_TOGETHER) + 1)
        for chosen in (one for size in sizes for one in combinations(task.crew, size)):
            asked = sum(need.persons for need in chosen)
            came = np.sort(arrival[n][np.any([holds[need.skill] for need in chosen], axis=0)])
            at = max(at, int(came[asked - 1]) if len(came) >= asked else UNREACHABLE)
        starts.append(at if at <= problem.latest_start_min[n] else None)
    return _after_predecessors(problem, starts)


def _after_predecessors(problem: HoldProblem, starts: list[int | None]) -> list[int | None]:
    for _ in range(len(problem.precedences)):
        moved = False
        for one in problem.precedences:
            if one.after in problem.fixed_of or (now := starts[one.after]) is None:
                continue
            before = starts[one.before]
            at = None if before is None else before + problem.tasks[one.before].duration_min + one.lag_min
            if at is None or at > problem.latest_start_min[one.after]:
                starts[one.after], moved = None, True
            elif at > now:
                starts[one.after], moved = at, True
        if not moved:
            break
    return starts


def _arrivals(problem: HoldProblem) -> npt.NDArray[np.int64]:
    """Return [T, N] when each person could first begin each task; UNREACHABLE where never within shift and work."""
    ways = problem.travel_min.copy()
    for k in range(problem.num_places):
        ways = np.minimum(ways, ways[:, :, k, None] + ways[:, None, k, :])
    begun = {p: problem.tasks[one.task].place for one in problem.fixed if one.start_min <= 0 for p in one.people}
    mode = np.array([one.mode for one in problem.people], dtype=np.int64)
    here = np.array([begun.get(p, one.place) for p, one in enumerate(problem.people)], dtype=np.int64)
    free = np.array(problem.free_from_min, dtype=np.int64)
    until = np.array([min(one.until_min, problem.horizon_min) for one in problem.people], dtype=np.int64)
    longest = np.array([one.longest_work_min for one in problem.people], dtype=np.int64)
    rows = np.full((problem.num_tasks, problem.num_people), UNREACHABLE, dtype=np.int64)
    for n, task in enumerate(problem.tasks):
        at = np.maximum(task.earliest_min, free + ways[mode, here, task.place])
        last = np.minimum(until - task.duration_min, problem.latest_start_min[n])
        fits = (at <= last) & (longest >= task.duration_min)
        rows[n, fits] = at[fits]
    return rows


def prove_bound(problem: HoldProblem, limits: BoundLimits, stop: Event | None = None) -> HoldBound:
    """Return the bound of the relaxation; where time runs out, the best proven so far."""
    starts = earliest_starts(problem)
    first = trivial_bound(problem)
    model, solver = _Model(problem, starts).model, cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = limits.seed
    if limits.deterministic is None:
        solver.parameters.max_time_in_seconds = limits.seconds
    else:
        solver.parameters.max_deterministic_time = limits.deterministic
    if stop is not None:
        solver.best_bound_callback = lambda _: solver.stop_search() if stop.is_set() else None
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return first
    value = min(first.value, floor(solver.best_objective_bound + _ROUNDING))
    bound = _with_lateness(problem, starts, value)
    return HoldBound(value, min(first.points, bound.points), status == cp_model.OPTIMAL)


def _with_lateness(problem: HoldProblem, starts: list[int | None], value: int) -> HoldBound:
    """Return the bound on points for one on value: a plan of that value leaves out no more than the rest of it.

    Of all lateness that no plan avoids, what is left out takes no more with it than its value times the worst lateness.
    """
    reached = [(task, at) for task, at in zip(problem.tasks, starts, strict=True) if at is not None]
    late = [max(0, at - task.earliest_min) for task, at in reached]
    total = sum(task.value for task, _ in reached)
    unavoidable = sum(task.value * minutes for (task, _), minutes in zip(reached, late, strict=True))
    kept = max(0, unavoidable - max(0, total - value) * max(late, default=0))
    return HoldBound(value, max(VALUE_POINTS * value - kept, VALUE_POINTS * max(0, value - 1)), False)


class _Model:
    """The relaxation as a CP-SAT model."""

    def __init__(self, problem: HoldProblem, starts: list[int | None]) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        model = self.model
        self.done: dict[int, cp_model.IntVar] = {}
        self.start: dict[int, cp_model.IntVar] = {}
        self.interval: dict[int, cp_model.IntervalVar] = {}
        self.work = [
            most_work_min(replace(member, ready_min=max(0, free)), problem.horizon_min)
            for member, free in zip(problem.people, problem.free_from_min, strict=True)
        ]
        value = 0
        for n, task in enumerate(problem.tasks):
            at = starts[n]
            if n in problem.fixed_of:
                value += task.value
            elif at is not None:
                self.done[n] = model.new_bool_var(f"done {n}")
                self.start[n] = model.new_int_var(at, problem.latest_start_min[n], f"start {n}")
                self.interval[n] = model.new_optional_fixed_size_interval_var(
                    self.start[n], task.duration_min, self.done[n], f"task {n}"
                )
        self._order()
        for skills in _skill_sets(problem):
            self._heads_suffice(skills)
        model.maximize(value + sum(problem.tasks[n].value * done for n, done in self.done.items()))

    def _order(self) -> None:
        """A task is done only after those it waits for."""
        for one in self.problem.precedences:
            if one.after not in self.done:
                continue
            done, lasts = self.done[one.after], self.problem.tasks[one.before].duration_min + one.lag_min
            if one.before in self.done:
                self.model.add_implication(done, self.done[one.before])
                self.model.add(self.start[one.after] >= self.start[one.before] + lasts).only_enforce_if(done)
            elif (fixed := self.problem.fixed_of.get(one.before)) is not None:
                self.model.add(self.start[one.after] >= fixed.start_min + lasts).only_enforce_if(done)

    def _heads_suffice(self, skills: frozenset[str] | None) -> None:
        """No more people of a set of skills (None: all people) are asked for than are there, nor minutes of them."""
        problem = self.problem
        asked = {n: _asked(problem.tasks[n], skills) for n in self.done}
        asked = {n: persons for n, persons in asked.items() if persons}
        if not asked:
            return
        who = [p for p, member in enumerate(problem.people) if skills is None or skills & member.skills]
        intervals = [self.interval[n] for n in asked]
        demands = list(asked.values())
        for begin, end, away in _away(problem, who):
            intervals.append(self.model.new_fixed_size_interval_var(begin, end - begin, "away"))
            demands.append(away)
        self.model.add_cumulative(intervals, demands, len(who))
        work = sum(self.work[p] for p in who)
        need = {n: persons * problem.tasks[n].duration_min for n, persons in asked.items()}
        if sum(need.values()) > work:
            self.model.add(sum(minutes * self.done[n] for n, minutes in need.items()) <= work)


def _asked(task: Task, skills: frozenset[str] | None) -> int:
    return sum(need.persons for need in task.crew if skills is None or need.skill in skills)


def _away(problem: HoldProblem, who: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield begin, end and number of those not on shift or on a fixed task, where there are any."""
    busy: dict[int, list[tuple[int, int]]] = {p: [] for p in who}
    for one in problem.fixed:
        for p in set(one.people) & busy.keys():
            busy[p].append((one.start_min, one.start_min + problem.tasks[one.task].duration_min))
    horizon = problem.horizon_min
    edges = {0, horizon}
    for p in who:
        edges |= {problem.free_from_min[p], problem.people[p].until_min} | {edge for span in busy[p] for edge in span}
    cuts = sorted(edge for edge in edges if 0 <= edge <= horizon)
    for begin, end in pairwise(cuts):
        away = sum(
            problem.free_from_min[p] >= end
            or problem.people[p].until_min <= begin
            or any(a < end and b > begin for a, b in busy[p])
            for p in who
        )
        if away:
            yield begin, end, away


def _skill_sets(problem: HoldProblem) -> list[frozenset[str] | None]:
    """Return sets of up to three skills, and all people; those that people hold together come first."""
    skills = sorted({need.skill for task in problem.tasks for need in task.crew if need.skill is not None})
    sets: list[frozenset[str]] = [frozenset((skill,)) for skill in skills]
    shared = {pair: sum(set(pair) <= member.skills for member in problem.people) for pair in combinations(skills, 2)}
    sets += [frozenset(pair) for pair in sorted(shared, key=lambda pair: (-shared[pair], pair)) if shared[pair]]
    if len(sets) < _MOST_SETS:
        sets += [frozenset(three) for three in combinations(skills, 3)]
    return [None, *sets[:_MOST_SETS]]
