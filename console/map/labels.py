"""Names of islands, sites, bridges, units and incidents, placed so that none covers another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, GlyphRenderer, Text
from bokeh.plotting import figure

from console.map.land import grounds
from console.map.layer import FONT, Layer, add_glyph, put
from console.map.links import bridge_label
from console.map.mercator import point_to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene
from console.map.sites import drawn_sites, name_candidate, site_points
from console.map.units import is_loose
from data.incidents import OPEN_STATUSES

ALWAYS = ("incident:", "bridge:")  # these stay when names are switched off
# Ground metres in a pixel times this is the least square root of area (m) an island needs for its name.
ISLAND_PX = 9.0


@dataclass(frozen=True)
class Label:
    """A label before it has a place."""

    candidate: Candidate
    words: str
    token: str
    x: float
    y: float
    font_px: float = 11.5
    bold: bool = False


class LabelsLayer(Layer):
    """Two text glyphs over one source: the lower carries the halo, since an outline is stroked over its fill."""

    id = "labels"
    switch = True

    def attach(self, figure: figure) -> None:
        self.wanted: list[Label] = []
        self.keys: list[str] = []
        columns = ("x", "y", "text", "dx", "dy", "halo", "color", "size", "style")
        self.source = ColumnDataSource({name: [] for name in columns})
        self.halo, self.text = self._text(figure), self._text(figure)
        self.halo.glyph.update(text_outline_width=3.0, text_outline_color="halo", text_color="halo")
        self.renderers += [self.halo, self.text]

    def _text(self, figure: figure) -> GlyphRenderer:
        return add_glyph(
            figure,
            self.source,
            Text(
                x="x",
                y="y",
                text="text",
                x_offset="dx",
                y_offset="dy",
                text_color="color",
                text_font=FONT,
                text_font_size="size",
                text_font_style="style",
                text_baseline="top",
                text_line_height=1.25,
            ),
        )

    def draw(self, scene: Scene) -> None:
        if scene.is_board:
            self.wanted = []
            return
        self.wanted = [
            label
            for label in (*_incidents(scene), *_bridges(scene), *_sites(scene), *_units(scene), *_islands(scene))
            if self.id in scene.shown or label.candidate.key.startswith(ALWAYS)
        ]

    def candidates(self, scene: Scene) -> list[Candidate]:
        return [label.candidate for label in self.wanted]

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        rows = [label for label in self.wanted if label.candidate.key in placed]
        self.keys = [label.candidate.key for label in rows]
        metres = scene.viewport.metres_per_px
        under = grounds(
            scene.region,
            [one.x + (placed[one.candidate.key][0] + one.candidate.width_px / 2) * metres for one in rows],
            [one.y - (placed[one.candidate.key][1] + one.candidate.height_px / 2) * metres for one in rows],
        )
        put(
            self.source,
            {
                "x": [label.x for label in rows],
                "y": [label.y for label in rows],
                "text": [label.words for label in rows],
                "dx": [placed[label.candidate.key][0] for label in rows],
                "dy": [placed[label.candidate.key][1] for label in rows],
                "halo": [scene.tokens[token] for token in under],
                "color": [scene.tokens[label.token] for label in rows],
                "size": [f"{label.font_px:g}px" for label in rows],
                "style": ["bold" if label.bold else "normal" for label in rows],
            },
        )

    def follow(self, scene: Scene) -> None:
        """Keep the names of moving units beside them between two placements."""
        patches: dict[str, list[tuple[int, float]]] = {"x": [], "y": []}
        for row, key in enumerate(self.keys):
            unit = scene.picture.units.get(key.removeprefix("unit:")) if key.startswith("unit:") else None
            if unit is None:
                continue
            for name, new in zip(("x", "y"), point_to_mercator(unit.lon_deg, unit.lat_deg), strict=True):
                if self.source.data[name][row] != new:
                    patches[name].append((row, new))
        if found := {name: rows for name, rows in patches.items() if rows}:
            self.source.patch(found)

    def show(self, visible: bool) -> None:
        """Stay visible: what must always be said is said, ``draw`` leaves the rest out."""


def _incidents(scene: Scene) -> list[Label]:
    found = []
    for incident in scene.picture.incidents.values():
        chosen = incident.id == scene.selected_incident_id
        if incident.status not in OPEN_STATUSES and not chosen:
            continue
        words, size = incident.number, 11.5
        if chosen:
            island = scene.region.islands.get(incident.island_id)
            words, size = f"{incident.number} {scene.words(island.name)}" if island else incident.number, 14.0
        x, y = point_to_mercator(incident.lon_deg, incident.lat_deg)
        candidate = _candidate(scene, f"incident:{incident.id}", x, y, words, size, 0 if chosen else incident.priority)
        found.append(
            Label(
                Candidate(**{**candidate.__dict__, "gap_px": 23.0 if chosen else 16.0, "required": True}),
                words,
                "text" if chosen else "text2",
                x,
                y,
                size,
                chosen,
            )
        )
    return found


def _bridges(scene: Scene) -> list[Label]:
    found = []
    for bridge in scene.region.bridges.values():
        if label := bridge_label(scene, bridge):
            candidate, words, token, (x, y) = label
            found.append(Label(candidate, words, token, x, y, 12.0))
    return found


def _sites(scene: Scene) -> list[Label]:
    if "sites" not in scene.shown:
        return []
    points, found = site_points(scene.region), []
    for place in drawn_sites(scene):
        if label := name_candidate(scene, place, points[place.id]):
            candidate, words, token = label
            found.append(Label(candidate, words, token, *points[place.id]))
    return found


def _units(scene: Scene) -> list[Label]:
    if "units" not in scene.shown:
        return []
    planned, found = scene.plan_unit_ids(), []
    for unit in scene.picture.units.values():
        if not is_loose(unit):
            continue
        x, y = point_to_mercator(unit.lon_deg, unit.lat_deg)
        chosen = unit.unit_id == scene.selected_unit_id
        rank = 5 if chosen else 28 if unit.unit_id in planned else 45
        words = scene.words(unit.call_sign)
        candidate = _candidate(scene, f"unit:{unit.unit_id}", x, y, words, 12.0, rank, gap_px=15.0)
        found.append(Label(candidate, words, "text", x, y, 12.0, chosen))
    return found


def _islands(scene: Scene) -> list[Label]:
    found = []
    for island in scene.region.islands.values():
        across_px = (island.area_km2**0.5) * 1000.0 / scene.viewport.ground_m_per_px
        if across_px < ISLAND_PX:
            continue
        size = 16.0 if across_px > 160 else 13.5 if across_px > 60 else 12.0
        x, y = point_to_mercator(island.lon_deg, island.lat_deg)
        words = scene.words(island.name)
        rank = 50 - min(20, int(across_px / 20))
        candidate = _candidate(scene, f"island:{island.id}", x, y, words, size, rank, gap_px=8.0)
        if across_px > 60:  # a large island bears its name on itself
            width, height = candidate.width_px, candidate.height_px
            steps = [(0.0, 0.0), (0.0, -0.18), (0.0, 0.18), (-0.25, 0.0), (0.25, 0.0), (-0.25, -0.15), (0.25, 0.15)]
            spots = tuple((dx * across_px - width / 2, dy * across_px - height / 2) for dx, dy in steps)
            candidate = Candidate(candidate.key, candidate.x_px, candidate.y_px, width, height, rank, spots=spots)
        found.append(Label(candidate, words, "text2", x, y, size))
    return found


def _candidate(
    scene: Scene, key: str, x: float, y: float, words: str, font_px: float, rank: int, gap_px: float = 10.0
) -> Candidate:
    px, py = scene.viewport.to_px(x, y)
    width = text_width_px(words, font_px)
    return Candidate(key, float(px), float(py), width, font_px * 1.3, rank, gap_px)
