"""The land of a region: read from and written to a gzipped GeoJSON file, one polygon a feature."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

import shapely
from shapely.geometry import MultiPolygon, Polygon

ODBL_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0 (https://www.openstreetmap.org/copyright)"
_REMEDY = "Build it again: python -m data.build_coastline"
COORDINATE_DIGITS = 5  # 1e-5 degrees is about one metre, far under the error of the coastline itself


def clip_land(land_wkb: bytes, bounds_deg: tuple[float, float, float, float]) -> MultiPolygon:
    """Return the land polygons of a WKB collection clipped to a box.

    Pieces come largest first, rounded to ``COORDINATE_DIGITS``; slivers that rounding empties are dropped.
    """
    world = shapely.get_parts(shapely.from_wkb(land_wkb))
    box = shapely.box(*bounds_deg)
    near = world[shapely.intersects(shapely.box(*shapely.bounds(world).T), box)]
    clipped = shapely.intersection(shapely.make_valid(near), box)
    rounded = shapely.set_precision(clipped, 10.0**-COORDINATE_DIGITS)
    pieces = [piece for piece in shapely.get_parts(shapely.get_parts(rounded)) if isinstance(piece, Polygon)]
    return MultiPolygon(sorted((p for p in pieces if not p.is_empty), key=lambda p: (-p.area, p.bounds)))


def write_coastline(land: MultiPolygon, path: Path) -> None:
    """Write land polygons as gzipped GeoJSON; the same land gives the same bytes."""
    features = [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {
                "type": "Polygon",
                "coordinates": [_rounded(ring.coords) for ring in (polygon.exterior, *polygon.interiors)],
            },
        }
        for polygon in land.geoms
    ]
    document = {"type": "FeatureCollection", "attribution": ODBL_ATTRIBUTION, "features": features}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_coastline(path: Path) -> MultiPolygon:
    """Read the land of a region (WGS 84).

    Raises OSError if the file cannot be opened and ValueError, naming the remedy, if it is not gzipped
    GeoJSON of valid polygons.
    """
    try:
        document = shapely.from_geojson(gzip.decompress(path.read_bytes()))
    except (gzip.BadGzipFile, EOFError, zlib.error, shapely.errors.ShapelyError) as error:
        raise ValueError(f"not gzipped GeoJSON ({error}). {_REMEDY}") from error
    polygons = [part for part in shapely.get_parts(shapely.get_parts(document)) if isinstance(part, Polygon)]
    if not polygons:
        raise ValueError(f"holds no land polygon. {_REMEDY}")
    if broken := int((~shapely.is_valid(polygons)).sum()):
        raise ValueError(f"{broken} polygon(s) cross themselves. {_REMEDY}")
    return MultiPolygon(polygons)


def _rounded(coordinates: shapely.coords.CoordinateSequence) -> list[list[float]]:
    return [[round(lon, COORDINATE_DIGITS), round(lat, COORDINATE_DIGITS)] for lon, lat in coordinates]
