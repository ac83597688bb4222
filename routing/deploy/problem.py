"""State the deployment problem: groups, craft and travel minutes in, trips and a proven objective out.

Everything is a plain matrix in whole minutes from the plan's start, so that a problem can be built without geography.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Literal

import numpy as np
import numpy.typing as npt

from data.plans import Alternative, PlanStatus
from data.text import Text
from routing.deploy.problem_checks import check_problem, freeze_arrays, left_out
from routing.deploy.problem_input import (
    MAX_HORIZON_MIN,
    MOST_COUNTED,
    NO_POOL,
    NO_STATION,
    UNREACHABLE,
    Oddity,
    ProblemFaultError,
    Spans,
    fault,
    whole_number,
)
from routing.deploy.trips import Call, Direct, Trip

__all__ = [
    "ALTERNATIVES",
    "MAX_HORIZON_MIN",
    "NO_POOL",
    "NO_STATION",
    "UNLIMITED_BERTHS",
    "UNREACHABLE",
    "BoolArray",
    "Call",
    "DeployProblem",
    "Direct",
    "EchelonNeed",
    "IntArray",
    "ProblemFaultError",
    "Progress",
    "Score",
    "Solution",
    "SolveOptions",
    "Spans",
    "Stage",
    "Trip",
    "Weights",
    "next_open",
]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# A pier without a limit worth modelling.
UNLIMITED_BERTHS = 10_000


@dataclass(frozen=True, slots=True)
class Weights:
    """The price of each term of the objective, in points.

    ``minute`` is one minute of an echelon of weight 1; an unmet echelon is charged ``unmet_min`` minutes (the horizon
    if that is later) and ``missing_min`` for each person missing; ``cover`` is one group taken from standing cover,
    ``craft`` one craft that makes any trip.
    """

    minute: int = 100
    craft_minute: int = 1
    unmet_min: int = 300
    missing_min: int = 5
    cover: int = 0
    craft: int = 0

    def __post_init__(self) -> None:
        for name in ("minute", "craft_minute", "unmet_min", "missing_min", "cover", "craft"):
            value = getattr(self, name)
            low = 1 if name == "minute" else 0
            if isinstance(value, int) and value < low:
                raise fault(
                    f"weights: {name} must be 1 point or more, not {value}"
                    if low
                    else f"weights: {name} may not be negative, it is {value}",
                    f"weights：{name} 须不小于 {low}，现为 {value}",
                )
            whole_number(f"weights: {name}", value, low, MOST_COUNTED)


ALTERNATIVES: dict[Alternative, Weights] = {
    "fastest": Weights(cover=0),
    "balanced": Weights(cover=60),
    "keep_cover": Weights(cover=1_500),
    "fewest_craft": Weights(cover=60, craft=1_500),
}


@dataclass(frozen=True, slots=True)
class EchelonNeed:
    """So many persons at one incident, of one skill (None: anybody), complete as early as the weight asks."""

    incident: int
    persons: int
    skill: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class Score:
    """The objective's terms in points, and for each echelon when it is complete and how many arrived."""

    unmet: int
    echelon_time: int
    cover_lost: int
    craft_minutes: int
    complete_min: tuple[int | None, ...]
    arrived: tuple[int, ...]
    craft_used: int = 0

    @property
    def total(self) -> int:
        """The points to be made small."""
        return self.unmet + self.echelon_time + self.cover_lost + self.craft_minutes + self.craft_used


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan at matrix level with its score and a proven lower bound.

    ``bound_assumes`` says in words what the bound takes for granted; it is empty when it takes nothing for granted.
    """

    status: PlanStatus
    trips: tuple[Trip, ...]
    directs: tuple[Direct, ...]
    objective: Score
    bound: float
    bound_assumes: tuple[Text, ...] = ()
    baseline: Solution | None = None
    seconds: float = 0.0
    seed: int = 0

    @property
    def gap(self) -> float:
        """How far from optimal the plan may be at most, 0..1 of its own points."""
        total = self.objective.total
        return 0.0 if total <= 0 else max(0.0, (total - self.bound) / total)


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How long and how to look: ``iterations`` replaces the clock, so that the same seed gives the same plan."""

    seconds: float = 2.0
    seed: int = 1
    workers: int = 2
    iterations: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.seconds, int | float) or not 0 < self.seconds < inf:
            raise fault(
                f"options: seconds must be above 0 and finite, not {self.seconds}",
                f"options：seconds 须大于 0 且有限，现为 {self.seconds}",
            )
        whole_number("options: workers", self.workers, 1, MOST_COUNTED)
        whole_number("options: seed", self.seed, 0, 2**31 - 1)
        if self.iterations is not None:
            whole_number("options: iterations", self.iterations, 0, 2**62)


