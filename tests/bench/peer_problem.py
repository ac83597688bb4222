"""State the part of a deployment that a vehicle routing solver can express too, and judge its routes as ours are.

One incident with one landing, each group waiting at one pickup from a known minute, no closures, no berths, no home
cover, nobody by road. What stays out of reach of such solvers even here: that an echelon is complete when enough
people have come (no matter who), its skill, and a price on that minute. They can serve whom a price says by a
deadline with the fewest craft-minutes; so they are asked for ever earlier deadlines, and every answer is scored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from routing.deploy.draft import Candidate, trimmed
from routing.deploy.evaluate import Stop, score, time_trips
from routing.deploy.generate import SIZES, Size, draw_problem
from routing.deploy.problem import NO_STATION, UNLIMITED_BERTHS, UNREACHABLE, DeployProblem, EchelonNeed, IntArray
from routing.deploy.problem_checks import left_out

# A way that no route takes, in minutes: longer than any horizon, small enough to add up.
NO_WAY_MIN = 20_000
# Each further minute of a later deadline is tried by halves: about this many solves to a problem.
PROBES = 8


@dataclass(frozen=True, slots=True)
class Ride:
    """One crossing of a peer's route: where it loads and whom."""

    pickup: int
    groups: tuple[int, ...]


Routes = list[list[Ride]]
# A problem, the minute by which everybody served must have landed, and seconds; None where no route was found.
PeerSolver = Callable[[DeployProblem, int, float], Routes | None]


def peer_problem(size: str, seed: int) -> DeployProblem:
    """Return the drawn problem of a size cut down to what a vehicle routing solver can say.

    Sizes of several incidents become one that asks for as much as all of them, so that craft still need many trips.
    """
    full = SIZES[size]
    problem = draw_problem(Size(full.groups, full.craft, 1, full.pickups), seed)
    comes = np.flatnonzero((problem.access_min < UNREACHABLE).any(axis=1))
    ready = (problem.ready_min[:, None] + problem.access_min)[comes].min(axis=1)
    used, where = np.unique(problem.access_min[comes].argmin(axis=1), return_inverse=True)
    access = np.full((len(comes), len(used)), UNREACHABLE)
    access[np.arange(len(comes)), where] = 0
    is_air = problem.haul_min[:, :, 0].min(axis=1) >= UNREACHABLE  # the first landing is a pier, the last a pad
    haul = np.where(is_air[:, None], problem.haul_min[:, :, -1], problem.haul_min[:, :, 0])[:, used, None]
    goes = np.flatnonzero((haul < UNREACHABLE).any(axis=(1, 2)))
    haul = haul[goes]
    return replace(
        problem,
        strength=problem.strength[comes],
        skills=tuple(problem.skills[g] for g in comes),
        ready_min=ready,
        station=np.full(len(comes), NO_STATION),
        group_slots=problem.group_slots[comes],
        seats=problem.seats[goes],
        craft_slots=problem.craft_slots[goes],
        craft_ready_min=problem.craft_ready_min[goes],
        load_min=problem.load_min[goes],
        unload_min=problem.unload_min[goes],
        access_min=access,
        position_min=problem.position_min[goes][:, used],
        haul_min=haul,
        return_min=np.ascontiguousarray(haul.transpose(0, 2, 1)),
        shift_min=left_out(),
        vehicles_home=left_out(),
        vehicles_shore=left_out(),
        pool_home=left_out(),
        pool_shore=left_out(),
        pool_vehicles=left_out(),
        last_mile_min=problem.last_mile_min[:1],
        direct_min=np.full((len(comes), 1), UNREACHABLE),
        pickup_berths=np.full(len(used), UNLIMITED_BERTHS),
        landing_berths=np.array([UNLIMITED_BERTHS]),
        keep_groups=np.zeros(1, dtype=np.int64),
        echelons=tuple(
            EchelonNeed(0, need.persons * full.incidents, need.skill, need.weight) for need in problem.echelons
        ),
        counts_for_cover=None,
    )


def ways_min(problem: DeployProblem, craft: int) -> IntArray:
    """Return a craft's minutes between the landing (0), the pickups (1..P) and where each craft lies (P+1..).

    Loading and unloading are part of the way to the landing: once a crossing, whoever rides.
    """
    num_p, own = problem.num_pickups, 1 + problem.num_pickups + craft
    minutes = np.full((1 + num_p + problem.num_craft,) * 2, NO_WAY_MIN, dtype=np.int64)
    np.fill_diagonal(minutes, 0)
    across = problem.load_min[craft] + problem.haul_min[craft, :, 0] + problem.unload_min[craft]
    minutes[1 : 1 + num_p, 0] = np.minimum(across, NO_WAY_MIN)
    minutes[0, 1 : 1 + num_p] = np.minimum(problem.return_min[craft, 0], NO_WAY_MIN)
    minutes[own, 1 : 1 + num_p] = np.minimum(problem.position_min[craft], NO_WAY_MIN)
    minutes[own, 0] = 0  # a craft that nobody needs
    return minutes


def worth(problem: DeployProblem) -> list[int]:
    """Return what serving each group is worth to a solver that knows no echelons: its people, scarce skills dearer."""
    asked = [need.skill for need in problem.echelons if need.skill is not None]
    return [
        int(persons) * (3 if any(skill in skills for skill in asked) else 1)
        for persons, skills in zip(problem.strength, problem.skills, strict=True)
    ]


def judged(problem: DeployProblem, routes: Routes) -> Candidate | None:
    """Return a peer's routes timed and scored by the reference evaluator, trips that bring nothing left out.

    None where the routes use a link that does not exist or load more than the craft holds.
    """
    for craft, rides in enumerate(routes):
        for ride in rides:
            groups = list(ride.groups)
            if (
                problem.strength[groups].sum() > problem.seats[craft]
                or problem.group_slots[groups].sum() > problem.craft_slots[craft]
            ):
                return None
    stops = [[Stop(ride.pickup, 0, 0, ride.groups) for ride in rides] for rides in routes]
    trips = time_trips(problem, stops)
    return None if trips is None else trimmed(problem, (score(problem, trips, ()), trips, ()))


def best_by_deadlines(problem: DeployProblem, ask: PeerSolver, seconds: float) -> tuple[Candidate | None, float]:
    """Return the best plan of a peer asked for ever earlier deadlines, and the seconds it took.

    A deadline that leaves an echelon incomplete is tried later, one that completes all earlier; the time is shared
    evenly among the deadlines.
    """
    started = perf_counter()
    best: Candidate | None = None
    early, late = 0, problem.horizon_min
    for _ in range(PROBES):
        deadline = late if best is None else (early + late) // 2
        routes = ask(problem, deadline - int(problem.last_mile_min[0, 0]), seconds / PROBES)
        found = None if routes is None else judged(problem, routes)
        if found is not None and (best is None or found[0].total < best[0].total):
            best = found
        complete = [] if found is None else found[0].complete_min
        if complete and all(minute is not None for minute in complete):
            late = min(deadline, max(minute for minute in complete if minute is not None))
        elif best is not None:  # without any routes yet the latest deadline is tried again
            early = deadline + 1
        if early >= late:
            break
    return best, perf_counter() - started
