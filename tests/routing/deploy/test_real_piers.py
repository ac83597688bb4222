"""Situations drawn on the shipped region: of the stated size, and solved at once to a sound plan on real piers."""

from __future__ import annotations

import pytest

from data.geography import Region
from routing.check import check_plan
from routing.deploy.deployment import Planner
from routing.deploy.problem import UNREACHABLE, SolveOptions
from routing.deploy.reach import Reach
from routing.deploy.solve import solve
from routing.deploy.windows import EchelonWindow, Usefulness
from routing.network.network import Network
from tests.routing.deploy.drawn_situations import NUM_CRAFT, NUM_GROUPS, Sky, draw_situation


@pytest.mark.parametrize("sky", ["calm", "rough"])
def test_a_drawn_situation_has_its_size_and_a_sound_plan_better_than_the_baseline(
    planner: Planner, zhoushan: Region, zhoushan_network: Network, sky: Sky
) -> None:
    situation = draw_situation(zhoushan, zhoushan_network, 3, sky)
    assert (len(situation.groups), len(situation.craft), len(situation.incidents)) == (NUM_GROUPS, NUM_CRAFT, 1)
    modes = {zhoushan.craft_classes[one.craft.class_id].mode for one in situation.craft}
    assert modes == {"sea", "air"}
    plan = planner.first_plan(situation)
    assert check_plan(plan, situation, zhoushan, zhoushan_network) == []
    assert plan.baseline is not None
    assert plan.objective.total < plan.baseline.objective.total


def test_seeds_draw_different_islands(zhoushan: Region, zhoushan_network: Network) -> None:
    islands = [draw_situation(zhoushan, zhoushan_network, n, "calm").incidents[0].island_id for n in (1, 2, 3)]
    assert len(set(islands)) == len(islands)


def test_a_rough_sky_shuts_departures_that_a_calm_one_leaves_open(
    planner: Planner, zhoushan: Region, zhoushan_network: Network
) -> None:
    shut = {}
    for sky in ("calm", "rough"):
        problem = planner.compiled(draw_situation(zhoushan, zhoushan_network, 3, sky)).problem
        shut[sky] = len(problem.closed_hauls) + int((problem.haul_min >= UNREACHABLE).sum())
    assert shut["rough"] > shut["calm"]


def test_no_plan_found_makes_more_trips_with_a_craft_than_the_windows_of_its_own_cost_allow(
    planner: Planner, zhoushan: Region, zhoushan_network: Network
) -> None:
    for seed in (1, 3):
        problem = planner.compiled(draw_situation(zhoushan, zhoushan_network, seed, "calm")).problem
        solution = solve(problem, SolveOptions(iterations=3_000))
        windows = tuple(
            EchelonWindow(0, problem.horizon_min if at is None else at, at is None)
            for at in solution.objective.complete_min
        )
        useful = Usefulness(problem, Reach(problem), windows)
        latest = max(window.latest_min for window in windows)
        for craft in range(problem.num_craft):
            made = [
                trip
                for trip in solution.trips
                if trip.craft == craft and trip.land_min + problem.last_mile_min[trip.landing, trip.incident] <= latest
            ]
            assert len(made) <= useful.trips_needed(craft)
