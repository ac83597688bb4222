"""The plan's legs by mode: cased roads, boats by weight, landing craft with a dotted core, air dash-dot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Scatter
from bokeh.plotting import figure
from numpy.typing import NDArray

from console.map.layer import Layer, add_glyph, put
from console.map.mercator import to_mercator
from console.map.scene import Scene
from data.plans import Leg, Plan

LegStyle = Literal["road", "assault_boat", "patrol_boat", "landing_craft", "ferry", "air", "foot"]
WIDTHS: dict[LegStyle, float] = {
    "road": 4.4,
    "assault_boat": 1.8,
    "patrol_boat": 2.5,
    "landing_craft": 3.4,
    "ferry": 3.0,
    "air": 2.0,
    "foot": 1.8,
}
# Strings of integers: a list of numbers would be taken for a column and stop the figure.
DASHES: dict[LegStyle, str] = {"air": "11 4 2 4", "foot": "3 3"}
LANE_GAP_PX = 5.0  # between legs of several craft over the same water


@dataclass(frozen=True)
class LegLine:
    """One drawn line: style, points in EPSG:3857, the legs it stands for, whether it is of the plan on show, and
    which of several side by side it is.
    """

    key: str
    style: LegStyle
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    legs: tuple[Leg, ...]
    on_show: bool
    lane: int = 0

    def along(self, share: float) -> tuple[float, float, float]:
        """Return x, y and direction (radians from east) at a share 0..1 of the line's length."""
        steps = np.hypot(np.diff(self.x), np.diff(self.y))
        total = float(steps.sum())
        if total <= 0:
            return float(self.x[0]), float(self.y[0]), 0.0
        reach = np.concatenate([[0.0], np.cumsum(steps)])
        k = min(int(np.searchsorted(reach, share * total, side="right")) - 1, len(steps) - 1)
        part = (share * total - reach[k]) / steps[k] if steps[k] else 0.0
        dx, dy = self.x[k + 1] - self.x[k], self.y[k + 1] - self.y[k]
        return float(self.x[k] + part * dx), float(self.y[k] + part * dy), math.atan2(dy, dx)

    @property
    def length(self) -> float:
        """Length in EPSG:3857 metres."""
        return float(np.hypot(np.diff(self.x), np.diff(self.y)).sum())


def style_of(leg: Leg, scene: Scene) -> LegStyle:
    """Return how a leg is drawn: by its mode, a boat's by its class."""
    if leg.mode in ("road", "foot", "air"):
        return "foot" if leg.mode == "foot" else "road" if leg.mode == "road" else "air"
    symbol = scene.leg_symbol(leg)
    return symbol if symbol in ("assault_boat", "patrol_boat", "landing_craft", "ferry") else "patrol_boat"


def lines_of(scene: Scene, plans: Sequence[tuple[Plan, bool]]) -> list[LegLine]:
    """Return one line for each style and pair of ends (both directions), legs of several craft side by side."""
    bundles: dict[tuple[str, ...], list[tuple[Leg, bool]]] = {}
    for plan, on_show in plans:
        for leg in plan.legs:
            if len(leg.path) < 2 or leg.length_m <= 0:
                continue
            ends = sorted((leg.from_site, leg.to_site))
            who = leg.craft_id or ""
            bundles.setdefault((style_of(leg, scene), *ends, who), []).append((leg, on_show))
    beside: dict[tuple[str, ...], int] = {}
    lines: list[LegLine] = []
    for key, found in bundles.items():
        legs = tuple(leg for leg, _ in found)
        style = style_of(legs[0], scene)
        way = (key[1], key[2], legs[0].mode)
        lane = beside[way] = beside.get(way, -1) + 1
        if lane and legs[0].mode in ("road", "foot"):
            continue  # many squads over one road are one line
        x, y = to_mercator(*zip(*legs[0].path, strict=True))
        if lane:
            side = (lane + 1) // 2 * (1 if lane % 2 else -1)
            x, y = shifted(x, y, side * LANE_GAP_PX * scene.viewport.metres_per_px)
        lines.append(LegLine("|".join(key), style, x, y, legs, any(shown for _, shown in found), lane))
    return lines


