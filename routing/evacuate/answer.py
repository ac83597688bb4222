"""What a solved evacuation is at matrix level: trips, what they reach, bound and progress; and how to look for it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from data.text import Text
from routing.deploy.problem_input import fault, whole_number

# Entries of each vessel's list, as the compiled code reads them.
Lists = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Load:
    """So many persons of one group on one trip."""

    group: int
    persons: int


@dataclass(frozen=True, slots=True)
class Trip:
    """One vessel's crossing with people, in minutes; a berth is None where berths are not limited.

    ``leave_min`` is when the vessel leaves for the dock: its start, or the end of its unloading before.
    """

    vessel: int
    dock: int
    drop: int
    leave_min: int
    load_from_min: int
    load_to_min: int
    depart_min: int
    arrive_min: int
    unload_from_min: int
    unload_to_min: int
    dock_berth: int | None
    drop_berth: int | None
    loads: tuple[Load, ...]

    @property
    def persons(self) -> int:
        """How many are aboard."""
        return sum(load.persons for load in self.loads)


@dataclass(frozen=True, slots=True)
class EvacuationTiming:
    """What a plan reaches: how many remain, when the last is ashore, person-minutes until aboard, plain and weighed."""

    remaining: int
    complete_min: int
    waiting_person_min: int
    weighed_waiting_min: int

    @property
    def order(self) -> tuple[int, int, int]:
        """What plans are compared by: people left, completion, then waiting."""
        return self.remaining, self.complete_min, self.weighed_waiting_min


Status = Literal["optimal", "feasible", "partial", "none"]


@dataclass(frozen=True, slots=True)
class EvacuationSolution:
    """A plan at matrix level with its bounds.

    ``bound_min`` is the earliest completion any plan could reach, of those that leave nobody; ``least_remaining`` the
    fewest any plan could leave within the horizon. ``relaxes`` says what the bound leaves out. ``iterations`` is how
    many changes were tried.
    """

    status: Status
    trips: tuple[Trip, ...]
    timing: EvacuationTiming
    bound_min: float
    least_remaining: int
    relaxes: tuple[Text, ...]
    seconds: float
    seed: int
    iterations: int = 0

    @property
    def gap(self) -> float:
        """How far from optimal at most, 0..1: of the completion, or of the people if some remain."""
        if self.timing.remaining:
            return (self.timing.remaining - self.least_remaining) / self.timing.remaining
        done = self.timing.complete_min
        return 0.0 if done <= 0 else max(0.0, (done - self.bound_min) / done)


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How long and how to look: ``iterations`` replaces the clock, so that the same seed gives the same plan."""

    seconds: float = 5.0
    seed: int = 1
    iterations: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.seconds, int | float) or not 0 < self.seconds < inf:
            raise fault(
                f"options: seconds must be above 0 and finite, not {self.seconds}",
                f"options：seconds 须大于 0 且有限，现为 {self.seconds}",
            )
        whole_number("options: seed", self.seed, 0, 2**31 - 1)
        if self.iterations is not None:
            whole_number("options: iterations", self.iterations, 0, 2**62)


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a running solve; ``solution`` comes only when the plan is better than the one before."""

    at_s: float
    remaining: int
    complete_min: int
    bound_min: float
    gap: float
    stage: Literal["greedy", "bound", "search", "done"]
    solution: EvacuationSolution | None
