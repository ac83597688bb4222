"""Craft and groups under way: kind by shape, status by fill, bow to the heading, where they will be in 6 min."""

from __future__ import annotations

import math
from typing import Any

import holoviews as hv
from bokeh.models import ColumnDataSource, GlyphRenderer, Segment
from bokeh.plotting import figure

from console.map.land import grounds
from console.map.layer import Layer, PxBox, add_glyph, put, wear_marker
from console.map.mercator import point_to_mercator, stretch
from console.map.scene import Scene, form_of
from data.forces import KNOT_MPS

AHEAD_S = 360.0
HULLS = frozenset({"assault_boat", "patrol_boat", "landing_craft", "ferry", "helicopter", "drone"})


def is_loose(unit: Any) -> bool:
    """Tell whether a unit is drawn on its own: not at a site, where the callouts and stacks show it."""
    return unit.site_id is None


class UnitsLayer(Layer):
    """Units away from any site, patched in place as they move."""

    id = "units"
    switch = True

    def element(self, scene: Scene) -> hv.Element:
        return hv.Points(([], []), ["x", "y"])

    def adopt(self, renderer: GlyphRenderer, figure: figure) -> None:
        self.vectors = ColumnDataSource({"x0": [], "y0": [], "x1": [], "y1": []})
        self.vector = add_glyph(figure, self.vectors, Segment(x0="x0", y0="y0", x1="x1", y1="y1", line_width=1.6))
        self.renderers.append(self.vector)
        super().adopt(renderer, figure)
        self.source = renderer.data_source
        wear_marker(renderer, "unit", 26.0, angle=True)

    def draw(self, scene: Scene) -> None:
        rows = [unit for unit in scene.picture.units.values() if is_loose(unit)]
        # The selected one last, so that it lies on top.
        rows.sort(key=lambda unit: (unit.unit_id == scene.selected_unit_id, unit.kind == "craft", unit.unit_id))
        places = [point_to_mercator(unit.lon_deg, unit.lat_deg) for unit in rows]
        put(
            self.source,
            {
                "x": [x for x, _ in places],
                "y": [y for _, y in places],
                "id": [unit.unit_id for unit in rows],
                "symbol": [unit.symbol for unit in rows],
                "form": [form_of(unit, scene.now) for unit in rows],
                "angle": [turn(unit.symbol, unit.heading_deg) for unit in rows],
                "selected": [unit.unit_id == scene.selected_unit_id for unit in rows],
                "ground": grounds(scene.region, [x for x, _ in places], [y for _, y in places]),
                "tip_title": [scene.words(unit.call_sign) for unit in rows],
                "tip_text": [_tip(scene, unit) for unit in rows],
            },
        )
        ahead = [vector(unit) for unit in rows]
        put(self.vectors, {name: [line[k] for line in ahead] for k, name in enumerate(("x0", "y0", "x1", "y1"))})
        self.vector.glyph.line_color = scene.tokens["fg"]

    def move(self, scene: Scene) -> bool:
        """Patch positions and headings of the units drawn; tell whether the set of them is still the same."""
        units, ids = scene.picture.units, self.source.data["id"]
        if {unit.unit_id for unit in units.values() if is_loose(unit)} != set(ids):
            return False
        patches: dict[str, list[tuple[int, float]]] = {"x": [], "y": [], "angle": []}
        ahead: dict[str, list[tuple[int, float]]] = {"x0": [], "y0": [], "x1": [], "y1": []}
        for row, unit_id in enumerate(ids):
            unit = units[unit_id]
            x, y = point_to_mercator(unit.lon_deg, unit.lat_deg)
            angle = turn(unit.symbol, unit.heading_deg)
            for name, new in (("x", x), ("y", y), ("angle", angle)):
                if self.source.data[name][row] != new:
                    patches[name].append((row, new))
            line = vector(unit)
            for name, new in zip(("x0", "y0", "x1", "y1"), line, strict=True):
                if self.vectors.data[name][row] != new:
                    ahead[name].append((row, new))
        for source, changes in ((self.vectors, ahead), (self.source, patches)):
            if found := {name: rows for name, rows in changes.items() if rows}:
                source.patch(found)
        return True

    def blocked(self, scene: Scene) -> list[PxBox]:
        if self.id not in scene.shown:
            return []
        x, y = scene.viewport.to_px(self.source.data["x"], self.source.data["y"])
        return [(a - 11, b - 11, a + 11, b + 11) for a, b in zip(x.tolist(), y.tolist(), strict=True)]


def turn(symbol: str, heading_deg: float | None) -> float:
    """Return the marker's angle in degrees (counter-clockwise): hulls point along the heading, others stand."""
    return -(heading_deg or 0.0) if symbol in HULLS else 0.0


def vector(unit: Any) -> tuple[float, float, float, float]:
    """Return the line in EPSG:3857 from a unit to where it will be in 6 min on its heading; a point when still."""
    x, y = point_to_mercator(unit.lon_deg, unit.lat_deg)
    if unit.heading_deg is None or unit.speed_mps < 0.5:
        return x, y, x, y
    reach = unit.speed_mps * AHEAD_S * stretch(unit.lat_deg)
    heading = math.radians(unit.heading_deg)
    return x, y, x + reach * math.sin(heading), y + reach * math.cos(heading)


def _tip(scene: Scene, unit: Any) -> str:
    status = scene.say(f"status_{form_of(unit, scene.now)}")
    count = scene.say("seats" if unit.kind == "craft" else "persons", n=unit.strength)
    lines = [f"{status} · {count}"]
    if unit.speed_mps >= 0.5:
        lines.append(scene.say("under_way", kn=f"{unit.speed_mps / KNOT_MPS:.0f}", kmh=f"{unit.speed_mps * 3.6:.0f}"))
    lines.append(scene.say("fix_age", age=scene.age(unit.fix_at)))
    return "\n".join(lines)
