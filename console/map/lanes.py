"""The usual links of a region: the shortest set of sea lanes that joins its islands, and roads between sites.

Drawn quiet under everything, so that an officer sees what there is to use; plans are not bound to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree

from data.errors import TongzhouError
from data.geography import MAINLAND, Place, Region


@dataclass(frozen=True)
class Lane:
    """One usual link between two sites; ``path`` is lon, lat."""

    mode: Literal["sea", "road"]
    from_site: str
    to_site: str
    length_m: float
    path: tuple[tuple[float, float], ...]
    estimate: bool


def usual_lanes(network: Any, region: Region) -> tuple[Lane, ...]:
    """Return the usual links of a region: 0.4 s of work for 50 piers, so callers keep them."""
    return (*sea_lanes(network, region), *island_roads(network, region))


def sea_lanes(network: Any, region: Region) -> Iterable[Lane]:
    """Yield the spanning tree of shortest sea routes between piers of different islands."""
    places = [place for place in region.places() if place.kind == "pier"]
    if len(places) < 2:
        return
    lengths = np.array(network.sea_lengths_m(places), dtype=np.float64)
    # Piers of one island are joined by its roads: a token length keeps the tree from running round the shore.
    for i, one in enumerate(places):
        for j, other in enumerate(places):
            if i != j and one.island_id == other.island_id and one.island_id != MAINLAND:
                lengths[i, j] = 1.0
    lengths[~np.isfinite(lengths)] = 0.0
    tree = minimum_spanning_tree(lengths).tocoo()
    for i, j, length_m in zip(tree.row, tree.col, tree.data, strict=True):
        if length_m <= 1.0:
            continue
        try:
            route = network.sea_route(places[i], places[j])
        except TongzhouError:
            continue
        yield Lane("sea", places[i].id, places[j].id, route.length_m, tuple(route.path), False)


def island_roads(network: Any, region: Region) -> Iterable[Lane]:
    """Yield the shortest set of straight roads that joins the sites of each island; estimates, and marked so."""
    by_island: dict[str, list[Place]] = {}
    for place in region.places():
        if place.island_id != MAINLAND:
            by_island.setdefault(place.island_id, []).append(place)
    for places in by_island.values():
        if len(places) < 2:
            continue
        points = np.array([(place.lon_deg, place.lat_deg) for place in places])
        points[:, 0] *= np.cos(np.radians(points[:, 1].mean()))
        apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
        tree = minimum_spanning_tree(apart).tocoo()
        for i, j in zip(tree.row, tree.col, strict=True):
            one, other = places[i], places[j]
            route = network.road_route(one, other)
            if route is None:
                continue
            yield Lane("road", one.id, other.id, route.length_m, tuple(route.path), route.estimate)
