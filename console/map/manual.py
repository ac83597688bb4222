"""Officers' values on the map: in each zone they hold for, what they say, whose they are and since when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, add_glyph, put
from console.map.mercator import to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene
from console.panels.weather_marks import mark_words
from data.manual_weather import ManualValue

FONT_PX = 11.0
LINE_PX = FONT_PX * 1.3
RANK = 40  # after incidents and what is closed, before names
GAP_PX = 14.0
REACHES = (0.0, 1.0, 3.0, 5.0, 8.0)
COLUMNS = ("x", "y", "text", "dx", "dy")


class ManualLayer(Layer):
    """One label a zone whose weather of now is an officer's, placed where it covers nothing."""

    id = "manual"

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({name: [] for name in COLUMNS})
        self._marks: dict[str, tuple[float, float, str]] = {}
        words: dict[str, Any] = {
            "x": "x", "y": "y", "text": "text", "x_offset": "dx", "y_offset": "dy", "text_font": FONT,
            "text_font_size": f"{FONT_PX}px", "text_font_style": value("bold"), "text_baseline": "top",
            "text_line_height": 1.0,
        }  # fmt: skip
        self.halo = add_glyph(figure, self.source, Text(**words, text_outline_width=3.0))
        self.label = add_glyph(figure, self.source, Text(**words))
        self.renderers += [self.halo, self.label]

    def draw(self, scene: Scene) -> None:
        self._marks = {}
        forecast = scene.picture.forecast
        for one in [] if forecast is None or scene.is_board else _standing(scene):
            x, y = to_mercator(*zip(*scene.region.zones[one.zone_id].ring, strict=True))
            mark = forecast.at(one.zone_id, scene.now).mark if forecast is not None else None
            name = scene.region.zones[one.zone_id].name.said(scene.language)
            whose = mark_words(mark, scene.region, scene.language)
            words = f"{name} {one.words().said(scene.language)}\n{whose}"
            self._marks[one.zone_id] = (float(x[:-1].mean()), float(y[:-1].mean()), words)
        self.label.glyph.text_color = scene.tokens["text2"]
        self.halo.glyph.text_color = self.halo.glyph.text_outline_color = scene.tokens["sea"]

    def candidates(self, scene: Scene) -> list[Candidate]:
        found = []
        for zone_id, (x, y, words) in self._marks.items():
            px, py = scene.viewport.to_px(x, y)
            lines = words.split("\n")
            width = max(text_width_px(line, FONT_PX) for line in lines)
            found.append(
                Candidate(
                    f"manual:{zone_id}", float(px), float(py), width, LINE_PX * len(lines), RANK, gap_px=GAP_PX,
                    required=True, reaches=REACHES,
                )
            )  # fmt: skip
        return found

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        rows = [(*row, *placed[f"manual:{name}"]) for name, row in self._marks.items() if f"manual:{name}" in placed]
        put(self.source, {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)})


def _standing(scene: Scene) -> list[ManualValue]:
    """Return the newest value that holds now in each zone."""
    forecast = scene.picture.forecast
    if forecast is None or scene.now >= forecast.valid_to:
        return []
    values = [
        one
        for one in scene.picture.manual_weather.values()
        if one.holds(scene.now) and one.zone_id in scene.region.zones
    ]
    return list({one.zone_id: one for one in sorted(values, key=lambda one: one.issued_at)}.values())
