"""The part of a deployment that vehicle routing solvers are asked for is sound, and their routes are judged as ours."""

from __future__ import annotations

import numpy as np
import pytest

from routing.deploy.evaluate import Stop, score, stops_of, time_trips
from routing.deploy.faults import find_faults
from routing.deploy.generate import SIZES
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import UNREACHABLE, DeployProblem
from routing.deploy.reach import Reach
from tests.bench.peer_cpsat import ask_cpsat
from tests.bench.peer_problem import (
    NO_WAY_MIN,
    PeerSolver,
    Ride,
    Routes,
    best_by_deadlines,
    judged,
    peer_problem,
    ways_min,
    worth,
)
from tests.routing.deploy.samples import tiny_problem


@pytest.fixture(scope="module")
def small() -> DeployProblem:
    """The smallest problem peers are asked."""
    return peer_problem("small", 1)


def test_the_part_holds_nothing_that_routes_cannot_say(small: DeployProblem) -> None:
    assert (small.num_incidents, small.num_landings) == (1, 1)
    assert ((small.access_min < UNREACHABLE).sum(axis=1) == 1).all()
    assert (small.direct_min >= UNREACHABLE).all()
    assert not small.closed_hauls
    assert not small.closed_positions
    assert not small.closed_returns
    assert (small.station < 0).all()
    assert small.pickup_berths.min() > small.num_craft
    assert (small.haul_min < UNREACHABLE).any(axis=(1, 2)).all()
    assert Reach(small).is_anything_possible()


def test_one_incident_asks_for_as_much_as_three() -> None:
    large, small = peer_problem("large", 1), peer_problem("small", 1)
    assert [need.persons for need in large.echelons] == [
        SIZES["large"].incidents * need.persons for need in small.echelons
    ]


def test_a_round_in_the_peers_minutes_lasts_as_long_as_by_the_reference(small: DeployProblem) -> None:
    for craft in range(small.num_craft):
        ways = ways_min(small, craft)
        for pickup in np.flatnonzero(small.haul_min[craft, :, 0] < UNREACHABLE):
            group = next(
                (
                    g
                    for g in np.flatnonzero(small.access_min[:, pickup] == 0).tolist()
                    if small.strength[g] <= small.seats[craft] and small.group_slots[g] <= small.craft_slots[craft]
                ),
                None,
            )
            if group is None:
                continue
            routes: Routes = [[] for _ in range(small.num_craft)]
            routes[craft] = [Ride(int(pickup), (group,))]
            trips = time_trips(small, [[Stop(ride.pickup, 0, 0, ride.groups) for ride in rides] for rides in routes])
            own = 1 + small.num_pickups + craft
            alongside = small.craft_ready_min[craft] + ways[own, 1 + pickup]
            landed = max(alongside, small.ready_min[group]) + ways[1 + pickup, 0]
            assert trips is not None
            assert trips[0].land_min == landed


def test_ways_between_pickups_are_barred(small: DeployProblem) -> None:
    between = ways_min(small, 0)[1 : 1 + small.num_pickups, 1 : 1 + small.num_pickups]
    assert (between[~np.eye(small.num_pickups, dtype=bool)] == NO_WAY_MIN).all()


def test_too_full_a_craft_or_a_wrong_pickup_is_no_plan() -> None:
    problem = tiny_problem()
    assert judged(problem, [[Ride(0, (0, 1))], []]) is not None
    assert judged(problem, [[], [Ride(0, (0, 1))]]) is None
    barred = tiny_problem(access_min=np.array([[5, UNREACHABLE], [5, 20], [30, 3]]))
    assert judged(barred, [[Ride(1, (0,))], []]) is None


def test_deadlines_close_in_on_the_earliest_that_completes_all(small: DeployProblem) -> None:
    """A peer that knows the greedy plan, and nothing earlier, is asked until no earlier deadline is left."""
    _, trips, _ = plan_greedily(small)
    last_min = max(trip.land_min for trip in trips)
    asked: list[int] = []

    def knows_one_plan(problem: DeployProblem, deadline_min: int, seconds: float) -> Routes | None:
        asked.append(deadline_min)
        if deadline_min < last_min:
            return None
        return [[Ride(stop.pickup, stop.groups) for stop in stops] for stops in stops_of(problem, trips)]

    found, _ = best_by_deadlines(small, knows_one_plan, 8.0)
    assert found is not None
    assert found[0].total <= score(small, trips, ()).total
    assert last_min - max(minute for minute in asked if minute < last_min) <= small.horizon_min / 2**6


def test_scarce_skills_are_worth_more(small: DeployProblem) -> None:
    value = dict(zip(small.skills, np.array(worth(small)) / small.strength, strict=True))
    assert value[frozenset({"medical"})] == 3
    assert value[frozenset({"police"})] == 1


@pytest.mark.parametrize("name", ["pyvrp", "vroom"])
def test_a_peer_gives_routes_that_keep_every_rule(name: str, small: DeployProblem) -> None:
    pytest.importorskip(name, reason="make bench-peers installs it")
    if name == "pyvrp":
        from tests.bench.peer_pyvrp import ask_pyvrp as ask
    else:
        from tests.bench.peer_vroom import ask_vroom as ask
    peer: PeerSolver = ask
    routes = peer(small, small.horizon_min, 0.2)
    assert routes is not None
    found = judged(small, routes)
    assert found is not None
    assert find_faults(small, found[1], found[2]) == []
    assert None not in found[0].complete_min
    last_mile = int(small.last_mile_min[0, 0])
    late = max(m for m in found[0].complete_min if m is not None) - last_mile
    again = judged(small, peer(small, late - 1, 0.2) or [[] for _ in routes])
    assert again is None or all(trip.land_min <= late - 1 for trip in again[1])


def test_cold_cpsat_proves_the_plan_known_by_hand() -> None:
    answer = ask_cpsat(tiny_problem(), 5.0, 3)
    assert answer.candidate is not None
    assert answer.candidate[0].total == 8_250 == answer.bound
