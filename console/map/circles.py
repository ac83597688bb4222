"""The one-minute and three-minute circles of an island, the points they miss, and the posts that close gaps."""

from __future__ import annotations

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Scatter, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, PxBox, add_glyph, enter_below, put
from console.map.mercator import point_to_mercator, to_mercator
from console.map.scene import Scene

MARKERS = {"gap": "square_x", "held": "square", "post": "circle"}


class CirclesLayer(Layer):
    """Edges and points; the glyphs enter the figure when an island's circles are first shown."""

    id = "circles"

    def __init__(self, above: Layer) -> None:
        super().__init__()
        self._above = above

    def attach(self, figure: figure) -> None:
        self._figure = figure
        self.source: ColumnDataSource = ColumnDataSource({"x": [], "y": []})
        self.lines: ColumnDataSource = ColumnDataSource({"xs": [], "ys": []})

    def draw(self, scene: Scene) -> None:
        focus = scene.focus
        edges, points = (focus.edges, focus.points) if focus is not None else ((), ())
        if not self.renderers:
            if not edges and not points:
                return
            self._enter()
        tokens = scene.tokens
        tracks = [to_mercator([lon for lon, _ in one.path], [lat for _, lat in one.path]) for one in edges]
        put(
            self.lines,
            {
                "xs": [x.tolist() for x, _ in tracks],
                "ys": [y.tolist() for _, y in tracks],
                "width": [2.0 if one.kind == "self_help" else 1.2 for one in edges],
                "color": [tokens["text2"]] * len(edges),
            },
        )
        places = [point_to_mercator(one.lon_deg, one.lat_deg) for one in points]
        colours = {"gap": tokens["red"], "held": tokens["text3"], "post": tokens["plan"]}
        put(
            self.source,
            {
                "x": [x for x, _ in places],
                "y": [y for _, y in places],
                "kind": [MARKERS[one.state] for one in points],
                "size": [8.0 if one.state == "held" else 12.0 for one in points],
                "color": [colours[one.state] for one in points],
                "fill": [colours[one.state] if one.state == "post" else tokens["land"] for one in points],
                "text": [one.name if one.state != "held" else "" for one in points],
                "halo": [tokens["land"]] * len(points),
            },
        )

    def blocked(self, scene: Scene) -> list[PxBox]:
        if not self.renderers:
            return []
        x, y = scene.viewport.to_px(self.source.data["x"], self.source.data["y"])
        return [(a - 7, b - 7, a + 7, b + 7) for a, b in zip(x.tolist(), y.tolist(), strict=True)]

    def _enter(self) -> None:
        self.lines.data = {name: [] for name in ("xs", "ys", "width", "color")}
        self.source.data = {name: [] for name in ("x", "y", "kind", "size", "color", "fill", "text", "halo")}
        words = {
            "x": "x", "y": "y", "text": "text", "x_offset": 0, "y_offset": 9, "text_font": FONT,
            "text_font_size": "11.5px", "text_align": "center", "text_baseline": "top",
        }  # fmt: skip
        halo = Text(**words, text_color="halo", text_outline_color="halo", text_outline_width=3.0)
        edge = MultiLine(xs="xs", ys="ys", line_width="width", line_color="color", line_dash=value("4 4"))
        mark = Scatter(x="x", y="y", size="size", marker="kind", fill_color="fill", line_color="color", line_width=1.6)
        self.renderers = [
            add_glyph(self._figure, self.lines, edge),
            add_glyph(self._figure, self.source, halo),
            add_glyph(self._figure, self.source, Text(**words, text_color="color")),
            add_glyph(self._figure, self.source, mark),
        ]
        enter_below(self._figure, self, self._above)
