"""What one vessel can do by itself: how early it is done with so many trips to each pick-up location.

A dynamic programme over counts of trips and the drop the vessel is at: an earlier arrival is never worse, since a
vessel may wait. People aboard cost no time here and berths are always free, so the minutes are never too late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.evacuate.problem import UNREACHABLE, EvacuationProblem, IntArray, Spans
from routing.evacuate.tables import joined

Floats = npt.NDArray[np.float64]
# Counts of trips are kept in one number, so many to a location at most.
RADIX_BITS = 7
MOST_LOCATIONS = 9
MOST_STATES = 60_000


@dataclass(frozen=True)
class Front:
    """Counts of trips by location [S, L] of one vessel, when it can be done with them, and the least it is busy.

    ``done_min`` keeps to closed spans and to when people stand there; ``busy_min`` leaves both out (people board while
    others still walk) but for the first of all. Where there are
    too many to list, ``cycle_min[L]`` stands in: the least a trip takes, after ``spare_min`` for the first.
    """

    counts: Floats
    done_min: IntArray
    busy_min: IntArray
    cycle_min: Floats | None = None
    spare_min: float = 0.0

    def until(self, by_min: int) -> tuple[Floats, Floats]:
        """Return the counts possible by a minute [S, L] and the minutes each has to spare for people to board."""
        if self.cycle_min is None:
            fits = (self.done_min <= by_min) & (self.busy_min <= by_min)
            return self.counts[fits], by_min - self.busy_min[fits].astype(float)
        trips = np.maximum(0.0, by_min - self.spare_min) / self.cycle_min
        counts = np.concatenate((np.zeros((1, len(trips))), np.diag(trips)))
        return counts, np.full(len(counts), np.inf)

    def most_trips(self) -> int:
        """Return the most trips of any entry listed."""
        return int(self.counts.sum(axis=1).max(initial=0.0))


class Opening:
    """When legs and places may be used by one vessel, for many moments at once."""

    def __init__(self, problem: EvacuationProblem, vessel: int, closed: bool) -> None:
        self.problem, self.vessel, self.closed = problem, vessel, closed
        self._kept: dict[tuple[str, tuple[int, ...], int], list[tuple[int, int]]] = {}

    def wait(self, kind: str, link: tuple[int, ...], minutes: IntArray, lasting: int = 1) -> IntArray:
        """Return the first minutes from which a link is open for so long."""
        if not self.closed:
            return minutes
        key = (kind, link, lasting)
        if key not in self._kept:
            spans: Mapping[Any, Spans] = getattr(self.problem, kind)
            some = spans.get((self.vessel, *link), ())
            self._kept[key] = joined(tuple((start - max(1, lasting) + 1, end) for start, end in some))
        for start, end in self._kept[key]:
            minutes = np.where((minutes >= start) & (minutes < end), end, minutes)
        return minutes


def find_front(problem: EvacuationProblem, vessel: int, by_min: int, most_states: int = MOST_STATES) -> Front:
    """Return everything a vessel can be done with by a minute, or the least its trips take if that is too much."""
    keys, done = _early(problem, vessel, by_min, True, most_states)
    if keys is None or done is None:
        return _by_cycles(problem, vessel)
    busy = done
    served = problem.first_ready_min[problem.first_ready_min < UNREACHABLE]
    if _has_closed(problem, vessel) or len(set(served.tolist())) > 1:
        free_keys, free_done = _early(problem, vessel, by_min, False, 2**62)
        if free_keys is None or free_done is None:
            return _by_cycles(problem, vessel)
        order = np.argsort(free_keys)
        busy = free_done[order][np.searchsorted(free_keys[order], keys)]
    shifts = RADIX_BITS * np.arange(problem.num_locations)
    counts = (keys[:, None] >> shifts[None, :]) & ((1 << RADIX_BITS) - 1)
    return Front(counts.astype(float), done, busy)


def _by_cycles(problem: EvacuationProblem, v: int) -> Front:
    """Return a front that lists nothing: each trip takes a cycle at least, the first comes from the start."""
    back = problem.return_min[v].min(axis=0)
    haul = problem.haul_min[v].min(axis=1)
    ride = int(problem.load_min[v] + problem.unload_min[v])
    cycles = np.full(problem.num_locations, float(UNREACHABLE))
    for place in range(problem.num_locations):
        docks = problem.dock_location == place
        cycles[place] = max(1.0, float((back + haul)[docks].min()) + ride)
    # The first trip saves its way back and starts with the way from the start.
    spare = float(problem.start_min[v] + problem.first_min[v].min()) - float(
        np.where(back < UNREACHABLE, back, 0).max()
    )
    nothing = np.zeros(0, np.int64)
    return Front(np.zeros((0, problem.num_locations)), nothing, nothing, cycles, spare)


def _has_closed(problem: EvacuationProblem, vessel: int) -> bool:
    kinds: tuple[Mapping[Any, Spans], ...] = (
        problem.closed_docks, problem.closed_drops, problem.closed_firsts, problem.closed_hauls, problem.closed_returns,
    )  # fmt: skip
    return any(key[0] == vessel and spans for closed in kinds for key, spans in closed.items())


def _early(
    problem: EvacuationProblem, vessel: int, by_min: int, closed: bool, most_states: int
) -> tuple[IntArray, IntArray] | tuple[None, None]:
    """Return keys of trip counts and when each is done at the earliest; None where there are too many."""
    if problem.num_locations > MOST_LOCATIONS:
        return None, None
    ways = Opening(problem, vessel, closed)
    p, q = problem.num_docks, problem.num_drops
    at_min = np.full((1, q + 1), UNREACHABLE, np.int64)
    at_min[0, q] = problem.start_min[vessel]
    layer = np.zeros(1, np.int64)
    all_keys, all_done = [layer], [np.zeros(1, np.int64)]
    # Somebody stands there: at each location, or anywhere at all where waiting is to be left out.
    first = [int(minute) for minute in problem.first_ready_min]
    ready = first if closed else [min(first)] * len(first)
    docks = [[d for d in range(p) if problem.dock_location[d] == place] for place in range(problem.num_locations)]
    for _ in range(2**RADIX_BITS - 1):
        found_keys, found_min = [], []
        for place, some in enumerate(docks):
            best = np.full((len(layer), q), UNREACHABLE, np.int64)
            for dock in some:
                best = np.minimum(best, _trip(problem, ways, vessel, dock, at_min, ready[place]))
            soon = best.min(axis=1) <= by_min
            found_keys.append(layer[soon] + (1 << (RADIX_BITS * place)))
            found_min.append(best[soon])
        keys, where = np.unique(np.concatenate(found_keys), return_inverse=True)
        if len(keys) == 0:
            break
        merged = np.full((len(keys), q), UNREACHABLE, np.int64)
        np.minimum.at(merged, where, np.concatenate(found_min))
        layer = keys
        at_min = np.concatenate((merged, np.full((len(keys), 1), UNREACHABLE, np.int64)), axis=1)
        all_keys.append(keys)
        all_done.append(merged.min(axis=1))
        if sum(map(len, all_keys)) > most_states:
            return None, None
    else:
        return None, None
    return np.concatenate(all_keys), np.concatenate(all_done)


def _trip(problem: EvacuationProblem, ways: Opening, v: int, dock: int, at_min: IntArray, ready_min: int) -> IntArray:
    """Return when a trip to a dock is done at each drop [S, Q], from where the vessel is and when [S, Q + 1]."""
    q = problem.num_drops
    there = np.full(len(at_min), UNREACHABLE, np.int64)
    for at in range(q + 1):
        leg = int(problem.first_min[v, dock] if at == q else problem.return_min[v, at, dock])
        if leg >= UNREACHABLE:
            continue
        kind, link = ("closed_firsts", (dock,)) if at == q else ("closed_returns", (at, dock))
        there = np.minimum(there, ways.wait(kind, link, at_min[:, at]) + leg)
    load = int(problem.load_min[v])
    there = np.maximum(there, ready_min)
    loaded = ways.wait("closed_docks", (dock,), there, load) + load
    out = np.full((len(at_min), q), UNREACHABLE, np.int64)
    unload = int(problem.unload_min[v])
    for drop in range(q):
        if problem.can_serve(v, dock, drop):
            arrives = ways.wait("closed_hauls", (dock, drop), loaded) + int(problem.haul_min[v, dock, drop])
            out[:, drop] = ways.wait("closed_drops", (drop,), arrives, unload) + unload
    return np.minimum(out, UNREACHABLE)
