"""From a region, its forces and several outlooks to positioning problems: one for craft, one for groups by road.

Demand stands where people live: an island's residents, evenly over its piers. A craft comes by water or air to
wherever it may berth, lands its people and goes on by road; every limit of the forecast counts at the outlook's moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from data.forces import FREE, CraftClass, CraftState, GroupState
from data.geography import Place, Region
from data.text import Text
from data.weather import Closure, Forecast
from routing.deploy.lane_book import LaneBook
from routing.deploy.ways import LONGEST_LAST_MILE_S, can_berth
from routing.dispatch.crossings import Crossings, flight_s, geodesic_m
from routing.handling import FIELD_WALK_MIN, unload_minutes
from routing.network.network import Network
from routing.network.projection import Floats
from routing.positioning.problem import BoolArray, PositionProblem, fault

# An island whose residents nobody has counted still has somebody on it. Assumed.
UNCOUNTED_RESIDENTS = 100
# Where nobody comes within this, nobody comes. Assumed: four hours.
UNSERVED_MIN = 240
# Kinds of group that belong to their place and are not posted elsewhere. Assumed.
STAY_AT_HOME = frozenset({"volunteers", "township", "guards"})
# How often a unit is taken already when the next case comes (MEXCLP). Assumed.
BUSY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast (None: calm and clear) at a moment, with the closures in force, and its weight among the others."""

    name: Text
    at: datetime
    forecast: Forecast | None
    closures: tuple[Closure, ...] = ()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class DemandPoint:
    """A place and the residents who are counted there."""

    place: Place
    residents: int


@dataclass(frozen=True, slots=True)
class Kind:
    """Units alike in class and notice."""

    name: Text
    notice_min: int
    unit_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Positions:
    """A positioning problem with what its rows and columns are."""

    problem: PositionProblem
    kinds: tuple[Kind, ...]
    sites: tuple[Place, ...]
    points: tuple[DemandPoint, ...]
    outlooks: tuple[Outlook, ...]


