"""What is reached in 1, 3 and 5 minutes from the chosen unit by its own way, else from the chosen incident by land."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Text
from bokeh.plotting import figure
from shapely.geometry import MultiPolygon

from console.map.layer import FONT, Layer, add_glyph, put
from console.map.mercator import to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Lines, RingLines, Scene
from data.errors import TongzhouError
from data.geography import Place, Region
from routing.network.rings import RINGS_MIN, Moment, StandingUnit, rings

if TYPE_CHECKING:
    from data.incidents import Incident
    from data.journal.picture import Picture
    from data.journal.views import UnitView

SMALLEST_PX = 18.0  # a smaller ring is not drawn
FONT_PX = 11.0


def standing_of(region: Region, unit: UnitView | None, incident: Incident | None, island_id: str) -> list[StandingUnit]:
    """Return from where and by which ways rings are asked for: the unit's own, else on foot and by road.

    A group drives; rings count from setting out, without anybody's notice. ``island_id`` is where a unit in the
    open stands.
    """
    car = next((one for one in region.craft_classes.values() if one.mode == "road" and one.seats), None)
    if unit is not None:
        place = (
            region.place(unit.site_id)
            if unit.site_id
            else Place(
                id=unit.unit_id, kind="field", name=unit.call_sign, island_id=island_id, lon_deg=unit.lon_deg,
                lat_deg=unit.lat_deg,
            )
        )  # fmt: skip
        craft_class = region.craft_classes.get(unit.class_id) if unit.class_id else car
        ways = [StandingUnit(unit.unit_id, place, craft_class)]
        return [*ways, StandingUnit("foot", place)] if unit.kind == "group" else ways
    if incident is None:
        return []
    scene = Place(
        id=incident.id, kind="incident", name=incident.title, island_id=incident.island_id, lon_deg=incident.lon_deg,
        lat_deg=incident.lat_deg,
    )  # fmt: skip
    return [StandingUnit("road", scene, car), StandingUnit("foot", scene)] if car else [StandingUnit("foot", scene)]


def ring_lines(
    network: Any, subject_id: str, standing: list[StandingUnit], picture: Picture, at: datetime
) -> RingLines:
    """Return the edges to draw; none where the weather or the place lets the unit go nowhere."""
    moment = Moment(at, picture.forecast, tuple(picture.closures.values()))
    try:
        found = rings(network, standing, RINGS_MIN, moment)
    except TongzhouError:  # a boat reported ashore, an hour the forecast does not cover
        return RingLines(subject_id, {})
    return RingLines(subject_id, {count: _edges(found.area(count)) for count in RINGS_MIN})


def _edges(area: MultiPolygon) -> Lines:
    lines = []
    for part in area.geoms:
        coordinates = np.asarray(part.exterior.coords)
        x, y = to_mercator(coordinates[:, 0], coordinates[:, 1])
        lines.append((x.tolist(), y.tolist()))
    return lines


class RingsLayer(Layer):
    """Thin dashed edges, each with its minutes; those too small to read at this scale are left out."""

    id = "rings"
    switch = True

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"xs": [], "ys": []})
        self.words = ColumnDataSource({"x": [], "y": [], "text": [], "dx": [], "dy": []})
        self.line = add_glyph(figure, self.source, MultiLine(xs="xs", ys="ys", line_width=1.4))
        self.line.glyph.line_dash = value("5 3")
        self.label = add_glyph(
            figure,
            self.words,
            Text(x="x", y="y", text="text", x_offset="dx", y_offset="dy", text_font=FONT, text_baseline="top"),
        )
        self.label.glyph.text_font_size = f"{FONT_PX:g}px"
        self.renderers += [self.line, self.label]
        self.wanted: list[tuple[Candidate, str, float, float]] = []

    def draw(self, scene: Scene) -> None:
        lines: Lines = []
        self.wanted = []
        for minutes, edges in scene.rings.edges.items() if scene.rings is not None else ():
            drawn = [edge for edge in edges if _width_px(scene, edge) >= SMALLEST_PX]
            lines += drawn
            if drawn:
                self._want(scene, minutes, max(drawn, key=lambda edge: _width_px(scene, edge)))
        put(self.source, {"xs": [x for x, _ in lines], "ys": [y for _, y in lines]})
        self.line.glyph.line_color = scene.tokens["text2"]
        self.label.glyph.text_color = scene.tokens["text"]

    def _want(self, scene: Scene, minutes: int, edge: tuple[list[float], list[float]]) -> None:
        """Ask for a label on the northernmost point in view."""
        words = scene.say("reach_minutes", n=minutes)
        width = text_width_px(words, FONT_PX)
        x, y = scene.viewport.to_px(edge[0], edge[1])
        inside = (x > 30) & (x < scene.viewport.width_px - 60) & (y > 40) & (y < scene.viewport.height_px - 40)
        if not inside.any():
            return
        k = int(np.where(inside, y, np.inf).argmin())
        spots = ((-width / 2, -15.0), (-width / 2, 1.0))
        candidate = Candidate(f"rings:{minutes}", float(x[k]), float(y[k]), width, 14.0, 64, spots=spots)
        self.wanted.append((candidate, words, edge[0][k], edge[1][k]))

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


def _width_px(scene: Scene, edge: tuple[list[float], list[float]]) -> float:
    return (max(edge[0]) - min(edge[0])) / scene.viewport.metres_per_px
