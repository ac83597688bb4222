"""The reference evaluator: times and points worked out by hand."""

import numpy as np

from routing.deploy.books import SharedBook
from routing.deploy.evaluate import Stop, score, time_trips
from routing.deploy.problem import UNREACHABLE, Direct, EchelonNeed, Weights
from tests.routing.deploy.samples import tiny_problem


def test_first_and_second_trip_by_hand() -> None:
    problem = tiny_problem()
    trips = time_trips(problem, [[Stop(0, 0, 0, (0, 1)), Stop(1, 0, 0, (2,))], []])
    assert trips is not None
    # Alongside at 3, groups at 5; 2 to load, 10 across, 1 to unload. Back to pickup 1 in 12.
    assert [(t.board_min, t.depart_min, t.land_min) for t in trips] == [(5, 7, 18), (30, 32, 45)]
    found = score(problem, trips, ())
    assert found.complete_min == (22, 49)
    assert found.echelon_time == 200 * 22 + 100 * 49
    assert found.craft_minutes == (3 + 2 + 10 + 1) + (12 + 2 + 12 + 1)


def test_a_group_is_waited_for() -> None:
    trips = time_trips(tiny_problem(), [[Stop(0, 0, 0, (0, 2))], []])
    assert trips is not None
    assert trips[0].board_min == 30


def test_an_unmet_echelon_costs_the_charge_and_each_missing_person() -> None:
    problem = tiny_problem(echelons=(EchelonNeed(0, 10, None, 2),))
    trips = time_trips(problem, [[Stop(0, 0, 0, (0,))], []])
    assert trips is not None
    found = score(problem, trips, ())
    assert found.complete_min == (None,)
    assert found.arrived == (6,)
    assert found.unmet == 200 * (300 + 5 * 4)


def test_who_arrives_after_the_horizon_does_not_count() -> None:
    problem = tiny_problem(horizon_min=21)
    trips = time_trips(problem, [[Stop(0, 0, 0, (0, 1))], []])
    assert trips is not None
    assert score(problem, trips, ()).arrived == (0, 0)


def test_a_closed_span_delays_the_departure_and_loading_waits_with_it() -> None:
    problem = tiny_problem(closed_hauls={(0, 0, 0): ((6, 20),)})
    trips = time_trips(problem, [[Stop(0, 0, 0, (0, 1))], []])
    assert trips is not None
    assert (trips[0].board_min, trips[0].depart_min) == (18, 20)


def test_one_berth_makes_the_second_boat_wait() -> None:
    problem = tiny_problem(pickup_berths=np.array([1, 1]), landing_berths=np.array([1]))
    trips = time_trips(problem, [[Stop(0, 0, 0, (0,))], [Stop(0, 0, 0, (1,))]])
    assert trips is not None
    assert [t.board_min for t in trips] == [5, 7]


def test_a_missing_link_has_no_times() -> None:
    problem = tiny_problem(haul_min=np.array([[[UNREACHABLE], [12]], [[20], [22]]]))
    assert time_trips(problem, [[Stop(0, 0, 0, (0,))], []]) is None


def test_cover_is_charged_for_groups_of_a_station_only() -> None:
    problem = tiny_problem(station=np.array([0, -1, -1]), weights=Weights(cover=60), direct_min=np.full((3, 1), 9))
    found = score(problem, (), (Direct(0, 0, 9), Direct(1, 0, 9)))
    assert found.cover_lost == 60
    assert found.complete_min[0] == 9


def test_a_berth_is_found_in_the_gap_that_is_long_enough() -> None:
    book = SharedBook(np.array([1]))
    book.take(0, 0, 5)
    book.take(0, 7, 10)
    assert book.first_free(0, 0, 2) == 5
    assert book.first_free(0, 0, 3) == 10
