"""Time flags on the plan's legs: call sign, arrival and the half-width of its band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, Text
from bokeh.plotting import figure

from console.map.layer import FONT, Layer, add_glyph, put
from console.map.legs import LegLine, LegsLayer
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene
from data.plans import Leg

HEIGHT_PX = 18.0
# Shares of the leg tried for its flag, and how far beside the line it may stand.
SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.8)
LEAST_LEG_PX = 70.0


@dataclass(frozen=True)
class Flag:
    """A flag before it has a place: the words and where its leg's middle is."""

    key: str
    words: str
    x: float
    y: float
    candidate: Candidate


class FlagsLayer(Layer):
    """One flag for each craft's last loaded leg of the plan on show; without room it is left to the list of legs."""

    id = "flags"

    def __init__(self, legs: LegsLayer) -> None:
        super().__init__()
        self.legs = legs
        self.flags: list[Flag] = []

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"x": [], "y": [], "text": [], "dx": [], "dy": []})
        self.glyph = add_glyph(
            figure,
            self.source,
            Text(
                x="x",
                y="y",
                text="text",
                x_offset="dx",
                y_offset="dy",
                text_font=FONT,
                text_font_size="12px",
                text_baseline="middle",
                text_align="center",
                border_radius=2,
                padding=(5, 1),
            ),
        )
        self.renderers.append(self.glyph)

    def draw(self, scene: Scene) -> None:
        self.flags = [flag for line in self.legs.lines if (flag := _flag(scene, line))] if self._on(scene) else []
        tokens = scene.tokens
        self.glyph.glyph.update(
            text_color=tokens["text"],
            background_fill_color=tokens["panel"],
            background_fill_alpha=0.95,
            border_line_color=tokens["plan"],
        )

    @staticmethod
    def _on(scene: Scene) -> bool:
        return "legs" in scene.shown

    def candidates(self, scene: Scene) -> list[Candidate]:
        return [flag.candidate for flag in self.flags]

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        rows = [
            (flag, placed[flag.key][0] + flag.candidate.width_px / 2, placed[flag.key][1] + HEIGHT_PX / 2)
            for flag in self.flags
            if flag.key in placed
        ]
        put(
            self.source,
            {
                "x": [flag.x for flag, _, _ in rows],
                "y": [flag.y for flag, _, _ in rows],
                "text": [flag.words for flag, _, _ in rows],
                "dx": [dx for _, dx, _ in rows],
                "dy": [dy for _, _, dy in rows],
            },
        )


def flag_words(scene: Scene, leg: Leg) -> str:
    """Return call sign, local arrival and plus-minus minutes where the plan gives a band."""
    unit = scene.picture.units.get(leg.craft_id) if leg.craft_id else None
    name = scene.words(unit.call_sign) if unit else (leg.craft_id or scene.say("legend_road"))
    words = f"{name} {scene.clock(leg.arrive_at)}"
    if leg.arrive_early_at and leg.arrive_late_at:
        half = round((leg.arrive_late_at - leg.arrive_early_at).total_seconds() / 120)
        if half:
            words += " " + scene.say("plus_minus", n=half)
    return words


def _flag(scene: Scene, line: LegLine) -> Flag | None:
    carrying = [leg for leg in line.legs if leg.purpose == "carry" and leg.craft_id]
    length_px = line.length / scene.viewport.metres_per_px
    if not carrying or not line.on_show or length_px < LEAST_LEG_PX:
        return None
    leg = max(carrying, key=lambda one: one.arrive_at)
    words = flag_words(scene, leg)
    width = text_width_px(words, 12.0) + 12.0
    x, y, _ = line.along(0.5)
    anchor_x, anchor_y = (float(px) for px in scene.viewport.to_px(x, y))
    spots: list[tuple[float, float]] = []
    # Legs that run side by side put their flags on either side by turns.
    sides = (0.0, -1.0, 1.0) if line.lane == 0 else (-1.0, 1.0, 0.0) if line.lane % 2 else (1.0, -1.0, 0.0)
    for beside, gap in [(side, 8.0) for side in sides] + [(-1.0, 44.0), (1.0, 44.0)]:
        for share in SHARES:
            at_x, at_y, _ = line.along(share)
            px, py = (float(p) for p in scene.viewport.to_px(at_x, at_y))
            spots.append((px - anchor_x - width / 2 + beside * (width / 2 + gap), py - anchor_y - HEIGHT_PX / 2))
    key = f"flag:{line.key}"
    candidate = Candidate(key, anchor_x, anchor_y, width, HEIGHT_PX, 21, spots=tuple(spots))
    return Flag(key, words, x, y, candidate)
