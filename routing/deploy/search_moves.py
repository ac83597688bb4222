"""Change a plan a little at random: the moves of the compiled search."""

from __future__ import annotations

import numpy as np
from numba import njit

from routing.deploy.search_tables import TRIPS_A_CRAFT, Int32Array, SearchTables

K = TRIPS_A_CRAFT
# Share of the moves that change an earlier call, where craft may make one.
CALL_SHARE = 0.1


@njit(cache=True, nogil=True)
def move(
    tables: SearchTables, slot_of: Int32Array, slots: Int32Array, num_g: int, num_c: int, num_i: int, rides: int
) -> bool:
    """Change the plan a little at random; say whether anything changed."""
    if tables.call_from.shape[0] > 0 and np.random.random() < CALL_SHARE:
        return _change_call(tables, slot_of, slots, num_g, rides)
    dice = np.random.random()
    g = np.random.randint(num_g)
    s = slot_of[g]
    if dice < 0.25:  # join another group
        h = slot_of[np.random.randint(num_g)]
        if h < 0 or h == s:
            return False
        slot_of[g] = h
        return True
    if dice < 0.50:  # a new trip for it, earlier ways tried more often
        if tables.num_ways[g] == 0:
            return False
        luck = np.random.random()
        way = tables.links[tables.ways[g, int(luck * luck * tables.num_ways[g])]]
        free = _empty_slot(slot_of, way[0], rides)
        if free < 0:
            return False
        slots[free, 0], slots[free, 1], slots[free, 2], slots[free, 3] = way[1], way[2], way[3], -1
        slot_of[g] = free
        return True
    if dice < 0.55:  # leave it at home
        if s < 0:
            return False
        slot_of[g] = -1
        return True
    if dice < 0.60:  # send it by road
        i = np.random.randint(num_i)
        if tables.direct[g, i] > tables.prices[0] or s == rides + i:
            return False
        slot_of[g] = rides + i
        return True
    if dice < 0.78:  # swap two groups
        h = np.random.randint(num_g)
        if slot_of[h] == s:
            return False
        slot_of[g], slot_of[h] = slot_of[h], s
        return True
    if s < 0 or s >= rides:
        return False
    c = s // K
    if dice < 0.87:  # another pickup, landing or incident for its trip
        num = tables.link_first[c + 1] - tables.link_first[c]
        if num == 0:
            return False
        way = tables.links[tables.link_first[c] + np.random.randint(num)]
        slots[s, 0], slots[s, 1], slots[s, 2] = way[1], way[2], way[3]
        _drop_lost_call(tables, slots, s)
        return True
    if dice < 0.94:  # the whole trip by another craft, at the same places where it can
        d = np.random.randint(num_c)
        num = tables.link_first[d + 1] - tables.link_first[d]
        free = _empty_slot(slot_of, d, rides)
        if num == 0 or free < 0:
            return False
        way = tables.links[tables.link_first[d] + np.random.randint(num)]
        slots[free, 0], slots[free, 1], slots[free, 2], slots[free, 3] = way[1], way[2], slots[s, 2], slots[s, 3]
        if tables.haul[d, slots[s, 0], slots[s, 1]] < tables.prices[0]:
            slots[free, 0], slots[free, 1] = slots[s, 0], slots[s, 1]
        elif tables.last_mile[way[2], slots[s, 2]] > tables.prices[0]:
            return False
        _drop_lost_call(tables, slots, free)
        for h in range(num_g):
            if slot_of[h] == s:
                slot_of[h] = free
        return True
    if dice < 0.97:  # give up the whole trip
        for h in range(num_g):
            if slot_of[h] == s:
                slot_of[h] = -1
        return True
    other = c * K + np.random.randint(K)  # swap the order of two trips of a craft
    if other == s:
        return False
    for j in range(4):
        slots[s, j], slots[other, j] = slots[other, j], slots[s, j]
    for h in range(num_g):
        if slot_of[h] == s:
            slot_of[h] = other
        elif slot_of[h] == other:
            slot_of[h] = s
    return True


@njit(cache=True, nogil=True)
def _drop_lost_call(tables: SearchTables, slots: Int32Array, s: int) -> None:
    """Leave out a trip's earlier call from which its craft cannot come to its pickup."""
    if slots[s, 3] >= 0 and tables.shift[s // K, slots[s, 3], slots[s, 0]] > tables.prices[0]:
        slots[s, 3] = -1


@njit(cache=True, nogil=True)
def _change_call(tables: SearchTables, slot_of: Int32Array, slots: Int32Array, num_g: int, rides: int) -> bool:
    """Add, change or leave out a trip's earlier call, half of the times for one more group to board there."""
    s = slot_of[np.random.randint(num_g)]
    if s < 0 or s >= rides:
        return False
    c = s // K
    link = c * tables.at_pickup.shape[1] + slots[s, 0]
    num = tables.call_first[link + 1] - tables.call_first[link]
    if slots[s, 3] >= 0 and (num == 0 or np.random.random() < 0.3):
        slots[s, 3] = -1
        return True
    if num == 0:
        return False
    slots[s, 3] = tables.call_from[tables.call_first[link] + np.random.randint(num)]
    if np.random.random() < 0.5:
        slot_of[np.random.randint(num_g)] = s
    return True


@njit(cache=True, nogil=True)
def _empty_slot(slot_of: Int32Array, craft: int, rides: int) -> int:
    """Return a random slot of a craft that carries nobody, -1 if all are in use."""
    start = np.random.randint(K)
    for j in range(K):
        s = craft * K + (start + j) % K
        is_empty = True
        for h in range(slot_of.shape[0]):
            if slot_of[h] == s:
                is_empty = False
                break
        if is_empty:
            return s
    return -1
