"""Ask VROOM to bring whom it can by a deadline: each group is a shipment from its pickup to the landing."""

from __future__ import annotations

from datetime import timedelta

import vroom

from routing.deploy.problem import DeployProblem
from tests.bench.peer_problem import NO_WAY_MIN, Ride, Routes, ways_min, worth

# VROOM counts seconds, and prices an hour by them.
_S = 60
_DEEPEST = 5
_MOST_PRIORITY = 100
_THREADS = 2


def ask_vroom(problem: DeployProblem, deadline_min: int, seconds: float) -> Routes | None:
    """Return routes that land everybody they serve by ``deadline_min``, or None where it can start none.

    Places are the landing, then the pickups, then where each craft lies. A way from one pickup to another is barred,
    and loading and unloading are part of the way to the landing, as for PyVRP.
    """
    num_p = problem.num_pickups
    at = problem.group_at_pickup_min.argmin(axis=1).tolist()
    able = [c for c in range(problem.num_craft) if problem.craft_ready_min[c] < deadline_min]
    if not able:
        return None
    asked = vroom.Input()
    for c in able:
        asked.set_durations_matrix(f"craft {c}", ways_min(problem, c) * _S)
        asked.add_vehicle(
            vroom.Vehicle(
                c,
                start=1 + num_p + c,
                profile=f"craft {c}",
                capacity=[int(problem.seats[c]), int(problem.craft_slots[c])],
                time_window=vroom.TimeWindow(int(problem.craft_ready_min[c]) * _S, deadline_min * _S),
            )
        )
    most = max(worth(problem))
    for g, value in enumerate(worth(problem)):
        ready_s = int(problem.ready_min[g]) * _S
        asked.add_shipment(
            vroom.ShipmentStep(g, 1 + at[g], time_windows=[vroom.TimeWindow(ready_s, NO_WAY_MIN * _S)]),
            vroom.ShipmentStep(g, 0),
            amount=vroom.Amount([int(problem.strength[g]), int(problem.group_slots[g])]),
            priority=max(1, value * _MOST_PRIORITY // most),
        )
    found = asked.solve(_DEEPEST, _THREADS, timeout=timedelta(seconds=seconds))
    routes: Routes = [[] for _ in range(problem.num_craft)]
    for route in found.to_dict()["routes"]:
        routes[route["vehicle"]] = _rides(route["steps"], at)
    return routes


def _rides(steps: list[dict[str, object]], at: list[int]) -> list[Ride]:
    """Return one ride for each run of pickups; whoever stays aboard at the landing could have gone ashore there."""
    rides: list[Ride] = []
    aboard: list[int] = []
    for step in steps:
        if step["type"] == "pickup":
            aboard.append(int(str(step["id"])))
        elif aboard:
            rides.append(Ride(at[aboard[0]], tuple(aboard)))
            aboard = []
    return rides
