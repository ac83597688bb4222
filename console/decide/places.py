"""Find the place a person means by words or by a point, on land."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
from shapely.geometry import Point, Polygon
from shapely.ops import nearest_points

from console.decide.ground import RefusedError
from data.geography import MAINLAND, Region
from data.text import Text
from routing.network.projection import projection

# The coastline's segments are 171 m long in the median: a click this close to the shore is meant for land.
SHORE_TOLERANCE_M = 150.0
# Piers, and islands whose table point is rounded, may stand this far off the clipped land.
NAMED_TOLERANCE_M = 2500.0
# A point moved to the shore goes on inland by about 10 m, so that it is on land beyond doubt.
INLAND_DEG = 1e-4
_POINT = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[,, ]\s*(-?\d+(?:\.\d+)?)\s*$")


class Spot(NamedTuple):
    """A point on land: its name, its island, lon and lat."""

    name: Text
    island_id: str
    lon_deg: float
    lat_deg: float


def spot_named(words: str, region: Region) -> Spot:
    """Return the spot meant by an island, pier, pad or station name in either language, its id, or 'lon, lat'.

    Refuses a name nobody bears, one that several places bear, and a point at sea.
    """
    if point := _POINT.match(words):
        return spot_at(float(point[1]), float(point[2]), region)
    wanted = _plain(words)
    if not wanted:
        raise RefusedError(
            "请填写地点:岛屿、码头、站所,或“经度,纬度”。", "Say where: an island, pier, station, or 'lon, lat'."
        )
    named = list(_named_places(region))
    tests = (
        lambda keys: wanted in keys,
        lambda keys: any(key.startswith(wanted) for key in keys),
        lambda keys: any(wanted in key for key in keys),
    )
    for is_match in tests:
        found = [(rank, spot) for rank, keys, spot in named if is_match(keys)]
        best = [spot for rank, spot in found if rank == min(one for one, _ in found)]
        if len({(spot.lon_deg, spot.lat_deg) for spot in best}) == 1:
            return _ashore(best[0], region)
        if best:
            raise RefusedError(
                f"“{words}”有多处:{'、'.join(spot.name.zh for spot in best[:4])}。请写全名。",
                f"'{words}' may be {', '.join(spot.name.en for spot in best[:4])}. Write the full name.",
            )
    labels = {key: spot for _, keys, spot in named for key in keys}
    near = [labels[key] for key in get_close_matches(wanted, labels, n=3)]
    zh, en = (
        "、".join(dict.fromkeys(one.name.zh for one in near)),
        ", ".join(dict.fromkeys(one.name.en for one in near)),
    )
    raise RefusedError(
        f"没有地点“{words}”。" + (f"是否为:{zh}?" if near else "请写岛屿、码头或站所的名称,或在地图上点选。"),
        f"There is no place '{words}'. "
        + (f"Did you mean {en}?" if near else "Name an island, pier or station, or pick it on the map."),
    )


def spot_at(lon_deg: float, lat_deg: float, region: Region) -> Spot:
    """Return the spot at a point; one just off the shore is moved onto land, one at sea is refused."""
    west, south, east, north = region.bounds_deg
    if not (west <= lon_deg <= east and south <= lat_deg <= north):
        raise RefusedError(
            f"{lon_deg:.4f}, {lat_deg:.4f} 不在本区域({west:g}–{east:g}E, {south:g}–{north:g}N)内。请重新选点。",
            f"{lon_deg:.4f}, {lat_deg:.4f} is outside the region ({west:g}-{east:g} E, {south:g}-{north:g} N). "
            "Pick a point inside.",
        )
    island_id, away_m, on_land = _nearest_land(lon_deg, lat_deg, region)
    name = region.islands[island_id].name if island_id in region.islands else Text("大陆", "the mainland")
    if away_m > SHORE_TOLERANCE_M:
        raise RefusedError(
            f"{lon_deg:.4f}, {lat_deg:.4f} 在海上。最近的岛屿是{name.zh},相距 {away_m / 1000:.1f} km。请在陆地上选点。",
            f"{lon_deg:.4f}, {lat_deg:.4f} is at sea. The nearest island is {name.en}, {away_m / 1000:.1f} km away. "
            "Pick a point on land.",
        )
    return Spot(name, island_id, *on_land)


def _ashore(spot: Spot, region: Region) -> Spot:
    """Move a named place onto the land of its island, where the clipped coast leaves it just off."""
    polygon = region.island_polygons.get(spot.island_id)
    point = Point(spot.lon_deg, spot.lat_deg)
    if polygon is None or polygon.contains(point):
        return spot
    away_m, on_land = _distance_m(polygon, point, region)
    if away_m > NAMED_TOLERANCE_M:
        inside = polygon.representative_point()
        on_land = (inside.x, inside.y)
    return spot._replace(lon_deg=on_land[0], lat_deg=on_land[1])


def _nearest_land(lon_deg: float, lat_deg: float, region: Region) -> tuple[str, float, tuple[float, float]]:
    """Return the nearest named land, how far it is in metres (0 inside) and the point of it."""
    point = Point(lon_deg, lat_deg)
    for island_id, polygon in region.island_polygons.items():
        if polygon.contains(point):
            return island_id, 0.0, (lon_deg, lat_deg)
    if region.land.contains(point):  # an islet without a name, or the mainland beyond its named polygon
        on_mainland = min(region.land.geoms, key=point.distance).area > 0.1
        if on_mainland:
            return MAINLAND, 0.0, (lon_deg, lat_deg)
    by_degrees = sorted(region.island_polygons, key=lambda one: region.island_polygons[one].distance(point))[:4]
    measured = [(one, *_distance_m(region.island_polygons[one], point, region)) for one in by_degrees]
    return min(measured, key=lambda one: one[1])


def _distance_m(polygon: Polygon, point: Point, region: Region) -> tuple[float, tuple[float, float]]:
    """Return the distance to the shore in the region's UTM zone, and the nearest point a little inland."""
    shore = nearest_points(polygon, point)[0]
    ends_m = projection(region.utm_epsg).to_metres(np.array([(shore.x, shore.y), (point.x, point.y)]))
    away_m = float(np.hypot(*(ends_m[0] - ends_m[1])))
    inland = polygon.buffer(-INLAND_DEG)
    inside = polygon.representative_point() if inland.is_empty else nearest_points(inland, point)[0]
    return away_m, (inside.x, inside.y)


def _named_places(region: Region) -> Iterator[tuple[int, frozenset[str], Spot]]:
    """Yield every named place with its rank (an island before a station, pier and pad) and its keys."""
    for island in region.islands.values():
        keys = _keys(island.id, island.name) | {_plain(island.name.zh.removesuffix("岛"))}
        yield 0, frozenset(keys), Spot(island.name, island.id, island.lon_deg, island.lat_deg)
    order = (("station", 1), ("township", 1), ("pier", 2), ("helipad", 3))
    ranks = dict(order)
    for place in region.places():
        spot = Spot(place.name, place.island_id, place.lon_deg, place.lat_deg)
        yield ranks[place.kind], frozenset(_keys(place.id, place.name)), spot


def _keys(place_id: str, name: Text) -> set[str]:
    return {_plain(place_id), _plain(name.zh), _plain(name.en)} - {""}


def _plain(words: str) -> str:
    """Fold case and leave out spaces, hyphens and apostrophes, which people write differently."""
    return re.sub(r"[\s\-'’_]", "", words).casefold()
