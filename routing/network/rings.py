"""What standing units reach within so many minutes, on foot, by road, by water and by air: areas, and who is near what.

Areas are WGS 84. On foot means over land only: the way round a bay is walked, and no water or bridge is crossed. By
road the region's estimate holds (straight distance times its circuity, and bridges). Where a boat or helicopter
lands its people in time, they go on by foot. Which limits hold (weather, closures, darkness) is asked for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from data.errors import TongzhouError, worded
from data.forces import CraftClass
from data.geography import Helipad, Pier, Place
from data.weather import Closure, Forecast
from routing.handling import unload_minutes
from routing.network.air import LANDING_S, START_S
from routing.network.foot import foot_area, foot_field
from routing.network.network import Network
from routing.network.projection import WGS84, Floats

Way = Literal["foot", "road", "sea", "air"]
WAYS: tuple[Way, ...] = ("foot", "road", "sea", "air")
RINGS_MIN = (1, 3, 5)
MAX_MINUTES = 600
# Nobody is sent farther on foot than this; up to the shorter one the grid is fine.
MAX_WALK_MIN = 60
FINE_WALK_MIN = 10
NOTHING = MultiPolygon()
# Corners of a quarter of a circle drawn as a polygon.
QUARTER = 16


class RingFaultError(ValueError, TongzhouError):
    """A question about rings that makes no sense."""


@dataclass(frozen=True, slots=True)
class StandingUnit:
    """A unit and where it stands, on foot (no class) or with a class by road, sea or air.

    ``ready_in_min`` is counted from the order.
    """

    id: str
    place: Place
    craft_class: CraftClass | None = None
    ready_in_min: int = 0

    @property
    def way(self) -> Way:
        """How it moves."""
        return "foot" if self.craft_class is None else self.craft_class.mode


@dataclass(frozen=True, slots=True)
class Moment:
    """When rings are asked for: calm, clear and open without a time."""

    at: datetime | None = None
    forecast: Forecast | None = None
    closures: tuple[Closure, ...] = ()


CALM = Moment()


@dataclass(frozen=True, slots=True)
class Rings:
    """The area reached within each number of minutes, by way and by all ways together."""

    by_way: dict[int, dict[Way, MultiPolygon]]

    def area(self, minutes: int) -> MultiPolygon:
        """Return what anybody reaches within so many minutes."""
        return _multi(shapely.union_all(list(self.by_way[minutes].values())))


def rings(
    network: Network, units: Sequence[StandingUnit], minutes: Sequence[int] = RINGS_MIN, moment: Moment = CALM
) -> Rings:
    """Return what the units reach within each number of minutes.

    Raises RingFaultError for minutes outside 1..600 or a negative readiness, NotAtSeaError for a boat without water
    within 2 km.
    """
    _check(units, minutes)
    asks = _Asks(network, moment)
    by_way: dict[int, dict[Way, MultiPolygon]] = {}
    for count in minutes:
        parts: dict[Way, list[MultiPolygon]] = {way: [] for way in WAYS}
        for unit in units:
            left_s = 60.0 * (count - unit.ready_in_min)
            if left_s > 0:
                for way, area in asks.areas(unit, left_s):
                    parts[way].append(area)
        by_way[count] = {way: _multi(shapely.union_all(areas)) for way, areas in parts.items() if areas}
    return Rings(by_way)


def minutes_to_points(
    network: Network, units: Sequence[StandingUnit], points: Sequence[Place], moment: Moment = CALM
) -> Floats:
    """Return (units, points) minutes from the order until each unit, or who it lands, stands at each point.

    inf where it cannot come; on foot, alone or after landing, no farther than ``MAX_WALK_MIN`` is looked.
    """
    _check(units, RINGS_MIN)
    asks = _Asks(network, moment)
    out = np.full((len(units), len(points)), np.inf)
    for row, unit in enumerate(units):
        out[row] = unit.ready_in_min + asks.times_s(unit, points) / 60.0
    return out


def points_within(
    units: Sequence[StandingUnit], unit_minutes: Floats, minutes: Sequence[int] = RINGS_MIN
) -> dict[int, dict[Way, np.ndarray[Any, np.dtype[np.bool_]]]]:
    """Return for each number of minutes and each way which points (columns of ``unit_minutes``) somebody reaches."""
    ways = np.array([unit.way for unit in units])
    nearest = {way: unit_minutes[ways == way].min(axis=0, initial=np.inf) for way in WAYS}
    return {count: {way: soonest <= count for way, soonest in nearest.items()} for count in minutes}


@dataclass(frozen=True)
class _Asks:
    """One moment's answers for one unit at a time."""

    network: Network
    moment: Moment
    _walks: dict[tuple[str, float, float], Floats] = field(default_factory=dict)

    def areas(self, unit: StandingUnit, left_s: float) -> list[tuple[Way, MultiPolygon]]:
        craft_class = unit.craft_class
        if craft_class is None:
            return [("foot", self._on_foot(unit.place, left_s))]
        if craft_class.mode == "road":
            return [("road", self._by_road(unit.place, left_s))]
        if not self._may_leave(unit.place, craft_class):
            return []
        here: Way = craft_class.mode
        if here == "sea":
            whole = int(left_s // 60)
            found = self.network.isochrones(unit.place, craft_class, (whole,), self.moment.forecast, self.moment.at)
            out: list[tuple[Way, MultiPolygon]] = [(here, found[whole])]
        else:
            out = [(here, self._in_the_air(unit.place, craft_class, left_s))]
        landings = self._landings(craft_class)
        landed_s = self._landed_s(unit.place, craft_class, landings)
        for site, seconds in zip(landings, landed_s.tolist(), strict=True):
            if seconds < left_s:
                out.append(("foot", self._on_foot(site, left_s - seconds)))
        return out

    def times_s(self, unit: StandingUnit, points: Sequence[Place]) -> Floats:
        craft_class = unit.craft_class
        if craft_class is None:
            return self._walk_s(unit.place, points)
        moment = self.moment
        if craft_class.mode == "road":
            road_s = self.network.road_times_s([unit.place], points, moment.closures, moment.forecast, moment.at)
            return np.asarray(road_s[0])
        best = np.full(len(points), np.inf)
        if not self._may_leave(unit.place, craft_class):
            return best
        landings = self._landings(craft_class)
        landed_s = self._landed_s(unit.place, craft_class, landings)
        for site, seconds in zip(landings, landed_s.tolist(), strict=True):
            if np.isfinite(seconds):
                best = np.minimum(best, seconds + self._walk_s(site, points))
        return best

    def _on_foot(self, place: Place, left_s: float) -> MultiPolygon:
        return foot_area(self.network.region, place, left_s)

    def _walk_s(self, place: Place, points: Sequence[Place]) -> Floats:
        """Return seconds on foot to the points, which are the same in every call of one question."""
        key = (place.island_id, place.lon_deg, place.lat_deg)
        if key in self._walks:
            return self._walks[key]
        out = np.full(len(points), np.inf)
        near = [n for n, point in enumerate(points) if point.island_id == place.island_id]
        if near:
            # Once finely for what is near, once coarsely for the rest.
            for count in (FINE_WALK_MIN, MAX_WALK_MIN):
                reach = foot_field(self.network.region, place, 60.0 * count)
                out[near] = np.minimum(out[near], reach.times_s([points[n] for n in near]))
        self._walks[key] = out
        return out

    def _by_road(self, place: Place, left_s: float) -> MultiPolygon:
        """Return the land within reach of the place and of every bridge end, an estimate."""
        moment, region = self.moment, self.network.region
        road = self.network.roads(moment.closures, moment.forecast, moment.at)
        parts = []
        for island_id, lon_deg, lat_deg, seconds in [
            (place.island_id, place.lon_deg, place.lat_deg, 0.0),
            *road.ends_s(place),
        ]:
            radius_m = (left_s - seconds) / road.land_s_per_m()
            ground = region.island_polygons.get(island_id)
            if radius_m > 0 and ground is not None and island_id not in road.shut_islands:
                parts.append(shapely.intersection(_disc(lon_deg, lat_deg, radius_m), ground))
        return _multi(shapely.union_all(parts))

    def _in_the_air(self, place: Place, craft_class: CraftClass, left_s: float) -> MultiPolygon:
        """Return over what it could come down in time: start and landing are in the time."""
        radius_m = (left_s - START_S - LANDING_S) * craft_class.cruise_mps
        return _multi(_disc(place.lon_deg, place.lat_deg, radius_m)) if radius_m > 0 else NOTHING

    def _may_leave(self, place: Place, craft_class: CraftClass) -> bool:
        at, moment = self.moment.at, self.moment
        if at is None:
            return True
        region = self.network.region
        site: Pier | Helipad | None = region.piers.get(place.id) or region.helipads.get(place.id)
        if site is not None:
            return self._is_open(site, craft_class)
        zone_id = self.network.zone_of(place.lon_deg, place.lat_deg)
        state = self.network.craft_state(craft_class, zone_id, moment.forecast, at, moment.closures)
        return state.status != "closed"

    def _is_open(self, site: Pier | Helipad, craft_class: CraftClass) -> bool:
        at, moment = self.moment.at, self.moment
        if at is None:
            return True
        state = (
            self.network.pier_state(site, craft_class, moment.forecast, moment.closures, at)
            if isinstance(site, Pier)
            else self.network.pad_state(site, craft_class, moment.forecast, moment.closures, at)
        )
        return state.status != "closed"

    def _landings(self, craft_class: CraftClass) -> list[Place]:
        """Return where a boat or helicopter may land its people."""
        region = self.network.region
        sites: list[Pier | Helipad] = []
        if craft_class.mode == "sea":
            sites += [pier for pier in region.piers.values() if pier.berthing & craft_class.berthing]
        elif "helipad" in craft_class.berthing:
            sites += list(region.helipads.values())
        return [region.place(site.id) for site in sites if self._is_open(site, craft_class)]

    def _landed_s(self, place: Place, craft_class: CraftClass, landings: Sequence[Place]) -> Floats:
        """Return (landings,) seconds until its people stand ashore; whoever is there already stands there."""
        if not landings:
            return np.empty(0)
        moment = self.moment
        if craft_class.mode == "sea":
            times_s = self.network.sea_times_s([place], landings, craft_class, moment.forecast, moment.at)[0]
        else:
            to = np.array([(site.lon_deg, site.lat_deg) for site in landings])
            start = np.broadcast_to([place.lon_deg, place.lat_deg], to.shape)
            lengths_m = np.asarray(WGS84.inv(start[:, 0], start[:, 1], to[:, 0], to[:, 1])[2], float)
            times_s = START_S + lengths_m / craft_class.cruise_mps + LANDING_S
        there = np.array([site.id == place.id for site in landings])
        return np.where(there, 0.0, times_s + 60.0 * unload_minutes(craft_class))


def _check(units: Sequence[StandingUnit], minutes: Sequence[int]) -> None:
    for count in minutes:
        if not 1 <= count <= MAX_MINUTES:
            raise worded(
                RingFaultError(f"minutes: must lie in 1..{MAX_MINUTES}, is {count}"),
                zh=f"minutes：须在 1..{MAX_MINUTES} 之间，现为 {count}",
            )
    for unit in units:
        if unit.ready_in_min < 0:
            raise worded(
                RingFaultError(f"'{unit.id}': ready_in_min may not be negative, is {unit.ready_in_min}"),
                zh=f"“{unit.id}”：ready_in_min 不能为负，现为 {unit.ready_in_min}",
            )


def _disc(lon_deg: float, lat_deg: float, radius_m: float) -> Polygon:
    """Return the circle on the spheroid."""
    bearings = np.linspace(0.0, 360.0, 4 * QUARTER, endpoint=False)
    size = np.ones_like(bearings)
    lon, lat, _ = WGS84.fwd(lon_deg * size, lat_deg * size, bearings, radius_m * size)
    return Polygon(np.column_stack([lon, lat]))


def _multi(shape: Any) -> MultiPolygon:
    return MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
