"""Forces at a site: a callout with a row each where the plan or the selection needs it, else a line of counts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, Scatter
from bokeh.plotting import figure

from console.map.land import grounds
from console.map.layer import Layer, add_glyph, marker, put
from console.map.mercator import point_to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene, form_of
from console.map.sites import site_points
from data.forces import FREE

MOST_ROWS = 5
ROW_PX, TITLE_PX = 18.0, 22.0
# Ground metres in a pixel: below the first every site with two units asks for a callout, below the second
# stacks of idle forces are drawn at all.
CALLOUTS_BELOW, STACKS_BELOW = 14.0, 260.0
# The same for sites of the plan: with craft, and with groups alone.
PLANNED_BELOW, STATIONS_BELOW = 150.0, 45.0
REACHES = (1.0, 2.6, 4.4, 6.4)


@dataclass(frozen=True)
class Gathering:
    """The units at one site, those of the plan first; x, y in EPSG:3857."""

    site_id: str
    title: str
    x: float
    y: float
    units: tuple[Any, ...]
    planned: frozenset[str]


def gatherings(scene: Scene) -> list[Gathering]:
    """Return the units that stand at sites, by site."""
    planned = scene.plan_unit_ids()
    by_site: dict[str, list[Any]] = {}
    for unit in scene.picture.units.values():
        if unit.site_id is not None:
            by_site.setdefault(unit.site_id, []).append(unit)
    points, found = site_points(scene.region), []
    for site_id, units in by_site.items():
        units.sort(key=lambda unit: (unit.unit_id not in planned, unit.kind == "group", unit.unit_id))
        if site_id in points:
            title, (x, y) = scene.words(scene.region.place(site_id).name), points[site_id]
        else:  # at the scene of an incident
            incident = scene.picture.incidents.get(site_id)
            title = incident.number if incident else ""
            x, y = point_to_mercator(units[0].lon_deg, units[0].lat_deg)
        here = frozenset(unit.unit_id for unit in units) & planned
        found.append(Gathering(site_id, title, x, y, tuple(units), here))
    return found


def callout_rows(scene: Scene, gathering: Gathering) -> list[dict[str, Any]]:
    """Return the rows of a callout: the first units by name, the rest as one count."""
    units = gathering.units
    named = units if len(units) <= MOST_ROWS else units[: MOST_ROWS - 1]
    rows = [
        {
            "kind": unit.symbol,
            "status": form_of(unit, scene.now),
            "words": scene.words(unit.call_sign),
            "plan": unit.unit_id in gathering.planned,
        }
        for unit in named
    ]
    if len(named) < len(units):
        rows.append({"kind": "", "status": "", "words": scene.say("more", n=len(units) - len(named)), "plan": False})
    return rows


def stack_rows(scene: Scene, gathering: Gathering) -> list[dict[str, Any]]:
    """Return one symbol and count for each kind at a site; half or solid forms count apart from idle ones."""
    counts: dict[tuple[str, str], int] = {}
    for unit in gathering.units:
        form = form_of(unit, scene.now)
        key = (unit.symbol, "available" if form in FREE or form == "accepted" else form)
        counts[key] = counts.get(key, 0) + 1
    order = sorted(counts, key=lambda key: (key[0] == "group", key[0], key[1]))
    return [{"kind": kind, "status": status, "count": counts[kind, status]} for kind, status in order]


def stack_width_px(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the width of a line of counts as the symbol script draws it."""
    return sum(19.0 + (7.0 * len(str(row["count"])) if row["count"] > 1 else 0.0) for row in rows)


def wants_callout(scene: Scene, gathering: Gathering) -> bool:
    """Tell whether a site's forces are named: part of the plan, selected, or near enough to have room."""
    scale = scene.viewport.ground_m_per_px
    if any(unit.unit_id == scene.selected_unit_id for unit in gathering.units):
        return True
    if gathering.planned:
        return scale < (PLANNED_BELOW if any(unit.kind == "craft" for unit in gathering.units) else STATIONS_BELOW)
    return len(gathering.units) > 1 and scale < CALLOUTS_BELOW


