"""Projection against PROJ, and the arithmetic of the view."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import Transformer

from console.map.mercator import Viewport, bounds_around, from_mercator, point_to_mercator, stretch, to_mercator


def test_agrees_with_proj() -> None:
    lon, lat = np.array([121.2, 122.68, 123.3]), np.array([29.4, 30.2, 31.1])
    x, y = to_mercator(lon, lat)
    expected = Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    assert np.allclose(x, expected[0], atol=1e-6)
    assert np.allclose(y, expected[1], atol=1e-6)


def test_comes_back() -> None:
    assert from_mercator(*point_to_mercator(122.5, 30.1)) == pytest.approx((122.5, 30.1))


def test_gaps_of_joined_lines_stay_gaps() -> None:
    x, y = to_mercator([122.0, math.nan, 122.1], [30.0, math.nan, 30.1])
    assert np.isnan(x[1])
    assert np.isnan(y[1])
    assert not np.isnan(x[2])


def test_stretch_is_one_over_the_cosine() -> None:
    assert stretch(60.0) == pytest.approx(2.0)


@pytest.mark.parametrize("size", [(1116, 647), (742, 437), (2232, 1294), (300, 900)])
def test_a_pixel_is_as_high_as_wide_whatever_the_pane(size: tuple[int, int]) -> None:
    view = Viewport.containing(bounds_around([(121.8, 29.6), (122.9, 30.9)]), *size)
    wide = (view.x_range[1] - view.x_range[0]) / size[0]
    high = (view.y_range[1] - view.y_range[0]) / size[1]
    assert wide == pytest.approx(high, rel=1e-12)


def test_the_whole_box_is_in_view() -> None:
    box = bounds_around([(121.8, 29.6), (122.9, 30.9)], margin=0.0)
    view = Viewport.containing(box, 1116, 647)
    assert view.x_range[0] <= box[0] + 1e-6
    assert view.x_range[1] >= box[2] - 1e-6
    assert view.y_range[0] <= box[1] + 1e-6
    assert view.y_range[1] >= box[3] - 1e-6


def test_pixels_run_right_and_down_from_the_top_left() -> None:
    view = Viewport.from_ranges(0.0, 200.0, 0.0, 100.0, 400, 200)
    x, y = view.to_px([0.0, 200.0], [100.0, 0.0])
    assert x.tolist() == [0.0, 400.0]
    assert y.tolist() == [0.0, 200.0]


def test_a_box_around_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        bounds_around([])
