"""Reach contours over water for the selection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Text
from bokeh.plotting import figure
from shapely.geometry.base import BaseGeometry

from console.map.land import grounds
from console.map.layer import FONT, Layer, add_glyph, put
from console.map.mercator import to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Lines, Reach, Scene
from data.errors import OutsideForecastError
from data.forces import CraftClass
from data.geography import Place, Region
from data.incidents import Incident
from data.weather import Forecast

CONTOURS_MIN = (20, 40, 60)
FONT_PX = 11.0
SHORE_DEG = 0.006  # about 600 m
LEAST_EDGE_DEG = 0.01
LABEL_TRIES = 40


def contour_lines(shape: BaseGeometry, shores: BaseGeometry) -> Lines:
    """Return the edges of an area in EPSG:3857 where they cross open water, left out where they follow a shore."""
    edges = shape.boundary.difference(shores)
    lines = []
    for edge in getattr(edges, "geoms", [edges]):
        if edge.is_empty or edge.length < LEAST_EDGE_DEG:
            continue
        coordinates = np.asarray(edge.coords)
        x, y = to_mercator(coordinates[:, 0], coordinates[:, 1])
        lines.append((x.tolist(), y.tolist()))
    return lines


_SHORES: dict[str, BaseGeometry] = {}


def shores_of(region: Region) -> BaseGeometry:
    """Return the land with the belt in which a contour would only repeat the coast, made once for a region."""
    if region.content_hash not in _SHORES:
        _SHORES[region.content_hash] = shapely.buffer(region.land, SHORE_DEG, quad_segs=2)
    return _SHORES[region.content_hash]


def reach_of(
    network: Any, region: Region, incident: Incident, craft: CraftClass, forecast: Forecast | None, at: datetime
) -> Reach:
    """Return the water a class of boat covers from an incident's shore in 20, 40 and 60 min, one way."""
    lon, lat = network.nearest_water(incident.lon_deg, incident.lat_deg)
    origin = Place(
        id=incident.id, kind="incident", name=incident.title, island_id=incident.island_id, lon_deg=lon, lat_deg=lat
    )
    try:
        contours = network.isochrones(origin, craft, CONTOURS_MIN, forecast, at)
    except OutsideForecastError:
        contours = network.isochrones(origin, craft, CONTOURS_MIN, None, at)
    shores = shores_of(region)
    return Reach(incident.id, {minutes: contour_lines(shape, shores) for minutes, shape in contours.items()})


class ReachLayer(Layer):
    """Dotted contours, each with its minutes; under the land, so that they read as sea."""

    id = "reach"
    switch = True

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"xs": [], "ys": []})
        self.words = ColumnDataSource({"x": [], "y": [], "text": [], "dx": [], "dy": []})
        self.line = add_glyph(figure, self.source, MultiLine(xs="xs", ys="ys", line_width=1.3, line_alpha=0.8))
        self.line.glyph.line_dash = value("1 5")
        self.line.glyph.line_cap = "round"
        self.label = add_glyph(
            figure,
            self.words,
            Text(x="x", y="y", text="text", x_offset="dx", y_offset="dy", text_font=FONT, text_baseline="top"),
        )
        self.label.glyph.text_font_size = f"{FONT_PX:g}px"
        self.renderers += [self.line, self.label]
        self.wanted: list[tuple[Candidate, str, float, float]] = []

    def draw(self, scene: Scene) -> None:
        lines: list[tuple[list[float], list[float]]] = []
        self.wanted = []
        if scene.reach is not None:
            for minutes, edges in scene.reach.contours.items():
                lines += edges
                for edge in sorted(edges, key=lambda edge: -len(edge[0])):
                    if self._want(scene, minutes, edge):
                        break
        put(self.source, {"xs": [x for x, _ in lines], "ys": [y for _, y in lines]})
        self.line.glyph.line_color = scene.tokens["text3"]
        self.label.glyph.text_color = scene.tokens["text3"]

    def _want(self, scene: Scene, minutes: int, edge: tuple[list[float], list[float]]) -> bool:
        """Ask for a label at the line's leftmost point in view; tell whether there is one."""
        words = scene.say("reach_minutes", n=minutes)
        width = text_width_px(words, FONT_PX)
        x, y = scene.viewport.to_px(edge[0], edge[1])
        inside = (x > 30) & (x < scene.viewport.width_px - 60) & (y > 40) & (y < scene.viewport.height_px - 40)
        if not inside.any():
            return False
        # The words lie under the land like their line, so both their ends must be over water.
        tried = np.flatnonzero(inside)[:: max(1, int(inside.sum()) // LABEL_TRIES)]
        ends = width / 2 * scene.viewport.metres_per_px
        at_x, at_y = np.asarray(edge[0])[tried], np.asarray(edge[1])[tried]
        wet = [
            k
            for k, west, east in zip(
                tried.tolist(),
                grounds(scene.region, at_x - ends, at_y),
                grounds(scene.region, at_x + ends, at_y),
                strict=True,
            )
            if west == east == "sea"
        ]
        if not wet:
            return False
        k = min(wet, key=lambda k: float(x[k]))
        candidate = Candidate(
            f"reach:{minutes}",
            float(x[k]),
            float(y[k]),
            width,
            14.0,
            65,
            spots=((-width / 2, -7.0),),
        )
        self.wanted.append((candidate, words, edge[0][k], edge[1][k]))
        return True

    def candidates(self, scene: Scene) -> list[Candidate]:
        return [row[0] for row in self.wanted] if self.id in scene.shown else []

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        rows = [row for row in self.wanted if row[0].key in placed]
        put(
            self.words,
            {
                "x": [x for _, _, x, _ in rows],
                "y": [y for _, _, _, y in rows],
                "text": [words for _, words, _, _ in rows],
                "dx": [placed[one.key][0] for one, _, _, _ in rows],
                "dy": [placed[one.key][1] for one, _, _, _ in rows],
            },
        )