Stage = Literal["greedy", "search", "bound", "proof", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a running solve; ``solution`` comes only when the plan is better than the one before."""

    plan_at_s: float
    objective: int
    bound: float
    gap: float
    stage: Stage
    solution: Solution | None


@dataclass(frozen=True)
class DeployProblem:
    """Groups, craft, pickups P, landings L and incidents I, with every travel time in whole minutes.

    Shapes: ``access_min[G, P]``, ``position_min[C, P]`` from the craft's start, ``haul_min[C, P, L]``,
    ``return_min[C, L, P]``, ``last_mile_min[L, I]``, ``direct_min[G, I]`` by road or foot all the way.
    ``UNREACHABLE`` marks a link that does not exist. A closed span ``(from, to)`` forbids departures at
    from <= minute < to. ``keep_groups[S]`` is the number of groups of station S that must stay. ``known_skills`` are
    all the skills an echelon may ask for, those of the groups where it is None. ``tolerates`` names what is refused
    otherwise: sites that lead nowhere, and echelons that ask for the same.

    ``shift_min[C, P, P]`` are the crossings from an earlier call to the pickup of the same trip; none where it is left
    out. ``vehicles_home[G]`` and ``vehicles_shore[G]`` are the road vehicles a group takes on either shore, there and
    back, of the pools ``pool_home[G]`` and ``pool_shore[L, I]`` (NO_POOL: never scarce), ``pool_vehicles[K]`` strong; a
    pool smaller than that drives several times.
    Raises ProblemFaultError naming the field and what is wrong with it.
    """

    strength: IntArray
    skills: tuple[frozenset[str], ...]
    ready_min: IntArray
    station: IntArray
    group_slots: IntArray
    seats: IntArray
    craft_slots: IntArray
    craft_ready_min: IntArray
    load_min: IntArray
    unload_min: IntArray
    access_min: IntArray
    position_min: IntArray
    haul_min: IntArray
    return_min: IntArray
    last_mile_min: IntArray
    direct_min: IntArray
    pickup_berths: IntArray
    landing_berths: IntArray
    echelons: tuple[EchelonNeed, ...]
    keep_groups: IntArray
    horizon_min: int = 300
    closed_hauls: Mapping[tuple[int, int, int], Spans] = field(default_factory=dict)
    closed_positions: Mapping[tuple[int, int], Spans] = field(default_factory=dict)
    closed_returns: Mapping[tuple[int, int, int], Spans] = field(default_factory=dict)
    closed_shifts: Mapping[tuple[int, int, int], Spans] = field(default_factory=dict)
    shift_min: IntArray = field(default_factory=left_out)
    vehicles_home: IntArray = field(default_factory=left_out)
    vehicles_shore: IntArray = field(default_factory=left_out)
    pool_home: IntArray = field(default_factory=left_out)
    pool_shore: IntArray = field(default_factory=left_out)
    pool_vehicles: IntArray = field(default_factory=left_out)
    counts_for_cover: BoolArray | None = None
    weights: Weights = field(default_factory=Weights)
    known_skills: frozenset[str] | None = None
    tolerates: frozenset[Oddity] = frozenset()

    def __post_init__(self) -> None:
        if not isinstance(self.weights, Weights):
            raise fault(
                f"weights: must be Weights, is {self.weights!r}", f"weights：须为 Weights，现为 {self.weights!r}"
            )
        freeze_arrays(self)
        check_problem(self)

    @property
    def num_groups(self) -> int:
        """The number of groups."""
        return len(self.strength)

    @property
    def num_craft(self) -> int:
        """The number of craft."""
        return len(self.seats)

    @property
    def num_pickups(self) -> int:
        """The number of pickups."""
        return len(self.pickup_berths)

    @property
    def num_landings(self) -> int:
        """The number of landings."""
        return len(self.landing_berths)

    @property
    def num_incidents(self) -> int:
        """The number of incidents."""
        return int(self.last_mile_min.shape[1])

    @property
    def unmet_min(self) -> int:
        """The minutes an unmet echelon is charged before its missing persons: never less than a late one."""
        return max(self.weights.unmet_min, self.horizon_min)

    @cached_property
    def has_calls(self) -> bool:
        """Whether any craft may call at a second pickup on a trip."""
        return bool((self.shift_min < UNREACHABLE).any())

    @cached_property
    def has_pools(self) -> bool:
        """Whether road vehicles can be scarce."""
        home = (self.pool_home != NO_POOL) & (self.vehicles_home > 0)
        return bool(home.any() or ((self.pool_shore != NO_POOL).any() and (self.vehicles_shore > 0).any()))

    @cached_property
    def spare_groups(self) -> IntArray:
        """How many groups each station may send, [S]."""
        held = np.bincount(self.station[self.station >= 0], minlength=len(self.keep_groups))
        spare: IntArray = np.maximum(held - self.keep_groups, 0)
        return spare

    @cached_property
    def cover_points(self) -> IntArray:
        """Points for sending each group, [G]."""
        assert self.counts_for_cover is not None
        points: IntArray = np.where(self.counts_for_cover, self.weights.cover, 0).astype(np.int64)
        return points

    @cached_property
    def group_at_pickup_min(self) -> IntArray:
        """The minute each group can stand at each pickup, [G, P]; at least UNREACHABLE where it cannot."""
        there: IntArray = self.ready_min[:, None] + self.access_min
        return there

    @cached_property
    def group_direct_min(self) -> IntArray:
        """The minute each group reaches each incident by road or foot, [G, I]."""
        arrive: IntArray = self.ready_min[:, None] + self.direct_min
        return arrive

    @cached_property
    def counts_for(self) -> IntArray:
        """Persons of each group that count for each echelon if it goes to its incident, [G, E]."""
        rows = [
            [
                int(self.strength[g]) if need.skill is None or need.skill in self.skills[g] else 0
                for need in self.echelons
            ]
            for g in range(self.num_groups)
        ]
        return np.array(rows, dtype=np.int64).reshape(self.num_groups, len(self.echelons))


def next_open(minute: int, spans: Spans) -> int:
    """Return the first minute at or after ``minute`` that lies in no closed span."""
    moved = True
    while moved:
        moved = False
        for start, end in spans:
            if start <= minute < end:
                minute, moved = end, True
    return minute
