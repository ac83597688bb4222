"""Land and coast: one polygon set joined by NaN, projected once per process."""

from __future__ import annotations

import numpy as np
import shapely
from bokeh.models import ColumnDataSource, Patch
from bokeh.plotting import figure
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.polygon import orient

from console.map.layer import Layer, add_glyph
from console.map.mercator import EARTH_RADIUS_M, to_mercator
from console.map.scene import Scene
from data.geography import Region

FAR_DEG = 8.0
INSIDE_DEG = 0.002  # hides the line along which the coast was cut
_PROJECTED: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}


def projected_land(region: Region) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the land's rings in EPSG:3857 joined by NaN, computed once for each region's content."""
    if region.content_hash not in _PROJECTED:
        _PROJECTED[region.content_hash] = joined_rings(region.land)
    return _PROJECTED[region.content_hash]


def joined_rings(land: MultiPolygon) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of all rings in EPSG:3857 with NaN between them; lakes run against the shores."""
    rings = []
    for polygon in land.geoms:
        wound = orient(polygon)  # a non-zero fill leaves a ring of the other direction empty
        for ring in (wound.exterior, *wound.interiors):
            rings.append(np.asarray(ring.coords, dtype=np.float64)[:, :2])
            rings.append(np.full((1, 2), np.nan))
    joined = np.concatenate(rings[:-1]) if rings else np.empty((0, 2))
    return to_mercator(joined[:, 0], joined[:, 1])


_PREPARED: dict[str, MultiPolygon] = {}


def grounds(region: Region, x_m: ArrayLike, y_m: ArrayLike) -> list[str]:
    """Return for each point in EPSG:3857 the token of what lies under it: ``land`` or ``sea``."""
    if region.content_hash not in _PREPARED:
        shapely.prepare(region.land)
        _PREPARED[region.content_hash] = region.land
    x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    if not x.size:
        return []
    lat = np.degrees(np.arctan(np.sinh(y / EARTH_RADIUS_M)))
    inside = shapely.contains_xy(_PREPARED[region.content_hash], np.degrees(x / EARTH_RADIUS_M), lat)
    return ["land" if land else "sea" for land in inside.tolist()]


def beyond_box(region: Region) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a frame in EPSG:3857 round the region's box: where nothing is known, which is not the same as sea."""
    west, south, east, north = region.bounds_deg
    far = shapely.box(west - FAR_DEG, south - FAR_DEG, east + FAR_DEG, north + FAR_DEG)
    inner = shapely.box(west + INSIDE_DEG, south + INSIDE_DEG, east - INSIDE_DEG, north - INSIDE_DEG)
    return joined_rings(MultiPolygon([far.difference(inner)]))


class LandLayer(Layer):
    """The islands and the main coast.

    One patch with NaN between its rings: HoloViews would split it into a polygon each, 0.1 s and 1,100
    small arrays a page instead of two.
    """

    id = "land"

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"x": [], "y": []})
        self.beyond = ColumnDataSource({"x": [], "y": []})
        self.renderers.append(add_glyph(figure, self.source, Patch(x="x", y="y", line_width=1.0)))
        self.renderers.append(add_glyph(figure, self.beyond, Patch(x="x", y="y", line_width=1.0)))

    def key(self, scene: Scene) -> object:
        return scene.region.content_hash, scene.theme

    def draw(self, scene: Scene) -> None:
        if not len(self.source.data["x"]):
            x, y = projected_land(scene.region)
            self.source.data = {"x": x, "y": y}
            x, y = beyond_box(scene.region)
            self.beyond.data = {"x": x, "y": y}
        self.renderers[0].glyph.update(fill_color=scene.tokens["land"], line_color=scene.tokens["coast"])
        self.renderers[1].glyph.update(fill_color=scene.tokens["unknown"], line_color=scene.tokens["unknown"])
