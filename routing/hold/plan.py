"""What the self-defence solver answers: who does what and when, how good that is, and what stays undone and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.plans import PlanStatus
from data.text import Text

# The rule that most people fail on first, from the window of the task itself to those who are busy elsewhere.
UnmetCode = Literal["window", "skill", "travel", "shift", "precedence", "busy", "rest"]
Stage = Literal["greedy", "repair", "search", "bound", "done"]

# What the bound of routing/hold/bound.py leaves out of account.
RELAXES = (
    Text(
        zh="上界只计各技能人数、班次与执勤时长：不区分个人，任务之间的路程不计，首个任务的到达时间计入",
        en="The bound counts people of each skill, shifts and minutes on task: it does not tell people apart, and "
        "leaves out ways between tasks but for the first arrival at each task",
    ),
    Text(zh="上界中的延误只计无法避免的部分", en="Of lateness the bound holds only what no plan can avoid"),
)


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """One person on one task in the role of one need of its crew.

    They leave ``from_place`` for it ``travel_min`` minutes before its start at the latest.
    """

    person: int
    task: int
    need: int
    start_min: int
    end_min: int
    from_place: int
    travel_min: int


@dataclass(frozen=True, slots=True)
class Unmet:
    """A task nobody does, and the count that forbids it: ``needed`` persons of ``skill`` against ``available``.

    ``minute`` is the start at which most of the crew could be had, None where there is no such minute; ``waits_for``
    the task that would have to be done before. ``handed_over`` says that those who relieve can still begin it.
    """

    task: int
    value: int
    code: UnmetCode
    skill: str | None
    needed: int
    available: int
    minute: int | None
    waits_for: int | None
    handed_over: bool
    text: Text


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one task between two plans: when it begins and who is in its crew, before and after."""

    task: int
    start_before_min: int | None
    start_after_min: int | None
    left: tuple[int, ...]
    joined: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The objective of a plan: value held on time, value x minutes late, people put on other tasks than before."""

    value: int
    late_value_min: int
    changes: int
    points: int


@dataclass(frozen=True, slots=True)
class HoldResult:
    """A plan at matrix level with its score and a proven upper bound on the points of any plan.

    ``bound_relaxes`` says in words what the bound leaves out of account. ``bound_value`` bounds the value alone.
    """

    status: PlanStatus
    assignments: tuple[Assignment, ...]
    score: Score
    total_value: int
    bound: int
    bound_value: int
    bound_relaxes: tuple[Text, ...]
    unmet: tuple[Unmet, ...]
    running_at_relief: tuple[int, ...]
    baseline: Score
    first_plan_s: float
    seconds: float
    iterations: int
    seed: int

    @property
    def gap(self) -> float:
        """How far below the best the plan may be at most, 0..1 of the bound."""
        return 0.0 if self.bound <= 0 else max(0.0, (self.bound - self.score.points) / self.bound)

    @property
    def value_gap(self) -> float:
        """The same of the value alone."""
        return 0.0 if self.bound_value <= 0 else max(0.0, (self.bound_value - self.score.value) / self.bound_value)

    def starts(self) -> dict[int, int]:
        """Return the start of each task that is done, in minutes."""
        return {one.task: one.start_min for one in self.assignments}

    def crews(self) -> dict[int, frozenset[int]]:
        """Return the crew of each task that is done."""
        crews: dict[int, set[int]] = {}
        for one in self.assignments:
            crews.setdefault(one.task, set()).add(one.person)
        return {task: frozenset(people) for task, people in crews.items()}


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """The state of a running solve; ``result`` comes only when the plan is better than the one before."""

    at_s: float
    points: int
    value: int
    bound: int
    gap: float
    stage: Stage
    result: HoldResult | None
