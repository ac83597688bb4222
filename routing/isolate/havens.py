"""Where people are safe to be brought, and which islands the bridges join to such a place when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil, floor, isinf

import numpy as np
from numpy.typing import NDArray

from data.geography import MAINLAND, Bridge, Region
from routing.isolate.spans import Span, minute_spans
from routing.network.conditions import Conditions

Bools = NDArray[np.bool_]

# Assumed: an island with so many residents has the shelter, hospitals and stores to take people in.
HAVEN_RESIDENTS = 30_000


def haven_islands(region: Region, residents: int = HAVEN_RESIDENTS) -> frozenset[str]:
    """Return the mainland and the islands large enough to take people in."""
    large = {one.id for one in region.islands.values() if one.residents is not None and one.residents >= residents}
    return frozenset(large | {MAINLAND})


def road_islands(region: Region, havens: frozenset[str]) -> frozenset[str]:
    """Return the islands joined to a haven by bridges in use, itself no haven."""
    groups = _groups((*region.islands, MAINLAND), (bridge for bridge in region.bridges.values() if bridge.usable))
    with_haven = {groups[one] for one in havens if one in groups}
    return frozenset(one for one, group in groups.items() if group in with_haven and one not in havens)


@dataclass(frozen=True)
class Joined:
    """Stretches of minutes in which the same bridges are open: ``[from_min, to_min)`` and each island's group."""

    stretches: tuple[tuple[int, int, dict[str, str]], ...]
    shut: dict[str, tuple[Span, ...]]

    @classmethod
    def of(cls, region: Region, conditions: Conditions, start: datetime, num_minutes: int) -> Joined:
        """Return who is joined to whom, minute by minute from the start."""
        shut: dict[str, tuple[Span, ...]] = {}
        usable = [bridge for bridge in region.bridges.values() if bridge.usable]
        for bridge in usable:
            found = list(conditions.bridge_shuts(bridge))
            for island_id in (bridge.from_island, bridge.to_island):
                found += conditions.road_shuts(island_id)
            # Whole minutes, on the careful side: a bridge that shuts within a minute is shut for all of it.
            shut[bridge.id] = tuple((floor_of(first), ceil_of(last)) for first, last in minute_spans(found, start))
        cuts = {0, num_minutes}
        for spans in shut.values():
            for first, last in spans:
                cuts |= {int(edge) for edge in (first, last) if 0 < edge < num_minutes}
        edges = sorted(cuts)
        stretches = []
        for first, last in pairwise(edges):
            open_now = [bridge for bridge in usable if not any(a <= first < b for a, b in shut[bridge.id])]
            stretches.append((first, last, _groups((*region.islands, MAINLAND), open_now)))
        return cls(tuple(stretches), shut)

    def with_haven(self, island_id: str, havens: frozenset[str], num_minutes: int) -> Bools:
        """Return the minutes at which open bridges join an island to a haven other than itself."""
        is_joined = np.zeros(num_minutes, bool)
        for first, last, groups in self.stretches:
            is_joined[first:last] = any(
                groups[haven] == groups[island_id] for haven in havens if haven in groups and haven != island_id
            )
        return is_joined


def floor_of(minute: float) -> float:
    """Return a minute rounded down, infinite as it is."""
    return minute if isinf(minute) else float(floor(minute))


def ceil_of(minute: float) -> float:
    """Return a minute rounded up, infinite as it is."""
    return minute if isinf(minute) else float(ceil(minute))


def _groups(islands: Iterable[str], bridges: Iterable[Bridge]) -> dict[str, str]:
    """Return each island's group, named after one of its islands."""
    parent = {one: one for one in islands}

    def top(one: str) -> str:
        while parent[one] != one:
            one = parent[one]
        return one

    for bridge in bridges:
        if bridge.from_island in parent and bridge.to_island in parent:
            parent[top(bridge.from_island)] = top(bridge.to_island)
    return {one: top(one) for one in parent}