@dataclass(frozen=True)
class Posts:
    """Makes the problems of one region; the lanes between its piers are measured once."""

    network: Network
    book: LaneBook

    @property
    def region(self) -> Region:
        """The region posts are looked for in."""
        return self.network.region

    def craft_positions(
        self,
        craft: Sequence[CraftState],
        outlooks: Sequence[Outlook],
        reach_min: int,
        residents: Mapping[str, int] | None = None,
    ) -> Positions:
        """Return where free boats and helicopters may stand: piers with berths, pads.

        ``residents`` replaces the region's counts by island. Raises PositionFaultError without a free craft or an
        outlook, OutsideForecastError for a zone the forecast leaves out.
        """
        _need(outlooks)
        region = self.region
        members: dict[tuple[str, int], list[str]] = {}
        for state in craft:
            craft_class = region.craft_classes[state.craft.class_id]
            if state.status in FREE and state.excluded is None and craft_class.seats and craft_class.mode != "road":
                members.setdefault((craft_class.id, state.craft.notice_min), []).append(state.craft.id)
        if not members:
            raise fault("craft: none is free to be placed", "没有可部署的船艇或直升机")
        sites = tuple(region.place(name) for name in (*region.piers, *region.helipads))
        points = demand_points(region, residents)
        minutes = np.full((len(outlooks), len(members), len(sites), len(points)), np.inf)
        for f, outlook in enumerate(outlooks):
            by_class: dict[str, Floats] = {}
            for k, (class_id, notice_min) in enumerate(members):
                if class_id not in by_class:
                    by_class[class_id] = self._coming_s(region.craft_classes[class_id], sites, points, outlook)
                minutes[f, k] = notice_min + by_class[class_id] / 60.0
        problem = PositionProblem.plain(
            minutes,
            np.array([point.residents for point in points]),
            np.array([len(ids) for ids in members.values()]),
            reach_min=reach_min,
            berths=np.array([self._berths(site) for site in sites]),
            may_stand=np.array(
                [[can_berth(region.craft_classes[c], site, region) for site in sites] for c, _ in members]
            ),
            outlook_weight=np.array([outlook.weight for outlook in outlooks]),
            unserved_min=UNSERVED_MIN,
            busy_share=BUSY_SHARE,
        )
        kinds = tuple(
            Kind(region.craft_classes[class_id].name, notice_min, tuple(ids))
            for (class_id, notice_min), ids in members.items()
        )
        return Positions(problem, kinds, sites, points, tuple(outlooks))

    def group_positions(
        self,
        groups: Sequence[GroupState],
        outlooks: Sequence[Outlook],
        reach_min: int,
        residents: Mapping[str, int] | None = None,
    ) -> Positions:
        """Return where free groups may stand: stations, each keeping its standing cover; they come by road alone.

        Groups that belong to their place (``STAY_AT_HOME``) stand there or nowhere.

        Raises PositionFaultError without a free group or an outlook, or with fewer groups than must stay.
        """
        _need(outlooks)
        region = self.region
        members: dict[tuple[int, str], list[str]] = {}
        for state in groups:
            if state.status in FREE and state.excluded is None:
                home = state.group.home_site_id if state.group.kind in STAY_AT_HOME else ""
                members.setdefault((state.group.notice_min, home), []).append(state.group.id)
        if not members:
            raise fault("groups: none is free to be placed", "没有可部署的警组")
        sites = tuple(region.place(name) for name in region.stations)
        points = demand_points(region, residents)
        places = [point.place for point in points]
        minutes = np.empty((len(outlooks), len(members), len(sites), len(points)))
        for f, outlook in enumerate(outlooks):
            road_s = self.network.road_times_s(sites, places, outlook.closures, outlook.forecast, outlook.at)
            for k, (notice_min, _) in enumerate(members):
                minutes[f, k] = notice_min + road_s / 60.0
        total = sum(len(ids) for ids in members.values())
        problem = PositionProblem.plain(
            minutes,
            np.array([point.residents for point in points]),
            np.array([len(ids) for ids in members.values()]),
            reach_min=reach_min,
            berths=np.full(len(sites), total),
            floor=np.array([station.keep_groups for station in region.stations.values()]),
            may_stand=np.array([[home in ("", site.id) for site in sites] for _, home in members]),
            outlook_weight=np.array([outlook.weight for outlook in outlooks]),
            unserved_min=UNSERVED_MIN,
            busy_share=BUSY_SHARE,
        )
        name = Text("警组", "Group")
        kinds = tuple(Kind(name, notice_min, tuple(ids)) for (notice_min, _), ids in members.items())
        return Positions(problem, kinds, sites, points, tuple(outlooks))

    def _berths(self, site: Place) -> int:
        pier = self.region.piers.get(site.id)
        return pier.berths if pier else self.region.helipads[site.id].pads

    def _coming_s(
        self, craft_class: CraftClass, sites: Sequence[Place], points: Sequence[DemandPoint], outlook: Outlook
    ) -> Floats:
        """Return (sites, points) seconds from casting off at a site to standing at a point, inf where none can come."""
        mine = [n for n, site in enumerate(sites) if can_berth(craft_class, site, self.region)]
        some, places = [sites[n] for n in mine], [point.place for point in points]
        out = np.full((len(sites), len(points)), np.inf)
        if not mine:
            return out
        crossings = Crossings(self.network, self.book, outlook.at, outlook.forecast, outlook.closures)
        is_open = np.array([crossings.is_open(craft_class, site) for site in some])
        hop_s = crossings.hop_s(craft_class, some, some)
        hop_s[~is_open] = np.inf
        onward_s = crossings.road_s(some, places)
        onward_s = np.where((onward_s > LONGEST_LAST_MILE_S) | ~is_open[:, None], np.inf, onward_s)
        landed_s = hop_s + 60.0 * unload_minutes(craft_class) * ~np.eye(len(some), dtype=np.bool_)
        best = (landed_s[:, :, None] + onward_s[None]).min(axis=1)
        if craft_class.mode == "air" and "field" in craft_class.berthing:
            lit = np.array([crossings.may_land_in_field(craft_class, place) for place in places])
            field_s = flight_s(geodesic_m(some, places), craft_class)
            field_s = field_s + 60.0 * (unload_minutes(craft_class) + FIELD_WALK_MIN)
            best = np.minimum(best, np.where(lit[None] & is_open[:, None], field_s, np.inf))
        out[mine] = best
        return out


def demand_points(region: Region, residents: Mapping[str, int] | None = None) -> tuple[DemandPoint, ...]:
    """Return an island's residents evenly over its piers; without a pier its stations, else its middle.

    Islands with none are left out. Raises PositionFaultError for an island there is not, or a negative count.
    """
    given = residents or {}
    for name, count in given.items():
        if name not in region.islands or count < 0:
            raise fault(f"residents: '{name}' {count}: no such island, or below 0", f"residents：“{name}”{count} 无效")
    found = []
    for island in region.islands.values():
        count = given.get(island.id, UNCOUNTED_RESIDENTS if island.residents is None else island.residents)
        here = [place for place in region.places() if place.island_id == island.id]
        places = [place for place in here if place.kind == "pier"] or [p for p in here if p.kind != "helipad"]
        if not places:
            middle = Place(
                id=island.id,
                kind="island",
                name=island.name,
                island_id=island.id,
                lon_deg=island.lon_deg,
                lat_deg=island.lat_deg,
            )
            places = [middle]
        for n, place in enumerate(places):
            share = count // len(places) + (n < count % len(places))
            if share:
                found.append(DemandPoint(place, share))
    return tuple(found)


def stands_of(
    positions: Positions, stand: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> list[tuple[Kind, Place, int]]:
    """Return what stands where, site by site."""
    return [(positions.kinds[k], positions.sites[s], int(stand[k, s])) for s, k in np.argwhere((stand > 0).T).tolist()]


def uncovered(positions: Positions, in_reach: BoolArray) -> list[DemandPoint]:
    """Return the demand points that are not in reach, most residents first."""
    left = [point for point, near in zip(positions.points, in_reach.tolist(), strict=True) if not near]
    return sorted(left, key=lambda point: -point.residents)


def _need(outlooks: Sequence[Outlook]) -> None:
    if not outlooks:
        raise fault("outlooks: there is none; give a forecast and a moment", "没有预报；请给出预报与时刻")
