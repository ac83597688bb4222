"""Reach contours over water for the selection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import shapely
from bokeh.plotting import figure
from shapely.geometry.base import BaseGeometry

from console.map.labelled_lines import FONT_PX, LabelledLines
from console.map.land import grounds
from console.map.mercator import to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Lines, Reach, Scene
from data.errors import OutsideForecastError
from data.forces import CraftClass
from data.geography import Place, Region
from data.incidents import Incident
from data.weather import Forecast

CONTOURS_MIN = (20, 40, 60)
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


class ReachLayer(LabelledLines):
    """Dotted contours, each with its minutes; under the land, so that they read as sea."""

    id = "reach"

    def attach(self, figure: figure) -> None:
        self.attach_lines(figure, "1 5", 1.3, 0.8)
        self.line.glyph.line_cap = "round"

    def draw(self, scene: Scene) -> None:
        lines: list[tuple[list[float], list[float]]] = []
        self.wanted = []
        if scene.reach is not None:
            for minutes, edges in scene.reach.contours.items():
                lines += edges
                for edge in sorted(edges, key=lambda edge: -len(edge[0])):
                    if self._want(scene, minutes, edge):
                        break
        self.put_lines(lines)
        self.line.glyph.line_color = scene.tokens["text3"]
        self.label.glyph.text_color = scene.tokens["text3"]

    def _want(self, scene: Scene, minutes: int, edge: tuple[list[float], list[float]]) -> bool:
        """Ask for a label at the line's leftmost point in view; tell whether there is one."""
        words = scene.say("reach_minutes", n=minutes)
        width = text_width_px(words, FONT_PX)
        x, y, inside = self.in_view(scene, edge)
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
