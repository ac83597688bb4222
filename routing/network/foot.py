"""How far a person walks over land in so much time: never across water, not even a narrow one.

Walking distance is the shortest way over a grid of land cells with sixteen directions (Dijkstra 1959), so that it is
never too short by the grid's coarseness, and too long by 3 % and a cell at each bend at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import MultiPolygon, Polygon

from data.geography import Place, Region
from routing.network.projection import Floats, Projection, projection

# Assumed: a brisk walk on a road or path of 5 km/h, and ways a third longer than the straight line.
WALK_MPS = 5.0 / 3.6
WALK_CIRCUITY = 1.3
CELLS_ACROSS = 160
LEAST_CELL_M = 4.0
# A pier's point may stand this far off the coastline's edge.
OFF_SHORE_M = 60.0
_MOVES = [(0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1)]


@dataclass(frozen=True)
class FootField:
    """Seconds on foot from one place to the cells of a square grid about it; inf on water and out of reach."""

    metric: Projection
    x_m: Floats
    y_m: Floats
    seconds: Floats
    ground: Polygon | MultiPolygon

    def times_s(self, places: Sequence[Place]) -> Floats:
        """Return the seconds to each place, inf out of reach; a place just off the shore counts as on it."""
        xy_m = self.metric.to_metres(np.array([(place.lon_deg, place.lat_deg) for place in places], float))
        cell_m = float(self.x_m[1] - self.x_m[0])
        out = np.full(len(places), np.inf)
        for n, (x, y) in enumerate(xy_m):
            reach = int(np.ceil(OFF_SHORE_M / cell_m)) if not shapely.contains_xy(self.ground, x, y) else 1
            column, row = round((x - self.x_m[0]) / cell_m), round((y - self.y_m[0]) / cell_m)
            if not (0 <= column < len(self.x_m) and 0 <= row < len(self.y_m)):
                continue
            rows = slice(max(0, row - reach), row + reach + 1)
            columns = slice(max(0, column - reach), column + reach + 1)
            off_m = np.hypot(self.x_m[None, columns] - x, self.y_m[rows, None] - y)
            out[n] = float((self.seconds[rows, columns] + off_m * WALK_CIRCUITY / WALK_MPS).min(initial=np.inf))
        return out


def foot_field(region: Region, place: Place, within_s: float) -> FootField:
    """Return the walk from a place over the land of its island, as far as ``within_s`` leads."""
    metric = projection(region.utm_epsg)
    here = metric.to_metres(np.array([[place.lon_deg, place.lat_deg]]))[0]
    radius_m = within_s * WALK_MPS / WALK_CIRCUITY
    cell_m = max(LEAST_CELL_M, 2 * radius_m / CELLS_ACROSS)
    steps = int(np.ceil(radius_m / cell_m)) + 2
    # Half a cell of shift keeps the place on a grid point.
    x_m = here[0] + cell_m * np.arange(-steps, steps + 1)
    y_m = here[1] + cell_m * np.arange(-steps, steps + 1)
    ground = _ground(region, place, metric, (x_m[0], y_m[0], x_m[-1], y_m[-1]))
    grid_x, grid_y = np.meshgrid(x_m, y_m)
    land = shapely.contains_xy(ground, grid_x.ravel(), grid_y.ravel()).reshape(grid_x.shape)
    seconds = np.full(land.shape, np.inf)
    off_m = np.hypot(grid_x - here[0], grid_y - here[1])
    start = np.unravel_index(int(np.where(land, off_m, np.inf).argmin()), land.shape) if land.any() else None
    if start is None or off_m[start] > OFF_SHORE_M + cell_m:
        return FootField(metric, x_m, y_m, seconds, ground)
    walked_m = _walked_m(land, (int(start[0]), int(start[1])), cell_m, radius_m) + off_m[start]
    return FootField(metric, x_m, y_m, walked_m * WALK_CIRCUITY / WALK_MPS, ground)


def foot_area(region: Region, place: Place, within_s: float) -> MultiPolygon:
    """Return the land (WGS 84) a person walks to from a place within so many seconds."""
    from contourpy import FillType, contour_generator  # comes with the map library; only needed here

    reach = foot_field(region, place, within_s)
    if not np.isfinite(reach.seconds).any():
        return MultiPolygon()
    far_s = 2 * within_s + 60.0
    # Contours need values on the water side of a shore: the nearest land's, over one cell.
    table = reach.seconds
    padded = np.pad(table, 1, constant_values=np.inf)
    rows, columns = table.shape
    around = np.min([padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)], axis=0)
    table = np.where(np.isfinite(table), table, np.where(np.isfinite(around), around, far_s))
    contours = contour_generator(reach.x_m, reach.y_m, table, fill_type=FillType.OuterOffset)
    shapes = []
    for points, offsets in zip(*contours.filled(-1.0, within_s), strict=True):
        hoops = [points[a:b] for a, b in pairwise(offsets)]
        shapes.append(shapely.make_valid(shapely.Polygon(hoops[0], hoops[1:])))
    dry = shapely.intersection(shapely.union_all(shapes), reach.ground)
    # A cell's carried value may reach over a strait: only land that is walked to counts.
    finite = np.argwhere(np.isfinite(reach.seconds) & (reach.seconds <= within_s))
    walked = shapely.points(reach.x_m[finite[:, 1]], reach.y_m[finite[:, 0]])
    parts = [part for part in shapely.get_parts(dry) if part.geom_type == "Polygon"]
    tree = shapely.STRtree(walked)
    kept = [part for part in parts if len(tree.query(part, predicate="intersects"))]
    area: MultiPolygon = reach.metric.geometry_to_degrees(MultiPolygon(kept))
    return area


def _ground(
    region: Region, place: Place, metric: Projection, box_m: tuple[float, float, float, float]
) -> Polygon | MultiPolygon:
    """Return the island's land within a box, in metres; empty where the island has no outline."""
    whole = region.island_polygons.get(place.island_id)
    if whole is None:
        return Polygon()
    corners = metric.to_degrees(np.array([(x, y) for x in box_m[::2] for y in box_m[1::2]]))
    west, south = corners.min(axis=0) - 1e-3
    east, north = corners.max(axis=0) + 1e-3
    near = metric.geometry_to_metres(shapely.clip_by_rect(shapely.make_valid(whole), west, south, east, north))
    ground: Polygon | MultiPolygon = shapely.make_valid(near)
    shapely.prepare(ground)
    return ground


