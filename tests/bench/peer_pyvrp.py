"""Ask PyVRP to bring whom it can by a deadline: groups are clients, craft are vehicles that reload at the landing."""

from __future__ import annotations

import warnings

import numpy as np
import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.stop import MaxRuntime

from routing.deploy.problem import DeployProblem
from tests.bench.peer_problem import Ride, Routes, ways_min, worth

# Four more persons, the smallest group, are worth more than a craft's whole time. A dearer person would be worth more
# than the most that PyVRP charges for a late minute (100,000), and it would find no route that keeps the deadline.
_A_PERSON = 100
SEED = 1


def ask_pyvrp(problem: DeployProblem, deadline_min: int, seconds: float) -> Routes | None:
    """Return routes that land everybody they serve by ``deadline_min``, or None where it found none.

    Places are the landing, then the pickups, then where each craft lies. A way from one pickup to another is barred:
    our trips have one pickup here. Loading and unloading are part of the way to the landing.
    """
    num_p, num_c = problem.num_pickups, problem.num_craft
    if deadline_min <= 0:
        return None
    places = [pyvrp.Location(0, 0) for _ in range(1 + num_p + num_c)]
    depots = [pyvrp.Depot(0), *(pyvrp.Depot(1 + num_p + c) for c in range(num_c))]
    at = problem.group_at_pickup_min.argmin(axis=1).tolist()
    clients = [
        pyvrp.Client(
            location=1 + at[g],
            pickup=[int(problem.strength[g]), int(problem.group_slots[g])],
            tw_early=int(problem.ready_min[g]),
            prize=_A_PERSON * value,
            required=False,
        )
        for g, value in enumerate(worth(problem))
    ]
    vehicles = [
        pyvrp.VehicleType(
            capacity=[int(problem.seats[c]), int(problem.craft_slots[c])],
            start_depot=1 + c,
            end_depot=0,
            tw_early=int(problem.craft_ready_min[c]),
            tw_late=max(deadline_min, int(problem.craft_ready_min[c])),
            unit_distance_cost=0,
            unit_duration_cost=1,
            profile=c,
            reload_depots=[0],
        )
        for c in range(num_c)
    ]
    durations = [ways_min(problem, c) for c in range(num_c)]
    distances = [np.zeros_like(matrix) for matrix in durations]
    data = pyvrp.ProblemData(places, clients, depots, vehicles, distances, durations)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)  # barred ways are much longer than others, as meant
        result = pyvrp.solve(data, MaxRuntime(seconds), seed=SEED, display=False, collect_stats=False)
    return _routes(result.best, at, num_c) if result.is_feasible() else None


def _routes(best: pyvrp.Solution, at: list[int], num_craft: int) -> Routes:
    routes: Routes = [[] for _ in range(num_craft)]
    for route in best.routes():
        by_trip: dict[int, list[int]] = {}
        for activity in route.schedule():
            if activity.is_client():
                by_trip.setdefault(activity.trip, []).append(activity.idx)
        routes[route.vehicle_type()] = [Ride(at[groups[0]], tuple(groups)) for _, groups in sorted(by_trip.items())]
    return routes
