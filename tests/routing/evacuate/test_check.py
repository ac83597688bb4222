"""The check finds every planted fault, one a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.evacuate.check import check_evacuation
from routing.evacuate.problem import EvacuationProblem, EvacuationSolution, Load, SolveOptions, Trip
from routing.evacuate.solve import solve_evacuation
from tests.routing.evacuate.samples import crowd

Trips = list[Trip]


@pytest.fixture(scope="module")
def solved() -> tuple[EvacuationProblem, EvacuationSolution]:
    problem = crowd()
    return problem, solve_evacuation(problem, SolveOptions(iterations=3_000))


def at(trips: Trips, fits: Callable[[Trip], bool]) -> int:
    return next(n for n, trip in enumerate(trips) if fits(trip))


def too_many(trips: Trips) -> None:
    n = at(trips, lambda trip: trip.vessel == 0)
    trips[n] = replace(trips[n], loads=(Load(4, 13),))


def hurried(trips: Trips) -> None:
    trips[0] = replace(trips[0], load_to_min=trips[0].load_from_min + 1)


def fast(trips: Trips) -> None:
    trips[0] = replace(trips[0], depart_min=trips[0].load_to_min, arrive_min=trips[0].load_to_min + 3)


def closed(trips: Trips) -> None:
    trips.append(replace(trips[-1], vessel=2, dock=0, load_from_min=60, load_to_min=90, depart_min=90))


def at_once(trips: Trips) -> None:
    v = trips[0].vessel
    n = max(n for n, trip in enumerate(trips) if trip.vessel == v)
    trips[n] = replace(trips[n], leave_min=trips[0].load_from_min)


def one_berth(trips: Trips) -> None:
    own = [n for n, trip in enumerate(trips) if trip.dock == trips[0].dock]
    trips[own[1]] = replace(trips[own[1]], load_from_min=trips[0].load_from_min)


def early(trips: Trips) -> None:
    n = at(trips, lambda trip: any(load.group == 3 for load in trip.loads))
    trips[n] = replace(trips[n], load_from_min=12)


def split(trips: Trips) -> None:
    n = at(trips, lambda trip: any(load.group == 3 for load in trip.loads))
    loads = tuple(replace(load, persons=load.persons - 5) if load.group == 3 else load for load in trips[n].loads)
    trips[n] = replace(trips[n], loads=loads)


def twice(trips: Trips) -> None:
    trips.append(replace(trips[-1], leave_min=800, loads=(Load(0, 6),)))


def jumps(trips: Trips) -> None:
    first = min(range(len(trips)), key=lambda n: trips[n].load_from_min)
    trips[first] = replace(trips[first], loads=(Load(4, 1),))


def sheltered(trips: Trips) -> None:
    for n, trip in enumerate(trips):
        trips[n] = replace(trip, drop=0)


def unsuited(trips: Trips) -> None:
    trips[0] = replace(trips[0], drop=7)


def aboard(trips: Trips) -> None:
    trips[-1] = replace(trips[-1], unload_from_min=trips[-1].arrive_min + 121, unload_to_min=trips[-1].arrive_min + 150)


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (too_many, "13 aboard, 12 seats"),
        (hurried, "loading takes 1 min"),
        (fast, "the crossing takes 3 min"),
        (closed, "the dock is closed"),
        (at_once, "free at"),
        (one_berth, "is taken until"),
        (early, "is there at"),
        (split, "stays together but is split"),
        (twice, "too many"),
        (jumps, "boards before group"),
        (sheltered, "more than it can shelter"),
        (unsuited, "no such vessel"),
        (aboard, "people wait aboard 121 min"),
    ],
)
def test_a_planted_fault_is_found(
    solved: tuple[EvacuationProblem, EvacuationSolution], plant: Callable[[Trips], None], words: str
) -> None:
    problem, found = solved
    trips = list(found.trips)
    assert check_evacuation(problem, trips, found.timing, found.bound_min) == ()
    plant(trips)
    faults = [text.en for text in check_evacuation(problem, trips, found.timing)]
    assert any(words in fault for fault in faults), faults


def test_a_plan_that_boasts_is_found(solved: tuple[EvacuationProblem, EvacuationSolution]) -> None:
    problem, found = solved
    for change, words in (
        ({"complete_min": found.timing.complete_min - 1}, "completion"),
        ({"remaining": 3}, "people who remain"),
        ({"waiting_person_min": 0}, "waiting"),
    ):
        timing = replace(found.timing, **change)
        assert any(words in text.en for text in check_evacuation(problem, found.trips, timing))
    late = check_evacuation(problem, found.trips, found.timing, found.timing.complete_min + 1)
    assert [text.en for text in late][-1].startswith("the bound")
