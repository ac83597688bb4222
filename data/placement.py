"""Checks of where things lie: on whose land, how far from water, inside which box."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon

from data.geography import MAINLAND
from data.tables import Row, Table

METRES_PER_DEGREE = 111_195.0  # mean sphere; good to 0.5 %, and only thresholds are compared with it
MAX_PIER_TO_WATER_M = 1500.0
MAX_ISLAND_POINT_OFF_LAND_M = 500.0
MIN_LENGTH_TO_STRAIGHT = 0.8  # a stated bridge length may be a little under the distance of its assumed ends

Box = tuple[float, float, float, float]


class LandIndex:
    """The land of a region by polygon, each with the island it is, in local metres."""

    def __init__(self, land: MultiPolygon, bounds_deg: Box, island_points: Mapping[str, tuple[float, float]]) -> None:
        self._scale = np.array(
            [METRES_PER_DEGREE * math.cos(math.radians((bounds_deg[1] + bounds_deg[3]) / 2)), METRES_PER_DEGREE]
        )
        self.polygons: list[Polygon] = list(land.geoms)
        self._metric = shapely.transform(np.array(self.polygons, dtype=object), lambda xy: xy * self._scale)
        self._tree = shapely.STRtree(self._metric)
        self.owner: dict[int, str] = {}
        self.polygon_of: dict[str, int] = {}
        self.off_land_m: dict[str, float] = {}
        self.shared: dict[str, str] = {}
        for island_id, (lon, lat) in island_points.items():
            self._claim(island_id, lon, lat)
        self.mainland = self._mainland_parts(bounds_deg)

    def _claim(self, island_id: str, lon: float, lat: float) -> None:
        point = self._point(lon, lat)
        index = int(self._tree.nearest(point))
        self.off_land_m[island_id] = float(point.distance(self._metric[index]))
        self.polygon_of[island_id] = index
        if index in self.owner:
            self.shared[island_id] = self.owner[index]
        self.owner.setdefault(index, island_id)

    def _mainland_parts(self, bounds_deg: Box) -> list[int]:
        """Land that the box cuts and no island claims is the mainland, largest part first."""
        edge = shapely.box(*bounds_deg).exterior
        cut = np.flatnonzero(shapely.intersects(np.array(self.polygons, dtype=object), edge))
        return sorted((int(i) for i in cut if int(i) not in self.owner), key=lambda i: -self.polygons[i].area)

    def island_polygons(self) -> dict[str, Polygon]:
        """Return each island's polygon, and the largest part of the mainland."""
        found = {island: self.polygons[index] for island, index in self.polygon_of.items()}
        if self.mainland:
            found[MAINLAND] = self.polygons[self.mainland[0]]
        return found

    def distance_m(self, island_id: str, lon: float, lat: float) -> float:
        """Return metres from a point to an island's land; 0 on it, inf for an island without land."""
        point = self._point(lon, lat)
        parts = self.mainland if island_id == MAINLAND else [self.polygon_of[island_id]]
        return min((float(point.distance(self._metric[i])) for i in parts), default=math.inf)

    def nearest_island(self, lon: float, lat: float) -> str | None:
        """Return the named island (or the mainland) whose land is nearest to a point."""
        named = {**self.owner, **dict.fromkeys(self.mainland, MAINLAND)}
        if not named:
            return None
        indices = list(named)
        distances_m = shapely.distance(self._metric[indices], self._point(lon, lat))
        return named[indices[int(np.argmin(distances_m))]]

    def inland_m(self, lon: float, lat: float) -> float:
        """Return metres from a point on land to the nearest water; 0 at sea."""
        point = self._point(lon, lat)
        on = self._tree.query(point, "intersects")
        return max((float(point.distance(self._metric[i].boundary)) for i in on), default=0.0)

    def straight_m(self, start: tuple[float, float], end: tuple[float, float]) -> float:
        """Return the straight distance between two lon, lat points in metres."""
        return float(self._point(*start).distance(self._point(*end)))

    def _point(self, lon: float, lat: float) -> Point:
        scaled: NDArray[np.float64] = np.array([lon, lat]) * self._scale
        return Point(scaled)