def _walked_m(
    land: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], start: tuple[int, int], cell_m: float, most_m: float
) -> Floats:
    """Return metres over land cells from one of them; a knight's move needs both cells it passes between."""
    rows, columns = land.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    starts, ends, lengths = [], [], []
    for down, right in _MOVES:
        a_rows, b_rows = slice(0, rows - down), slice(down, rows)
        a_columns = slice(max(0, -right), columns - max(0, right))
        b_columns = slice(max(0, right), columns - max(0, -right))
        joined = land[a_rows, a_columns] & land[b_rows, b_columns]
        for between_down, between_right in _between(down, right):
            row_from, column_from = between_down, max(0, -right) + between_right
            height, width = joined.shape
            joined &= land[row_from : row_from + height, column_from : column_from + width]
        starts.append(number[a_rows, a_columns][joined])
        ends.append(number[b_rows, b_columns][joined])
        lengths.append(np.full(int(joined.sum()), cell_m * np.hypot(down, right)))
    pairs = np.concatenate(starts), np.concatenate(ends)
    graph = coo_matrix((np.concatenate(lengths), pairs), shape=(number.size, number.size)).tocsr()
    walked = dijkstra(graph, directed=False, indices=int(number[start]), limit=most_m + 2 * cell_m)
    return np.asarray(walked, float).reshape(rows, columns)


def _between(down: int, right: int) -> list[tuple[int, int]]:
    """Return the cells a move passes between, from its start."""
    sign = 1 if right > 0 else -1
    if (down, abs(right)) == (1, 1):
        return [(0, sign), (1, 0)]
    if (down, abs(right)) == (1, 2):
        return [(0, sign), (1, sign)]
    if (down, abs(right)) == (2, 1):
        return [(1, 0), (1, sign)]
    return []
