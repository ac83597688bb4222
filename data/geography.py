"""Places of a region: islands, piers, helipads, stations, bridges, sea zones, and the land itself.

All coordinates are WGS 84 in lon, lat order. Every row carries its source and how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

import msgspec

from data.counts import IslandCount, StandingNeed, StoreCount
from data.errors import UnknownNameError
from data.forces import CraftClass
from data.incidents import CaseType, Incident
from data.local_teams import LocalTeam, PointOfInterest, TaskTemplate
from data.text import Text
from data.tides import ZoneTide

if TYPE_CHECKING:
    from shapely.geometry import MultiPolygon, Polygon

Berthing = Literal["quay", "ramp", "beach", "helipad", "field", "road"]
SiteKind = Literal["pier", "helipad", "station", "incident", "field", "island", "township"]
MAINLAND = "mainland"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A named point on an island: what every route starts or ends at."""

    id: str
    kind: SiteKind
    name: Text
    island_id: str
    lon_deg: float
    lat_deg: float


def scene_place(incident: Incident) -> Place:
    """Return an incident as a place roads lead to."""
    return Place(
        id=incident.id,
        kind="incident",
        name=incident.title,
        island_id=incident.island_id,
        lon_deg=incident.lon_deg,
        lat_deg=incident.lat_deg,
    )


class Island(msgspec.Struct, frozen=True, kw_only=True):
    """An inhabited or used island; ``residents`` is a rounded count, None where unknown.

    ``shore_vehicles`` are the vans and buses that take landed groups on, all its landings together; None where they
    are not known to be scarce.
    """

    id: str
    name: Text
    district_zh: str
    lon_deg: float
    lat_deg: float
    area_km2: float
    residents: int | None
    confidence: str
    source: str
    shore_vehicles: int | None = None


class Pier(msgspec.Struct, frozen=True, kw_only=True):
    """A pier or landing, with what can berth there and the sector of swell it lies open to.

    ``exposure_from_deg`` to ``exposure_to_deg`` runs clockwise over the directions waves come FROM
    that reach the pier unbroken; both None for a pier sheltered all round or, where ``exposure_known`` is false, for
    one nobody has looked at: it is taken to lie open all round. ``tide_from_m`` and ``tide_to_m`` are the heights of
    the tide, above the region's datum, between which it can be used; None where that end has no limit.
    """

    id: str
    name: Text
    island_id: str
    lon_deg: float
    lat_deg: float
    berths: int
    berthing: frozenset[Berthing]
    exposure_from_deg: float | None
    exposure_to_deg: float | None
    zone_id: str
    confidence: str
    source: str
    tide_from_m: float | None = None
    tide_to_m: float | None = None
    exposure_known: bool = True

    @property
    def is_tidal(self) -> bool:
        """Tell whether the height of the tide decides when it can be used."""
        return self.tide_from_m is not None or self.tide_to_m is not None


class Helipad(msgspec.Struct, frozen=True, kw_only=True):
    """A helicopter landing site; ``night`` says whether it is approved for night landings."""

    id: str
    name: Text
    island_id: str
    lon_deg: float
    lat_deg: float
    pads: int
    night: bool
    confidence: str
    source: str


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A police station, sub-bureau or township office that groups call home.

    ``keep_groups`` is the standing cover: that many groups stay at home whatever happens. ``vehicles`` are the vans
    its groups share on the way to a pier or a scene; None where they are not known to be scarce.
    """

    id: str
    kind: Literal["station", "township"]
    name: Text
    island_id: str
    lon_deg: float
    lat_deg: float
    keep_groups: int
    confidence: str
    source: str
    vehicles: int | None = None


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A road bridge between two islands; one not ``usable`` is drawn but never routed."""

    id: str
    name: Text
    from_island: str
    to_island: str
    from_lon_deg: float
    from_lat_deg: float
    to_lon_deg: float
    to_lat_deg: float
    length_km: float
    speed_kmh: float
    max_wind_bft: int
    usable: bool
    zone_id: str
    confidence: str
    source: str


class SeaZone(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast zone: an area of sea with one value an hour; ``ring`` is its outline in lon, lat."""

    id: str
    name: Text
    ring: tuple[tuple[float, float], ...]
    source: str


@dataclass(frozen=True)
class Region:
    """Everything fixed about one archipelago, as read from its folder and validated.

    ``land`` is the coastline clip (WGS 84). ``utm_epsg`` is the metric CRS for lengths and buffers.
    ``road_circuity`` multiplies straight distances until real roads are imported; ``vehicle_seats`` is how many persons
    a van or minibus takes. ``tide_datum`` names what heights of the tide are measured from, ``tides`` how it runs by
    zone. ``view_deg`` is the box a map shows first; None means the whole of ``bounds_deg``. ``default_scenario`` is the
    one listed first. ``standing_needs``, ``standing_counts`` and ``standing_stores`` are what holds for an island where
    nobody has counted.
    """

    id: str
    name: Text
    bounds_deg: tuple[float, float, float, float]
    utm_epsg: int
    timezone: str
    road_circuity: float
    road_speed_kmh: float
    attribution: Text
    land: MultiPolygon
    islands: Mapping[str, Island]
    piers: Mapping[str, Pier]
    helipads: Mapping[str, Helipad]
    stations: Mapping[str, Station]
    bridges: Mapping[str, Bridge]
    zones: Mapping[str, SeaZone]
    craft_classes: Mapping[str, CraftClass]
    case_types: Mapping[str, CaseType]
    skills: Mapping[str, Text]
    island_polygons: Mapping[str, Polygon]
    content_hash: str
    vehicle_seats: int = 10
    tide_datum: Text | None = None
    tides: Mapping[str, ZoneTide] = field(default_factory=dict)
    view_deg: tuple[float, float, float, float] | None = None
    default_scenario: str | None = None
    local_teams: Mapping[str, LocalTeam] = field(default_factory=dict)
    task_templates: Mapping[str, tuple[TaskTemplate, ...]] = field(default_factory=dict)
    points_of_interest: Mapping[str, PointOfInterest] = field(default_factory=dict)
    standing_needs: tuple[StandingNeed, ...] = ()
    standing_counts: tuple[IslandCount, ...] = ()
    standing_stores: tuple[StoreCount, ...] = ()

    def places(self) -> Iterator[Place]:
        """Yield every pier, helipad and station as a place."""
        for pier in self.piers.values():
            yield _place(pier, "pier")
        for pad in self.helipads.values():
            yield _place(pad, "helipad")
        for station in self.stations.values():
            yield _place(station, station.kind)

    def place(self, site_id: str) -> Place:
        """Return the place with this id; raises UnknownNameError naming close matches."""
        if pier := self.piers.get(site_id):
            return _place(pier, "pier")
        if pad := self.helipads.get(site_id):
            return _place(pad, "helipad")
        if station := self.stations.get(site_id):
            return _place(station, station.kind)
        known = [*self.piers, *self.helipads, *self.stations]
        raise UnknownNameError("place", site_id, get_close_matches(site_id, known, n=3))

    def pier(self, pier_id: str) -> Pier:
        """Return the pier with this id; raises UnknownNameError naming close matches."""
        if found := self.piers.get(pier_id):
            return found
        raise UnknownNameError("pier", pier_id, get_close_matches(pier_id, list(self.piers), n=3))


def _place(site: Pier | Helipad | Station, kind: SiteKind) -> Place:
    return Place(
        id=site.id,
        kind=kind,
        name=site.name,
        island_id=site.island_id,
        lon_deg=site.lon_deg,
        lat_deg=site.lat_deg,
    )
