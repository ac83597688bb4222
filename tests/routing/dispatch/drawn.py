"""Small dispatch problems drawn at random, and their best answers found by trying every one."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from routing.dispatch.problem import DispatchProblem


def drawn(seed: int, incidents: int = 3, units: int = 6) -> DispatchProblem:
    """Return a problem in which every rule has something to forbid; ties are common."""
    draw = np.random.default_rng(seed)
    travel_min = draw.integers(1, 15, (incidents, units)) * 0.5
    travel_min[draw.random((incidents, units)) < 0.1] = np.inf
    sets = (frozenset[str](), frozenset({"medic"}), frozenset({"medic", "dog"}))
    return DispatchProblem.plain(
        travel_min,
        needed=draw.integers(1, 3, incidents),
        weight=draw.integers(1, 5, incidents),
        skills_needed=[sets[n] for n in draw.choice(3, incidents, p=(0.6, 0.3, 0.1))],
        skills=[sets[n] for n in draw.choice(3, units, p=(0.3, 0.4, 0.3))],
        busy=draw.random(units) < 0.15,
        suitable=draw.random((incidents, units)) > 0.1,
        station=draw.integers(-1, 2, units),
        keep_units=draw.integers(0, 3, 2),
        reach_min=float(draw.choice([5.5, np.inf])),
        known_skills=frozenset({"medic", "dog"}),
    )


def can_go(problem: DispatchProblem, incident: int, unit: int) -> bool:
    """Say whether a unit may go to an incident, cover aside."""
    minutes = problem.travel_min[incident, unit]
    return bool(
        np.isfinite(minutes)
        and minutes <= problem.reach_min
        and not problem.busy[unit]
        and problem.suitable[incident, unit]
        and problem.skills_needed[incident] <= problem.skills[unit]
    )


def keeps_cover(problem: DispatchProblem, sent: set[int]) -> bool:
    """Say whether every station keeps what it must, or all it has."""
    for station, keep in enumerate(problem.keep_units):
        here = {u for u in range(problem.num_units) if problem.station[u] == station and not problem.busy[u]}
        if len(here - sent) < min(keep, len(here)):
            return False
    return True


def best_by_trying(problem: DispatchProblem, given: dict[int, tuple[int, ...]] | None = None) -> tuple[int, float]:
    """Return weighted unmet units and weighted minutes of the best answer, some incidents' units being given."""
    best = (10**9, np.inf)

    def look(incident: int, sent: set[int], unmet: int, minutes: float) -> None:
        nonlocal best
        if (unmet, minutes) >= best:
            return
        if incident == problem.num_incidents:
            if keeps_cover(problem, sent):
                best = (unmet, minutes)
            return
        weight, needed = int(problem.weight[incident]), int(problem.needed[incident])
        free = [u for u in range(problem.num_units) if u not in sent and can_go(problem, incident, u)]
        choices = [some for count in range(needed, -1, -1) for some in combinations(free, count)]
        if given and incident in given:
            choices = [given[incident]] if not set(given[incident]) & sent else []
        for some in choices:
            went = weight * sum(float(problem.travel_min[incident, u]) for u in some)
            look(incident + 1, sent | set(some), unmet + weight * (needed - len(some)), minutes + went)

    look(0, set(), 0, 0.0)
    return best
