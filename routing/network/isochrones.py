"""How far a craft gets over water in so many minutes, as areas.

The exact time to each point of a water grid (least over the origin and every corner the point sees)
is contoured. Between grid points it is read off linearly, so that an outline is good to about a cell. Where
speeds differ from zone to zone the last straight stretch is taken at the mean pace of its two ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from routing.network.projection import Floats
from routing.network.sea_graph import Attached
from routing.network.sea_lanes import SeaLanes

CELLS_ACROSS = 120
CELL_RANGE_M = (25.0, 1500.0)


def reach_areas(lanes: SeaLanes, origin: Attached, paces: Floats, minutes: Sequence[int]) -> dict[int, MultiPolygon]:
    """Return for each number of minutes the water (WGS 84) reached by then from one point.

    ``paces`` (zones,) is seconds a metre in each zone.
    """
    from contourpy import FillType, contour_generator  # comes with the map library; only needed here

    if not minutes:
        return {}
    most_s = 60.0 * max(minutes)
    radius_m = most_s / paces.min()
    west, south, east, north = lanes.graph.water.bounds
    here = origin.xy_m[0]
    cell_m = float(np.clip(2 * radius_m / CELLS_ACROSS, *CELL_RANGE_M))
    x_m = np.arange(max(west, here[0] - radius_m) - cell_m, min(east, here[0] + radius_m) + 2 * cell_m, cell_m)
    y_m = np.arange(max(south, here[1] - radius_m) - cell_m, min(north, here[1] + radius_m) + 2 * cell_m, cell_m)
    grid_m = np.stack(np.meshgrid(x_m, y_m), axis=2)
    time_s = _grid_times_s(lanes, origin, paces, grid_m, most_s, cell_m)
    contours = contour_generator(x_m, y_m, time_s, fill_type=FillType.OuterOffset)
    areas: dict[int, MultiPolygon] = {}
    for count in minutes:
        shapes = []
        for points, offsets in zip(*contours.filled(-1.0, 60.0 * count), strict=True):
            rings = [points[a:b] for a, b in pairwise(offsets)]
            shapes.append(shapely.Polygon(rings[0], rings[1:]))
        wet = shapely.intersection(shapely.make_valid(shapely.union_all(shapes)), lanes.graph.water)
        parts = [part for part in shapely.get_parts(wet) if part.geom_type == "Polygon"]
        areas[count] = lanes.projection.geometry_to_degrees(MultiPolygon(parts))
    return areas


def _grid_times_s(
    lanes: SeaLanes, origin: Attached, paces: Floats, grid_m: Floats, most_s: float, cell_m: float
) -> Floats:
    """Return (rows, columns) seconds to each grid point; carried over land for two cells, large beyond reach."""
    flat_m = grid_m.reshape(-1, 2)
    # A prepared geometry may not be shared by threads, so this call prepares a copy of its own.
    water = shapely.from_wkb(shapely.to_wkb(lanes.graph.water))
    shapely.prepare(water)
    wet = np.flatnonzero(shapely.contains_xy(water, flat_m[:, 0], flat_m[:, 1]))
    pace = paces[lanes.zones.index_of(flat_m[wet])]
    corner_s = lanes.costs_to_corners(origin, paces)
    origin_m = lanes.graph.origin_m
    far_s = most_s + 2 * cell_m * paces.max()
    time_s = np.full(len(flat_m), np.inf)
    stops_m = np.vstack([lanes.graph.corners_m, origin.xy_m])
    time_s[wet] = lanes.graph.sight.reach(
        flat_m[wet] - origin_m,
        pace,
        origin.xy_m[0] - origin_m,
        corner_s,
        paces[lanes.zones.index_of(stops_m)],
        far_s,
    )
    dry = np.ones(len(flat_m), bool)
    dry[wet] = False
    rows, columns = grid_m.shape[:2]
    table, on_land = time_s.reshape(rows, columns), dry.reshape(rows, columns)
    # Contours need values on the shore side too: carry the nearest water's time over two cells of land.
    for _ in range(2):
        padded = np.pad(table, 1, constant_values=np.inf)
        around = np.min(
            [padded[1 + i : 1 + i + rows, 1 + j : 1 + j + columns] for i in (-1, 0, 1) for j in (-1, 0, 1)],
            axis=0,
        )
        table = np.where(on_land & ~np.isfinite(table), around + cell_m * paces.min(), table)
    return np.where(np.isfinite(table), table, far_s)
