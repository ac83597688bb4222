"""Plans are sound, bounds are below them and below the truth, the same seed gives the same plan, nobody is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataFaultsError
from data.evacuation_matrices import read_matrices
from routing.evacuate.check import check_evacuation
from routing.evacuate.generate import archipelago, island_community
from routing.evacuate.problem import UNREACHABLE, EvacuationProblem, Progress, SolveOptions
from routing.evacuate.solve import solve_evacuation
from tests.routing.evacuate.brute_force import best_completion
from tests.routing.evacuate.samples import crowd, tiny

SAMPLE = Path(__file__).parent / "matrices"
PUBLISHED = Path(__file__).parent / "published"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("closed", "boarding_s"), [(False, 0), (True, 0), (False, 120), (True, 90)])
def test_the_bound_lies_below_the_truth_and_the_plan_meets_it(seed: int, closed: bool, boarding_s: int) -> None:
    problem = tiny(seed, closed=closed, boarding_s=boarding_s)
    best = best_completion(problem)
    found = solve_evacuation(problem, SolveOptions(iterations=3_000))
    assert check_evacuation(problem, found.trips, found.timing, found.bound_min) == ()
    assert found.timing.remaining == 0
    assert found.bound_min <= best <= found.timing.complete_min
    assert found.timing.complete_min <= best * 1.15


@pytest.mark.parametrize("people", [300, 1_500])
def test_many_people_are_taken_off_soundly_and_close_to_the_bound(people: int) -> None:
    problem = archipelago(people, 1, boarding_s=4)
    found = solve_evacuation(problem, SolveOptions(iterations=12_000))
    assert check_evacuation(problem, found.trips, found.timing, found.bound_min) == ()
    assert found.timing.remaining == 0
    assert found.gap < 0.08


def test_published_sizes_are_solved_to_proof() -> None:
    problem = island_community(900, 6, 9, 1)
    found = solve_evacuation(problem, SolveOptions(iterations=8_000))
    assert found.status == "optimal"
    assert check_evacuation(problem, found.trips, found.timing, found.bound_min) == ()


def test_a_folder_of_matrices_is_solved_to_proof() -> None:
    given = read_matrices(SAMPLE)
    assert given.locations == ("north village", "south village", "lighthouse")
    assert given.haul_min[given.vessels.index("ferry"), given.docks.index("beach")].min() == UNREACHABLE
    problem = EvacuationProblem.from_matrices(**given.arrays())
    found = solve_evacuation(problem, SolveOptions(iterations=5_000))
    assert (found.status, found.timing.complete_min) == ("optimal", 101)


def test_a_published_instance_is_solved_to_proof() -> None:
    """The isolated community evacuation problem of Krutein and Goodchild (2022), 8 vessels and 1,400 people."""
    problem = EvacuationProblem.from_matrices(**read_matrices(PUBLISHED).arrays())
    found = solve_evacuation(problem, SolveOptions(seconds=20))
    assert check_evacuation(problem, found.trips, found.timing, found.bound_min) == ()
    assert (found.status, found.timing.complete_min, found.timing.remaining) == ("optimal", 151, 0)


def test_a_folder_with_faults_names_them_all(tmp_path: Path) -> None:
    for file in SAMPLE.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "vessels.csv").write_text("vessel,seats,load_min,start\nferry,none,10,nowhere\n")
    with pytest.raises(DataFaultsError, match=r"(?s)'none' is not a whole number.*unknown dock 'nowhere'"):
        read_matrices(tmp_path)
    (tmp_path / "vessels.csv").write_bytes((SAMPLE / "vessels.csv").read_bytes())
    (tmp_path / "demand.csv").write_text("location,people\nnorth village,5\nsouth village,5\nlighthouse,2\nmill,7\n")
    with pytest.raises(DataFaultsError, match="the 7 people of 'mill' have no dock"):
        read_matrices(tmp_path)


def test_groups_priorities_windows_and_shelters_are_kept() -> None:
    problem = crowd()
    found = solve_evacuation(problem, SolveOptions(iterations=6_000))
    assert check_evacuation(problem, found.trips, found.timing, found.bound_min) == ()
    assert found.timing.remaining == 0
    first = min(found.trips, key=lambda trip: trip.load_from_min)
    assert problem.priority[first.loads[0].group] == 0
    assert sum(trip.persons for trip in found.trips if trip.drop == 0) <= 80
    whole = [trip for trip in found.trips if any(load.group == 3 for load in trip.loads)]
    assert len(whole) == 1
    assert sum(load.persons for load in whole[0].loads if load.group == 3) == 30


def test_the_same_seed_gives_the_same_plan_and_another_seed_is_another_search() -> None:
    problem = archipelago(2_000, 2)
    one, two = (solve_evacuation(problem, SolveOptions(iterations=4_000, seed=7)) for _ in range(2))
    assert one.trips == two.trips
    assert one.bound_min == two.bound_min
    other = solve_evacuation(problem, SolveOptions(iterations=4_000, seed=8))
    assert other.trips != one.trips


def test_who_listens_hears_a_plan_first_and_only_better_ones_after() -> None:
    heard: list[Progress] = []
    solve_evacuation(archipelago(1_500, 3), SolveOptions(iterations=6_000), heard.append)
    plans = [one.solution for one in heard if one.solution is not None]
    orders = [plan.timing.order for plan in plans]
    assert orders == sorted(orders, reverse=True)
    assert len(plans) > 2
    bounds = [one.bound_min for one in heard]
    assert bounds == sorted(bounds)
    assert heard[0].stage == "greedy"
    assert heard[-1].stage == "done"


def test_a_cancelled_solve_gives_the_plan_it_has() -> None:
    problem = archipelago(1_500, 3)
    found = solve_evacuation(problem, SolveOptions(seconds=60), cancelled=lambda: True)
    assert found.iterations == 0
    assert found.timing.remaining == 0
    assert check_evacuation(problem, found.trips, found.timing) == ()


def test_more_people_than_any_boat_takes_in_the_window_is_told_with_the_least_that_remain() -> None:
    problem = crowd(persons=np.array([6, 20, 25, 30, 900]), horizon_min=300)
    found = solve_evacuation(problem, SolveOptions(iterations=4_000))
    assert found.status == "partial"
    assert check_evacuation(problem, found.trips, found.timing) == ()
    assert 0 < found.least_remaining <= found.timing.remaining
    assert all(trip.unload_to_min <= 300 for trip in found.trips)


def test_nobody_leaves_by_a_pier_that_never_opens() -> None:
    shut = {(v, p): ((0, 1_000),) for v in range(3) for p in range(2)}
    found = solve_evacuation(crowd(closed_docks=shut), SolveOptions(iterations=500))
    assert (found.status, found.trips, found.timing.remaining) == ("none", (), 171)
    assert found.least_remaining == 171


def test_nobody_to_take_off_is_a_plan_of_nothing() -> None:
    nobody = np.zeros(0, np.int64)
    problem = crowd(persons=nobody, location=nobody, priority=nobody, ready_min=nobody, together=np.zeros(0, bool))
    found = solve_evacuation(problem, SolveOptions(iterations=10))
    assert found.trips == ()
    assert found.timing.remaining == 0


def test_a_berth_more_is_never_worse_in_the_bound() -> None:
    problem = archipelago(3_000, 2)
    more = replace(problem, dock_berths=problem.dock_berths + 5, drop_berths=problem.drop_berths + 5)
    few, many = (solve_evacuation(one, SolveOptions(iterations=1)).bound_min for one in (problem, more))
    assert many <= few


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_knows_that_people_walk_and_board_meanwhile(seed: int) -> None:
    draw = np.random.default_rng(seed)
    problem = replace(tiny(seed, boarding_s=600), ready_min=draw.integers(0, 90, 2))
    best = best_completion(problem)
    found = solve_evacuation(problem, SolveOptions(iterations=2_000))
    assert check_evacuation(problem, found.trips, found.timing, found.bound_min) == ()
    assert found.bound_min <= best <= found.timing.complete_min
