"""What lies under a tap: a unit, an incident, a site, an island of the board, or the map itself."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from console.map.callouts import CalloutsLayer
from console.map.mercator import from_mercator
from console.map.scene import Scene

REACH_PX = {"incident": 15.0, "unit": 14.0, "site": 10.0, "island": 14.0}


class Hit(NamedTuple):
    """What was tapped and its id; ``map`` has none."""

    kind: Literal["incident", "unit", "site", "island", "map"]
    id: str


def nearest_under(scene: Scene, data: Any, x_px: float, y_px: float, reach_px: float) -> str | None:
    """Return the id of the row nearest to a point within reach, the top one of equals."""
    if not len(data["x"]):
        return None
    x, y = scene.viewport.to_px(data["x"], data["y"])
    apart = np.hypot(x - x_px, y - y_px)[::-1]
    k = int(np.argmin(apart))
    return str(data["id"][len(apart) - 1 - k]) if apart[k] <= reach_px else None


def find_hit(scene: Scene, layers: Any, x_m: float, y_m: float) -> Hit:
    """Return what lies under a point given in EPSG:3857, callouts first, then incidents, units, sites."""
    by_id = {layer.id: layer for layer in layers}
    px, py = scene.viewport.to_px(x_m, y_m)
    x_px, y_px = float(px), float(py)
    if scene.is_board:
        name = nearest_under(scene, by_id["isolation"].source.data, x_px, y_px, REACH_PX["island"])
        return Hit("island", name) if name else Hit("map", "")
    callouts = by_id.get("callouts")
    if isinstance(callouts, CalloutsLayer) and (found := callouts.hit(scene, x_px, y_px)):
        kind, _, name = found.partition(":")
        return Hit("unit" if kind == "unit" else "site", name)
    for kind, layer_id in (("incident", "incidents"), ("unit", "units"), ("site", "sites")):
        if layer_id in ("units", "sites") and layer_id not in scene.shown:
            continue
        data = by_id[layer_id].source.data
        if name := nearest_under(scene, data, x_px, y_px, REACH_PX[kind]):
            return Hit(kind, name)  # type: ignore[arg-type]
    return Hit("map", "")


def act_for(hit: Hit, scene: Scene, x_m: float, y_m: float) -> dict[str, Any]:
    """Return the act a tap asks for; a site's tap selects the one unit there, else tells the place of the tap."""
    if hit.kind == "incident":
        return {"act": "select-incident", "id": hit.id}
    if hit.kind == "unit":
        return {"act": "select-unit", "id": hit.id}
    if hit.kind == "island":
        return {"act": "open-island", "id": hit.id}
    lon, lat = from_mercator(x_m, y_m)
    message: dict[str, Any] = {"act": "map-click", "lon": lon, "lat": lat}
    if hit.kind == "site":
        here = [unit.unit_id for unit in scene.picture.units.values() if unit.site_id == hit.id]
        if len(here) == 1:
            return {"act": "select-unit", "id": here[0]}
        message["site"] = hit.id
    return message
