"""Compiled loops of the visibility graph. Import this module late: it brings numba with it.

Points are float64 metres relative to a local origin. A segment grid in CSR form (``cell_start``,
``cell_edges``) lists the boundary edges that touch each square cell. Edges are numbered by their
start vertex. Every kernel releases the interpreter lock, so that plain threads share the work.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

kernel = numba.njit(cache=True, nogil=True)
Array = np.ndarray[Any, Any]


@kernel
def cross(ox: float, oy: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Return twice the signed area of o, a, b."""
    return (ax - ox) * (by - oy) - (ay - oy) * (bx - ox)


@kernel
def count_cells(xy: Array, next_of: Array, cell_m: float, columns: int, rows: int, out: Array) -> None:
    """Add to ``out[cell + 1]`` the number of edges whose box touches the cell."""
    for edge in range(len(xy)):
        other = next_of[edge]
        x0, x1 = min(xy[edge, 0], xy[other, 0]), max(xy[edge, 0], xy[other, 0])
        y0, y1 = min(xy[edge, 1], xy[other, 1]), max(xy[edge, 1], xy[other, 1])
        for row in range(int(y0 / cell_m), min(int(y1 / cell_m), rows - 1) + 1):
            for column in range(int(x0 / cell_m), min(int(x1 / cell_m), columns - 1) + 1):
                if touches_cell(xy[edge, 0], xy[edge, 1], xy[other, 0], xy[other, 1], column, row, cell_m):
                    out[row * columns + column + 1] += 1


@kernel
def fill_cells(xy: Array, next_of: Array, cell_m: float, columns: int, rows: int, at: Array, out: Array) -> None:
    """Write the edges of each cell; ``at`` holds the next free place of each cell and is advanced."""
    for edge in range(len(xy)):
        other = next_of[edge]
        x0, x1 = min(xy[edge, 0], xy[other, 0]), max(xy[edge, 0], xy[other, 0])
        y0, y1 = min(xy[edge, 1], xy[other, 1]), max(xy[edge, 1], xy[other, 1])
        for row in range(int(y0 / cell_m), min(int(y1 / cell_m), rows - 1) + 1):
            for column in range(int(x0 / cell_m), min(int(x1 / cell_m), columns - 1) + 1):
                if touches_cell(xy[edge, 0], xy[edge, 1], xy[other, 0], xy[other, 1], column, row, cell_m):
                    out[at[row * columns + column]] = edge
                    at[row * columns + column] += 1


@kernel
def touches_cell(ax: float, ay: float, bx: float, by: float, column: int, row: int, cell_m: float) -> bool:
    """Tell whether the line through a and b passes a cell grown by 1 m (the box test is the caller's)."""
    x0, y0 = column * cell_m - 1.0, row * cell_m - 1.0
    x1, y1 = x0 + cell_m + 2.0, y0 + cell_m + 2.0
    s0 = cross(ax, ay, bx, by, x0, y0)
    s1 = cross(ax, ay, bx, by, x1, y0)
    s2 = cross(ax, ay, bx, by, x0, y1)
    s3 = cross(ax, ay, bx, by, x1, y1)
    return not ((s0 > 0 and s1 > 0 and s2 > 0 and s3 > 0) or (s0 < 0 and s1 < 0 and s2 < 0 and s3 < 0))


@kernel
def apart(ax: float, ay: float, bx: float, by: float, px: float, py: float, qx: float, qy: float) -> bool:
    """Tell whether two collinear segments a-b and p-q share no point."""
    return (
        max(px, qx) < min(ax, bx) or min(px, qx) > max(ax, bx) or max(py, qy) < min(ay, by) or min(py, qy) > max(ay, by)
    )


@kernel
def meets(ax: float, ay: float, bx: float, by: float, edge: int, skip: Array, xy: Array, next_of: Array) -> bool:
    """Tell whether segment a-b touches a boundary edge that is not in ``skip``."""
    if edge == skip[0] or edge == skip[1] or edge == skip[2] or edge == skip[3]:
        return False
    px, py = xy[edge, 0], xy[edge, 1]
    qx, qy = xy[next_of[edge], 0], xy[next_of[edge], 1]
    side_p, side_q = cross(ax, ay, bx, by, px, py), cross(ax, ay, bx, by, qx, qy)
    if (side_p > 0) == (side_q > 0) and side_p != 0.0 and side_q != 0.0:
        return False
    side_a, side_b = cross(px, py, qx, qy, ax, ay), cross(px, py, qx, qy, bx, by)
    if (side_a > 0) == (side_b > 0) and side_a != 0.0 and side_b != 0.0:
        return False
    return not (side_p == 0.0 and side_q == 0.0 and apart(ax, ay, bx, by, px, py, qx, qy))


