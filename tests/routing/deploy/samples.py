"""Tiny deployment problems with answers known by hand, and random ones for property tests."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from routing.deploy.draft import Candidate
from routing.deploy.evaluate import Stop, score, time_trips
from routing.deploy.problem import NO_POOL, UNREACHABLE, DeployProblem, Direct, EchelonNeed, Weights
from routing.deploy.problem_input import ODDITIES


def tiny_problem(**changes: Any) -> DeployProblem:
    """Return two police groups and a medical one, a boat of 12 seats and a slower one of 6, one incident.

    Best by hand: boat 0 brings both police groups at minute 22, boat 1 the medics at 38 (8,250 points).
    """
    fields: dict[str, Any] = {
        "strength": np.array([6, 5, 4]),
        "skills": (frozenset({"police"}), frozenset({"police"}), frozenset({"medical"})),
        "ready_min": np.array([0, 0, 0]),
        "station": np.array([0, 0, 1]),
        "group_slots": np.array([0, 0, 0]),
        "seats": np.array([12, 6]),
        "craft_slots": np.array([0, 0]),
        "craft_ready_min": np.array([0, 0]),
        "load_min": np.array([2, 2]),
        "unload_min": np.array([1, 1]),
        "access_min": np.array([[5, 20], [5, 20], [30, 3]]),
        "position_min": np.array([[3, 9], [3, 9]]),
        "haul_min": np.array([[[10], [12]], [[20], [22]]]),
        "return_min": np.array([[[10, 12]], [[20, 22]]]),
        "last_mile_min": np.array([[4]]),
        "direct_min": np.full((3, 1), UNREACHABLE),
        "pickup_berths": np.array([2, 2]),
        "landing_berths": np.array([2]),
        "echelons": (EchelonNeed(0, 10, None, 2), EchelonNeed(0, 4, "medical", 1)),
        "keep_groups": np.array([0, 0]),
        "horizon_min": 120,
    }
    return DeployProblem(**(fields | changes))


def random_problem(seed: int, most: tuple[int, int, int, int, int] = (6, 3, 3, 2, 2)) -> DeployProblem:
    """Return a small problem with gaps in every matrix, closed spans, scarce berths and floors.

    ``most`` limits groups, craft, pickups, landings and incidents.
    """
    rng = np.random.default_rng(seed)
    g, c, p, q, i = (int(rng.integers(1, n + 1)) for n in most)

    def minutes(shape: tuple[int, ...], low: int, high: int, missing: float) -> np.ndarray:
        drawn = rng.integers(low, high, shape)
        return np.where(rng.random(shape) < missing, UNREACHABLE, drawn)

    def spans() -> tuple[tuple[int, int], ...]:
        start = int(rng.integers(0, 60))
        return ((start, start + int(rng.integers(1, 40))),)

    stations = int(rng.integers(1, 3))
    skills = [frozenset(s for s in ("medical", "police") if rng.random() < 0.5) for _ in range(g)]
    return DeployProblem(
        strength=rng.integers(1, 9, g),
        skills=tuple(skills),
        ready_min=rng.integers(0, 15, g),
        station=rng.integers(-1, stations, g),
        group_slots=rng.integers(0, 2, g),
        seats=rng.integers(4, 20, c),
        craft_slots=rng.integers(0, 3, c),
        craft_ready_min=rng.integers(0, 20, c),
        load_min=rng.integers(0, 6, c),
        unload_min=rng.integers(0, 4, c),
        access_min=minutes((g, p), 0, 40, 0.2),
        position_min=minutes((c, p), 0, 30, 0.2),
        haul_min=minutes((c, p, q), 3, 40, 0.2),
        return_min=minutes((c, q, p), 3, 40, 0.2),
        last_mile_min=minutes((q, i), 0, 12, 0.2),
        direct_min=minutes((g, i), 2, 80, 0.7),
        pickup_berths=rng.integers(1, 3, p),
        landing_berths=rng.integers(1, 3, q),
        echelons=tuple(
            EchelonNeed(incident, int(rng.integers(1, 25)), skill, int(rng.integers(1, 4)))
            for incident in range(i)
            for skill in (None, "medical")
        ),
        keep_groups=rng.integers(0, 2, stations),
        horizon_min=int(rng.integers(60, 160)),
        closed_hauls={(0, 0, 0): spans()} if rng.random() < 0.5 else {},
        closed_positions={(0, 0): spans()} if rng.random() < 0.3 else {},
        closed_returns={(0, 0, 0): spans()} if rng.random() < 0.3 else {},
        weights=Weights(cover=int(rng.choice([0, 60, 1500]))),
        known_skills=frozenset({"medical", "police"}),
        tolerates=ODDITIES,
    )


def with_calls_and_pools(problem: DeployProblem, seed: int) -> DeployProblem:
    """Return a problem with crossings between its pickups and small pools of vehicles on both shores."""
    rng = np.random.default_rng([seed, 9])
    num_c, num_p, num_l, num_i, num_g = (
        problem.num_craft,
        problem.num_pickups,
        problem.num_landings,
        problem.num_incidents,
        problem.num_groups,
    )
    shift = np.where(rng.random((num_c, num_p, num_p)) < 0.3, UNREACHABLE, rng.integers(1, 25, (num_c, num_p, num_p)))
    shift[:, np.arange(num_p), np.arange(num_p)] = UNREACHABLE
    pools = int(rng.integers(1, 3))
    is_shut = num_p > 1 and rng.random() < 0.5
    return replace(
        problem,
        shift_min=shift,
        closed_shifts={(0, 0, num_p - 1): ((5, int(rng.integers(6, 50))),)} if is_shut else {},
        vehicles_home=rng.integers(0, 4, num_g),
        vehicles_shore=rng.integers(0, 4, num_g),
        pool_home=rng.integers(NO_POOL, pools, num_g),
        pool_shore=rng.integers(NO_POOL, pools, (num_l, num_i)),
        pool_vehicles=rng.integers(1, 4, pools),
        weights=replace(problem.weights, craft=int(rng.choice([0, 700]))),
    )


def cheapest_by_trying_all(problem: DeployProblem) -> Candidate:
    """Return the best plan of every way to spread the groups, by the reference timing; only for three groups or so."""
    num_c, num_g = problem.num_craft, problem.num_groups
    links = [
        (p, q, i)
        for p in range(problem.num_pickups)
        for q in range(problem.num_landings)
        for i in range(problem.num_incidents)
        if problem.last_mile_min[q, i] < UNREACHABLE
    ]
    choices: list[tuple[str, int, int]] = [("home", 0, 0)]
    choices += [("direct", i, 0) for i in range(problem.num_incidents)]
    choices += [("ride", c, k) for c in range(num_c) for k in range(num_g)]
    best: Candidate | None = None
    for spread in product(choices, repeat=num_g):
        directs = tuple(
            Direct(g, i, int(problem.group_direct_min[g, i])) for g, (how, i, _) in enumerate(spread) if how == "direct"
        )
        if any(d.arrive_min >= UNREACHABLE for d in directs) or not _may_all_go(problem, spread):
            continue
        slots = sorted({(c, k) for how, c, k in spread if how == "ride"})
        if any(k > 0 and (c, k - 1) not in slots for c, k in slots):
            continue
        aboard = {slot: tuple(g for g, s in enumerate(spread) if s == ("ride", *slot)) for slot in slots}
        if not all(_fits(problem, c, groups) for (c, _), groups in aboard.items()):
            continue
        for chosen in product(links, repeat=len(slots)):
            stops: list[list[Stop]] = [[] for _ in range(num_c)]
            for (c, k), link in zip(slots, chosen, strict=True):
                stops[c].append(Stop(*link, aboard[c, k]))
            trips = time_trips(problem, stops)
            if trips is None:
                continue
            found = score(problem, trips, directs)
            if best is None or found.total < best[0].total:
                best = (found, trips, directs)
    assert best is not None
    return best


def _fits(problem: DeployProblem, craft: int, groups: tuple[int, ...]) -> bool:
    return bool(
        problem.strength[list(groups)].sum() <= problem.seats[craft]
        and problem.group_slots[list(groups)].sum() <= problem.craft_slots[craft]
    )


def _may_all_go(problem: DeployProblem, spread: tuple[tuple[str, int, int], ...]) -> bool:
    for station, spare in enumerate(problem.spare_groups):
        if sum(1 for g, s in enumerate(spread) if s[0] != "home" and problem.station[g] == station) > spare:
            return False
    return True
