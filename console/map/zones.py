"""Sea zones of the forecast: outline and name; off at first."""

from __future__ import annotations

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, add_glyph, put
from console.map.mercator import to_mercator
from console.map.scene import Scene
from console.panels.weather_marks import mark_words


class ZonesLayer(Layer):
    """The forecast's zones as thin outlines with what holds there now."""

    id = "zones"
    switch = True
    initially = False

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"xs": [], "ys": []})
        self.words = ColumnDataSource({"x": [], "y": [], "text": []})
        self.outline = add_glyph(
            figure, self.source, MultiLine(xs="xs", ys="ys", line_width=1.0, line_dash=value("6 4"))
        )
        self.label = add_glyph(
            figure,
            self.words,
            Text(
                x="x",
                y="y",
                text="text",
                text_font_size="11px",
                text_font=FONT,
                text_align="center",
                text_baseline="middle",
            ),
        )
        self.renderers += [self.outline, self.label]

    def key(self, scene: Scene) -> object:
        return id(scene.picture.forecast), scene.now.replace(second=0, microsecond=0), scene.theme, scene.language

    def draw(self, scene: Scene) -> None:
        rings = [to_mercator(*zip(*zone.ring, strict=True)) for zone in scene.region.zones.values()]
        put(self.source, {"xs": [list(x) for x, _ in rings], "ys": [list(y) for _, y in rings]})
        put(
            self.words,
            {
                "x": [float(x[:-1].mean()) for x, _ in rings],
                "y": [float(y[:-1].mean()) for _, y in rings],
                "text": [weather_words(scene, zone.id) for zone in scene.region.zones.values()],
            },
        )
        self.outline.glyph.line_color = scene.tokens["line2"]
        self.label.glyph.text_color = scene.tokens["text3"]


def weather_words(scene: Scene, zone_id: str) -> str:
    """Return the zone's name and, when the forecast covers the moment, wind, waves and visibility."""
    zone = scene.region.zones[zone_id]
    forecast = scene.picture.forecast
    try:
        hour = forecast.at(zone_id, scene.now) if forecast else None
    except ValueError:
        hour = None
    name = scene.words(zone.name)
    if hour is None:
        return name
    now = f"{name}\n{hour.wind_mps:.0f} m/s · Hs {hour.hs_m:.1f} m · {hour.visibility_m / 1000:.0f} km"
    return f"{now}\n{mark}" if (mark := mark_words(hour.mark, scene.region, scene.language)) else now
