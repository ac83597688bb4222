"""What is reached in 1, 3 and 5 minutes from the chosen unit by its own way, else from the chosen incident by land."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.plotting import figure
from shapely.geometry import MultiPolygon

from console.map.labelled_lines import FONT_PX, LabelledLines
from console.map.mercator import to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Lines, RingLines, Scene
from data.errors import TongzhouError
from data.geography import Place, Region, scene_place
from routing.network.rings import RINGS_MIN, Moment, StandingUnit, rings

if TYPE_CHECKING:
    from data.incidents import Incident
    from data.journal.picture import Picture
    from data.journal.views import UnitView

SMALLEST_PX = 18.0  # a smaller ring is not drawn


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
    scene = scene_place(incident)
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


class RingsLayer(LabelledLines):
    """Thin dashed edges, each with its minutes; those too small to read at this scale are left out."""

    id = "rings"

    def attach(self, figure: figure) -> None:
        self.attach_lines(figure, "5 3", 1.4)

    def draw(self, scene: Scene) -> None:
        lines: Lines = []
        self.wanted = []
        for minutes, edges in scene.rings.edges.items() if scene.rings is not None else ():
            drawn = [edge for edge in edges if _width_px(scene, edge) >= SMALLEST_PX]
            lines += drawn
            if drawn:
                self._want(scene, minutes, max(drawn, key=lambda edge: _width_px(scene, edge)))
        self.put_lines(lines)
        self.line.glyph.line_color = scene.tokens["text2"]
        self.label.glyph.text_color = scene.tokens["text"]

    def _want(self, scene: Scene, minutes: int, edge: tuple[list[float], list[float]]) -> None:
        """Ask for a label on the northernmost point in view."""
        words = scene.say("reach_minutes", n=minutes)
        width = text_width_px(words, FONT_PX)
        x, y, inside = self.in_view(scene, edge)
        if not inside.any():
            return
        k = int(np.where(inside, y, np.inf).argmin())
        spots = ((-width / 2, -15.0), (-width / 2, 1.0))
        candidate = Candidate(f"rings:{minutes}", float(x[k]), float(y[k]), width, 14.0, 64, spots=spots)
        self.wanted.append((candidate, words, edge[0][k], edge[1][k]))


def _width_px(scene: Scene, edge: tuple[list[float], list[float]]) -> float:
    return (max(edge[0]) - min(edge[0])) / scene.viewport.metres_per_px
