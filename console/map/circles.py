"""The one-minute and three-minute circles of an island, the points they miss, and the posts that close gaps."""

from __future__ import annotations

from collections.abc import Mapping

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Scatter, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, PxBox, add_glyph, enter_below, put
from console.map.mercator import point_to_mercator, to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene

# Names of gaps after what is closed and before names of islands.
RANK = 33
FONT_PX = 11.5
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
        self.words: ColumnDataSource = ColumnDataSource({"x": [], "y": []})
        self._named: list[tuple[str, str, str, float, float]] = []

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
        self._named = [
            (f"near:{k}", one.name, colours[one.state], x, y)
            for k, (one, (x, y)) in enumerate(zip(points, places, strict=True))
            if one.state != "held"
        ]
        put(
            self.source,
            {
                "x": [x for x, _ in places],
                "y": [y for _, y in places],
                "kind": [MARKERS[one.state] for one in points],
                "size": [8.0 if one.state == "held" else 12.0 for one in points],
                "color": [colours[one.state] for one in points],
                "fill": [colours[one.state] if one.state == "post" else tokens["land"] for one in points],
            },
        )

    def blocked(self, scene: Scene) -> list[PxBox]:
        if not self.renderers:
            return []
        x, y = scene.viewport.to_px(self.source.data["x"], self.source.data["y"])
        return [(a - 7, b - 7, a + 7, b + 7) for a, b in zip(x.tolist(), y.tolist(), strict=True)]

    def candidates(self, scene: Scene) -> list[Candidate]:
        found = []
        for key, name, _, x, y in self._named:
            px, py = scene.viewport.to_px(x, y)
            width = text_width_px(name, FONT_PX)
            found.append(Candidate(key, float(px), float(py), width, FONT_PX * 1.3, RANK, gap_px=9.0))
        return found

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        if not self.renderers:
            return
        rows = [row for row in self._named if row[0] in placed]
        put(
            self.words,
            {
                "x": [row[3] for row in rows],
                "y": [row[4] for row in rows],
                "text": [row[1] for row in rows],
                "dx": [placed[row[0]][0] for row in rows],
                "dy": [placed[row[0]][1] for row in rows],
                "color": [row[2] for row in rows],
                "halo": [scene.tokens["land"]] * len(rows),
            },
        )

    def _enter(self) -> None:
        self.lines.data = {name: [] for name in ("xs", "ys", "width", "color")}
        self.source.data = {name: [] for name in ("x", "y", "kind", "size", "color", "fill")}
        self.words.data = {name: [] for name in ("x", "y", "text", "dx", "dy", "color", "halo")}
        words = {
            "x": "x", "y": "y", "text": "text", "x_offset": "dx", "y_offset": "dy", "text_font": FONT,
            "text_font_size": f"{FONT_PX}px", "text_baseline": "top",
        }  # fmt: skip
        halo = Text(**words, text_color="halo", text_outline_color="halo", text_outline_width=3.0)
        edge = MultiLine(xs="xs", ys="ys", line_width="width", line_color="color", line_dash=value("4 4"))
        mark = Scatter(x="x", y="y", size="size", marker="kind", fill_color="fill", line_color="color", line_width=1.6)
        self.renderers = [
            add_glyph(self._figure, self.lines, edge),
            add_glyph(self._figure, self.words, halo),
            add_glyph(self._figure, self.words, Text(**words, text_color="color")),
            add_glyph(self._figure, self.source, mark),
        ]
        enter_below(self._figure, self, self._above)