def shifted(
    x: NDArray[np.float64], y: NDArray[np.float64], by_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a line moved to its left by a distance, its two ends kept."""
    dx, dy = np.gradient(x), np.gradient(y)
    norm = np.hypot(dx, dy)
    norm[norm == 0] = 1.0
    ease = np.ones_like(x)
    ease[0] = ease[-1] = 0.0
    if len(x) == 2:  # a straight leg bends near its ends instead
        share = np.array([0.0, 0.08, 0.92, 1.0])
        x, y = x[0] + share * (x[1] - x[0]), y[0] + share * (y[1] - y[0])
        ease, dx, dy, norm = np.array([0, 1.0, 1.0, 0]), dx[[0, 0, 0, 0]], dy[[0, 0, 0, 0]], norm[[0, 0, 0, 0]]
    return x - dy / norm * by_m * ease, y + dx / norm * by_m * ease


@dataclass(frozen=True)
class Stroke:
    """One pass of the pen over a line; all halos lie under all bodies, all bodies under all cores."""

    line: LegLine
    level: int
    token: str
    width: float
    dash: str
    alpha: float = 1.0


def strokes(line: LegLine) -> list[Stroke]:
    """Return the passes that make a line's style: halo, body, and for roads and landing craft a core."""
    width = WIDTHS[line.style]
    found = [
        Stroke(line, 0, "sea", width + 3.0, "solid", 0.7),
        Stroke(line, 1, "plan", width, DASHES.get(line.style, "solid")),
    ]
    if line.style == "road":
        found.append(Stroke(line, 2, "sea", 2.0, "solid"))
    elif line.style == "landing_craft":
        found.append(Stroke(line, 2, "sea", 1.4, "2 3"))
    return found


class LegsLayer(Layer):
    """Legs of the plan on show over those of accepted plans, each with a halo and an arrow."""

    id = "legs"
    switch = True

    def attach(self, figure: figure) -> None:
        self.lines: list[LegLine] = []
        self.source = ColumnDataSource({name: [] for name in ("xs", "ys", "width", "alpha", "color", "dash")})
        line = add_glyph(
            figure,
            self.source,
            MultiLine(
                xs="xs",
                ys="ys",
                line_width="width",
                line_alpha="alpha",
                line_color="color",
                line_dash="dash",
                line_join="round",
            ),
        )
        self.arrows = ColumnDataSource({"x": [], "y": [], "angle": []})
        self.arrow = add_glyph(
            figure,
            self.arrows,
            Scatter(x="x", y="y", marker=value("triangle"), size=9, angle="angle", line_width=1.2),
        )
        self.renderers += [line, self.arrow]

    def draw(self, scene: Scene) -> None:
        plans = [(plan, False) for plan in scene.accepted if scene.plan is None or plan.id != scene.plan.id]
        if scene.plan is not None:
            plans.append((scene.plan, True))
        self.lines = lines_of(scene, plans)
        rows = [stroke for line in self.lines for stroke in strokes(line)]
        rows.sort(key=lambda stroke: stroke.level)
        put(
            self.source,
            {
                "xs": [stroke.line.x.tolist() for stroke in rows],
                "ys": [stroke.line.y.tolist() for stroke in rows],
                "width": [stroke.width for stroke in rows],
                "alpha": [stroke.alpha * (1.0 if stroke.line.on_show else 0.55) for stroke in rows],
                "color": [scene.tokens[stroke.token] for stroke in rows],
                "dash": [stroke.dash for stroke in rows],
            },
        )
        heads = [self._head(line) for line in self.lines if line.length / scene.viewport.metres_per_px > 40]
        put(self.arrows, {name: [head[k] for head in heads] for k, name in enumerate(("x", "y", "angle"))})
        self.arrow.glyph.update(fill_color=scene.tokens["plan"], line_color=scene.tokens["sea"])

    @staticmethod
    def _head(line: LegLine) -> tuple[float, float, float]:
        loaded = next((leg for leg in line.legs if leg.group_ids), line.legs[0])
        backward = loaded.from_site != line.legs[0].from_site
        x, y, angle = line.along(0.38 if backward else 0.62)
        return x, y, angle - math.pi / 2 + (math.pi if backward else 0.0)
