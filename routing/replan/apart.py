"""Keep groups off craft they may not ride: such a craft calls at piers of its own, which those groups cannot reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.deploy.problem import UNREACHABLE, DeployProblem, Trip


@dataclass(frozen=True)
class Apart:
    """A problem in which banned pairs cannot ride, and which pickup each of its pickups stands for.

    Berths of a pickup and of its doubles are counted apart, so that its bound holds and its plans are timed anew.
    """

    problem: DeployProblem
    pickup_of: tuple[int, ...]

    def of_one_pier(self, trips: Sequence[Trip]) -> tuple[Trip, ...]:
        """Return trips with the pickups they stand for."""
        return tuple(replace(t, pickup=self.pickup_of[t.pickup]) for t in trips)

    def at_own_piers(self, trips: Sequence[Trip]) -> tuple[Trip, ...]:
        """Return trips of the first problem with each craft at the pickups of its own."""
        own = {(c, self.pickup_of[p]): p for c, p in np.argwhere(self.problem.position_min < UNREACHABLE).tolist()}
        return tuple(replace(t, pickup=own.get((t.craft, t.pickup), t.pickup)) for t in trips)


def set_apart(problem: DeployProblem, pairs: Collection[tuple[int, int]]) -> Apart:
    """Return the problem with doubles of every pickup for each craft that some group may not ride."""
    num_p = problem.num_pickups
    craft = sorted({c for _, c in pairs})
    pickup_of = tuple(list(range(num_p)) * (1 + len(craft)))
    doubled = list(pickup_of)
    access = np.array(problem.access_min[:, doubled])
    positions = np.array(problem.position_min[:, doubled])
    hauls = np.array(problem.haul_min[:, doubled])
    returns = np.array(problem.return_min[:, :, doubled])
    place = {c: slice(num_p * n, num_p * (n + 1)) for n, c in enumerate(craft, start=1)}
    for c in range(problem.num_craft):
        own = place.get(c, slice(0, num_p))
        elsewhere = np.ones(len(doubled), dtype=np.bool_)
        elsewhere[own] = False
        positions[c, elsewhere], hauls[c, elsewhere], returns[c, :, elsewhere] = UNREACHABLE, UNREACHABLE, UNREACHABLE
    for g, c in pairs:
        access[g, place[c]] = UNREACHABLE

    def at(c: int, p: int) -> int:
        return p if c not in place else place[c].start + p

    apart = replace(
        problem,
        access_min=access,
        position_min=positions,
        haul_min=hauls,
        return_min=returns,
        shift_min=np.full((problem.num_craft, len(doubled), len(doubled)), UNREACHABLE),
        pickup_berths=problem.pickup_berths[doubled],
        closed_hauls={(c, at(c, p), n): v for (c, p, n), v in problem.closed_hauls.items()},
        closed_positions={(c, at(c, p)): v for (c, p), v in problem.closed_positions.items()},
        closed_returns={(c, n, at(c, p)): v for (c, n, p), v in problem.closed_returns.items()},
    )
    return Apart(apart, pickup_of)
