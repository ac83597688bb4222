"""Labels never cover one another, keep clear of symbols, and the important ones win."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.map.placement import Candidate, place, text_width_px


def _box(one: Candidate, offset: tuple[float, float]) -> tuple[float, float, float, float]:
    left, top = one.x_px + offset[0], one.y_px + offset[1]
    return left, top, left + one.width_px, top + one.height_px


def _apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_none_of_the_placed_overlap_each_other_or_a_symbol(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    points = draw.uniform(0, 600, (count, 2))
    wanted = [
        Candidate(str(k), x, y, float(draw.uniform(20, 90)), 14.0, int(draw.integers(0, 9)))
        for k, (x, y) in enumerate(points.tolist())
    ]
    blocked = [(x - 6, y - 6, x + 6, y + 6) for x, y in points.tolist()]
    placed = place(wanted, blocked)
    boxes = [_box(one, placed[one.key]) for one in wanted if one.key in placed]
    assert all(_apart(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(_apart(box, symbol) for box in boxes for symbol in blocked)


def test_the_more_important_one_gets_the_only_place() -> None:
    spot = ((0.0, 0.0),)
    wanted = [Candidate("minor", 0, 0, 50, 14, 60, spots=spot), Candidate("major", 0, 0, 50, 14, 1, spots=spot)]
    assert list(place(wanted)) == ["major"]


def test_a_required_one_is_shown_even_without_room() -> None:
    wall = [(-1000.0, -1000.0, 1000.0, 1000.0)]
    wanted = [Candidate("must", 0, 0, 50, 14, 9, required=True), Candidate("may", 0, 0, 50, 14, 0)]
    assert list(place(wanted, wall)) == ["must"]


def test_the_first_of_the_eight_positions_is_to_the_right() -> None:
    placed = place([Candidate("a", 100, 100, 40, 14, 0, gap_px=10)])
    assert placed["a"] == (10.0, -7.0)


def test_full_width_letters_count_one_em() -> None:
    assert text_width_px("舟山", 12.0) == 24.0
    assert text_width_px("ab", 10.0) == pytest.approx(11.2)
