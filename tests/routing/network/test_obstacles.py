"""Water left free: clearance kept, harbours open, land never touched."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, box

from routing.network import obstacles
from routing.network.obstacles import NoWaterError, free_water

SEA = box(-20_000, -20_000, 20_000, 20_000)
# Two islands with 150 m between them, as in a harbour front.
STRAIT = MultiPolygon([box(-3000, 75, 3000, 3000), box(-3000, -3000, 3000, -75)])
NO_PIERS = np.empty((0, 2))


def test_clearance_is_kept_after_arcs_and_simplification() -> None:
    circle = Point(0, 0).buffer(500, quad_segs=32)
    ragged = MultiPolygon([circle, box(4000, 4000, 4100, 4500)])
    water = free_water(ragged, SEA, NO_PIERS)
    assert shapely.distance(water, ragged) >= obstacles.CLEARANCE_M
    assert shapely.distance(water, ragged) < obstacles.CLEARANCE_M + 12


def test_a_narrow_strait_is_shut_far_from_piers_and_open_beside_one() -> None:
    middle = Point(0, 0)
    assert not free_water(STRAIT, SEA, NO_PIERS).contains(middle)
    piers = np.array([[x, 75.0] for x in (-2500.0, 0.0, 2500.0)])
    eased = free_water(STRAIT, SEA, piers)
    assert eased.contains(middle)
    assert shapely.distance(eased, STRAIT) >= obstacles.PIER_CLEARANCE_M


def test_a_pool_cut_off_from_the_sea_is_no_water() -> None:
    ring = MultiPolygon([box(-3000, -3000, 3000, 3000).difference(box(-2000, -2000, 2000, 2000))])
    assert not free_water(ring, SEA, NO_PIERS).contains(Point(0, 0))


def test_all_land_is_an_error_with_a_remedy() -> None:
    with pytest.raises(NoWaterError, match="bounds"):
        free_water(MultiPolygon([SEA.buffer(100)]), SEA, NO_PIERS)