def check_inside_box(table: Table, bounds_deg: Box, columns: Sequence[tuple[str, str]]) -> None:
    """A place lies inside the region's box; a swap of lon and lat is named."""
    west, south, east, north = bounds_deg
    for row in list(table.whole_rows()):
        for lon_column, lat_column in columns:
            lon, lat = row.values[lon_column], row.values[lat_column]
            if west <= lon <= east and south <= lat <= north:
                continue
            column = lon_column if not west <= lon <= east else lat_column
            swapped = west <= lat <= east and south <= lon <= north
            remedy = "lon and lat are swapped." if swapped else "Correct it, or widen bounds_deg in region.toml."
            table.fault(
                row.line,
                column,
                f"{lon:g}, {lat:g} is outside the region's box {west:g}-{east:g} E, {south:g}-{north:g} N. {remedy}",
            )
            table.reject(row)
            break


def check_islands_on_land(table: Table, land: LandIndex) -> None:
    """An island's point lies on its own piece of land."""
    for row in table.whole_rows():
        island = row.values["id"]
        if (off := land.off_land_m[island]) > MAX_ISLAND_POINT_OFF_LAND_M:
            table.fault(
                row.line, "lon_deg", f"lies {off:.0f} m from any land of the coastline. Move it onto the island."
            )
        elif island in land.shared:
            other = land.shared[island]
            table.fault(
                row.line, "lon_deg", f"lies on the same piece of land as '{other}'. Move it onto its own island."
            )


def check_piers_at_the_shore(table: Table, land: LandIndex) -> None:
    """A pier lies within reach of water, on the shore of the island it names."""
    for row in table.whole_rows():
        lon, lat, island = row.values["lon_deg"], row.values["lat_deg"], row.values["island_id"]
        if (inland := land.inland_m(lon, lat)) > MAX_PIER_TO_WATER_M:
            table.fault(
                row.line,
                "lon_deg",
                f"lies {inland:.0f} m from water; a pier may lie {MAX_PIER_TO_WATER_M:.0f} m inland at most. "
                "Move it to the shore.",
            )
        own, nearest = land.distance_m(island, lon, lat), land.nearest_island(lon, lat)
        if nearest and nearest != island and own > land.distance_m(nearest, lon, lat) + 1:
            table.fault(
                row.line,
                "island_id",
                f"lies on the wrong side: the nearest island is '{nearest}', and '{island}' is {own:.0f} m away. "
                "Correct the island or the position.",
            )
        elif own > MAX_PIER_TO_WATER_M:
            table.fault(row.line, "lon_deg", f"lies {own:.0f} m off the shore of '{island}'. Move it to the shore.")


def check_on_land(table: Table, land: LandIndex, columns: tuple[str, str], island_column: str) -> None:
    """A site on land lies on the land of the island it names."""
    for row in table.whole_rows():
        lon, lat, island = row.values[columns[0]], row.values[columns[1]], row.values[island_column]
        if (off := land.distance_m(island, lon, lat)) > 0:
            where = "in the sea" if land.inland_m(lon, lat) == 0 else f"on '{land.nearest_island(lon, lat)}'"
            table.fault(
                row.line,
                columns[0],
                f"{lon:g}, {lat:g} lies {where}, {off:.0f} m from '{island}'. Move it onto that land.",
            )


def check_bridge_length(table: Table, land: LandIndex) -> None:
    """A bridge joins two different islands and is not shorter than the distance of its ends."""
    for row in table.whole_rows():
        values = row.values
        if values["from_island"] == values["to_island"]:
            table.fault(row.line, "to_island", "is the island the bridge starts from. Name the other end's island.")
        straight = land.straight_m(_end(row, "from"), _end(row, "to"))
        if values["length_km"] * 1000 < MIN_LENGTH_TO_STRAIGHT * straight:
            table.fault(
                row.line,
                "length_km",
                f"{values['length_km']:g} km is less than the {straight / 1000:.2f} km between its ends. "
                "Correct one of them.",
            )


def _end(row: Row, side: str) -> tuple[float, float]:
    return row.values[f"{side}_lon_deg"], row.values[f"{side}_lat_deg"]
