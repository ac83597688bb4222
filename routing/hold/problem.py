"""State the self-defence problem: people, places and tasks in, who does what and when out.

Everything is a plain matrix in whole minutes from the plan's start, so that a problem can be built without geography.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import numpy.typing as npt

from routing.deploy.problem_input import MAX_HORIZON_MIN, UNREACHABLE, ProblemFaultError, fault, whole_number
from routing.hold.problem_checks import VALUE_POINTS, check_problem, freeze_problem

__all__ = [
    "MAX_HORIZON_MIN",
    "UNREACHABLE",
    "VALUE_POINTS",
    "Fixed",
    "HoldOptions",
    "HoldProblem",
    "Member",
    "Need",
    "Precedence",
    "ProblemFaultError",
    "Task",
    "post_slots",
]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Need:
    """So many persons of one skill (None: anybody) in the crew of a task."""

    skill: str | None
    persons: int


@dataclass(frozen=True, slots=True)
class Member:
    """One person without a name: what they can do, where they are, from when to when, and how long before a rest.

    On task no longer than ``longest_work_min`` in all since the last rest: ``rest_min`` minutes or more in one piece,
    neither on task nor on the way. ``worked_min`` of it are used up at ``ready_min``. ``mode`` is the row of
    ``travel_min``. All times are minutes from the plan's start; every task ends by ``until_min``.
    """

    skills: frozenset[str]
    place: int
    ready_min: int
    until_min: int
    longest_work_min: int
    rest_min: int
    mode: int = 0
    worked_min: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Work at a place that a whole crew begins together: starts at earliest_min..latest_min, lasts ``duration_min``.

    ``value`` is what it is worth to have it done; ``post`` numbers the standing post it is a slot of.
    """

    place: int
    earliest_min: int
    latest_min: int
    duration_min: int
    crew: tuple[Need, ...]
    value: int
    post: int | None = None

    @property
    def persons(self) -> int:
        """The number of persons in the crew."""
        return sum(need.persons for need in self.crew)


@dataclass(frozen=True, slots=True)
class Precedence:
    """Task ``after`` begins no sooner than ``lag_min`` after task ``before`` ends, and only if that one is done."""

    before: int
    after: int
    lag_min: int = 0


@dataclass(frozen=True, slots=True)
class Fixed:
    """A task that has begun, or that is ordered to begin then, with its crew: it stays as it is.

    One that begins at minute 0 or before needs no way to it; its crew is there.
    """

    task: int
    start_min: int
    people: tuple[int, ...]


def post_slots(
    post: int, place: int, from_min: int, slot_min: int, values: Sequence[int], crew: tuple[Need, ...]
) -> tuple[Task, ...]:
    """Return a standing post as one task a slot, each of its own value; people may hold several in a row.

    Raises ProblemFaultError where a slot lasts no minute.
    """
    whole_number(f"post {post}: slot_min", slot_min, 1, MAX_HORIZON_MIN)
    return tuple(
        Task(place, from_min + n * slot_min, from_min + n * slot_min, slot_min, crew, value, post)
        for n, value in enumerate(values)
    )


@dataclass(frozen=True, slots=True)
class HoldOptions:
    """How long and how to look: ``iterations`` replaces the clock, so that the same seed gives the same plan."""

    seconds: float = 10.0
    seed: int = 1
    workers: int = 2
    iterations: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.seconds, int | float) or not 0 < self.seconds < inf:
            raise fault(
                f"options: seconds must be above 0 and finite, not {self.seconds}",
                f"options：seconds 须大于 0 且有限，现为 {self.seconds}",
            )
        whole_number("options: workers", self.workers, 1, 1_000)
        whole_number("options: seed", self.seed, 0, 2**31 - 1)
        if self.iterations is not None:
            whole_number("options: iterations", self.iterations, 0, 2**62)


@dataclass(frozen=True)
class HoldProblem:
    """People, places P, travel modes M and tasks T.

    ``travel_min[M, P, P]`` are whole minutes from place to place, ``UNREACHABLE`` where there is no way. Every task
    ends by ``horizon_min``. From ``relief_min`` on nothing is begun: a task that can still begin then is handed over.
    ``fixed`` stays as it is. ``before`` is the crew of each task in the plan in force, if any: a person put on such a
    task who was not in its crew costs ``change_points``.
    Raises ProblemFaultError naming the field and what is wrong with it.
    """

    people: tuple[Member, ...]
    travel_min: IntArray
    tasks: tuple[Task, ...]
    horizon_min: int
    precedences: tuple[Precedence, ...] = ()
    relief_min: int | None = None
    fixed: tuple[Fixed, ...] = ()
    before: tuple[frozenset[int], ...] | None = None
    change_points: int = 0

    def __post_init__(self) -> None:
        freeze_problem(self)
        check_problem(self)

    @property
    def num_people(self) -> int:
        """The number of people."""
        return len(self.people)

    @property
    def num_tasks(self) -> int:
        """The number of tasks, slots of posts among them."""
        return len(self.tasks)

    @property
    def num_places(self) -> int:
        """The number of places."""
        return int(self.travel_min.shape[1])

    @cached_property
    def total_value(self) -> int:
        """The value of all tasks that may be begun before relief."""
        return sum(task.value for n, task in enumerate(self.tasks) if self.latest_start_min[n] >= task.earliest_min)

    @cached_property
    def latest_start_min(self) -> tuple[int, ...]:
        """The latest minute each task may begin: in its window, ended by the horizon, before relief."""
        last = self.horizon_min if self.relief_min is None else self.relief_min - 1
        return tuple(min(task.latest_min, self.horizon_min - task.duration_min, last) for task in self.tasks)

    @cached_property
    def fixed_of(self) -> dict[int, Fixed]:
        """What is fixed, by task."""
        return {one.task: one for one in self.fixed}

    @cached_property
    def free_from_min(self) -> tuple[int, ...]:
        """The minute each person is free from: ready, or the end of what they have begun."""
        begun = {
            p: one.start_min + self.tasks[one.task].duration_min
            for one in sorted(self.fixed, key=lambda one: one.start_min)
            if one.start_min <= 0
            for p in one.people
        }
        return tuple(begun.get(p, member.ready_min) for p, member in enumerate(self.people))

    @cached_property
    def holders(self) -> dict[str, int]:
        """How many people hold each skill."""
        return dict(Counter(skill for member in self.people for skill in member.skills))