class CalloutsLayer(Layer):
    """Callouts with leaders, and stacks beside the sites that have none."""

    id = "callouts"

    def attach(self, figure: figure) -> None:
        self.wanted: list[tuple[Gathering, str, list[dict[str, Any]], Candidate]] = []
        self.source = ColumnDataSource(
            {name: [] for name in ("x", "y", "dx", "dy", "w", "h", "look", "ground", "title", "rows", "site")}
        )
        renderer = add_glyph(figure, self.source, Scatter(x="x", y="y", size=10))
        renderer.glyph.update(defs=marker("forces", self.source), marker=value("@forces"))
        self.renderers.append(renderer)

    def draw(self, scene: Scene) -> None:
        self.wanted = []
        if "units" not in scene.shown:
            return
        for gathering in gatherings(scene):
            x, y = (float(px) for px in scene.viewport.to_px(gathering.x, gathering.y))
            if wants_callout(scene, gathering):
                rows = callout_rows(scene, gathering)
                names = max(text_width_px(row["words"], 12.0) for row in rows) + 38.0
                width = max(names, text_width_px(gathering.title, 11.5) + 14.0)
                height = TITLE_PX + ROW_PX * len(rows)
                rank = 26 if any(unit.kind == "craft" for unit in gathering.units) else 42
                key = f"callout:{gathering.site_id}"
                box = Candidate(key, x, y, width, height, rank, gap_px=22.0, reaches=REACHES)
                self.wanted.append((gathering, "callout", rows, box))
            # A callout that finds no room is a stack, so every site asks for one.
            if scene.viewport.ground_m_per_px < STACKS_BELOW:
                rows = stack_rows(scene, gathering)
                candidate = Candidate(
                    f"stack:{gathering.site_id}", x, y, stack_width_px(rows), 17.0, 70 - len(rows), gap_px=9.0
                )
                self.wanted.append((gathering, "stack", rows, candidate))

    def candidates(self, scene: Scene) -> list[Candidate]:
        return [candidate for _, _, _, candidate in self.wanted]

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        rows = [row for row in self.wanted if row[3].key in placed]
        rows.sort(key=lambda row: row[1] == "callout")  # above the stacks
        spots = [placed[candidate.key] for _, _, _, candidate in rows]
        metres = scene.viewport.metres_per_px
        put(
            self.source,
            {
                "x": [one.x for one, _, _, _ in rows],
                "y": [one.y for one, _, _, _ in rows],
                "dx": [dx for dx, _ in spots],
                "dy": [dy for _, dy in spots],
                "w": [candidate.width_px for _, _, _, candidate in rows],
                "h": [candidate.height_px for _, _, _, candidate in rows],
                "ground": grounds(
                    scene.region,
                    [one.x + (dx + 8) * metres for (one, _, _, _), (dx, _) in zip(rows, spots, strict=True)],
                    [one.y - (dy + 8) * metres for (one, _, _, _), (_, dy) in zip(rows, spots, strict=True)],
                ),
                "look": [look for _, look, _, _ in rows],
                "title": [one.title for one, _, _, _ in rows],
                "rows": [json.dumps(lines, ensure_ascii=False) for _, _, lines, _ in rows],
                "site": [one.site_id for one, _, _, _ in rows],
            },
        )

    def hit(self, scene: Scene, x_px: float, y_px: float) -> str | None:
        """Return the unit whose row of a callout lies under a point, or the site for its title or stack."""
        data = self.source.data
        xs, ys = scene.viewport.to_px(data["x"], data["y"])
        for k in range(len(data["x"]) - 1, -1, -1):
            left, top = float(xs[k]) + data["dx"][k], float(ys[k]) + data["dy"][k]
            if not (left <= x_px <= left + data["w"][k] and top <= y_px <= top + data["h"][k]):
                continue
            found = next(one for one, _, _, _ in self.wanted if one.site_id == data["site"][k])
            row = int((y_px - top - TITLE_PX) // ROW_PX)
            named = len(found.units) if len(found.units) <= MOST_ROWS else MOST_ROWS - 1
            if data["look"][k] == "stack" or not 0 <= row < named:
                return f"site:{found.site_id}"
            return f"unit:{found.units[row].unit_id}"
        return None
