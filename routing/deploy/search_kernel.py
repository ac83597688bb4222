"""Score a plan and anneal it in compiled code: hundreds of thousands of full evaluations a second.

A plan is ``slot_of[G]``: -1 unused, s < C*K rides in trip slot s of craft s // K, C*K + i goes direct to incident i;
and ``slots[C*K, 3]``: pickup, landing, incident of each slot that carries somebody. Empty slots are skipped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.search_tables import TRIPS_A_CRAFT, Int32Array, SearchTables, SpanTable

Int16Array = npt.NDArray[np.int16]
# Room to work in: see LocalSearch, which lays it out once.
Work = tuple[
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int16Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
]

K = TRIPS_A_CRAFT
IMPOSSIBLE = 1 << 40
# Share of the area term (weighted mean arrival of the persons asked for) that guides the search between equal plans.
AREA_SHARE = 0.3


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
def _first_free(taken: Int16Array, berths: int, minute: int, length: int, limit: int) -> int:
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
def evaluate(
    tables: SearchTables, slot_of: Int32Array, slots: Int32Array, arrive_of: Int32Array, work: Work
) -> tuple[int, float]:
    """Return (points, area points) of a plan, IMPOSSIBLE where a rule is broken; fills the arrival of each slot."""
    num_g, num_p = tables.at_pickup.shape
    num_c, num_l = tables.seats.shape[0], tables.last_mile.shape[0]
    horizon = tables.prices[0]
    ready, persons, deck, sent, sites, order, came, at_craft, next_of, place = work
    ready[:] = -1
    persons[:] = 0
    deck[:] = 0
    sent[:] = 0
    points = 0
    for g in range(num_g):
        s = slot_of[g]
        if s < 0:
            continue
        points += tables.cover[g]
        if tables.station[g] >= 0:
            sent[tables.station[g]] += 1
            if sent[tables.station[g]] > tables.spare[tables.station[g]]:
                return IMPOSSIBLE, 0.0
        if s < num_c * K:
            c = s // K
            persons[s] += tables.strength[g]
            deck[s] += tables.slots[g]
            if persons[s] > tables.seats[c] or deck[s] > tables.deck[c]:
                return IMPOSSIBLE, 0.0
            at = tables.at_pickup[g, slots[s, 0]]
            if at > horizon:
                return IMPOSSIBLE, 0.0
            ready[s] = max(ready[s], at)
    sites[:] = 0
    waiting = 0
    for c in range(num_c):
        next_of[c] = K
        for k in range(K):
            if persons[c * K + k] > 0:
                next_of[c] = k
                break
        if next_of[c] < K:
            s = c * K + next_of[c]
            p = slots[s, 0]
            off = open_from(tables.ready[c], tables.position_spans, c * num_p + p)
            at_craft[c] = max(ready[s], off + tables.position[c, p])
            points += tables.prices[1] * tables.position[c, p]
            place[waiting] = c
            waiting += 1
    while waiting > 0:
        pick = 0
        for j in range(1, waiting):
            a, b = place[j], place[pick]
            if at_craft[a] < at_craft[b] or (at_craft[a] == at_craft[b] and a < b):
                pick = j
        c = place[pick]
        s = c * K + next_of[c]
        p, landing, incident = slots[s, 0], slots[s, 1], slots[s, 2]
        load, unload = tables.load[c], tables.unload[c]
        link = (c * num_p + p) * num_l + landing
        board = at_craft[c]
        while True:
            if board + load > horizon:
                return IMPOSSIBLE, 0.0
            free = _first_free(sites[p], tables.pickup_berths[p], board, load, horizon)
            board = open_from(free + load, tables.haul_spans, link) - load
            if board == free:
                break
        moored = board + load + tables.haul[c, p, landing]
        if moored + unload > horizon:
            return IMPOSSIBLE, 0.0
        moored = _first_free(sites[num_p + landing], tables.landing_berths[landing], moored, unload, horizon)
        landed = moored + unload
        arrive = landed + tables.last_mile[landing, incident]
        if arrive > horizon:
            return IMPOSSIBLE, 0.0
        for t in range(board, board + load):
            sites[p, t] += 1
        for t in range(moored, landed):
            sites[num_p + landing, t] += 1
        arrive_of[s] = arrive
        points += tables.prices[1] * (load + tables.haul[c, p, landing] + unload)
        following = K
        for k in range(next_of[c] + 1, K):
            if persons[c * K + k] > 0:
                following = k
                break
        next_of[c] = following
        if following == K:
            waiting -= 1
            place[pick] = place[waiting]
        else:
            s = c * K + following
            p = slots[s, 0]
            off = open_from(landed, tables.back_spans, (c * num_l + landing) * num_p + p)
            at_craft[c] = max(ready[s], off + tables.back[c, landing, p])
            points += tables.prices[1] * tables.back[c, landing, p]
            if at_craft[c] > horizon:
                return IMPOSSIBLE, 0.0
    return _price_arrivals(tables, slot_of, slots, arrive_of, order, came, points)


@njit(cache=True, nogil=True)
def _price_arrivals(
    tables: SearchTables,
    slot_of: Int32Array,
    slots: Int32Array,
    arrive_of: Int32Array,
    order: Int32Array,
    came: Int32Array,
    points: int,
) -> tuple[int, float]:
    num_g = slot_of.shape[0]
    num_rides = slots.shape[0]
    horizon, unmet_min, missing_min = tables.prices[0], tables.prices[2], tables.prices[3]
    num = 0
    for g in range(num_g):
        s = slot_of[g]
        if s < 0:
            continue
        at = arrive_of[s] if s < num_rides else tables.direct[g, s - num_rides]
        if at > horizon:
            return IMPOSSIBLE, 0.0
        came[g] = at
        j = num
        while j > 0 and came[order[j - 1]] > at:
            order[j] = order[j - 1]
            j -= 1
        order[j] = g
        num += 1
    area = 0.0
    for e in range(tables.need_persons.shape[0]):
        incident, asked, price = tables.need_incident[e], tables.need_persons[e], tables.need_price[e]
        have, done, waited = 0, -1, 0.0
        for j in range(num):
            g = order[j]
            s = slot_of[g]
            goes_to = slots[s, 2] if s < num_rides else s - num_rides
            if goes_to != incident or tables.counts[g, e] == 0:
                continue
            useful = min(tables.counts[g, e], asked - have)
            waited += useful * came[g]
            have += tables.counts[g, e]
            if have >= asked:
                done = came[g]
                break
        if done >= 0:
            points += price * done
        else:
            points += price * (unmet_min + missing_min * (asked - have))
            waited += (asked - have) * (unmet_min + missing_min * (asked - have))
        area += price * waited / asked
    return points, area


@njit(cache=True, nogil=True)
def anneal(
    tables: SearchTables,
    slot_of: Int32Array,
    slots: Int32Array,
    best_slot_of: Int32Array,
    best_slots: Int32Array,
    state: npt.NDArray[np.int64],
    seed: int,
    iterations: int,
    hot: float,
    cold: float,
    work: Work,
    arrive_of: Int32Array,
) -> None:
    """Anneal a plan in place for so many moves, cooling from ``hot`` to ``cold`` points; keeps the best apart.

    ``state[0]`` holds the best points, ``state[1]`` counts accepted moves.
    """
    np.random.seed(seed)
    num_g = slot_of.shape[0]
    num_c, num_i = tables.seats.shape[0], tables.last_mile.shape[1]
    rides = num_c * K
    new_slot_of, new_slots = slot_of.copy(), slots.copy()
    points, area = evaluate(tables, slot_of, slots, arrive_of, work)
    here = points + AREA_SHARE * area
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    heat = hot
    for _ in range(iterations):
        heat *= cooling
        if not _move(tables, new_slot_of, new_slots, num_g, num_c, num_i, rides):
            continue
        points, area = evaluate(tables, new_slot_of, new_slots, arrive_of, work)
        there = points + AREA_SHARE * area
        if points < IMPOSSIBLE and (there <= here or np.random.random() < np.exp((here - there) / heat)):
            slot_of[:] = new_slot_of
            slots[:] = new_slots
            here = there
            state[1] += 1
            if points < state[0]:
                state[0] = points
                best_slot_of[:] = slot_of
                best_slots[:] = slots
        else:
            new_slot_of[:] = slot_of
            new_slots[:] = slots


@njit(cache=True, nogil=True)
def _move(
    tables: SearchTables, slot_of: Int32Array, slots: Int32Array, num_g: int, num_c: int, num_i: int, rides: int
) -> bool:
    """Change the plan a little at random; say whether anything changed."""
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
        slots[free, 0], slots[free, 1], slots[free, 2] = way[1], way[2], way[3]
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
        return True
    if dice < 0.94:  # the whole trip by another craft, at the same places where it can
        d = np.random.randint(num_c)
        num = tables.link_first[d + 1] - tables.link_first[d]
        free = _empty_slot(slot_of, d, rides)
        if num == 0 or free < 0:
            return False
        way = tables.links[tables.link_first[d] + np.random.randint(num)]
        slots[free, 0], slots[free, 1], slots[free, 2] = way[1], way[2], slots[s, 2]
        if tables.haul[d, slots[s, 0], slots[s, 1]] < tables.prices[0]:
            slots[free, 0], slots[free, 1] = slots[s, 0], slots[s, 1]
        elif tables.last_mile[way[2], slots[s, 2]] > tables.prices[0]:
            return False
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
    for j in range(3):
        slots[s, j], slots[other, j] = slots[other, j], slots[s, j]
    for h in range(num_g):
        if slot_of[h] == s:
            slot_of[h] = other
        elif slot_of[h] == other:
            slot_of[h] = s
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
