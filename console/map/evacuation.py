"""How people leave an island: the way on foot to the pier, the crossings, and how many wait where."""

from __future__ import annotations

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Scatter, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, PxBox, add_glyph, enter_below, put
from console.map.mercator import point_to_mercator, to_mercator
from console.map.scene import Scene

SIZE_PX = 36.0


class EvacuationLayer(Layer):
    """Ways and head counts; the glyphs enter the figure when an evacuation is first shown."""

    id = "evacuation"

    def __init__(self, above: Layer) -> None:
        super().__init__()
        self._above = above

    def attach(self, figure: figure) -> None:
        self._figure = figure
        self.source: ColumnDataSource = ColumnDataSource({"x": [], "y": []})
        self.lines: ColumnDataSource = ColumnDataSource({"xs": [], "ys": []})

    def draw(self, scene: Scene) -> None:
        focus = scene.focus
        heads, ways = (focus.heads, focus.ways) if focus is not None else ((), ())
        if not self.renderers:
            if not heads and not ways:
                return
            self._enter()
        tokens = scene.tokens
        tracks = [to_mercator([lon for lon, _ in way.path], [lat for _, lat in way.path]) for way in ways]
        put(
            self.lines,
            {
                "xs": [x.tolist() for x, _ in tracks],
                "ys": [y.tolist() for _, y in tracks],
                "width": [4.4 if way.kind == "walk" else 2.4 for way in ways],
                "color": [tokens["plan"]] * len(ways),
                "halo": [tokens["sea"]] * len(ways),
                "outer": [8.0 if way.kind == "walk" else 5.0 for way in ways],
            },
        )
        points = [point_to_mercator(one.lon_deg, one.lat_deg) for one in heads]
        put(
            self.source,
            {
                "x": [x for x, _ in points],
                "y": [y for _, y in points],
                "number": [one.number for one in heads],
                "words": [one.words for one in heads],
                "line": [tokens["fg"]] * len(heads),
                "fill": [tokens["panel"]] * len(heads),
                "color": [tokens["text"]] * len(heads),
                "halo": [tokens["land"]] * len(heads),
            },
        )

    def blocked(self, scene: Scene) -> list[PxBox]:
        if not self.renderers:
            return []
        x, y = scene.viewport.to_px(self.source.data["x"], self.source.data["y"])
        half = SIZE_PX / 2
        return [(a - half, b - half, a + half + 90, b + half) for a, b in zip(x.tolist(), y.tolist(), strict=True)]

    def _enter(self) -> None:
        self.source.data = {name: [] for name in ("x", "y", "number", "words", "line", "fill", "color", "halo")}
        self.lines.data = {name: [] for name in ("xs", "ys", "width", "color", "halo", "outer")}
        words = {
            "x": "x", "y": "y", "text": "words", "x_offset": SIZE_PX / 2 + 5, "text_font": FONT,
            "text_font_size": "12px", "text_baseline": "middle", "text_line_height": 1.2,
        }  # fmt: skip
        halo = Text(**words, text_color="halo", text_outline_color="halo", text_outline_width=3.0)
        number = Text(
            x="x", y="y", text="number", text_color="color", text_font=FONT, text_font_size="13px",
            text_font_style="bold", text_align="center", text_baseline="middle",
        )  # fmt: skip
        disc = Scatter(
            x="x", y="y", size=SIZE_PX, marker=value("circle"), fill_color="fill", line_color="line", line_width=1.8
        )
        self.renderers = [
            add_glyph(
                self._figure,
                self.lines,
                MultiLine(xs="xs", ys="ys", line_width="outer", line_color="halo", line_alpha=0.7),
            ),
            add_glyph(self._figure, self.lines, MultiLine(xs="xs", ys="ys", line_width="width", line_color="color")),
            add_glyph(self._figure, self.source, halo),
            add_glyph(self._figure, self.source, Text(**words, text_color="color")),
            add_glyph(self._figure, self.source, disc),
            add_glyph(self._figure, self.source, number),
        ]
        enter_below(self._figure, self, self._above)
