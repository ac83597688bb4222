"""Reduced visibility graph of the water: which corners and points see each other as tangents.

The reduced graph holds only bitangent edges, which is enough for exact shortest paths among polygons
(Rohnert, Inf. Proc. Lett. 23, 1986; Pocchiola and Vegter, 1996). Lines of sight are tested against a
uniform grid of boundary edges walked cell by cell (Amanatides and Woo, Eurographics 1987).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from routing.network.obstacles import Rings
from routing.network.projection import Floats

Ints = NDArray[np.int32]
CELL_M = 500.0
CHUNKS = 48
SHARE = 8  # fewer points than this each are not worth a thread
Part = TypeVar("Part")


@dataclass(frozen=True)
class Seen:
    """What each of n points sees, as CSR: ``corners[start[i]:start[i + 1]]`` at ``lengths_m``."""

    start: Ints
    corners: Ints
    lengths_m: Floats

    def of(self, point: int) -> tuple[Ints, Floats]:
        """Return the corners one point sees and how far they are."""
        part = slice(self.start[point], self.start[point + 1])
        return self.corners[part], self.lengths_m[part]


class Sight:
    """Lines of sight over one body of water, given by its rings in local metres (all >= 0)."""

    def __init__(self, rings: Rings, cell_m: float = CELL_M) -> None:
        self.rings = rings
        self.corners: Ints = rings.corners()
        self.cell_m = cell_m
        self.columns = int(rings.xy[:, 0].max() / cell_m) + 2
        self.rows = int(rings.xy[:, 1].max() / cell_m) + 2

    @cached_property
    def _grid(self) -> tuple[Any, ...]:
        from routing.network import kernels  # numba is slow to import and large: only when needed

        start = np.zeros(self.columns * self.rows + 1, np.int32)
        shape = (self.cell_m, self.columns, self.rows)
        kernels.count_cells(self.rings.xy, self.rings.next_of, *shape, start)
        start = np.cumsum(start, dtype=np.int32)
        edges = np.empty(start[-1], np.int32)
        kernels.fill_cells(self.rings.xy, self.rings.next_of, *shape, start[:-1].copy(), edges)
        return (start, edges, *shape)

    def edges(self, on_fraction: Callable[[float], None] | None = None) -> Ints:
        """Return (m, 2) corner numbers of all bitangent edges, sorted."""
        from routing.network import kernels

        rings, grid = self.rings, self._grid
        count = len(self.corners)
        # Work falls with u, so that equal shares of the triangle u < v need unequal spans of u.
        cuts = (count * (1.0 - np.sqrt(1.0 - np.linspace(0.0, 1.0, CHUNKS + 1)))).astype(int)

        def chunk(k: int) -> Ints:
            found: Ints = kernels.bitangent_edges(
                cuts[k], cuts[k + 1], self.corners, rings.xy, rings.next_of, rings.prev_of, *grid
            )
            return found

        kernels.bitangent_edges(0, 0, self.corners, rings.xy, rings.next_of, rings.prev_of, *grid)
        parts: list[Ints] = []
        with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
            for done, part in enumerate(pool.map(chunk, range(CHUNKS)), start=1):
                parts.append(part)
                if on_fraction:
                    on_fraction(done / CHUNKS)
        return np.vstack(parts)

    def seen_from(self, points: Floats) -> Seen:
        """Return the corners each point (n, 2) sees; the points must lie in the water."""
        from routing.network import kernels

        rings, grid = self.rings, self._grid
        shape = (self.corners, rings.xy, rings.next_of, rings.prev_of)

        def some(first: int, last: int) -> list[Ints]:
            return [kernels.seen_corners(x, y, *shape, *grid) for x, y in points[first:last]]

        parts = [seen for found in spread(some, len(points)) for seen in found]
        start = np.zeros(len(points) + 1, np.int32)
        start[1:] = np.cumsum([len(part) for part in parts])
        corners = np.concatenate(parts) if parts else np.empty(0, np.int32)
        ends = rings.xy[self.corners[corners]]
        lengths_m = np.hypot(*(ends - np.repeat(points, np.diff(start), axis=0)).T)
        return Seen(start, corners, lengths_m)

    def clear_between(self, points: Floats) -> NDArray[np.bool_]:
        """Return (n, n): which of the points see each other."""
        from routing.network import kernels

        found: NDArray[np.bool_] = kernels.clear_pairs(points, self.rings.xy, self.rings.next_of, *self._grid)
        return found

    def reach(
        self, points: Floats, pace: Floats, origin: Floats, corner_cost: Floats, corner_pace: Floats, most: float
    ) -> Floats:
        """Return the least cost from the origin to each point, inf above ``most``.

        ``corner_cost`` (corners,) is the cost to each corner. A metre costs ``pace`` (n,) near each point and
        ``corner_pace`` (corners + 1,) near each corner and, last, near the origin.
        """
        from routing.network import kernels

        order = np.argsort(corner_cost, kind="stable")
        order = order[: np.searchsorted(corner_cost[order], most)]
        rings, grid = self.rings, self._grid
        paces = np.append(corner_pace[order], corner_pace[-1])
        shape = (self.corners[order], corner_cost[order], paces, most, rings.xy, rings.next_of, rings.prev_of)

        def some(first: int, last: int) -> Floats:
            found: Floats = kernels.reach_cost(first, last, points, pace, origin, *shape, *grid)
            return found

        return np.concatenate(spread(some, len(points)))


def spread(work: Callable[[int, int], Part], count: int) -> list[Part]:
    """Return the results of ``work(first, last)`` over 0..count in order, shared among threads when it pays.

    The work must release the interpreter lock and share nothing it writes.
    """
    threads = min(8, os.cpu_count() or 1, count // SHARE)
    if threads < 2:
        return [work(0, count)]
    cuts = [count * k // (4 * threads) for k in range(4 * threads + 1)]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))
