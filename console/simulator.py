"""Move the units of accepted plans along their legs, reporting by the same commands as people."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.commands import ReportUnits, SetUnitStatus
from console.way_home import track_home
from data.forces import UnitStatus
from data.journal.interface import Fix
from data.journal.views import UnitView
from data.plans import Plan
from routing.movement import Track, TrackPoint, unit_track, units_of

if TYPE_CHECKING:
    from console.world import World

ACTOR = "simulator"
# A crew answers an order after so many seconds, each unit with its own delay (assumed).
ANSWER_MIN_S, ANSWER_MAX_S = 5.0, 40.0
# What stands still reports this often; AIS class A at anchor: every 3 min (ITU-R M.1371).
STANDING_FIX_EVERY = timedelta(minutes=3)


class Simulator:
    """Plays every unit that has an accepted order; it keeps nothing a restart would miss."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tracks: dict[str, dict[str, Track]] = {}
        self._tracks_home: dict[tuple[str, datetime], Track | None] = {}

    def report(self, now: datetime) -> None:
        """Issue what units report by ``now``: order accepted, leg begun, part done, home again."""
        reports = [report for unit in self._world.picture.units.values() if (report := self._due(unit, now))]
        if not reports or self._world.execute(ReportUnits(reports=tuple(reports)), ACTOR).why != "refused":
            return  # somebody else was first, or the store is silent: the next look sees what holds then
        for report in reports:  # one unit that may not report so must not silence the others
            self._world.execute(report, ACTOR)

    def fixes(self, now: datetime) -> tuple[Fix, ...]:
        """Return a fix of every moving unit, and of those standing that are due to report."""
        found: list[Fix] = []
        for unit in self._world.picture.units.values():
            point = self._point(unit, now)
            if point is not None and point.site_id is None:
                found.append(Fix(unit.unit_id, now, point.lon_deg, point.lat_deg, point.heading_deg, point.speed_mps))
            elif now - unit.fix_at >= STANDING_FIX_EVERY and unit.status != "out_of_service":
                lon, lat = (point.lon_deg, point.lat_deg) if point else (unit.lon_deg, unit.lat_deg)
                found.append(Fix(unit.unit_id, now, lon, lat, None, 0.0))
        return tuple(found)

    def _due(self, unit: UnitView, now: datetime) -> SetUnitStatus | None:
        track = self._track(unit)
        if track is None:
            return None
        point = track.at(now)
        if unit.status == "returning" and unit.plan_id is None:
            return _report(unit, "available", point) if now >= track.end_at else None
        if point.status == "accepted":
            answered = unit.status == "available" and now >= self._answers_at(unit, track)
            return _report(unit, "accepted", point) if answered else None
        if point.status == "en_route":
            told = unit.status == "en_route" and unit.leg_id == point.leg_id
            return None if told else _report(unit, "en_route", point)
        if point.status == "available" and unit.status == "available":  # the whole way lay between two looks
            return _report(unit, "en_route", point)
        return _report(unit, point.status, point) if unit.status != point.status else None

    def _answers_at(self, unit: UnitView, track: Track) -> datetime:
        plan_id = unit.plan_id or ""
        ordered_at = self._world.picture.accepted_at[plan_id]
        share = hashlib.sha256(f"{plan_id}/{unit.unit_id}".encode()).digest()[0] / 255
        delay_s = ANSWER_MIN_S + share * (ANSWER_MAX_S - ANSWER_MIN_S)
        return min(ordered_at + timedelta(seconds=delay_s), track.start_at)

    def _point(self, unit: UnitView, now: datetime) -> TrackPoint | None:
        track = self._track(unit)
        return track.at(now) if track is not None and unit.status in ("en_route", "returning") else None

    def _track(self, unit: UnitView) -> Track | None:
        if unit.status == "returning" and unit.plan_id is None:
            return self._track_home(unit)
        plan = self._world.picture.accepted.get(unit.plan_id or "")
        return None if plan is None else self._tracks_of(plan).get(unit.unit_id)

    def _track_home(self, unit: UnitView) -> Track | None:
        key = (unit.unit_id, unit.status_at)
        if key not in self._tracks_home:
            self._tracks_home[key] = track_home(unit, self._world.picture)
        return self._tracks_home[key]

    def _tracks_of(self, plan: Plan) -> dict[str, Track]:
        if plan.id not in self._tracks:
            self._tracks[plan.id] = {unit_id: unit_track(plan, unit_id) for unit_id in units_of(plan)}
        return self._tracks[plan.id]


def _report(unit: UnitView, status: UnitStatus, point: TrackPoint) -> SetUnitStatus:
    """A unit that sets off is under way from this moment, although its track still has it at the kerb."""
    return SetUnitStatus(
        unit_id=unit.unit_id,
        status=status,
        leg_id=point.leg_id,
        site_id=point.site_id,
        lon_deg=point.lon_deg,
        lat_deg=point.lat_deg,
    )
