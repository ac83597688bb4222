"""Compiled walks along passages whose speed and openness change with time. Import late: it brings numba with it.

A passage is a chain of legs. Each leg belongs to a resource (a zone crossed, a pier lain at, a road used) and has a
length in minutes at full rate; the resource's rate says how fast they pass. Times are minutes after the start.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

kernel = numba.njit(cache=True, nogil=True)
Array = np.ndarray[Any, Any]

# A hair under a millisecond: float noise at a whole minute is no minute.
HAIR_MIN = 1e-6
NEVER = 1e9


@kernel
def _step_of(bounds: Array, t: float) -> int:
    """Return the last step that begins at or before t."""
    low, high = 0, len(bounds) - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if bounds[middle] <= t:
            low = middle
        else:
            high = middle - 1
    return low


@kernel
def advance(bounds: Array, rate: Array, t: float, amount: float) -> float:
    """Return when ``amount`` minutes at full rate, begun at t, are over."""
    if amount <= 0.0:
        return t
    g = _step_of(bounds, t)
    while g + 1 < len(bounds):
        room = (bounds[g + 1] - t) * rate[g]
        if room >= amount:
            break
        amount -= room
        t = bounds[g + 1]
        g += 1
    return float(t + amount / rate[g])


@kernel
def retreat(bounds: Array, rate: Array, t: float, amount: float) -> float:
    """Return when ``amount`` minutes at full rate must begin to be over at t."""
    if amount <= 0.0:
        return t
    g = _step_of(bounds, t)
    while g > 0:
        room = (t - bounds[g]) * rate[g]
        if room >= amount:
            break
        amount -= room
        t = bounds[g]
        g -= 1
    return float(t - amount / rate[g])


@kernel
def walk(
    legs_from: int, legs_to: int, resource: Array, amount: Array, bounds: Array, rates: Array,
    shut_at: Array, shut_from: Array, shut_to: Array, depart: float, out: Array,
) -> bool:  # fmt: skip
    """Walk a passage from ``depart``; say whether all of it is open.

    ``out`` takes the arrival, and where it is not open the leg that is shut and the minute at which it is met.
    """
    t = depart
    for leg in range(legs_from, legs_to):
        r = resource[leg]
        end = advance(bounds, rates[r], t, amount[leg])
        for s in range(shut_at[r], shut_at[r + 1]):
            if shut_from[s] <= end + HAIR_MIN and shut_to[s] > t + HAIR_MIN:
                out[0], out[1], out[2] = end, leg, max(t, shut_from[s])
                return False
        t = end
    out[0], out[1], out[2] = t, -1.0, NEVER
    return True


@kernel
def forbidden(
    legs_from: int, legs_to: int, resource: Array, amount: Array, bounds: Array, rates: Array,
    shut_at: Array, shut_from: Array, shut_to: Array, last: int, firsts: Array, ends: Array,
) -> int:  # fmt: skip
    """Return how many spans of whole-minute departures in 0..last are forbidden, in ``firsts`` to ``ends`` by first.

    Each shut span is carried back along the legs before it: what arrives at a leg's end when the span begins is the
    first to meet it, what leaves for the leg when the span ends is the first that no longer does.
    """
    count = 0
    for leg in range(legs_from, legs_to):
        r = resource[leg]
        for s in range(shut_at[r], shut_at[r + 1]):
            first, end = shut_from[s], shut_to[s]
            if first > -NEVER:
                for q in range(leg, legs_from - 1, -1):
                    first = retreat(bounds, rates[resource[q]], first, amount[q])
            if first > last:
                break  # the spans of a resource come in order of time
            if end < NEVER:
                for q in range(leg - 1, legs_from - 1, -1):
                    end = retreat(bounds, rates[resource[q]], end, amount[q])
            from_min = 0 if first <= 0.0 else int(np.ceil(first - HAIR_MIN))
            to_min = last + 1 if end > last else int(np.ceil(end - HAIR_MIN)) if end > 0.0 else 0
            if from_min >= to_min:
                continue
            place = count
            while place > 0 and firsts[place - 1] > from_min:
                firsts[place], ends[place] = firsts[place - 1], ends[place - 1]
                place -= 1
            firsts[place], ends[place] = from_min, to_min
            count += 1
    return count


@kernel
def most_spans(legs_at: Array, resource: Array, shut_at: Array) -> int:
    """Return how many shut spans one chain can meet at most."""
    most = 0
    for c in range(len(legs_at) - 1):
        count = 0
        for leg in range(legs_at[c], legs_at[c + 1]):
            count += shut_at[resource[leg] + 1] - shut_at[resource[leg]]
        most = max(most, count)
    return most


@kernel
def open_minutes(
    legs_at: Array, resource: Array, amount: Array, from_row: Array, to_column: Array, site_row: Array,
    bounds: Array, rates: Array, shut_at: Array, shut_from: Array, shut_to: Array, by_pair: Array, by_site: Array,
) -> None:  # fmt: skip
    """Mark the minutes at which some passage is open: ``by_pair[from island, haven island, T + 1]``, ``by_site[site]``.

    Passages that are never open leave no mark.
    """
    num_minutes = by_pair.shape[2]
    room = most_spans(legs_at, resource, shut_at) + 1
    firsts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    for c in range(len(legs_at) - 1):
        count = forbidden(
            legs_at[c], legs_at[c + 1], resource, amount, bounds, rates, shut_at, shut_from, shut_to,
            num_minutes - 1, firsts, ends,
        )  # fmt: skip
        pair, site = by_pair[from_row[c], to_column[c]], by_site[site_row[c]]
        t = 0
        for n in range(count):
            if firsts[n] > t:
                pair[t : firsts[n]] = True
                site[t : firsts[n]] = True
            t = max(t, ends[n])
        pair[t:] = True
        site[t:] = True


@kernel
def quickest(
    chains: Array, legs_at: Array, resource: Array, amount: Array,
    bounds: Array, rates: Array, shut_at: Array, shut_from: Array, shut_to: Array, depart: float, out: Array,
) -> int:  # fmt: skip
    """Return the chain of some that, begun at ``depart``, is open and over first; -1 if none is.

    ``out[0]`` takes its end.
    """
    best, best_end = -1, NEVER
    for c in chains:
        is_open = walk(
            legs_at[c], legs_at[c + 1], resource, amount, bounds, rates, shut_at, shut_from, shut_to, depart, out
        )
        if is_open and out[0] < best_end:
            best, best_end = c, out[0]
    out[0] = best_end
    return best


@kernel
def last_back(
    chains: Array, legs_at: Array, turn_leg: Array, resource: Array, amount: Array,
    bounds: Array, rates: Array, shut_at: Array, shut_from: Array, shut_to: Array,
    until: float, last: int, out: Array,
) -> int:  # fmt: skip
    """Return the out-and-back of some that begins last and has turned by ``until``, -1 if none has.

    ``out[0]`` takes the minute it begins. Of several that begin in the same minute the one that is over first.
    """
    best, best_min, best_end = -1, -1, NEVER
    room = most_spans(legs_at, resource, shut_at) + 1
    firsts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    for c in chains:
        t = until
        for leg in range(turn_leg[c], legs_at[c] - 1, -1):
            t = retreat(bounds, rates[resource[leg]], t, amount[leg])
        minute = min(last, int(np.floor(t + HAIR_MIN)))
        if minute < max(best_min, 0):
            continue
        count = forbidden(
            legs_at[c], legs_at[c + 1], resource, amount, bounds, rates, shut_at, shut_from, shut_to, last, firsts, ends
        )
        moved = True
        while moved and minute >= 0:
            moved = False
            for n in range(count):
                if firsts[n] <= minute < ends[n]:
                    minute = firsts[n] - 1
                    moved = True
        if minute < max(best_min, 0):
            continue
        walk(
            legs_at[c], legs_at[c + 1], resource, amount, bounds, rates, shut_at, shut_from, shut_to, float(minute), out
        )
        if minute > best_min or out[0] < best_end:
            best, best_min, best_end = c, minute, out[0]
    out[0] = best_min
    return best


def warm_up() -> None:
    """Load or compile what the first isolation forecast would otherwise wait for."""
    ints, floats = np.zeros(2, np.int64), np.zeros(1)
    legs_at, one = np.array([0, 1], np.int64), np.zeros(1, np.int64)
    surface = np.zeros(1), np.ones((1, 1)), ints, np.empty(0), np.empty(0)
    by_pair, by_site = np.zeros((1, 1, 2), np.bool_), np.zeros((1, 2), np.bool_)
    open_minutes(legs_at, one, floats, one, one, one, *surface, by_pair, by_site)
    out, spans = np.empty(3), np.empty(1, np.int64)
    walk(0, 1, one, floats, *surface, 0.0, out)
    forbidden(0, 1, one, floats, *surface, 1, spans, spans)
    quickest(one, legs_at, one, floats, *surface, 0.0, out)
    last_back(one, legs_at, one, one, floats, *surface, 0.0, 1, out)
    advance(surface[0], surface[1][0], 0.0, 0.0)
