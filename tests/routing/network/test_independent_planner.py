"""Lengths equal those of extremitypathfinder, an independent exact planner, on a piece of the real coast."""

from __future__ import annotations

import pytest

from data.geography import Region
from tests.routing.network.coast_piece import lengths_by_both, piece_of_coast, points_in


def test_ratio_to_the_independent_planner_is_one(zhoushan: Region) -> None:
    graph = piece_of_coast(zhoushan)
    assert len(graph.water.interiors) >= 3
    compared = lengths_by_both(graph, points_in(graph, 8, seed=5))
    for ours_m, theirs_m, _ in compared:
        assert ours_m / theirs_m == pytest.approx(1.0, abs=1e-3)
    # Straight lines alone would show nothing.
    assert sum(ours_m > straight_m + 1 for ours_m, _, straight_m in compared) >= 5
