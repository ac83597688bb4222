"""Officers' values on the map: in each zone they hold for, what they say, whose they are and since when."""

from __future__ import annotations

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, add_glyph, put
from console.map.mercator import to_mercator
from console.map.scene import Scene
from console.panels.weather_marks import mark_words
from data.manual_weather import ManualValue

BELOW_THE_NAME_PX = 34  # the zones' own words stand at the same point when they are shown


class ManualLayer(Layer):
    """One label a zone whose weather of now is an officer's."""

    id = "manual"

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"x": [], "y": [], "text": []})
        self.label = add_glyph(
            figure,
            self.source,
            Text(
                x="x",
                y="y",
                text="text",
                y_offset=BELOW_THE_NAME_PX,
                text_font_size="11px",
                text_font=FONT,
                text_font_style=value("bold"),
                text_align="center",
                text_baseline="middle",
                text_outline_width=2,
            ),
        )
        self.renderers.append(self.label)

    def key(self, scene: Scene) -> object:
        standing = tuple(one.id for one in self._standing(scene))
        return standing, scene.theme, scene.language

    def draw(self, scene: Scene) -> None:
        newest = {one.zone_id: one for one in self._standing(scene)}
        rings = {name: to_mercator(*zip(*scene.region.zones[name].ring, strict=True)) for name in newest}
        forecast = scene.picture.forecast
        marks = {name: forecast.at(name, scene.now).mark for name in newest} if forecast is not None else {}
        put(
            self.source,
            {
                "x": [float(x[:-1].mean()) for x, _ in rings.values()],
                "y": [float(y[:-1].mean()) for _, y in rings.values()],
                "text": [
                    f"{mark_words(marks.get(name), scene.region, scene.language)}\n{one.words().said(scene.language)}"
                    for name, one in newest.items()
                ],
            },
        )
        self.label.glyph.text_color = scene.tokens["text2"]
        self.label.glyph.text_outline_color = scene.tokens["sea"]

    @staticmethod
    def _standing(scene: Scene) -> list[ManualValue]:
        """Return the values that hold now, the newest last."""
        forecast = scene.picture.forecast
        if forecast is None or scene.now >= forecast.valid_to:
            return []
        found = [
            one
            for one in scene.picture.manual_weather.values()
            if one.holds(scene.now) and one.zone_id in scene.region.zones
        ]
        return sorted(found, key=lambda one: one.issued_at)
