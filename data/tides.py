"""The astronomical tide of a zone from its four leading constituents.

Height = mean level + the sum of f H cos(V + u - g): P. Schureman, Manual of Harmonic Analysis and Prediction of Tides,
US Coast and Geodetic Survey SP 98 (1940), with the mean longitudes of J. Meeus, Astronomical Algorithms (1998) and the
nodal factors f and u of D. T. Pugh, Tides, Surges and Mean Sea-Level (1987), table 4.3. Wind and pressure are left out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import cos, radians, sin

import msgspec

J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
DAYS_A_CENTURY = 36_525.0


class Constituent(msgspec.Struct, frozen=True, array_like=True):
    """One constituent: its amplitude in m and its phase lag behind Greenwich in degrees."""

    amplitude_m: float
    phase_deg: float


class ZoneTide(msgspec.Struct, frozen=True, kw_only=True):
    """The tide of one zone: mean level above the region's datum, and the constituents that make most of a tide."""

    zone_id: str
    mean_level_m: float
    m2: Constituent
    s2: Constituent
    k1: Constituent
    o1: Constituent
    confidence: str
    source: str


def tide_height_m(tide: ZoneTide, at: datetime) -> float:
    """Return the predicted height of the tide at an aware moment, in m above the region's datum."""
    since = at - J2000
    centuries = since.total_seconds() / 86_400.0 / DAYS_A_CENTURY
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    sun_deg = (at - midnight).total_seconds() / 240.0  # 15 degrees an hour
    moon = 218.3164477 + 481_267.88123421 * centuries  # mean longitudes of moon, sun and the moon's node
    sun = 280.46646 + 36_000.76983 * centuries
    node = radians(125.04452 - 1_934.136261 * centuries)
    terms = (
        (tide.m2, 1.0 - 0.037 * cos(node), -2.1 * sin(node), 2 * (sun_deg + sun - moon)),
        (tide.s2, 1.0, 0.0, 2 * sun_deg),
        (tide.k1, 1.006 + 0.115 * cos(node), -8.9 * sin(node), sun_deg + sun + 90.0),
        (tide.o1, 1.009 + 0.187 * cos(node), 10.8 * sin(node), sun_deg + sun - 2 * moon + 270.0),
    )
    return tide.mean_level_m + sum(
        factor * one.amplitude_m * cos(radians(argument + nodal - one.phase_deg))
        for one, factor, nodal, argument in terms
    )
