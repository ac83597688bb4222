"""Flights: the great circle between two places at cruise speed, plus start and landing."""

from __future__ import annotations

import numpy as np

from data.forces import CraftClass
from data.geography import Place
from routing.network.projection import WGS84, Floats

# Assumed: two minutes to lift off and turn on course, two to come in and set down.
START_S = 120.0
LANDING_S = 120.0
POINT_EVERY_M = 5_000.0


def great_circle(a: Place, b: Place) -> tuple[float, Floats]:
    """Return length in metres and points (n, 2) lon, lat of the geodesic on WGS 84."""
    _, _, length_m = WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)
    num_between = int(length_m / POINT_EVERY_M)
    # npts refuses to place no point at all.
    between = WGS84.npts(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg, num_between) if num_between else []
    return float(length_m), np.array([(a.lon_deg, a.lat_deg), *between, (b.lon_deg, b.lat_deg)])


def flight_time_s(length_m: float, craft_class: CraftClass) -> float:
    """Return start, cruise and landing in seconds."""
    return START_S + length_m / craft_class.cruise_mps + LANDING_S
