"""Draw requests to re-plan: a small problem with a plan, a minute, and one to three events of any kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from routing.deploy.draft import Candidate
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import DeployProblem, EchelonNeed
from routing.replan.events import (
    CraftLost,
    EchelonAdded,
    EchelonChanged,
    Event,
    ForbidCraft,
    ForbidGroup,
    ForbidLink,
    ForbidPair,
    GroupDelayed,
    GroupLost,
    LinkClosed,
    LinkSlower,
    PierClosed,
    PinGroup,
    PinTrip,
    ReplanFaultError,
)
from routing.replan.request import ReplanRequest
from tests.routing.deploy.samples import random_problem

Drawer = Callable[[np.random.Generator, DeployProblem, Candidate, int], Event]


def _any(rng: np.random.Generator, size: int) -> int:
    return int(rng.integers(0, size))


def _perhaps(rng: np.random.Generator, size: int) -> int | None:
    return None if rng.random() < 0.5 else _any(rng, size)


def _span(rng: np.random.Generator, now: int) -> tuple[int, int]:
    start = now + int(rng.integers(-5, 40))
    return start, start + int(rng.integers(1, 60))


def _craft_lost(rng: np.random.Generator, p: DeployProblem, plan: Candidate, now: int) -> Event:
    return CraftLost(_any(rng, p.num_craft), None if rng.random() < 0.5 else now + _any(rng, 30))


def _pier_closed(rng: np.random.Generator, p: DeployProblem, plan: Candidate, now: int) -> Event:
    if rng.random() < 0.5:
        return PierClosed("pickup", _any(rng, p.num_pickups), *_span(rng, now))
    return PierClosed("landing", _any(rng, p.num_landings), *_span(rng, now))


def _link_closed(rng: np.random.Generator, p: DeployProblem, plan: Candidate, now: int) -> Event:
    links = (_perhaps(rng, p.num_craft), _perhaps(rng, p.num_pickups), _perhaps(rng, p.num_landings))
    return LinkClosed(*_span(rng, now), *links)


def _link_slower(rng: np.random.Generator, p: DeployProblem, plan: Candidate, now: int) -> Event:
    links = (_perhaps(rng, p.num_craft), _perhaps(rng, p.num_pickups), _perhaps(rng, p.num_landings))
    return LinkSlower(int(rng.integers(100, 300)), *links)


def _forbid_link(rng: np.random.Generator, p: DeployProblem, plan: Candidate, now: int) -> Event:
    return ForbidLink(_perhaps(rng, p.num_craft), _perhaps(rng, p.num_pickups), _perhaps(rng, p.num_landings))


def _pin_trip(rng: np.random.Generator, p: DeployProblem, plan: Candidate, now: int) -> Event:
    return PinTrip(plan[1][_any(rng, len(plan[1]))]) if plan[1] else ForbidGroup(_any(rng, p.num_groups))


DRAWERS: dict[str, Drawer] = {
    "craft lost": _craft_lost,
    "pier closed": _pier_closed,
    "link closed": _link_closed,
    "link slower": _link_slower,
    "echelon larger": lambda rng, p, plan, now: EchelonChanged(_any(rng, len(p.echelons)), int(rng.integers(1, 40))),
    "echelon added": lambda rng, p, plan, now: EchelonAdded(
        EchelonNeed(_any(rng, p.num_incidents), int(rng.integers(1, 20)), None, int(rng.integers(1, 4)))
    ),
    "group delayed": lambda rng, p, plan, now: GroupDelayed(_any(rng, p.num_groups), int(rng.integers(1, 60))),
    "group lost": lambda rng, p, plan, now: GroupLost(_any(rng, p.num_groups)),
    "group pinned": lambda rng, p, plan, now: PinGroup(_any(rng, p.num_groups), _any(rng, p.num_craft)),
    "trip pinned": _pin_trip,
    "group forbidden": lambda rng, p, plan, now: ForbidGroup(_any(rng, p.num_groups)),
    "craft forbidden": lambda rng, p, plan, now: ForbidCraft(_any(rng, p.num_craft)),
    "pair forbidden": lambda rng, p, plan, now: ForbidPair(_any(rng, p.num_groups), _any(rng, p.num_craft)),
    "link forbidden": _forbid_link,
}


def _with_scarce_vehicles(problem: DeployProblem, seed: int) -> DeployProblem:
    """Return the problem with two pools of vehicles on either shore that are fewer than what could be asked."""
    rng = np.random.default_rng([seed, 3])
    g, (landings, incidents) = problem.num_groups, problem.last_mile_min.shape
    return replace(
        problem,
        vehicles_home=rng.integers(0, 3, g),
        vehicles_shore=rng.integers(0, 3, g),
        pool_home=rng.integers(-1, 2, g),
        pool_shore=rng.integers(-1, 4, (landings, incidents)),
        pool_vehicles=rng.integers(1, 4, 4),
    )


def drawn_request(seed: int, most: tuple[int, int, int, int, int] = (10, 4, 3, 3, 2)) -> ReplanRequest | None:
    """Return a request drawn from a seed; None where the draw contradicts itself or the plan in force."""
    rng = np.random.default_rng(seed)
    problem = random_problem(seed, most)
    if seed % 2:
        problem = _with_scarce_vehicles(problem, seed)
    plan = plan_greedily(problem)
    now = int(rng.integers(0, 70))
    drawers = [DRAWERS[str(name)] for name in rng.choice(list(DRAWERS), int(rng.integers(0, 4)))]
    events = tuple(draw(rng, problem, plan, now) for draw in drawers)
    try:
        return ReplanRequest(problem, plan[1], plan[2], min(now, problem.horizon_min), events, (), 50)
    except ReplanFaultError:
        return None
