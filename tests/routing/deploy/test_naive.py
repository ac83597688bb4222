"""The baseline is a sensible dispatcher's: nearest first, but nobody lies waiting for hours while another could go."""

from __future__ import annotations

import numpy as np

from routing.deploy.naive import PATIENCE_MIN, dispatch_nearest_first
from tests.routing.deploy.samples import tiny_problem


def test_the_nearest_craft_goes_while_its_crossing_is_open() -> None:
    _, trips, _ = dispatch_nearest_first(tiny_problem(position_min=np.array([[3, 9], [4, 9]])))
    assert trips[0].craft == 0


def test_a_craft_whose_crossing_is_shut_for_long_is_passed_over_for_the_next() -> None:
    shut = {(0, 0, 0): ((0, 100),), (0, 1, 0): ((0, 100),)}
    _, trips, _ = dispatch_nearest_first(tiny_problem(closed_hauls=shut))
    assert {trip.craft for trip in trips} == {1}
    assert trips[0].land_min < 100


def test_it_waits_for_a_crossing_that_opens_soon() -> None:
    opens_min = PATIENCE_MIN
    shut = {(0, 0, 0): ((0, opens_min),), (0, 1, 0): ((0, opens_min),)}
    _, trips, _ = dispatch_nearest_first(tiny_problem(closed_hauls=shut))
    assert trips[0].craft == 0
    assert trips[0].depart_min == opens_min


def test_where_every_crossing_is_shut_the_craft_ashore_first_goes() -> None:
    shut = {(c, p, 0): ((0, 60 + 10 * c),) for c in (0, 1) for p in (0, 1)}
    _, trips, _ = dispatch_nearest_first(tiny_problem(closed_hauls=shut))
    assert trips
    assert trips[0].depart_min >= 60


def test_a_shut_landing_is_left_for_the_next_nearest() -> None:
    _, trips, _ = dispatch_nearest_first(
        tiny_problem(
            haul_min=np.array([[[10, 14], [12, 16]], [[20, 24], [22, 26]]]),
            return_min=np.array([[[10, 12], [14, 16]], [[20, 22], [24, 26]]]),
            last_mile_min=np.array([[4], [4]]),
            landing_berths=np.array([2, 2]),
            closed_hauls={(c, p, 0): ((0, 110),) for c in (0, 1) for p in (0, 1)},
        )
    )
    assert {trip.landing for trip in trips} == {1}
