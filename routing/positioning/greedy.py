"""A good posture at once: place one unit after another where it helps most.

Both covering measures have falling gains, for which this reaches 63 % of the best at least (Nemhauser, Wolsey and
Fisher 1978) where only the number of units binds.
"""

from __future__ import annotations

import numpy as np

from routing.positioning.evaluate import is_better_when_larger
from routing.positioning.problem import NO_WAY, Aim, BoolArray, IntArray, Measure, PositionProblem


def first_posture(problem: PositionProblem, measure: Measure, aim: Aim) -> IntArray | None:
    """Return a posture that keeps every rule, or None where filling the floors one by one runs dry."""
    stand = np.zeros(problem.may_stand.shape, np.int64)
    while (short := stand.sum(axis=0) < problem.floor).any():
        if not _place_best(problem, stand, short, measure, aim):
            return None
    while _place_best(problem, stand, stand.sum(axis=0) < problem.berths, measure, aim):
        pass
    return stand


def _place_best(problem: PositionProblem, stand: IntArray, open_sites: BoolArray, measure: Measure, aim: Aim) -> bool:
    """Add the unit that helps most to ``stand`` on an open site; say whether any could be added."""
    left = problem.units - stand.sum(axis=1)
    allowed = problem.may_stand & open_sites[None] & (left > 0)[:, None]
    if not allowed.any():
        return False
    figure, gain = _gains(problem, stand, measure)
    worth = np.tensordot(problem.outlook_weight, gain, axes=1)
    best = np.where(allowed, worth, -1)
    if aim == "worst":
        sign = 1 if is_better_when_larger(measure) else -1
        after = (sign * figure[:, None, None] + gain).min(axis=0)
        # Where the worst outlook comes out alike, the mean decides.
        top = after == np.where(allowed, after, np.iinfo(np.int64).min).max()
        best = np.where(allowed & top, worth, -1)
    kind, site = np.unravel_index(int(best.argmax()), best.shape)
    stand[kind, site] += 1
    return True


def _gains(problem: PositionProblem, stand: IntArray, measure: Measure) -> tuple[IntArray, IntArray]:
    """Return the figure of each outlook, [F], and by how much one more unit betters it, [F, K, S]."""
    if measure == "p-median":
        there = np.where(stand[None, :, :, None] > 0, problem.minutes, NO_WAY).min(axis=(1, 2))
        nearest = np.minimum(there, problem.unserved_min)
        saved = np.maximum(nearest[:, None, None] - problem.minutes, 0)
        return nearest @ problem.demand, saved @ problem.demand
    gains = np.array([1, 0] if measure == "mclp" else [*problem.gain_of_next, 0], np.int64)
    in_reach = np.minimum((problem.covers * stand[None, :, :, None]).sum(axis=(1, 2)), len(gains) - 1)
    figure = np.concatenate([[0], np.cumsum(gains)])[in_reach] @ problem.demand
    return figure, (problem.covers * (gains[in_reach] * problem.demand)[:, None, None]).sum(axis=3)
