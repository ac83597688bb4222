"""Islands by the order in which they are cut off: a number in a ring, the name, and until when they can be left."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, Scatter, Text
from bokeh.plotting import figure

from console.map.focus import BoardMark
from console.map.layer import FONT, Layer, PxBox, add_glyph, put
from console.map.mercator import point_to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene

SIZE_PX = 21.0
FONT_PX = 12.5
# Where a ring may stand when another is in its place, in pixels right and down of its island.
SPOTS = ((0, 0), (20, -8), (-20, 8), (8, 20), (-8, -20), (22, 14), (-22, -14), (30, 0), (-30, 0), (0, 34), (0, -34))


class IsolationLayer(Layer):
    """The marks of the isolation board; its glyphs enter the figure when a board is first shown."""

    id = "isolation"

    def attach(self, figure: figure) -> None:
        self._figure = figure
        self.source: ColumnDataSource = ColumnDataSource({"x": [], "y": [], "id": []})
        self.words: ColumnDataSource = ColumnDataSource({"x": [], "y": []})
        self._placed: list[tuple[BoardMark, float, float]] = []

    def draw(self, scene: Scene) -> None:
        self._placed = _ringed(scene)
        if not self._placed and not self.renderers:
            return
        if not self.renderers:
            self._enter()
        tokens, chosen = scene.tokens, scene.focus.selected_island_id if scene.focus else None
        colours = [
            tokens["accent"] if one.island_id == chosen else tokens["amber"] if one.due else tokens["red"] if one.cut
            else tokens["fg"]
            for one, _, _ in self._placed
        ]  # fmt: skip
        put(
            self.source,
            {
                "x": [x for _, x, _ in self._placed],
                "y": [y for _, _, y in self._placed],
                "id": [one.island_id for one, _, _ in self._placed],
                "number": [str(one.number) for one, _, _ in self._placed],
                "line": colours,
                "fill": [tokens["panel"]] * len(self._placed),
                "width": [2.6 if one.due or one.cut or one.island_id == chosen else 1.6 for one, _, _ in self._placed],
            },
        )

    def blocked(self, scene: Scene) -> list[PxBox]:
        found, half = [], SIZE_PX / 2
        for _, x, y in self._placed:
            px, py = scene.viewport.to_px(x, y)
            found.append((float(px) - half, float(py) - half, float(px) + half, float(py) + half))
        return found

    def candidates(self, scene: Scene) -> list[Candidate]:
        found = []
        for one, x, y in self._placed:
            px, py = scene.viewport.to_px(x, y)
            lines = [one.name, one.until] if one.until else [one.name]
            width = max(text_width_px(line, FONT_PX) for line in lines)
            height = FONT_PX * 1.25 * len(lines)
            rank = one.number + (0 if one.due or one.cut else 100)
            found.append(
                Candidate(
                    f"board:{one.island_id}", float(px), float(py), width, height, rank, gap_px=13.0, reaches=(1.0,)
                )
            )
        return found

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        if not self.renderers:
            return
        rows = [row for row in self._placed if f"board:{row[0].island_id}" in placed]
        spots = [placed[f"board:{one.island_id}"] for one, _, _ in rows]
        tokens = scene.tokens
        put(
            self.words,
            {
                "x": [x for _, x, _ in rows],
                "y": [y for _, _, y in rows],
                "text": [f"{one.name}\n{one.until}" if one.until else one.name for one, _, _ in rows],
                "dx": [dx for dx, _ in spots],
                "dy": [dy for _, dy in spots],
                "color": [tokens["text"]] * len(rows),
                "halo": [tokens["sea"]] * len(rows),
            },
        )

    def _enter(self) -> None:
        columns = ("number", "line", "fill", "width")
        self.source.data = {"x": [], "y": [], "id": [], **{name: [] for name in columns}}
        self.words.data = {name: [] for name in ("x", "y", "text", "dx", "dy", "color", "halo")}
        text = {
            "x": "x", "y": "y", "text": "text", "x_offset": "dx", "y_offset": "dy", "text_font": FONT,
            "text_font_size": f"{FONT_PX}px", "text_baseline": "top", "text_line_height": 1.0,
        }  # fmt: skip
        halo = Text(**text, text_color="halo", text_outline_color="halo", text_outline_width=3.0)
        ring = Scatter(
            x="x", y="y", size=SIZE_PX, marker=value("circle"), fill_color="fill", line_color="line", line_width="width"
        )
        number = Text(
            x="x", y="y", text="number", text_color="line", text_font=FONT, text_font_size="11.5px",
            text_font_style="bold", text_align="center", text_baseline="middle",
        )  # fmt: skip
        self.renderers = [
            add_glyph(self._figure, self.words, halo),
            add_glyph(self._figure, self.words, Text(**text, text_color="color")),
            add_glyph(self._figure, self.source, ring),
            add_glyph(self._figure, self.source, number),
        ]


def _ringed(scene: Scene) -> list[tuple[BoardMark, float, float]]:
    """Return each mark with the place of its ring in EPSG:3857, the more urgent nearer to its island."""
    if scene.focus is None:
        return []
    found: list[tuple[BoardMark, float, float]] = []
    taken: list[tuple[float, float]] = []
    metres = scene.viewport.metres_per_px
    for one in sorted(scene.focus.marks, key=lambda mark: mark.number):
        x, y = point_to_mercator(one.lon_deg, one.lat_deg)
        px, py = (float(value) for value in scene.viewport.to_px(x, y))
        free = (
            (right, down)
            for right, down in SPOTS
            if all(hypot(px + right - a, py + down - b) >= SIZE_PX - 1 for a, b in taken)
        )
        right, down = next(free, SPOTS[0])
        taken.append((px + right, py + down))
        found.append((one, x + right * metres, y - down * metres))
    return found