@kernel
def blocker(
    ax: float, ay: float, bx: float, by: float, skip: Array, guess: int,
    xy: Array, next_of: Array, cell_start: Array, cell_edges: Array, cell_m: float, columns: int, rows: int,
) -> int:  # fmt: skip
    """Return a boundary edge that segment a-b meets, -1 for a clear line (walks the cells it crosses).

    ``guess`` is tried first: what hid the neighbour of b mostly hides b too.
    """
    if guess >= 0 and meets(ax, ay, bx, by, guess, skip, xy, next_of):
        return guess
    column, row = int(ax / cell_m), int(ay / cell_m)
    last_column, last_row = int(bx / cell_m), int(by / cell_m)
    dx, dy = bx - ax, by - ay
    step_x = 1 if dx > 0 else -1
    step_y = 1 if dy > 0 else -1
    t_x = ((column + (1 if dx > 0 else 0)) * cell_m - ax) / dx if dx != 0.0 else np.inf
    t_y = ((row + (1 if dy > 0 else 0)) * cell_m - ay) / dy if dy != 0.0 else np.inf
    grow_x = cell_m / abs(dx) if dx != 0.0 else np.inf
    grow_y = cell_m / abs(dy) if dy != 0.0 else np.inf
    for _ in range(abs(last_column - column) + abs(last_row - row) + 3):
        if 0 <= column < columns and 0 <= row < rows:
            cell = row * columns + column
            for place in range(cell_start[cell], cell_start[cell + 1]):
                if meets(ax, ay, bx, by, cell_edges[place], skip, xy, next_of):
                    return int(cell_edges[place])
        if column == last_column and row == last_row:
            return -1
        if t_x < t_y:
            t_x += grow_x
            column += step_x
        else:
            t_y += grow_y
            row += step_y
    return -1


@kernel
def corner_table(corners: Array, xy: Array, next_of: Array, prev_of: Array) -> Array:
    """Return (n, 6): position of each corner and the vectors to its two neighbours."""
    out = np.empty((len(corners), 6))
    for k in range(len(corners)):
        a = corners[k]
        out[k, 0], out[k, 1] = xy[a, 0], xy[a, 1]
        out[k, 2], out[k, 3] = xy[prev_of[a], 0] - xy[a, 0], xy[prev_of[a], 1] - xy[a, 1]
        out[k, 4], out[k, 5] = xy[next_of[a], 0] - xy[a, 0], xy[next_of[a], 1] - xy[a, 1]
    return out


@kernel
def bitangent_edges(
    first: int, last: int, corners: Array,
    xy: Array, next_of: Array, prev_of: Array, cell_start: Array, cell_edges: Array, cell_m: float, columns: int,
    rows: int,
) -> Array:  # fmt: skip
    """Return (m, 2) pairs of corner numbers u < v, u in first..last, that see each other as tangents.

    A shortest path leaves each corner it bends at along a tangent, so other pairs are never needed.
    """
    table = corner_table(corners, xy, next_of, prev_of)
    out = np.empty((1024, 2), np.int32)
    skip = np.empty(4, np.int32)
    count = 0
    for u in range(first, last):
        a = corners[u]
        ax, ay = table[u, 0], table[u, 1]
        bx, by, cx, cy = table[u, 2], table[u, 3], table[u, 4], table[u, 5]
        guess = -1
        for v in range(u + 1, len(corners)):
            dx, dy = table[v, 0] - ax, table[v, 1] - ay
            if (dx * by - dy * bx) * (dx * cy - dy * cx) < 0.0:
                continue
            if (dx * table[v, 3] - dy * table[v, 2]) * (dx * table[v, 5] - dy * table[v, 4]) < 0.0:
                continue
            b = corners[v]
            skip[0], skip[1], skip[2], skip[3] = a, prev_of[a], b, prev_of[b]
            found = blocker(
                ax, ay, table[v, 0], table[v, 1], skip, guess,
                xy, next_of, cell_start, cell_edges, cell_m, columns, rows,
            )  # fmt: skip
            if found >= 0:
                guess = found
                continue
            if count == len(out):
                larger = np.empty((2 * count, 2), np.int32)
                larger[:count] = out
                out = larger
            out[count, 0], out[count, 1] = u, v
            count += 1
    return out[:count].copy()


