"""Time the parts of a trip in compiled code: berths, closed departures, road vehicles, the way to the pickups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.search_tables import TRIPS_A_CRAFT, Int32Array, SearchTables, SpanTable

Int16Array = npt.NDArray[np.int16]
K = TRIPS_A_CRAFT


@njit(cache=True, nogil=True)
def open_from(minute: int, table: SpanTable, link: int) -> int:
    """Return the first minute at or after ``minute`` that lies in no closed span of a link."""
    if table.num[link] == 0:
        return minute
    first, last = table.first[link], table.first[link] + table.num[link]
    moved = True
    while moved:
        moved = False
        for k in range(first, last):
            if table.start[k] <= minute < table.end[k]:
                minute = table.end[k]
                moved = True
    return minute


@njit(cache=True, nogil=True)
def first_free(taken: Int16Array, berths: int, minute: int, length: int, limit: int) -> int:
    """Return the first minute from which a berth is free for a while, ``limit`` where there is none before it."""
    run, start = 0, minute
    t = minute
    while run < length:
        if t >= limit:
            return limit
        if taken[t] < berths:
            run += 1
        else:
            run = 0
            start = t + 1
        t += 1
    return start


@njit(cache=True, nogil=True)
def vehicles_free(taken: Int16Array, held: int, count: int, minute: int, length: int, limit: int) -> int:
    """Return the first minute from which so many vehicles are free for a while; after ``limit`` all of them are."""
    start, t = minute, minute
    while t < min(start + length, limit):
        if taken[t] + count > held:
            start = t + 1
        t += 1
    return start


@njit(cache=True, nogil=True)
def ride(tables: SearchTables, sites: Int16Array, pool: int, vehicles: int, minute: int, way: int) -> int:
    """Take vehicles of a pool for a group's way there and back from a minute on; return when the group is there."""
    horizon = tables.prices[0]
    if pool < 0 or vehicles <= 0 or way <= 0 or way >= horizon or minute >= horizon:
        afoot: int = minute + way
        return afoot
    row = sites[tables.at_pickup.shape[1] + tables.last_mile.shape[0] + pool]
    held = tables.pool_vehicles[pool]
    rounds, count = -(-vehicles // held), min(vehicles, held)
    start = vehicles_free(row, held, count, minute, 2 * rounds * way, horizon)
    for t in range(start, min(start + 2 * rounds * way, horizon)):
        row[t] += count
    there: int = start + (2 * rounds - 1) * way
    return there


@njit(cache=True, nogil=True)
def home_rides(
    tables: SearchTables, slot_of: Int32Array, slots: Int32Array, s: int, sites: Int16Array
) -> tuple[int, int]:
    """Take vehicles for a trip's groups by number; return when the last is at its pickup and at its earlier call."""
    ready, ready_call = -1, -1
    for g in range(slot_of.shape[0]):
        if slot_of[g] == s:
            p = slots[s, 0]
            is_call = boards_at_call(tables, slots, s, g)
            if is_call:
                p = slots[s, 3]
            way = tables.at_pickup[g, p] - tables.group_ready[g]
            there = ride(tables, sites, tables.pool_home[g], tables.vehicles_home[g], tables.group_ready[g], way)
            if is_call:
                ready_call = max(ready_call, there)
            else:
                ready = max(ready, there)
    return ready, ready_call


@njit(cache=True, nogil=True)
def boards_at_call(tables: SearchTables, slots: Int32Array, s: int, group: int) -> bool:
    """Say whether a group boards at its trip's earlier call: only where it is aboard sooner that way."""
    p, earlier = slots[s, 0], slots[s, 3]
    if earlier < 0:
        return False
    c = s // K
    by_call: int = tables.at_pickup[group, earlier] + tables.load[c] + tables.shift[c, earlier, p]
    straight: int = tables.at_pickup[group, p]
    return by_call < straight


@njit(cache=True, nogil=True)
def board_from(
    sites: Int16Array, berths: int, minute: int, load: int, spans: SpanTable, link: int, horizon: int
) -> int:
    """Return when loading can start from a minute on, a berth free and the crossing open; -1 beyond the horizon."""
    board = minute
    while True:
        if board + load > horizon:
            return -1
        free = first_free(sites, berths, board, load, horizon)
        board = open_from(free + load, spans, link) - load
        if board == free:
            return board


@njit(cache=True, nogil=True)
def arrive_alongside(
    tables: SearchTables, slots: Int32Array, c: int, s: int, landed: int, landing: int, ready: int, ready_call: int
) -> tuple[int, int]:
    """Return when a trip can begin to load, and the craft-minutes spent until it is at its pickup.

    ``landing`` is where the craft comes from, -1 from its start.
    """
    num_p, num_l = tables.at_pickup.shape[1], tables.last_mile.shape[0]
    p, first = slots[s, 0], slots[s, 0]
    if ready_call >= 0:
        first = slots[s, 3]
    if landing < 0:
        minutes = tables.position[c, first]
        at = open_from(tables.ready[c], tables.position_spans, c * num_p + first) + minutes
    else:
        minutes = tables.back[c, landing, first]
        at = open_from(landed, tables.back_spans, (c * num_l + landing) * num_p + first) + minutes
    if ready_call >= 0:
        return max(ready_call, at), minutes + tables.load[c] + tables.shift[c, first, p]
    return max(ready, at), minutes
