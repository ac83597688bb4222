"""Compiled shortest-path searches from many points at once. Import late: it brings numba with it."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

kernel = numba.njit(cache=True, nogil=True)
Array = np.ndarray[Any, Any]


@kernel
def push(keys: Array, nodes: Array, size: int, key: float, node: int) -> int:
    """Put a node on the binary heap and return its new size."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if keys[parent] <= key:
            break
        keys[child], nodes[child] = keys[parent], nodes[parent]
        child = parent
    keys[child], nodes[child] = key, node
    return size + 1


@kernel
def pop(keys: Array, nodes: Array, size: int) -> int:
    """Move the last entry into the emptied top and return the heap's new size; the caller has read the top."""
    size -= 1
    key, node = keys[size], nodes[size]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[parent], nodes[parent] = keys[child], nodes[child]
        parent = child
    keys[parent], nodes[parent] = key, node
    return size


@kernel
def costs_between(
    first: int, last: int, start: Array, head: Array, cost: Array, seen_start: Array, seen_corners: Array,
    seen_cost: Array,
) -> Array:  # fmt: skip
    """Return (last - first, points): least costs over corners from points first..last to every point.

    ``start``, ``head`` and ``cost`` are the graph as CSR; ``seen_*`` what each point sees, as CSR
    (Dijkstra, Num. Math. 1, 1959, with a binary heap whose outdated entries are skipped).
    """
    num_corners, num_points = len(start) - 1, len(seen_start) - 1
    out = np.full((last - first, num_points), np.inf)
    keys = np.empty(len(head) + len(seen_corners) + 1)
    nodes = np.empty(len(keys), np.int32)
    best = np.empty(num_corners)
    for source in range(first, last):
        best[:] = np.inf
        size = 0
        for place in range(seen_start[source], seen_start[source + 1]):
            best[seen_corners[place]] = seen_cost[place]
            size = push(keys, nodes, size, seen_cost[place], seen_corners[place])
        while size > 0:
            so_far, node = keys[0], nodes[0]
            size = pop(keys, nodes, size)
            if so_far > best[node]:
                continue
            for place in range(start[node], start[node + 1]):
                through = so_far + cost[place]
                if through < best[head[place]]:
                    best[head[place]] = through
                    size = push(keys, nodes, size, through, head[place])
        for point in range(num_points):
            for place in range(seen_start[point], seen_start[point + 1]):
                through = best[seen_corners[place]] + seen_cost[place]
                out[source - first, point] = min(out[source - first, point], through)
    return out
