"""A region's tables as GeoDataFrames (EPSG:4326), for notebooks and analysts; never on the console's start path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import msgspec
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from data.errors import UnknownNameError
from data.geography import Bridge, Helipad, Island, Pier, Region, SeaZone, Station
from data.text import Text

WGS_84 = "EPSG:4326"


def frame(region: Region, table: str) -> gpd.GeoDataFrame:
    """Return one table of a region, indexed by id, with ``name_zh`` and ``name_en``.

    ``table`` is islands (polygons), piers, helipads, stations (points), bridges (lines), zones (polygons)
    or land (polygons, numbered). Raises UnknownNameError for any other.
    """
    if table == "land":
        return gpd.GeoDataFrame(geometry=list(region.land.geoms), crs=WGS_84)
    if table not in _ROWS:
        raise UnknownNameError("table", table, ["land", *_ROWS])
    rows = list(_ROWS[table](region))
    records = [_record(row) for row in rows]
    shapes = [_shape(row, region) for row in rows]
    return gpd.GeoDataFrame(records, geometry=shapes, crs=WGS_84).set_index("id")


def metric_frame(region: Region, table: str) -> gpd.GeoDataFrame:
    """Return the same table in the region's UTM zone, for lengths and areas in metres."""
    return frame(region, table).to_crs(epsg=region.utm_epsg)


_ROWS: dict[str, Callable[[Region], Iterable[msgspec.Struct]]] = {
    "islands": lambda region: region.islands.values(),
    "piers": lambda region: region.piers.values(),
    "helipads": lambda region: region.helipads.values(),
    "stations": lambda region: region.stations.values(),
    "bridges": lambda region: region.bridges.values(),
    "zones": lambda region: region.zones.values(),
}


def _record(row: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(row)
    name: Text = values.pop("name")
    values.pop("ring", None)
    words = {k: "|".join(sorted(v)) if isinstance(v, frozenset) else v for k, v in values.items()}
    return {"id": words.pop("id"), "name_zh": name.zh, "name_en": name.en, **words}


def _shape(row: msgspec.Struct, region: Region) -> BaseGeometry:
    match row:
        case Island():
            return region.island_polygons[row.id]
        case Pier() | Helipad() | Station():
            return Point(row.lon_deg, row.lat_deg)
        case Bridge():
            return LineString([(row.from_lon_deg, row.from_lat_deg), (row.to_lon_deg, row.to_lat_deg)])
        case SeaZone():
            return Polygon(row.ring)
    raise TypeError(f"no shape for {type(row).__name__}")
