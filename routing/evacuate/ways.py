"""Ways and waits in compiled code: when a leg or place is open, who stands at a pick-up, which berth is free first.

``t`` and ``w`` are the flat table and room of ``tables.py``. Types are spelled out so that each function compiles once,
whatever calls it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.evacuate.tables import (
    DOCKS,
    DROPS,
    FIRST_AT,
    GROUP_AT,
    GROUP_COLUMNS,
    HAUL_AT,
    LEFT_AT,
    LOAD,
    LOAD_S,
    PATIENCE,
    PLACE_AT,
    READY,
    SHUT_AT,
    SPAN_AT,
    TO_DOCK_AT,
    TOGETHER,
    UNLOAD,
    UNLOAD_S,
    VESSEL_AT,
    VESSEL_COLUMNS,
    Int32Array,
)

FAR = 1_000_000
Words = npt.NDArray[np.uint64]


@njit("f8(u8[::1])", cache=True, nogil=True, error_model="numpy")
def draw(words: Words) -> float:
    """Return the next number of a xorshift64* sequence, 0..1 (Vigna 2016)."""
    x = words[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    words[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit("i8(i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def ride(fixed_min: int, per_person_s: int, persons: int) -> int:
    """Return the minutes to load or unload so many."""
    return fixed_min + (per_person_s * persons + 59) // 60


@njit("i8(i4[::1], i8)", cache=True, nogil=True, error_model="numpy")
def links_of(t: Int32Array, v: int) -> int:
    """Return the number of a vessel's first link: lying at docks, at drops, legs to docks, legs to drops."""
    p, q = t[DOCKS], t[DROPS]
    first: int = v * (p + q + (q + 1) * p + p * q)
    return first


@njit("i8(i4[::1], i8, i8)", cache=True, nogil=True, error_model="numpy")
def open_from(t: Int32Array, link: int, minute: int) -> int:
    """Return the first minute from ``minute`` on at which a link may be taken."""
    for k in range(t[t[SHUT_AT] + link], t[t[SHUT_AT] + link + 1]):
        at = t[SPAN_AT] + 2 * k
        if t[at] <= minute < t[at + 1]:
            minute = t[at + 1]
    return minute


@njit("i8(i4[::1], i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def open_for(t: Int32Array, link: int, minute: int, lasting: int) -> int:
    """Return the first minute from which a place stays open for so long, one minute at least."""
    lasting = max(1, lasting)
    for k in range(t[t[SHUT_AT] + link], t[t[SHUT_AT] + link + 1]):
        at = t[SPAN_AT] + 2 * k
        if minute < t[at + 1] and minute + lasting > t[at]:
            minute = t[at + 1]
    return minute


@njit("i8(i4[::1], i8, i8)", cache=True, nogil=True, error_model="numpy")
def shuts_at(t: Int32Array, link: int, minute: int) -> int:
    """Return when a place open at a minute is shut next."""
    for k in range(t[t[SHUT_AT] + link], t[t[SHUT_AT] + link + 1]):
        at = t[SPAN_AT] + 2 * k
        if t[at] > minute:
            return int(t[at])
    return FAR


@njit("i8(i4[::1], i8, i8)", cache=True, nogil=True, error_model="numpy")
def soonest(w: Int32Array, begin: int, berths: int) -> int:
    """Return where in the room the berth free first is noted."""
    best = begin
    for b in range(begin + 1, begin + berths):
        if w[b] < w[best]:
            best = b
    return best


@njit("i8(i4[::1], i4[::1], i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def stands(t: Int32Array, w: Int32Array, place: int, minute: int, most: int) -> int:
    """Return how many board at a minute, at most so many, in boarding order."""
    total = 0
    for g in range(w[t[FIRST_AT] + place], t[t[PLACE_AT] + place + 1]):
        group = t[GROUP_AT] + g * GROUP_COLUMNS
        left = w[t[LEFT_AT] + g]
        if left > 0 and t[group + READY] <= minute:
            if t[group + TOGETHER] == 0:
                total += min(left, most - total)
            elif left <= most - total:
                total += left
            if total >= most:
                break
    return total


@njit("i8(i4[::1], i4[::1], i8, i8)", cache=True, nogil=True, error_model="numpy")
def next_ready(t: Int32Array, w: Int32Array, place: int, minute: int) -> int:
    """Return when the next group reaches a pick-up after a minute, FAR if none does."""
    soon = FAR
    for g in range(w[t[FIRST_AT] + place], t[t[PLACE_AT] + place + 1]):
        ready = t[t[GROUP_AT] + g * GROUP_COLUMNS + READY]
        if minute < ready < soon and w[t[LEFT_AT] + g] > 0:
            soon = ready
    return soon


@njit("UniTuple(i8, 2)(i4[::1], i8, i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def leave_for(t: Int32Array, v: int, now: int, at: int, p: int) -> tuple[int, int]:
    """Return when a vessel leaves a drop (its start where ``at`` is Q) for a dock, and when it is there."""
    num_p, num_q = t[DOCKS], t[DROPS]
    leg = t[t[TO_DOCK_AT] + (v * (num_q + 1) + at) * num_p + p]
    if leg >= FAR:
        return FAR, FAR
    leave = open_from(t, links_of(t, v) + num_p + num_q + at * num_p + p, now)
    return leave, leave + leg


@njit("UniTuple(i8, 2)(i4[::1], i8, i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def landing(t: Int32Array, v: int, p: int, q: int, loaded: int) -> tuple[int, int]:
    """Return when a vessel loaded at a minute departs for a drop, and when it is there; FAR if it cannot."""
    num_p, num_q = t[DOCKS], t[DROPS]
    leg = t[t[HAUL_AT] + (v * num_p + p) * num_q + q]
    if leg >= FAR:
        return FAR, FAR
    depart = open_from(t, links_of(t, v) + num_p + num_q + (num_q + 1) * num_p + p * num_q + q, loaded)
    return depart, depart + leg


@njit("i8(i4[::1], i8, i8, i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def when_loads(t: Int32Array, v: int, p: int, q: int, start: int, persons: int) -> int:
    """Return the first minute from which so many may load, sail and land without waiting aboard too long."""
    me, links = t[VESSEL_AT] + v * VESSEL_COLUMNS, links_of(t, v)
    for _ in range(30):
        start = open_for(t, links + p, start, t[me + LOAD])
        loaded = start + ride(t[me + LOAD], t[me + LOAD_S], persons)
        depart, arrive = landing(t, v, p, q, loaded)
        if arrive >= FAR:
            return FAR
        lands = open_for(t, links + t[DOCKS] + q, arrive, ride(t[me + UNLOAD], t[me + UNLOAD_S], persons))
        if depart - loaded > t[PATIENCE]:
            start += depart - loaded
        elif lands - arrive > t[PATIENCE]:
            start += lands - arrive
        else:
            return start
    return FAR
