"""Time the parts of a trip in compiled code: berths, closed departures, road vehicles, the way to the pickups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.search_tables import TRIPS_A_CRAFT, Int32Array, SearchTables, SpanTable

Int16Array = npt.NDArray[np.int16]
K = TRIPS_A_CRAFT


class Riders(NamedTuple):
    """Room to chain the groups of each trip and to enter the vehicles taken of each pool, rows (from, to, count)."""

    first: Int32Array
    after: Int32Array
    wanted: Int32Array
    num_taken: Int32Array
    taken: Int32Array


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
def vehicles_free(taken: Int32Array, held: int, count: int, minute: int, length: int) -> int:
    """Return the first minute from which so many vehicles are free for a while; ``taken`` has (from, to, count)."""
    start = minute
    again = True
    while again:
        again = False
        for k in range(-1, taken.shape[0]):
            moment = start if k < 0 else taken[k, 0]
            if moment < start or moment >= start + length:
                continue
            out, soonest = count, -1
            for n in range(taken.shape[0]):
                if taken[n, 0] <= moment < taken[n, 1]:
                    out += taken[n, 2]
                    if soonest < 0 or taken[n, 1] < soonest:
                        soonest = taken[n, 1]
            if out > held:  # until one of them is back this moment stays too full
                start = soonest
                again = True
                break
    return start


@njit(cache=True, nogil=True)
def ride(riders: Riders, pool: int, held: int, vehicles: int, minute: int, way: int, horizon: int) -> int:
    """Take vehicles of a pool of so many for a group's way there and back; return when the group is there.

    Where a pool has all the vehicles that all groups together take of it, nobody waits. The tables are not handed on:
    compiled code counts references to each of their arrays at every call.
    """
    there: int = minute + way
    if pool < 0 or riders.wanted[pool] <= held:
        return there
    if vehicles <= 0 or way <= 0 or way >= horizon or minute >= horizon:
        return there
    number = riders.num_taken[pool]
    rounds, count = -(-vehicles // held), min(vehicles, held)
    start = vehicles_free(riders.taken[pool, :number], held, count, minute, 2 * rounds * way)
    if start < horizon:  # what happens after it takes nothing
        riders.taken[pool, number, 0] = start
        riders.taken[pool, number, 1] = min(start + 2 * rounds * way, horizon)
        riders.taken[pool, number, 2] = count
        riders.num_taken[pool] = number + 1
    there = start + (2 * rounds - 1) * way
    return there


@njit(cache=True, nogil=True)
def list_riders(tables: SearchTables, slot_of: Int32Array, slots: Int32Array, riders: Riders) -> None:
    """Chain the groups of each trip by number, and count the vehicles wanted of each pool."""
    riders.first[:] = -1
    riders.wanted[:] = 0
    riders.num_taken[:] = 0
    num_rides = slots.shape[0]
    for g in range(slot_of.shape[0] - 1, -1, -1):
        s = slot_of[g]
        if s < 0:
            continue
        if tables.pool_home[g] >= 0:
            riders.wanted[tables.pool_home[g]] += tables.vehicles_home[g]
        if s < num_rides:
            riders.after[g] = riders.first[s]
            riders.first[s] = g
            pool = tables.pool_shore[slots[s, 1], slots[s, 2]]
            if pool >= 0:
                riders.wanted[pool] += tables.vehicles_shore[g]


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
