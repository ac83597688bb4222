"""Publish a region's places to PostGIS, so that QGIS and SQL users see what the console sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from psycopg import sql
from shapely import to_wkb
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from data.geography import Region

SCHEMA = "region"
# Each table: the columns beside id, name_zh, name_en, confidence, source and geom, with their SQL types.
TABLES: dict[str, dict[str, str]] = {
    "island": {"area_km2": "double precision", "residents": "integer", "shore_vehicles": "integer"},
    "pier": {
        "island_id": "text",
        "berths": "integer",
        "berthing": "text[]",
        "zone_id": "text",
        "tide_from_m": "double precision",
        "tide_to_m": "double precision",
    },
    "helipad": {"island_id": "text", "pads": "integer", "night": "boolean"},
    "station": {"island_id": "text", "keep_groups": "integer", "vehicles": "integer"},
    "bridge": {"from_island": "text", "to_island": "text", "length_km": "double precision", "usable": "boolean"},
    "sea_zone": {},
    "land": {},
}


def publish_region(connection: psycopg.Connection[Any], region: Region) -> dict[str, int]:
    """Replace the schema ``region`` by this region's places and return the rows written by table.

    Geometry is EPSG:4326 with a GiST index on each table. One transaction: a failure leaves what was there.
    Raises psycopg.Error when the database has no PostGIS or the role may not create a schema.
    """
    rows = {table: list(_rows(region, table)) for table in TABLES}
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SCHEMA)))
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
        for table, columns in TABLES.items():
            _create(cursor, table, columns)
            _fill(cursor, table, [*columns], rows[table])
    return {table: len(found) for table, found in rows.items()}


def _create(cursor: psycopg.Cursor[Any], table: str, columns: dict[str, str]) -> None:
    name = sql.Identifier(SCHEMA, table)
    extra = [sql.SQL(", {} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()]
    cursor.execute(
        sql.SQL(
            "CREATE TABLE {} (id text PRIMARY KEY, name_zh text, name_en text, confidence text, source text"
            "{}, geom geometry(Geometry, 4326) NOT NULL)"
        ).format(name, sql.Composed(extra))
    )
    cursor.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom)").format(name))


def _fill(cursor: psycopg.Cursor[Any], table: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
    names = ["id", "name_zh", "name_en", "confidence", "source", *columns]
    statement = sql.SQL("INSERT INTO {} ({}, geom) VALUES ({}, ST_SetSRID(ST_GeomFromWKB(%s), 4326))").format(
        sql.Identifier(SCHEMA, table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )
    cursor.executemany(statement, [(*(row.get(name) for name in names), to_wkb(row["geom"])) for row in rows])


def _rows(region: Region, table: str) -> Iterable[dict[str, Any]]:
    if table == "land":
        attribution = region.attribution.en
        for number, polygon in enumerate(region.land.geoms):
            yield {"id": f"land-{number}", "source": attribution, "geom": polygon}
        return
    tables: dict[str, Mapping[str, Any]] = {
        "island": region.islands,
        "pier": region.piers,
        "helipad": region.helipads,
        "station": region.stations,
        "bridge": region.bridges,
        "sea_zone": region.zones,
    }
    for place in tables[table].values():
        row: dict[str, Any] = {column: getattr(place, column) for column in TABLES[table]}
        if "berthing" in row:
            row["berthing"] = sorted(row["berthing"])
        yield {
            **row,
            "id": place.id,
            "name_zh": place.name.zh,
            "name_en": place.name.en,
            "confidence": getattr(place, "confidence", None),
            "source": place.source,
            "geom": _geometry(region, table, place),
        }


def _geometry(region: Region, table: str, place: Any) -> BaseGeometry:
    if table == "island":
        return region.island_polygons.get(place.id, Point(place.lon_deg, place.lat_deg))
    if table == "bridge":
        return LineString([(place.from_lon_deg, place.from_lat_deg), (place.to_lon_deg, place.to_lat_deg)])
    if table == "sea_zone":
        return Polygon(place.ring)
    return Point(place.lon_deg, place.lat_deg)
