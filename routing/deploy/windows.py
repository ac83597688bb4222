"""Say how late each echelon, ride and trip may be in any plan that beats the one in hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from routing.deploy.problem import UNREACHABLE, DeployProblem, IntArray, next_open
from routing.deploy.reach import Reach


@dataclass(frozen=True, slots=True)
class EchelonWindow:
    """The minutes between which an echelon completes in a plan no dearer than the incumbent.

    ``latest_min`` is at most the horizon; ``may_fail`` says that leaving it unmet is not ruled out.
    """

    earliest_min: int
    latest_min: int
    may_fail: bool


def echelon_windows(problem: DeployProblem, floor_points: list[int], budget: int) -> tuple[EchelonWindow, ...]:
    """Return each echelon's window when all together may cost ``budget`` points and each costs its floor at least."""
    slack = budget - sum(floor_points)
    windows: list[EchelonWindow] = []
    for need, floor in zip(problem.echelons, floor_points, strict=True):
        price = problem.weights.minute * need.weight
        most_min = max(0, floor + slack) // price
        may_fail = most_min >= problem.unmet_min + problem.weights.missing_min
        latest = problem.horizon_min if may_fail else min(problem.horizon_min, most_min)
        windows.append(EchelonWindow(-(-floor // price), latest, may_fail))
    return tuple(windows)


@dataclass(frozen=True)
class Usefulness:
    """Which rides can still matter, given the echelons' windows."""

    problem: DeployProblem
    reach: Reach
    windows: tuple[EchelonWindow, ...]

    @cached_property
    def deadline_min(self) -> IntArray:
        """The last minute at which each group's arrival can still count at each incident, -1 if never, [G, I]."""
        problem = self.problem
        deadline = np.full((problem.num_groups, problem.num_incidents), -1, dtype=np.int64)
        for e, need in enumerate(problem.echelons):
            counts = problem.counts_for[:, e] > 0
            column = deadline[:, need.incident]
            column[counts] = np.maximum(column[counts], self.windows[e].latest_min)
        return deadline

    @cached_property
    def rides(self) -> npt.NDArray[np.bool_]:
        """Whether a group can arrive in time to count, [G, C, P, L, I]."""
        problem = self.problem
        arrive = self.reach.landed_min[..., None] + problem.last_mile_min[None, None, None]
        can: npt.NDArray[np.bool_] = np.less_equal(arrive, self.deadline_min[:, None, None, None, :])
        return can

    @cached_property
    def links(self) -> npt.NDArray[np.bool_]:
        """Whether a craft's trip over a link can bring anybody who still counts, [C, P, L, I]."""
        can: npt.NDArray[np.bool_] = np.any(self.rides, axis=0)
        return can

    def trips_needed(self, craft: int) -> int:
        """Return how many trips a craft can make that still count; more cannot help any plan within the windows."""
        problem = self.problem
        links = np.argwhere(self.links[craft])
        earliest = self.reach.craft_at_pickup_min[craft].astype(np.int64)
        trips = 0
        while trips < problem.num_groups:  # each trip carries a group no other trip does
            landed: dict[int, int] = {}
            for p, landing, incident in links.tolist():
                riders = np.flatnonzero(self.rides[:, craft, p, landing, incident])
                board = np.maximum(problem.group_at_pickup_min[riders, p], earliest[p])
                spans = problem.closed_hauls.get((craft, p, landing), ())
                crossing = int(problem.haul_min[craft, p, landing] + problem.unload_min[craft])
                ashore = next_open(int(board.min() + problem.load_min[craft]), spans) + crossing
                arrive = ashore + int(problem.last_mile_min[landing, incident])
                if arrive <= int(self.deadline_min[riders, incident].max()):
                    landed[landing] = min(landed.get(landing, UNREACHABLE), ashore)
            if not landed:
                break
            trips += 1
            back = np.full(problem.num_pickups, UNREACHABLE, dtype=np.int64)
            for landing, minute in landed.items():
                for p in range(problem.num_pickups):
                    off = next_open(minute, problem.closed_returns.get((craft, landing, p), ()))
                    back[p] = min(int(back[p]), off + int(problem.return_min[craft, landing, p]))
            earliest = np.maximum(back, earliest)
        return trips
