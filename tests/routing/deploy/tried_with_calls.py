"""Tiny problems with earlier calls, and their cheapest plan found by trying every plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from routing.deploy.draft import Candidate
from routing.deploy.evaluate import EarlierStop, Stop, score, time_plan
from routing.deploy.problem import UNREACHABLE, DeployProblem
from tests.routing.deploy.samples import random_problem

Way = tuple[str, int, int]


def problem_with_calls(seed: int) -> DeployProblem:
    """Return three groups at most, two craft and two or three pickups with calls, closed shifts and a craft's price."""
    plain = random_problem(seed, (3, 2, 3, 1, 1))
    rng = np.random.default_rng([seed, 7])
    shape = (plain.num_craft, plain.num_pickups, plain.num_pickups)
    is_open = (rng.random(shape) < 0.8) & ~np.eye(plain.num_pickups, dtype=np.bool_)[None]
    shift = np.where(is_open, rng.integers(0, 12, shape), UNREACHABLE)
    # Most groups have a pier of their own, so that one trip for several has to call at two.
    elsewhere = np.arange(plain.num_pickups)[None] != np.arange(plain.num_groups)[:, None] % plain.num_pickups
    access = np.where(
        elsewhere & (rng.random(elsewhere.shape) < 0.7), UNREACHABLE, rng.integers(0, 30, elsewhere.shape)
    )
    start = int(rng.integers(0, 60))
    is_shut = plain.num_pickups > 1 and rng.random() < 0.5
    return replace(
        plain,
        seats=plain.seats + 8,
        access_min=access,
        direct_min=np.full_like(plain.direct_min, UNREACHABLE),
        shift_min=shift,
        closed_shifts={(0, 0, 1): ((start, start + int(rng.integers(1, 30))),)} if is_shut else {},
        weights=replace(plain.weights, craft=int(rng.choice([0, 0, 300, 3_000]))),
    )


def cheapest_of_all(problem: DeployProblem) -> Candidate:
    """Return the best plan of every way to spread the groups over trips, calls and roads, by the reference timing."""
    num_c, num_g = problem.num_craft, problem.num_groups
    choices: list[Way] = [("home", 0, 0), *(("direct", i, 0) for i in range(problem.num_incidents))]
    choices += [("ride", c, k) for c in range(num_c) for k in range(num_g)]
    best: Candidate | None = None
    for spread in product(choices, repeat=num_g):
        roads = [(g, i) for g, (how, i, _) in enumerate(spread) if how == "direct"]
        slots = sorted({(c, k) for how, c, k in spread if how == "ride"})
        aboard = {slot: tuple(g for g, s in enumerate(spread) if s == ("ride", *slot)) for slot in slots}
        if (
            any(problem.direct_min[g, i] >= UNREACHABLE for g, i in roads)
            or any(k > 0 and (c, k - 1) not in slots for c, k in slots)
            or not all(_fits(problem, c, groups) for (c, _), groups in aboard.items())
            or not _may_all_go(problem, spread)
        ):
            continue
        for chosen in product(*(list(_stops(problem, c, aboard[c, k])) for c, k in slots)):
            stops: list[list[Stop]] = [[] for _ in range(num_c)]
            for (c, _), stop in zip(slots, chosen, strict=True):
                stops[c].append(stop)
            timed = time_plan(problem, stops, roads)
            if timed is None:
                continue
            found = score(problem, *timed)
            if best is None or found.total < best[0].total:
                best = (found, *timed)
    assert best is not None
    return best


def _stops(problem: DeployProblem, craft: int, groups: tuple[int, ...]) -> Iterator[Stop]:
    ends = [
        (q, i)
        for q in range(problem.num_landings)
        for i in range(problem.num_incidents)
        if problem.last_mile_min[q, i] < UNREACHABLE
    ]
    for p, (q, i) in product(range(problem.num_pickups), ends):
        yield Stop(p, q, i, groups)
        for earlier in np.flatnonzero(problem.shift_min[craft, :, p] < UNREACHABLE).tolist():
            for size in range(1, len(groups)):
                for first in combinations(groups, size):
                    yield Stop(p, q, i, groups, EarlierStop(earlier, first))


def _fits(problem: DeployProblem, craft: int, groups: tuple[int, ...]) -> bool:
    return bool(
        problem.strength[list(groups)].sum() <= problem.seats[craft]
        and problem.group_slots[list(groups)].sum() <= problem.craft_slots[craft]
    )


def _may_all_go(problem: DeployProblem, spread: tuple[Way, ...]) -> bool:
    return all(
        sum(1 for g, s in enumerate(spread) if s[0] != "home" and problem.station[g] == station) <= spare
        for station, spare in enumerate(problem.spare_groups)
    )