@kernel
def seen_corners(
    px: float, py: float, corners: Array,
    xy: Array, next_of: Array, prev_of: Array, cell_start: Array, cell_edges: Array, cell_m: float, columns: int,
    rows: int,
) -> Array:  # fmt: skip
    """Return the corner numbers that a free point sees as tangents."""
    out = np.empty(len(corners), np.int32)
    skip = np.empty(4, np.int32)
    count, guess = 0, -1
    for v in range(len(corners)):
        b = corners[v]
        dx, dy = xy[b, 0] - px, xy[b, 1] - py
        ex, ey = xy[prev_of[b], 0] - xy[b, 0], xy[prev_of[b], 1] - xy[b, 1]
        fx, fy = xy[next_of[b], 0] - xy[b, 0], xy[next_of[b], 1] - xy[b, 1]
        if (dx * ey - dy * ex) * (dx * fy - dy * fx) < 0.0:
            continue
        skip[0], skip[1], skip[2], skip[3] = b, prev_of[b], b, b
        found = blocker(
            px, py, xy[b, 0], xy[b, 1], skip, guess, xy, next_of, cell_start, cell_edges, cell_m, columns, rows
        )
        if found >= 0:
            guess = found
            continue
        out[count] = v
        count += 1
    return out[:count].copy()


@kernel
def clear_pairs(
    points: Array, xy: Array, next_of: Array, cell_start: Array, cell_edges: Array, cell_m: float, columns: int,
    rows: int,
) -> Array:  # fmt: skip
    """Return an (n, n) boolean array: which free points see each other."""
    n = len(points)
    out = np.zeros((n, n), np.bool_)
    skip = np.full(4, -1, np.int32)
    for i in range(n):
        out[i, i] = True
        guess = -1
        for j in range(i + 1, n):
            found = blocker(
                points[i, 0], points[i, 1], points[j, 0], points[j, 1], skip, guess,
                xy, next_of, cell_start, cell_edges, cell_m, columns, rows,
            )  # fmt: skip
            if found >= 0:
                guess = found
            out[i, j] = found < 0
            out[j, i] = found < 0
    return out


@kernel
def reach_cost(
    first: int, last: int, points: Array, pace: Array, origin: Array, corners: Array, corner_cost: Array,
    corner_pace: Array, most: float,
    xy: Array, next_of: Array, prev_of: Array, cell_start: Array, cell_edges: Array, cell_m: float, columns: int,
    rows: int,
) -> Array:  # fmt: skip
    """Return the least cost from the origin to free points first..last, inf above ``most``.

    ``corners`` are in order of ``corner_cost``, the origin standing before them as number -1. The last stretch
    costs the mean pace (a metre) of its two ends: ``pace`` (n,) at the points, ``corner_pace`` at the corners,
    its last entry being the origin's.
    """
    table = corner_table(corners, xy, next_of, prev_of)
    out = np.full(last - first, np.inf)
    skip = np.full(4, -1, np.int32)
    guesses = np.full(len(corners) + 1, -1, np.int32)  # what hid each corner from the point before
    hint = -1  # the corner that served the point before
    for k in range(first, last):
        px, py = points[k, 0], points[k, 1]
        best = most
        straight = np.hypot(px - origin[0], py - origin[1])
        if straight * min(pace[k], corner_pace[-1]) > most:
            continue
        skip[:] = -1
        guesses[-1] = blocker(
            px, py, origin[0], origin[1], skip, guesses[-1],
            xy, next_of, cell_start, cell_edges, cell_m, columns, rows,
        )  # fmt: skip
        if guesses[-1] < 0:
            cost = straight * 0.5 * (pace[k] + corner_pace[-1])
            if cost <= most:
                out[k - first] = cost
            continue  # nothing is shorter than a straight line
        for turn in range(-1, len(corners)):
            order = turn
            if turn < 0:
                if hint < 0:
                    continue
                order = hint
            elif corner_cost[order] >= best:
                break
            dx, dy = table[order, 0] - px, table[order, 1] - py
            cost = corner_cost[order] + np.sqrt(dx * dx + dy * dy) * 0.5 * (pace[k] + corner_pace[order])
            if cost >= best:
                continue
            if (dx * table[order, 3] - dy * table[order, 2]) * (dx * table[order, 5] - dy * table[order, 4]) < 0.0:
                continue
            b = corners[order]
            skip[0], skip[1], skip[2], skip[3] = b, prev_of[b], b, b
            guesses[order] = blocker(
                px, py, table[order, 0], table[order, 1], skip, guesses[order],
                xy, next_of, cell_start, cell_edges, cell_m, columns, rows,
            )  # fmt: skip
            if guesses[order] < 0:
                best = cost
                out[k - first] = cost
                hint = order
    return out
