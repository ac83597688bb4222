"""Incidents: shape and number by priority, a tick when closed, a ring when selected."""

from __future__ import annotations

import holoviews as hv
from bokeh.models import GlyphRenderer
from bokeh.plotting import figure

from console.map.land import grounds
from console.map.layer import Layer, PxBox, put, wear_marker
from console.map.mercator import point_to_mercator
from console.map.scene import Scene
from data.incidents import OPEN_STATUSES


class IncidentsLayer(Layer):
    """Every open incident, and a closed one while it is selected; the most urgent lie on top."""

    id = "incidents"

    def element(self, scene: Scene) -> hv.Element:
        return hv.Points(([], []), ["x", "y"])

    def adopt(self, renderer: GlyphRenderer, figure: figure) -> None:
        super().adopt(renderer, figure)
        self.source = renderer.data_source
        wear_marker(renderer, "incident", 28.0)

    def draw(self, scene: Scene) -> None:
        chosen = scene.selected_incident_id
        rows = [one for one in scene.picture.incidents.values() if one.status in OPEN_STATUSES or one.id == chosen]
        rows.sort(key=lambda one: (one.id == chosen, -one.priority, one.reported_at))
        places = [point_to_mercator(one.lon_deg, one.lat_deg) for one in rows]
        put(
            self.source,
            {
                "x": [x for x, _ in places],
                "y": [y for _, y in places],
                "id": [one.id for one in rows],
                "priority": [one.priority for one in rows],
                "closed": [one.status not in OPEN_STATUSES for one in rows],
                "selected": [one.id == chosen for one in rows],
                "ground": grounds(scene.region, [x for x, _ in places], [y for _, y in places]),
                "tip_title": [f"{one.number} {scene.words(one.title)}" for one in rows],
                "tip_text": [scene.clock(one.reported_at) for one in rows],
            },
        )

    def blocked(self, scene: Scene) -> list[PxBox]:
        x, y = scene.viewport.to_px(self.source.data["x"], self.source.data["y"])
        return [
            (a - r, b - r, a + r, b + r)
            for a, b, r in zip(
                x.tolist(), y.tolist(), [21 if one else 14 for one in self.source.data["selected"]], strict=True
            )
        ]
