"""Score a plan and anneal it in compiled code: hundreds of thousands of full evaluations a second.

A plan is ``slot_of[G]``: -1 unused, s < C*K rides in trip slot s of craft s // K, C*K + i goes direct to incident i;
and ``slots[C*K, 4]``: pickup, landing, incident and earlier call (-1: none) of each slot that carries somebody. Empty
slots are skipped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.search_moves import move
from routing.deploy.search_tables import TRIPS_A_CRAFT, Int32Array, SearchTables
from routing.deploy.search_timing import (
    Int16Array,
    Riders,
    board_from,
    boards_at_call,
    first_free,
    list_riders,
    open_from,
    ride,
)

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
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Riders,
]

K = TRIPS_A_CRAFT
IMPOSSIBLE = 1 << 40
# Share of the area term (weighted mean arrival of the persons asked for) that guides the search between equal plans.
AREA_SHARE = 0.3


@njit(cache=True, nogil=True)
def evaluate(
    tables: SearchTables, slot_of: Int32Array, slots: Int32Array, arrive_of: Int32Array, work: Work
) -> tuple[int, float]:
    """Return (points, area points) of a plan, IMPOSSIBLE where a rule is broken; fills the arrival of each slot."""
    num_g, num_p = tables.at_pickup.shape
    num_c, num_l = tables.seats.shape[0], tables.last_mile.shape[0]
    horizon = tables.prices[0]
    ready, persons, deck, sent, sites, order, came, at_craft, next_of, place, first_of, end_of = work[:12]
    call, later, riders = work[12:]
    ready[:] = -1
    persons[:] = 0
    deck[:] = 0
    sent[:] = 0
    has_calls = tables.call_from.shape[0] > 0
    if has_calls:
        call[:] = -1
    sites[:] = 0
    if tables.has_pools:
        list_riders(tables, slot_of, slots, riders)
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
            if has_calls and boards_at_call(tables, slots, s, g):
                at = tables.at_pickup[g, slots[s, 3]]
                call[s] = max(call[s], at)
            else:
                at = tables.at_pickup[g, slots[s, 0]]
                ready[s] = max(ready[s], at)
            if at > horizon:
                return IMPOSSIBLE, 0.0
        elif tables.has_pools:
            i = s - num_c * K
            way = tables.direct[g, i] - tables.group_ready[g]
            start = tables.group_ready[g]
            pool = tables.pool_home[g]
            later[g] = ride(riders, pool, tables.pool_vehicles[pool], tables.vehicles_home[g], start, way, horizon)
            later[g] -= tables.direct[g, i]
    waiting = 0
    for c in range(num_c):
        next_of[c] = K
        for k in range(K):
            if persons[c * K + k] > 0:
                next_of[c] = k
                break
        if next_of[c] < K:
            s = c * K + next_of[c]
            called = call[s] if has_calls else -1
            if called >= 0 and ready[s] < 0:
                return IMPOSSIBLE, 0.0  # nobody boards at its pickup: the call alone would be the trip
            p = slots[s, 3] if called >= 0 else slots[s, 0]
            at = open_from(tables.ready[c], tables.position_spans, c * num_p + p) + tables.position[c, p]
            at_craft[c] = max(at, called if called >= 0 else ready[s])
            points += tables.prices[4] + tables.prices[1] * tables.position[c, p]
            waiting += 1
            _sift_up(place, at_craft, waiting - 1, c)
    while waiting > 0:
        c = place[0]
        s = c * K + next_of[c]
        p, landing, incident = slots[s, 0], slots[s, 1], slots[s, 2]
        load, unload = tables.load[c], tables.unload[c]
        board, called = at_craft[c], call[s] if has_calls else -1
        ready_here = ready[s]
        if tables.has_pools:
            ready_here, ready_call = -1, -1
            g = riders.first[s]
            while g >= 0:
                is_call = called >= 0 and boards_at_call(tables, slots, s, g)
                start = tables.group_ready[g]
                way = tables.at_pickup[g, slots[s, 3] if is_call else p] - start
                pool = tables.pool_home[g]
                there = ride(riders, pool, tables.pool_vehicles[pool], tables.vehicles_home[g], start, way, horizon)
                if is_call:
                    ready_call = max(ready_call, there)
                else:
                    ready_here = max(ready_here, there)
                g = riders.after[g]
            board = max(board, ready_call if called >= 0 else ready_here)
        if called >= 0:
            earlier = slots[s, 3]
            board = board_from(
                sites[earlier],
                tables.pickup_berths[earlier],
                board,
                load,
                tables.shift_spans,
                (c * num_p + earlier) * num_p + p,
                horizon,
            )
            if board < 0:
                return IMPOSSIBLE, 0.0
            for t in range(board, board + load):
                sites[earlier, t] += 1
            board = max(ready_here, board + load + tables.shift[c, earlier, p])
            points += tables.prices[1] * (load + tables.shift[c, earlier, p])
        board = board_from(
            sites[p],
            tables.pickup_berths[p],
            board,
            load,
            tables.haul_spans,
            (c * num_p + p) * num_l + landing,
            horizon,
        )
        if board < 0:
            return IMPOSSIBLE, 0.0
        moored = board + load + tables.haul[c, p, landing]
        if moored + unload > horizon:
            return IMPOSSIBLE, 0.0
        moored = first_free(sites[num_p + landing], tables.landing_berths[landing], moored, unload, horizon)
        landed = moored + unload
        way = tables.last_mile[landing, incident]
        if landed + way > horizon:
            return IMPOSSIBLE, 0.0
        for t in range(board, board + load):
            sites[p, t] += 1
        for t in range(moored, landed):
            sites[num_p + landing, t] += 1
        arrive_of[s] = landed + way
        if tables.has_pools:
            pool = tables.pool_shore[landing, incident]
            held = tables.pool_vehicles[pool] if pool >= 0 else 0
            g = riders.first[s]
            while g >= 0:
                there = ride(riders, pool, held, tables.vehicles_shore[g], landed, way, horizon)
                later[g] = there - landed - way
                g = riders.after[g]
        points += tables.prices[1] * (load + tables.haul[c, p, landing] + unload)
        following = K
        for k in range(next_of[c] + 1, K):
            if persons[c * K + k] > 0:
                following = k
                break
        next_of[c] = following
        if following == K:
            waiting -= 1
            _sift_down(place, at_craft, waiting, place[waiting])
        else:
            s = c * K + following
            called = call[s] if has_calls else -1
            if called >= 0 and ready[s] < 0:
                return IMPOSSIBLE, 0.0
            p = slots[s, 3] if called >= 0 else slots[s, 0]
            off = open_from(landed, tables.back_spans, (c * num_l + landing) * num_p + p)
            at_craft[c] = max(off + tables.back[c, landing, p], called if called >= 0 else ready[s])
            points += tables.prices[1] * tables.back[c, landing, p]
            if at_craft[c] > horizon:
                return IMPOSSIBLE, 0.0
            _sift_down(place, at_craft, waiting, c)
    return _price_arrivals(tables, slot_of, slots, arrive_of, order, came, first_of, end_of, later, points)


@njit(cache=True, nogil=True)
def _is_before(at_craft: Int32Array, a: int, b: int) -> bool:
    return at_craft[a] < at_craft[b] or (at_craft[a] == at_craft[b] and a < b)


@njit(cache=True, nogil=True)
def _sift_up(heap: Int32Array, at_craft: Int32Array, j: int, craft: int) -> None:
    """Put a craft into a heap at its end, earliest first."""
    while j > 0:
        parent = (j - 1) // 2
        if not _is_before(at_craft, craft, heap[parent]):
            break
        heap[j] = heap[parent]
        j = parent
    heap[j] = craft


@njit(cache=True, nogil=True)
def _sift_down(heap: Int32Array, at_craft: Int32Array, size: int, craft: int) -> None:
    """Put a craft in place of the first of a heap."""
    j = 0
    while True:
        child = 2 * j + 1
        if child >= size:
            break
        if child + 1 < size and _is_before(at_craft, heap[child + 1], heap[child]):
            child += 1
        if not _is_before(at_craft, heap[child], craft):
            break
        heap[j] = heap[child]
        j = child
    heap[j] = craft


@njit(cache=True, nogil=True)
def _price_arrivals(
    tables: SearchTables,
    slot_of: Int32Array,
    slots: Int32Array,
    arrive_of: Int32Array,
    order: Int32Array,
    came: Int32Array,
    first_of: Int32Array,
    end_of: Int32Array,
    later: Int32Array,
    points: int,
) -> tuple[int, float]:
    num_g, num_i = slot_of.shape[0], tables.last_mile.shape[1]
    num_rides = slots.shape[0]
    horizon, unmet_min, missing_min = tables.prices[0], tables.prices[2], tables.prices[3]
    # Each incident's arrivals, earliest first, lie together in ``order`` between ``first_of[i]`` and ``end_of[i]``.
    end_of[: num_i + 1] = 0
    for g in range(num_g):
        s = slot_of[g]
        if s >= 0:
            end_of[(slots[s, 2] if s < num_rides else s - num_rides) + 1] += 1
    for i in range(num_i):
        end_of[i + 1] += end_of[i]
    for i in range(num_i):
        first_of[i] = end_of[i]
    for g in range(num_g):
        s = slot_of[g]
        if s < 0:
            continue
        incident = slots[s, 2] if s < num_rides else s - num_rides
        at = arrive_of[s] if s < num_rides else tables.direct[g, incident]
        if tables.has_pools:
            at += later[g]
        if at > horizon:
            return IMPOSSIBLE, 0.0
        came[g] = at
        j = end_of[incident]
        while j > first_of[incident] and came[order[j - 1]] > at:
            order[j] = order[j - 1]
            j -= 1
        order[j] = g
        end_of[incident] += 1
    area = 0.0
    for e in range(tables.need_persons.shape[0]):
        incident, asked, price = tables.need_incident[e], tables.need_persons[e], tables.need_price[e]
        have, done, waited = 0, -1, 0.0
        for j in range(first_of[incident], end_of[incident]):
            g = order[j]
            if tables.counts[g, e] == 0:
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
        if not move(tables, new_slot_of, new_slots, num_g, num_c, num_i, rides):
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
