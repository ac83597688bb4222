"""A hand-made region: land given in metres about a fixed point, with piers, zones and a few classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from shapely.geometry import MultiPolygon, Polygon, box

from data.forces import KNOT_MPS, CraftClass
from data.geography import Bridge, Helipad, Island, Pier, Place, Region, SeaZone
from data.text import Text
from routing.network.projection import projection

UTM_EPSG = 32651
METRIC = projection(UTM_EPSG)
CENTRE_M = METRIC.to_metres(np.array([[122.5, 30.0]]))[0]
HALF_M = 20_000.0

BOAT = CraftClass(
    id="boat", name=Text("巡逻艇", "Patrol boat"), mode="sea", seats=12, deck_slots=0, cruise_mps=20 * KNOT_MPS,
    range_nm=200, crew=2, max_wind_bft=6, max_hs_m=2.0, min_visibility_m=500, night="yes",
    berthing=frozenset({"quay"}), turnaround_min=5, symbol="patrol_boat", confidence="test", source="test",
)  # fmt: skip
HELICOPTER = CraftClass(
    id="heli", name=Text("直升机", "Helicopter"), mode="air", seats=5, deck_slots=0, cruise_mps=60.0,
    range_nm=300, crew=2, max_wind_bft=8, max_hs_m=None, min_visibility_m=3000, night="limited",
    berthing=frozenset({"helipad", "field"}), turnaround_min=8, symbol="helicopter", confidence="test", source="test",
)  # fmt: skip
VAN = CraftClass(
    id="van", name=Text("面包车", "Van"), mode="road", seats=10, deck_slots=0, cruise_mps=14.0,
    range_nm=None, crew=0, max_wind_bft=10, max_hs_m=None, min_visibility_m=100, night="yes",
    berthing=frozenset({"road"}), turnaround_min=1, symbol="vehicle", confidence="test", source="test",
)  # fmt: skip


def lonlat(x_m: float, y_m: float) -> tuple[float, float]:
    """Return lon, lat of a point so many metres east and north of the centre."""
    lon, lat = METRIC.to_degrees(CENTRE_M[None] + np.array([[x_m, y_m]]))[0]
    return float(lon), float(lat)


def square(x_m: float, y_m: float, half_m: float) -> Polygon:
    """Return a square of land in metres about the centre."""
    return box(x_m - half_m, y_m - half_m, x_m + half_m, y_m + half_m)


def place(name: str, x_m: float, y_m: float, island_id: str = "a") -> Place:
    """Return a place so many metres from the centre."""
    lon, lat = lonlat(x_m, y_m)
    return Place(id=name, kind="pier", name=Text(name, name), island_id=island_id, lon_deg=lon, lat_deg=lat)


def pier(name: str, x_m: float, y_m: float, exposure: tuple[float, float] | None = None, zone_id: str = "west") -> Pier:
    """Return a quay with one berth."""
    lon, lat = lonlat(x_m, y_m)
    return Pier(
        id=name, name=Text(f"{name}码头", f"{name} pier"), island_id="a", lon_deg=lon, lat_deg=lat, berths=1,
        berthing=frozenset({"quay"}), exposure_from_deg=exposure[0] if exposure else None,
        exposure_to_deg=exposure[1] if exposure else None, zone_id=zone_id, confidence="test", source="test",
    )  # fmt: skip


def pad(name: str, x_m: float, y_m: float, night: bool) -> Helipad:
    """Return a helipad."""
    lon, lat = lonlat(x_m, y_m)
    return Helipad(
        id=name, name=Text(f"{name}停机坪", f"{name} pad"), island_id="a", lon_deg=lon, lat_deg=lat, pads=1,
        night=night, confidence="test", source="test",
    )  # fmt: skip


def bridge(name: str, islands: tuple[str, str], start: tuple[float, float], end: tuple[float, float]) -> Bridge:
    """Return a bridge of 2 km at 60 km/h, shut above Beaufort 9."""
    from_lon, from_lat = lonlat(*start)
    to_lon, to_lat = lonlat(*end)
    return Bridge(
        id=name, name=Text(f"{name}桥", f"{name} bridge"), from_island=islands[0], to_island=islands[1],
        from_lon_deg=from_lon, from_lat_deg=from_lat, to_lon_deg=to_lon, to_lat_deg=to_lat, length_km=2.0,
        speed_kmh=60.0, max_wind_bft=9, usable=True, zone_id="west", confidence="test", source="test",
    )  # fmt: skip


def small_region(
    land: Mapping[str, Polygon],
    piers: Sequence[Pier] = (),
    pads: Sequence[Helipad] = (),
    bridges: Sequence[Bridge] = (),
) -> Region:
    """Return a region 40 km square with a western and an eastern zone."""
    in_degrees = {
        name: METRIC.geometry_to_degrees(Polygon(np.asarray(ground.exterior.coords) + CENTRE_M))
        for name, ground in land.items()
    }
    corners = [lonlat(x, y) for x in (-HALF_M, HALF_M) for y in (-HALF_M, HALF_M)]
    lons, lats = zip(*corners, strict=True)
    islands = {
        name: Island(
            id=name, name=Text(f"{name}岛", f"{name} island"), district_zh="", lon_deg=ground.centroid.x,
            lat_deg=ground.centroid.y, area_km2=1.0, residents=None, confidence="test", source="test",
        )
        for name, ground in in_degrees.items()
    }  # fmt: skip
    zones = {
        name: SeaZone(
            id=name,
            name=Text(f"{name}区", f"{name} waters"),
            ring=(lonlat(x0, -HALF_M), lonlat(x1, -HALF_M), lonlat(x1, HALF_M), lonlat(x0, HALF_M)),
            source="test",
        )
        for name, x0, x1 in (("west", -HALF_M, 0.0), ("east", 0.0, HALF_M))
    }
    return Region(
        id="small", name=Text("小区", "Small"), bounds_deg=(min(lons), min(lats), max(lons), max(lats)),
        utm_epsg=UTM_EPSG, timezone="Asia/Shanghai", road_circuity=1.4, road_speed_kmh=42.0,
        attribution=Text("", ""), land=MultiPolygon(list(in_degrees.values())), islands=islands,
        piers={one.id: one for one in piers}, helipads={one.id: one for one in pads}, stations={},
        bridges={one.id: one for one in bridges}, zones=zones,
        craft_classes={one.id: one for one in (BOAT, HELICOPTER, VAN)}, case_types={}, skills={},
        island_polygons=in_degrees, content_hash="small",
    )  # fmt: skip
