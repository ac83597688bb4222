"""Where a unit of a plan is at a moment: position, heading, speed, status and leg, along its legs."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from math import asin, atan2, cos, degrees, radians, sin, sqrt

import msgspec

from data.errors import UnknownNameError
from data.forces import UnitStatus
from data.plans import Leg, Plan

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1, IUGG 1980


class TrackPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A unit at one moment; ``site_id`` is None while it moves, ``heading_deg`` None while it stands."""

    lon_deg: float
    lat_deg: float
    heading_deg: float | None
    speed_mps: float
    status: UnitStatus
    leg_id: str | None
    site_id: str | None


class StatusChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit reports at ``at``: a status, the leg it is on, and where it is."""

    at: datetime
    status: UnitStatus
    leg_id: str | None
    site_id: str | None
    lon_deg: float
    lat_deg: float


@dataclass(frozen=True)
class _Course:
    """A leg's path with the distance run at each vertex, so that a moment is one bisection."""

    leg: Leg
    run_m: tuple[float, ...]

    @property
    def duration_s(self) -> float:
        return max(0.0, (self.leg.arrive_at - self.leg.depart_at).total_seconds())

    @property
    def speed_mps(self) -> float:
        return self.run_m[-1] / self.duration_s if self.duration_s > 0 else 0.0

    def position(self, moment: datetime) -> tuple[float, float, float | None]:
        """Return lon, lat and heading at a moment of this leg, running at an even speed."""
        path = self.leg.path
        if len(path) == 1 or self.duration_s == 0 or self.run_m[-1] == 0:
            return *path[-1], None
        share = min(1.0, max(0.0, (moment - self.leg.depart_at).total_seconds() / self.duration_s))
        run_m = share * self.run_m[-1]
        after = min(max(1, bisect.bisect_right(self.run_m, run_m)), len(path) - 1)
        (lon_a, lat_a), (lon_b, lat_b) = path[after - 1], path[after]
        step_m = self.run_m[after] - self.run_m[after - 1]
        part = (run_m - self.run_m[after - 1]) / step_m if step_m else 0.0
        heading = bearing_deg(lon_a, lat_a, lon_b, lat_b)
        return lon_a + part * (lon_b - lon_a), lat_a + part * (lat_b - lat_a), heading


@dataclass(frozen=True)
class Track:
    """One unit's way through a plan: its legs in time order.

    Before the first leg the unit is ``accepted`` at its start; between legs it stays ``en_route`` and
    stands still (loading, waiting for a berth). After the last, a group is ``on_scene``; a craft is
    ``available`` where it landed its people.
    """

    unit_id: str
    is_craft: bool
    incident_id: str | None
    courses: tuple[_Course, ...]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Return the unit's legs in time order."""
        return tuple(course.leg for course in self.courses)

    @property
    def start_at(self) -> datetime:
        """Return when the unit first moves."""
        return self.courses[0].leg.depart_at

    @property
    def end_at(self) -> datetime:
        """Return when the unit has done its part: last arrival, or last person ashore."""
        last = self.courses[-1].leg
        return last.unloaded_at or last.arrive_at

    def at(self, moment: datetime) -> TrackPoint:
        """Return where the unit is and what it does at a moment."""
        first = self.courses[0].leg
        if moment < first.depart_at:
            return self._standing(first.path[0], "accepted", first.id, first.from_site)
        current = max((c for c in self.courses if c.leg.depart_at <= moment), key=lambda c: c.leg.depart_at)
        leg = current.leg
        if moment < leg.arrive_at:
            lon, lat, heading = current.position(moment)
            return TrackPoint(
                lon_deg=lon,
                lat_deg=lat,
                heading_deg=heading,
                speed_mps=current.speed_mps,
                status="en_route",
                leg_id=leg.id,
                site_id=None,
            )
        done = current is self.courses[-1] and moment >= self.end_at
        status: UnitStatus = "en_route" if not done else "available" if self.is_craft else "on_scene"
        return self._standing(leg.path[-1], status, leg.id, leg.to_site)

    def changes(self) -> tuple[StatusChange, ...]:
        """Return what the unit reports in time order: each leg begun, and its part done."""
        begun = [
            StatusChange(
                at=leg.depart_at,
                status="en_route",
                leg_id=leg.id,
                site_id=leg.from_site,
                lon_deg=leg.path[0][0],
                lat_deg=leg.path[0][1],
            )
            for leg in self.legs
        ]
        last = self.legs[-1]
        done = StatusChange(
            at=self.end_at,
            status="available" if self.is_craft else "on_scene",
            leg_id=last.id,
            site_id=last.to_site,
            lon_deg=last.path[-1][0],
            lat_deg=last.path[-1][1],
        )
        return (*begun, done)

    @staticmethod
    def _standing(place: tuple[float, float], status: UnitStatus, leg_id: str, site_id: str) -> TrackPoint:
        return TrackPoint(
            lon_deg=place[0],
            lat_deg=place[1],
            heading_deg=None,
            speed_mps=0.0,
            status=status,
            leg_id=leg_id,
            site_id=site_id,
        )


def unit_track(plan: Plan, unit_id: str) -> Track:
    """Return the track of a craft or a group of the plan; raises UnknownNameError if the plan does not use it."""
    is_craft = any(leg.craft_id == unit_id for leg in plan.legs)
    legs = [leg for leg in plan.legs if (leg.craft_id == unit_id if is_craft else unit_id in leg.group_ids)]
    if not legs:
        known = sorted(units_of(plan))
        raise UnknownNameError("unit of this plan", unit_id, get_close_matches(unit_id, known, n=3))
    legs.sort(key=lambda leg: (leg.depart_at, leg.arrive_at))
    incidents = {leg.incident_id for leg in legs if leg.incident_id}
    return Track(
        unit_id=unit_id,
        is_craft=is_craft,
        incident_id=next(iter(incidents)) if len(incidents) == 1 else None,
        courses=tuple(_Course(leg, _run_m(leg.path)) for leg in legs),
    )


def units_of(plan: Plan) -> tuple[str, ...]:
    """Return every craft and group that the plan moves, in the order of their first leg."""
    found: dict[str, None] = {}
    for leg in sorted(plan.legs, key=lambda leg: leg.depart_at):
        if leg.craft_id:
            found[leg.craft_id] = None
        found.update(dict.fromkeys(leg.group_ids))
    return tuple(found)


def plan_end_at(plan: Plan) -> datetime:
    """Return when the last unit of the plan has done its part (the plan's start if it has no leg)."""
    return max((leg.unloaded_at or leg.arrive_at for leg in plan.legs), default=plan.start_at)


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Return the great-circle distance between two WGS 84 points in metres (haversine, Sinnott 1984)."""
    d_lat, d_lon = radians(lat_b - lat_a), radians(lon_b - lon_a)
    h = sin(d_lat / 2) ** 2 + cos(radians(lat_a)) * cos(radians(lat_b)) * sin(d_lon / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, h)))


def bearing_deg(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Return the initial great-circle bearing from a to b, clockwise from north, 0..360."""
    d_lon = radians(lon_b - lon_a)
    east = sin(d_lon) * cos(radians(lat_b))
    north = cos(radians(lat_a)) * sin(radians(lat_b)) - sin(radians(lat_a)) * cos(radians(lat_b)) * cos(d_lon)
    return degrees(atan2(east, north)) % 360.0


def _run_m(path: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    run = [0.0]
    for (lon_a, lat_a), (lon_b, lat_b) in itertools.pairwise(path):
        run.append(run[-1] + distance_m(lon_a, lat_a, lon_b, lat_b))
    return tuple(run)
