"""Say how late each echelon, ride and trip may be in any plan that beats the one in hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from routing.deploy.problem import UNREACHABLE, DeployProblem, IntArray, Spans, next_open
from routing.deploy.reach import Reach, by_craft


@dataclass(frozen=True, slots=True)
class EchelonWindow:
    """The minutes between which an echelon completes in a plan no dearer than the incumbent.

    ``latest_min`` is at most the horizon; ``may_fail`` says that leaving it unmet is not ruled out.
    """

    earliest_min: int
    latest_min: int
    may_fail: bool


def echelon_windows(
    problem: DeployProblem, floor_points: list[int], budget: int, means_points: int = 0
) -> tuple[EchelonWindow, ...]:
    """Return each echelon's window when the plan may cost ``budget`` points.

    Each echelon costs its floor at least, and craft-minutes and cover together ``means_points``.
    """
    slack = budget - sum(floor_points) - means_points
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

    @property
    def num_choices(self) -> int:
        """The riders and links of all trips that still count: the size of the exact model."""
        return sum(
            int(rides.any(axis=(1, 2, 3)).sum()) + int(rides.any(axis=0).sum())
            for slots in self.slots
            for rides in slots
        )

    @cached_property
    def slots(self) -> list[list[npt.NDArray[np.bool_]]]:
        """For each craft and each trip it can make that still counts, whether a group can ride it, [G, P, L, I].

        A later trip starts at its earliest after all before it, each of which carried a group that no other did;
        more trips cannot help any plan within the windows.
        """
        return [self._slots_of(craft) for craft in range(self.problem.num_craft)]

    def trips_needed(self, craft: int) -> int:
        """Return how many trips a craft can make that still count."""
        return len(self.slots[craft])

    def _slots_of(self, craft: int) -> list[npt.NDArray[np.bool_]]:
        problem = self.problem
        slots: list[npt.NDArray[np.bool_]] = []
        if not self.links[craft].any():
            return slots
        earliest = self.reach.craft_at_pickup_min[craft]
        rounds_min = self._rounds_min(craft)
        fewest_min = UNREACHABLE
        while len(slots) < problem.num_groups:  # each trip carries a group no other trip does
            ashore = self.reach.landed_from(craft, earliest)
            in_time = ashore[..., None] + problem.last_mile_min[None, None] <= self.deadline_min[:, None, None, :]
            rides = self.rides[:, craft] & in_time
            if not rides.any():
                break
            slots.append(rides)
            landed = np.where(rides.any(axis=3), ashore, UNREACHABLE).min(axis=(0, 1))
            fewest_min = int(landed.min()) if not slots[1:] else fewest_min + rounds_min[len(slots) - 2]
            landed = np.maximum(landed, fewest_min)
            off = np.repeat(landed[:, None], problem.num_pickups, axis=1)
            for landing, p, spans in self._closed_returns_of.get(craft, ()):
                off[landing, p] = next_open(int(off[landing, p]), spans)
            back = self.reach.with_calls(craft, (off + problem.return_min[craft]).min(axis=0, initial=UNREACHABLE))
            earliest = np.maximum(back, earliest)
        return slots

    def _rounds_min(self, craft: int) -> list[int]:
        """Return the shortest way out and back in for each group that counts, shortest first.

        From one landing to the next a craft takes as long as one of these at least, and no group pays for two.
        """
        problem = self.problem
        out = problem.return_min[craft].min(axis=0) + problem.load_min[craft]
        whole = out[:, None] + problem.haul_min[craft] + problem.unload_min[craft]
        by_group = np.where(self.rides[:, craft].any(axis=3), whole[None], UNREACHABLE).min(axis=(1, 2))
        return sorted(by_group.tolist())

    @cached_property
    def _closed_returns_of(self) -> dict[int, list[tuple[int, int, Spans]]]:
        return by_craft(self.problem.closed_returns)
