"""Web Mercator (EPSG:3857) to and from WGS 84, and the view's size, scale and fit in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Radius of the sphere of EPSG:3857 (EPSG guidance note 7-2, method 1024).
EARTH_RADIUS_M = 6378137.0
MAX_LATITUDE_DEG = 85.05


def to_mercator(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y in EPSG:3857 metres; NaN stays NaN, so that joined lines keep their gaps."""
    lon = np.asarray(lon_deg, dtype=np.float64)
    lat = np.clip(np.asarray(lat_deg, dtype=np.float64), -MAX_LATITUDE_DEG, MAX_LATITUDE_DEG)
    return np.radians(lon) * EARTH_RADIUS_M, np.arcsinh(np.tan(np.radians(lat))) * EARTH_RADIUS_M


def point_to_mercator(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """Return one point's x and y in EPSG:3857 metres."""
    return math.radians(lon_deg) * EARTH_RADIUS_M, math.asinh(math.tan(math.radians(lat_deg))) * EARTH_RADIUS_M


def from_mercator(x_m: float, y_m: float) -> tuple[float, float]:
    """Return lon and lat in degrees of a point in EPSG:3857."""
    return math.degrees(x_m / EARTH_RADIUS_M), math.degrees(math.atan(math.sinh(y_m / EARTH_RADIUS_M)))


def stretch(lat_deg: float) -> float:
    """Return how many EPSG:3857 metres stand for one metre on the ground at a latitude."""
    return 1.0 / math.cos(math.radians(lat_deg))


def bounds_around(points: Iterable[tuple[float, float]], margin: float = 0.12, least_m: float = 4000.0) -> Box:
    """Return the box around lon, lat points with a margin (share of its size), at least ``least_m`` across.

    Raises ValueError for no points at all.
    """
    lonlat = np.array(list(points), dtype=np.float64)
    if lonlat.size == 0:
        raise ValueError("a box needs at least one point")
    x, y = to_mercator(lonlat[:, 0], lonlat[:, 1])
    box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    half_x = max((box[2] - box[0]) * (0.5 + margin), least_m / 2)
    half_y = max((box[3] - box[1]) * (0.5 + margin), least_m / 2)
    mid_x, mid_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return mid_x - half_x, mid_y - half_y, mid_x + half_x, mid_y + half_y


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Viewport:
    """The part of the plane that is shown: centre in EPSG:3857, metres of it in a pixel, size in pixels."""

    centre_x: float
    centre_y: float
    metres_per_px: float
    width_px: int
    height_px: int

    @classmethod
    def containing(cls, box: Box, width_px: int, height_px: int) -> Viewport:
        """Return the smallest view of this size that holds the whole box (west, south, east, north)."""
        west, south, east, north = box
        scale = max((east - west) / width_px, (north - south) / height_px)
        return cls((west + east) / 2, (south + north) / 2, scale, width_px, height_px)

    @classmethod
    def from_ranges(cls, x0: float, x1: float, y0: float, y1: float, width_px: int, height_px: int) -> Viewport:
        """Return the view that a figure's two ranges and inner size make."""
        return cls((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / width_px, width_px, height_px)

    @property
    def x_range(self) -> tuple[float, float]:
        """West and east edge in EPSG:3857."""
        half = self.metres_per_px * self.width_px / 2
        return self.centre_x - half, self.centre_x + half

    @property
    def y_range(self) -> tuple[float, float]:
        """South and north edge in EPSG:3857."""
        half = self.metres_per_px * self.height_px / 2
        return self.centre_y - half, self.centre_y + half

    @property
    def ground_m_per_px(self) -> float:
        """Metres on the ground in a pixel at the view's middle."""
        return self.metres_per_px / stretch(from_mercator(self.centre_x, self.centre_y)[1])

    def to_px(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return pixels right of the view's left edge and down from its top edge."""
        x = (np.asarray(x_m, dtype=np.float64) - self.x_range[0]) / self.metres_per_px
        y = (self.y_range[1] - np.asarray(y_m, dtype=np.float64)) / self.metres_per_px
        return x, y
