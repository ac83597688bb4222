"""Bound the times alone: an exact model without craft-minutes, and without echelons that cannot move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from routing.deploy.bound_means import craft_minutes_floor
from routing.deploy.cpsat import ProofLimits, prove
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import score
from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.windows import EchelonWindow, Usefulness


def settled_late(windows: tuple[EchelonWindow, ...], found: Candidate) -> list[bool]:
    """Say which echelons the plan already completes at their floor, later than any open one may still complete.

    They make the model large (every late trip may serve them) and cannot become cheaper.
    """
    complete = found[0].complete_min
    is_open = [at is None or at > w.earliest_min for at, w in zip(complete, windows, strict=True)]
    last_open = max((w.latest_min for w, open_ in zip(windows, is_open, strict=True) if open_), default=-1)
    return [not open_ and w.earliest_min > last_open for w, open_ in zip(windows, is_open, strict=True)]


def prove_times(
    problem: DeployProblem,
    useful: Usefulness,
    floor_points: list[int],
    incumbent: Candidate,
    limits: ProofLimits,
    cancelled: Callable[[], bool] | None = None,
) -> int | None:
    """Return a bound of any plan no dearer than the incumbent, or None where the model cannot give one.

    The sum of: the least points for the kept echelons and cover together, by CP-SAT; the floors of the echelons left
    out; the fewest craft-minutes.
    """
    left_out = settled_late(useful.windows, incumbent)
    kept = [e for e, is_out in enumerate(left_out) if not is_out]
    if not kept:
        return None
    fewer = replace(
        problem,
        echelons=tuple(problem.echelons[e] for e in kept),
        weights=replace(problem.weights, craft_minute=0),
    )
    trips, directs = incumbent[1], incumbent[2]
    rides = Usefulness(fewer, Reach(fewer), tuple(useful.windows[e] for e in kept))
    proof = prove(fewer, rides, (score(fewer, trips, directs), trips, directs), limits, cancelled=cancelled)
    if proof.bound is None:
        return None
    minutes = max(
        (
            craft_minutes_floor(problem, useful, e)
            for e in range(len(problem.echelons))
            if not useful.windows[e].may_fail
        ),
        default=0,
    )
    others = sum(points for points, is_out in zip(floor_points, left_out, strict=True) if is_out)
    return min(incumbent[0].total, proof.bound + others + minutes * problem.weights.craft_minute)
