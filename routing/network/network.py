"""The one door to the networks of a region: routes, times, states, windows and reach."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
from shapely.geometry import MultiPolygon, Point
from shapely.strtree import STRtree

from data.array_cache import ArrayCache, Arrays
from data.errors import NotAtSeaError, worded
from data.forces import CraftClass
from data.geography import Bridge, Helipad, Pier, Place, Region
from data.text import Text
from data.weather import Closure, Forecast
from routing.network import obstacles
from routing.network.air import flight_time_s, great_circle
from routing.network.conditions import Conditions, Shut
from routing.network.isochrones import reach_areas
from routing.network.limits import LinkState
from routing.network.projection import Floats, projection
from routing.network.recent import Recent
from routing.network.road import RoadNetwork
from routing.network.routes import Route, RouteMode, ZoneSpan
from routing.network.sea_graph import OnProgress
from routing.network.sea_lanes import SeaLanes
from routing.network.sea_speed import paces_s_per_m
from routing.network.windows import ClosedSpan, Stay, forbidden_departures, whole_minutes
from routing.network.zones import Index, ZoneMap

FORMAT = "sea-lanes/2"
KEPT_CONDITIONS = 8
KEPT_ROADS = 16
KEPT_REACHES = 32


class NoSeaWayError(NotAtSeaError):
    """Two places on the water that no water joins."""


class Network:
    """Sea, road and air links of one region. Answers depend only on the arguments."""

    def __init__(self, region: Region, lanes: SeaLanes) -> None:
        self.region, self.lanes = region, lanes
        self._conditions: list[Conditions] = []
        self._roads: Recent[tuple[frozenset[str], frozenset[str]], RoadNetwork] = Recent(KEPT_ROADS)
        self._reaches: Recent[tuple[float, ...], dict[int, MultiPolygon]] = Recent(KEPT_REACHES)
        self._island_ids = list(region.island_polygons)
        self._island_tree = STRtree([region.island_polygons[name] for name in self._island_ids])
        self._island_tree.query(Point(0.0, 0.0))  # builds the tree now, before threads share it

    @classmethod
    def build(cls, region: Region, cache: ArrayCache | None = None, on_progress: OnProgress | None = None) -> Network:
        """Return the network, from the cache when the coast, piers and zones have not changed."""
        metric = projection(region.utm_epsg)
        zones = ZoneMap(list(region.zones.values()), metric)

        def build() -> Arrays:
            return SeaLanes.arrays(region, metric, zones, on_progress)

        arrays = cache.fetch(lanes_key(region), build) if cache is not None else build()
        return cls(region, SeaLanes.from_arrays(arrays, region, metric, zones))

    def sea_route(
        self,
        a: Place,
        b: Place,
        craft_class: CraftClass | None = None,
        forecast: Forecast | None = None,
        at: datetime | None = None,
    ) -> Route:
        """Return the quickest way by water; without a class the shortest, timed at 10 kn.

        Raises NotAtSeaError for a place without water within 2 km, NoSeaWayError when no water joins them.
        """
        paces = paces_s_per_m(craft_class, self.lanes.zones.ids, self.conditions(forecast), at)
        lane = self.lanes.lane(a, b, paces)
        if lane is None:
            raise worded(
                NoSeaWayError(f"No water joins '{a.id}' and '{b.id}'. Choose another pier."),
                zh=f"“{a.id}”与“{b.id}”之间没有水路相通。请换一个码头。",
            )
        zone, lengths_m = self._pieces(lane.xy_m)
        path = self.lanes.projection.to_degrees(lane.xy_m)
        return self._route("sea", a, b, lane.length_m, path, zone, lengths_m * paces[zone])

    def sea_lengths_m(self, places: Sequence[Place]) -> Floats:
        """Return (n, n) shortest metres by sea, inf where there is no way."""
        return self.lanes.lengths_m(places)

    def sea_times_s(
        self,
        a: Sequence[Place],
        b: Sequence[Place],
        craft_class: CraftClass,
        forecast: Forecast | None = None,
        at: datetime | None = None,
    ) -> Floats:
        """Return (a, b) least seconds by sea for a class, inf where there is no way."""
        paces = paces_s_per_m(craft_class, self.lanes.zones.ids, self.conditions(forecast), at)
        return self.lanes.times_s(a, b, paces)

    def road_route(
        self,
        a: Place,
        b: Place,
        closures: Sequence[Closure] = (),
        forecast: Forecast | None = None,
        at: datetime | None = None,
    ) -> Route | None:
        """Return the quickest way by road over bridges open at a moment, an estimate; None without one."""
        way = self._road(closures, forecast, at).way(a, b)
        if way is None:
            return None
        time_s, length_m, points, bridges, islands = way
        return Route(
            mode="road",
            from_site=a.id,
            to_site=b.id,
            length_m=length_m,
            time_s=time_s,
            path=tuple(points),
            estimate=True,
            zone_ids=tuple(dict.fromkeys(bridge.zone_id for bridge in bridges)),
            bridge_ids=tuple(bridge.id for bridge in bridges),
            island_ids=tuple(dict.fromkeys(islands)),
        )

    def road_times_s(
        self,
        a: Sequence[Place],
        b: Sequence[Place],
        closures: Sequence[Closure] = (),
        forecast: Forecast | None = None,
        at: datetime | None = None,
    ) -> Floats:
        """Return (a, b) estimated seconds by road over bridges open at a moment, inf where no road leads."""
        return self._road(closures, forecast, at).times_s(a, b)

    def roads(
        self, closures: Sequence[Closure] = (), forecast: Forecast | None = None, at: datetime | None = None
    ) -> RoadNetwork:
        """Return the roads and bridges open at a moment."""
        return self._road(closures, forecast, at)

    def air_route(self, a: Place, b: Place, craft_class: CraftClass) -> Route:
        """Return the flight between two places, with start and landing in its time."""
        length_m, points = great_circle(a, b)
        zone, lengths_m = self._pieces(self.lanes.projection.to_metres(points))
        time_s = flight_time_s(length_m, craft_class)
        total_m = lengths_m.sum()
        shares = lengths_m / total_m if total_m > 0 else np.full(len(lengths_m), 1 / len(lengths_m))
        return self._route("air", a, b, length_m, points, zone, shares * time_s)

    def conditions(self, forecast: Forecast | None, closures: Sequence[Closure] = ()) -> Conditions:
        """Return the conditions of a forecast and closures; the latest few are remembered."""
        wanted = tuple(closures)
        for kept in self._conditions:
            if (kept.forecast is forecast or kept.forecast == forecast) and kept.closures == wanted:
                return kept
        self._conditions = [Conditions(self.region, forecast, wanted), *self._conditions[: KEPT_CONDITIONS - 1]]
        return self._conditions[0]

    def pier_state(
        self,
        pier: Pier,
        craft_class: CraftClass | None,
        forecast: Forecast | None,
        closures: Sequence[Closure],
        at: datetime,
    ) -> LinkState:
        """Return whether a class may berth at a pier; without a class, whether all, some or no boats may."""
        now = self.conditions(forecast, closures)
        if craft_class is not None:
            return now.state(now.pier_shuts(pier, craft_class), at, pier.zone_id)
        by_people = now.state(now.pier_closures(pier), at)
        if by_people.status == "closed":
            return by_people
        fitting = [boat for boat in self._classes("sea") if boat.berthing & pier.berthing]
        return _for_all([now.state(now.pier_shuts(pier, boat), at, pier.zone_id) for boat in fitting])

    def pad_state(
        self,
        pad: Helipad,
        craft_class: CraftClass | None,
        forecast: Forecast | None,
        closures: Sequence[Closure],
        at: datetime,
    ) -> LinkState:
        """Return whether a class may use a pad; without a class, whether all, some or no helicopters may."""
        now, zone_id = self.conditions(forecast, closures), self.zone_of(pad.lon_deg, pad.lat_deg)
        if craft_class is not None:
            return now.state(now.pad_shuts(pad, zone_id, craft_class, _day(at)), at, zone_id)
        by_people = now.state(now.pad_closures(pad), at)
        if by_people.status == "closed":
            return by_people
        fitting = [flyer for flyer in self._classes("air") if flyer.seats > 0 and "helipad" in flyer.berthing]
        return _for_all([now.state(now.pad_shuts(pad, zone_id, flyer, _day(at)), at, zone_id) for flyer in fitting])

    def bridge_state(
        self, bridge: Bridge, forecast: Forecast | None, closures: Sequence[Closure], at: datetime
    ) -> LinkState:
        """Return whether a bridge may be crossed."""
        if not bridge.usable:
            return LinkState(status="closed", limit="closure", text=Text("未通车", "not open to traffic"))
        now = self.conditions(forecast, closures)
        return now.state(now.bridge_shuts(bridge), at, bridge.zone_id)

    def craft_state(
        self,
        craft_class: CraftClass,
        zone_id: str,
        forecast: Forecast | None,
        at: datetime,
        closures: Sequence[Closure] = (),
    ) -> LinkState:
        """Return whether a class may be under way in a zone."""
        now = self.conditions(forecast, closures)
        return now.state(now.craft_shuts(craft_class, zone_id), at, zone_id)

    def closed_departures(
        self,
        craft_class: CraftClass,
        route: Route,
        from_site: Pier | Helipad | None,
        to_site: Pier | Helipad | None,
        forecast: Forecast | None,
        closures: Sequence[Closure],
        start: datetime,
        horizon_min: int,
    ) -> list[ClosedSpan]:
        """Return the departures (minutes after ``start``) that weather, darkness or closures forbid.

        Passage limits count while the route is in each zone; pier and pad limits at departure and at arrival.
        A helicopter with no pad at one end (None) lands in a field there. By road, bridges and island roads
        count for the whole journey.
        """
        now = self.conditions(forecast, closures)
        arrival = whole_minutes(route.time_s, route.time_s)[1]
        stays: list[Stay] = []
        if route.mode == "road":
            shuts = [shut for name in route.bridge_ids for shut in now.bridge_shuts(self.region.bridges[name])]
            shuts += [shut for name in route.island_ids for shut in now.road_shuts(name)]
            stays.append(Stay(0, arrival, shuts))
        for span in route.zone_spans:
            stays.append(Stay(*whole_minutes(span.from_s, span.to_s), now.craft_shuts(craft_class, span.zone_id)))
        for minute, site, point in ((0, from_site, route.path[0]), (arrival, to_site, route.path[-1])):
            stays.append(Stay(minute, minute, self._site_shuts(now, craft_class, site, point, start)))
        return forbidden_departures(stays, start, horizon_min, self.region.timezone)

    def isochrones(
        self,
        origin: Place,
        craft_class: CraftClass,
        minutes: Sequence[int],
        forecast: Forecast | None = None,
        at: datetime | None = None,
    ) -> dict[int, MultiPolygon]:
        """Return the water (WGS 84) a class reaches from a place in each number of minutes."""
        paces = paces_s_per_m(craft_class, self.lanes.zones.ids, self.conditions(forecast), at)
        key = (origin.lon_deg, origin.lat_deg, *paces, *minutes)
        return self._reaches.get(key, lambda: reach_areas(self.lanes, self.lanes.point(origin), paces, minutes))

    def zone_of(self, lon_deg: float, lat_deg: float) -> str:
        """Return the zone of a point; the nearest zone when it lies in none."""
        return self.lanes.zones.zone_of(lon_deg, lat_deg)

    def nearest_water(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        """Return the nearest water point within 2 km; raises NotAtSeaError beyond."""
        point_m = self.lanes.projection.to_metres(np.array([[lon_deg, lat_deg]]))[0]
        name = f"{lon_deg:.4f}, {lat_deg:.4f}"
        snapped = self.lanes.graph.snap((lon_deg, lat_deg), point_m, name, self.lanes.land_m)
        lon, lat = self.lanes.projection.to_degrees(snapped[None])[0]
        return float(lon), float(lat)

    def island_at(self, lon_deg: float, lat_deg: float) -> str | None:
        """Return the island a point lies on; None at sea or on land that belongs to no island listed."""
        found = self._island_tree.query(Point(lon_deg, lat_deg), predicate="intersects")
        return self._island_ids[int(found[0])] if len(found) else None

    def _site_shuts(
        self,
        now: Conditions,
        craft_class: CraftClass,
        site: Pier | Helipad | None,
        point: tuple[float, float],
        start: datetime,
    ) -> list[Shut]:
        if isinstance(site, Pier):
            return now.pier_shuts(site, craft_class)
        if isinstance(site, Helipad):
            return now.pad_shuts(site, self.zone_of(site.lon_deg, site.lat_deg), craft_class, _day(start))
        if craft_class.mode == "air":
            return now.dark(craft_class, None, "field", *point, _day(start))
        return []

    def _road(self, closures: Sequence[Closure], forecast: Forecast | None, at: datetime | None) -> RoadNetwork:
        shut_bridges: set[str] = set()
        shut_islands: set[str] = set()
        if at is not None:
            now = self.conditions(forecast, closures)
            shut_bridges = {
                name
                for name, bridge in self.region.bridges.items()
                if now.state(now.bridge_shuts(bridge), at).status == "closed"
            }
            shut_islands = {
                closure.target_id for closure in closures if closure.target_kind == "road" and closure.holds(at)
            }
        key = (frozenset(shut_bridges), frozenset(shut_islands))
        return self._roads.get(key, lambda: RoadNetwork(self.region, *key))

    def _classes(self, mode: str) -> list[CraftClass]:
        return [kind for kind in self.region.craft_classes.values() if kind.mode == mode]

    def _pieces(self, xy_m: Floats) -> tuple[Index, Floats]:
        """Return zone number and metres of each piece of a UTM path, in order."""
        pieces = self.lanes.zones.cut(xy_m[:-1], xy_m[1:])
        lengths_m = np.hypot(*np.diff(xy_m, axis=0).T)
        return pieces.zone, lengths_m[pieces.segment] * (pieces.to_t - pieces.from_t)

    def _route(
        self, mode: RouteMode, a: Place, b: Place, length_m: float, path: Floats, zone: Index, piece_s: Floats
    ) -> Route:
        ids, clock_s = self.lanes.zones.ids, 0.0
        spans: list[ZoneSpan] = []
        for number, seconds in zip(zone, piece_s, strict=True):
            if spans and ids and spans[-1].zone_id == ids[number]:
                spans[-1] = ZoneSpan(ids[number], spans[-1].from_s, clock_s + float(seconds))
            elif ids:
                spans.append(ZoneSpan(ids[number], clock_s, clock_s + float(seconds)))
            clock_s += float(seconds)
        return Route(
            mode=mode,
            from_site=a.id,
            to_site=b.id,
            length_m=length_m,
            time_s=clock_s,
            path=tuple((float(lon), float(lat)) for lon, lat in path),
            estimate=False,
            zone_ids=tuple(dict.fromkeys(span.zone_id for span in spans)),
            island_ids=tuple(dict.fromkeys((a.island_id, b.island_id))),
            zone_spans=tuple(spans),
        )


def lanes_key(region: Region) -> str:
    """Return the cache key: a hash of coast, bounds, piers, zones and the figures the graph is built with."""
    digest = hashlib.sha256(region.land.wkb)
    piers = [(pier.id, pier.lon_deg, pier.lat_deg) for pier in region.piers.values()]
    zones = [(zone.id, zone.ring) for zone in region.zones.values()]
    figures = (obstacles.CLEARANCE_M, obstacles.PIER_CLEARANCE_M, obstacles.PIER_RADIUS_M, obstacles.SIMPLIFY_M)
    digest.update(repr((FORMAT, region.utm_epsg, region.bounds_deg, piers, zones, figures)).encode())
    return f"sea-{digest.hexdigest()[:32]}"


def _for_all(states: list[LinkState]) -> LinkState:
    """Return closed when every class is shut out, limited when some are, else the first state."""
    shut = [state for state in states if state.status == "closed"]
    if not shut:
        return next((state for state in states if state.status == "limited"), LinkState(status="open"))
    last = max(shut, key=lambda state: (state.until_at is None, state.until_at.timestamp() if state.until_at else 0.0))
    return last if len(shut) == len(states) else msgspec.structs.replace(last, status="limited")


def _day(moment: datetime) -> datetime:
    """Return the start of a moment's day, so that answers about darkness can be shared."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
