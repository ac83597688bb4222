"""Lines that each carry one word or two: what the layers of reach and of rings have in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, add_glyph, put
from console.map.placement import Candidate
from console.map.scene import Lines, Scene

FONT_PX = 11.0
Pixels = npt.NDArray[np.float64]


class LabelledLines(Layer):
    """Draws lines and the labels asked for in ``wanted``: candidate, words and where on the map each points to."""

    switch = True

    def attach_lines(self, figure: figure, dash: str, width: float, alpha: float = 1.0) -> None:
        """Make the glyphs; ``dash`` is on and off in pixels."""
        self.source = ColumnDataSource({"xs": [], "ys": []})
        self.words = ColumnDataSource({"x": [], "y": [], "text": [], "dx": [], "dy": []})
        self.line = add_glyph(figure, self.source, MultiLine(xs="xs", ys="ys", line_width=width, line_alpha=alpha))
        self.line.glyph.line_dash = value(dash)
        self.label = add_glyph(
            figure,
            self.words,
            Text(x="x", y="y", text="text", x_offset="dx", y_offset="dy", text_font=FONT, text_baseline="top"),
        )
        self.label.glyph.text_font_size = f"{FONT_PX:g}px"
        self.renderers += [self.line, self.label]
        self.wanted: list[tuple[Candidate, str, float, float]] = []

    def put_lines(self, lines: Lines) -> None:
        """Draw these lines in place of those before."""
        put(self.source, {"xs": [x for x, _ in lines], "ys": [y for _, y in lines]})

    @staticmethod
    def in_view(scene: Scene, edge: tuple[list[float], list[float]]) -> tuple[Pixels, Pixels, npt.NDArray[np.bool_]]:
        """Return a line's points in pixels, and which of them lie where a label is read."""
        x, y = scene.viewport.to_px(edge[0], edge[1])
        inside = (x > 30) & (x < scene.viewport.width_px - 60) & (y > 40) & (y < scene.viewport.height_px - 40)
        return x, y, inside

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
