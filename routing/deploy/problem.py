"""State the deployment problem: groups, craft and travel minutes in, trips and a proven objective out.

Everything is a plain matrix in whole minutes from the plan's start, so that a problem can be built without geography.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from data.errors import TongzhouError
from data.plans import Alternative, PlanStatus
from data.text import Text

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Spans = tuple[tuple[int, int], ...]

# A travel time no horizon reaches: the link does not exist. Sums of a few of them still fit 32 bits.
UNREACHABLE = 1_000_000
# A group's station when it counts towards no standing cover.
NO_STATION = -1
# A pier without a limit worth modelling.
UNLIMITED_BERTHS = 10_000
MAX_HORIZON_MIN = 2_880


class ProblemFaultError(ValueError, TongzhouError):
    """A deployment problem whose fields contradict each other or lie outside what the model covers."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The price of each term of the objective, in points.

    ``minute`` is one minute of an echelon of weight 1; an unmet echelon is charged ``unmet_min`` minutes (the horizon
    if that is later) and ``missing_min`` for each person missing; ``cover`` is one group taken from standing cover.
    """

    minute: int = 100
    craft_minute: int = 1
    unmet_min: int = 300
    missing_min: int = 5
    cover: int = 0

    def __post_init__(self) -> None:
        if self.minute < 1:
            raise ProblemFaultError(f"weights: minute must be 1 point or more, not {self.minute}")
        for name in ("craft_minute", "unmet_min", "missing_min", "cover"):
            if getattr(self, name) < 0:
                raise ProblemFaultError(f"weights: {name} may not be negative, it is {getattr(self, name)}")


ALTERNATIVES: dict[Alternative, Weights] = {
    "fastest": Weights(cover=0),
    "balanced": Weights(cover=60),
    "keep_cover": Weights(cover=1_500),
}


@dataclass(frozen=True, slots=True)
class EchelonNeed:
    """So many persons at one incident, of one skill (None: anybody), complete as early as the weight asks."""

    incident: int
    persons: int
    skill: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class Trip:
    """One crossing of one craft with the groups it carries, in minutes from the plan's start.

    Loading lasts from ``board_min`` to ``depart_min``; ``land_min`` is the minute the groups stand ashore, the end of
    unloading. The craft reached the pickup at or before ``board_min`` and the landing at or before
    ``land_min`` less its unloading time.
    """

    craft: int
    incident: int
    pickup: int
    landing: int
    groups: tuple[int, ...]
    board_min: int
    depart_min: int
    land_min: int


@dataclass(frozen=True, slots=True)
class Direct:
    """One group going to its incident by road or on foot all the way."""

    group: int
    incident: int
    arrive_min: int


@dataclass(frozen=True, slots=True)
class Score:
    """The objective's terms in points, and for each echelon when it is complete and how many arrived."""

    unmet: int
    echelon_time: int
    cover_lost: int
    craft_minutes: int
    complete_min: tuple[int | None, ...]
    arrived: tuple[int, ...]

    @property
    def total(self) -> int:
        """The points to be made small."""
        return self.unmet + self.echelon_time + self.cover_lost + self.craft_minutes


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
        if not self.seconds > 0:
            raise ProblemFaultError(f"options: seconds must be above 0, not {self.seconds}")
        if self.workers < 1:
            raise ProblemFaultError(f"options: workers must be 1 or more, not {self.workers}")
        if self.seed < 0 or self.seed >= 2**31:
            raise ProblemFaultError(f"options: seed must lie in 0..{2**31 - 1}, not {self.seed}")
        if self.iterations is not None and self.iterations < 0:
            raise ProblemFaultError(f"options: iterations may not be negative, it is {self.iterations}")


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
    from <= minute < to. ``keep_groups[S]`` is the number of groups of station S that must stay.
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
    counts_for_cover: BoolArray | None = None
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        num_g, num_c = len(np.atleast_1d(self.strength)), len(np.atleast_1d(self.seats))
        num_p, num_l = len(np.atleast_1d(self.pickup_berths)), len(np.atleast_1d(self.landing_berths))
        last_mile = np.asarray(self.last_mile_min)
        if last_mile.ndim != 2:
            raise ProblemFaultError(f"last_mile_min: needs shape (landings, incidents), has {last_mile.shape}")
        num_i = last_mile.shape[1]
        shapes: dict[str, tuple[int, ...]] = {
            "strength": (num_g,),
            "ready_min": (num_g,),
            "station": (num_g,),
            "group_slots": (num_g,),
            "seats": (num_c,),
            "craft_slots": (num_c,),
            "craft_ready_min": (num_c,),
            "load_min": (num_c,),
            "unload_min": (num_c,),
            "access_min": (num_g, num_p),
            "position_min": (num_c, num_p),
            "haul_min": (num_c, num_p, num_l),
            "return_min": (num_c, num_l, num_p),
            "last_mile_min": (num_l, num_i),
            "direct_min": (num_g, num_i),
            "pickup_berths": (num_p,),
            "landing_berths": (num_l,),
            "keep_groups": (len(np.atleast_1d(self.keep_groups)),),
        }
        for name, shape in shapes.items():
            self._freeze(name, shape)
        if num_i < 1:
            raise ProblemFaultError("last_mile_min: there is no incident; give at least one")
        if len(self.skills) != num_g:
            raise ProblemFaultError(f"skills: {len(self.skills)} entries for {num_g} groups; give one set a group")
        for name in ("strength", "seats", "pickup_berths", "landing_berths"):
            self._at_least(name, 1)
        for name in shapes:
            self._at_least(name, NO_STATION if name == "station" else 0)
        if num_g and int(self.station.max()) >= len(self.keep_groups):
            raise ProblemFaultError(
                f"station: station {int(self.station.max())} has no entry in keep_groups "
                f"({len(self.keep_groups)} stations); add one"
            )
        if not 1 <= self.horizon_min <= MAX_HORIZON_MIN:
            raise ProblemFaultError(
                f"horizon_min: must lie in 1..{MAX_HORIZON_MIN} minutes, not {self.horizon_min}; choose a shorter one"
            )
        self._check_echelons(num_i)
        self._check_spans("closed_hauls", self.closed_hauls, (num_c, num_p, num_l))
        self._check_spans("closed_positions", self.closed_positions, (num_c, num_p))
        self._check_spans("closed_returns", self.closed_returns, (num_c, num_l, num_p))
        cover = self.station != NO_STATION if self.counts_for_cover is None else np.asarray(self.counts_for_cover)
        if cover.shape != (num_g,) or cover.dtype != np.bool_:
            raise ProblemFaultError(f"counts_for_cover: needs {num_g} booleans, one a group")
        object.__setattr__(self, "counts_for_cover", cover)

    def _freeze(self, name: str, shape: tuple[int, ...]) -> None:
        given = np.asarray(getattr(self, name))
        if given.size and not np.issubdtype(given.dtype, np.integer):
            raise ProblemFaultError(f"{name}: must hold whole numbers, holds {given.dtype}; round minutes up first")
        array = np.array(given, dtype=np.int64, order="C")  # a copy: freezing must not reach the caller's array
        if array.shape != shape:
            raise ProblemFaultError(f"{name}: needs shape {shape}, has {array.shape}")
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _at_least(self, name: str, low: int) -> None:
        array = getattr(self, name)
        if array.size and int(array.min()) < low:
            at = tuple(int(i) for i in np.unravel_index(int(array.argmin()), array.shape))
            raise ProblemFaultError(f"{name}{list(at)}: must be {low} or more, is {int(array.min())}")

    def _check_echelons(self, num_incidents: int) -> None:
        if not self.echelons:
            raise ProblemFaultError("echelons: there is none, so nothing is asked for; give at least one")
        for n, need in enumerate(self.echelons):
            if not 0 <= need.incident < num_incidents:
                raise ProblemFaultError(
                    f"echelons[{n}]: incident {need.incident} does not exist ({num_incidents} incidents)"
                )
            if need.persons < 1 or need.weight < 1:
                raise ProblemFaultError(f"echelons[{n}]: persons and weight must be 1 or more")

    def _check_spans(self, name: str, closed: Mapping[Any, Spans], shape: tuple[int, ...]) -> None:
        for key, spans in closed.items():
            if len(key) != len(shape) or any(not 0 <= k < n for k, n in zip(key, shape, strict=True)):
                raise ProblemFaultError(f"{name}[{key}]: no such link (indices must lie below {shape})")
            for start, end in spans:
                if end <= start:
                    raise ProblemFaultError(f"{name}[{key}]: the span {start}..{end} ends before it starts")

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
