"""Find the best trips of craft in compiled whole numbers, given what each load is worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from routing.deploy.columns.load_kernel import NEVER, BoolArray, Int64Array
from routing.deploy.columns.load_kinds import LoadKinds, Stands
from routing.deploy.search_tables import Int32Array, SearchTables
from routing.deploy.search_timing import open_from

_START, _WAITED = -1, -2


class TripPrices(NamedTuple):
    """What trips are worth and cost, in parts of a point; ``has_empty`` says whether one for nobody may be of use."""

    loads: Int64Array  # [kind, minute] what a load arriving at the scene in a minute is worth
    minute: int
    trip: Int64Array  # [C, I] what a trip that arrives while it still counts costs
    craft: int  # what a craft that makes any trip costs
    offers: BoolArray  # [V] the stands at which some load is worth anything
    has_empty: bool


class TripWork(NamedTuple):
    """Room for one craft's states, by place and minute: what its trips so far are worth, and where it came from."""

    at_pickup: Int64Array
    pickup_from: Int32Array
    after_call: Int64Array
    call_from: Int32Array
    at_landing: Int64Array
    landing_from: Int32Array


@njit(cache=True, nogil=True)
def _is_worth_going(
    tables: SearchTables, stands: Stands, prices: TripPrices, craft: int, pickup: int, loads_here: BoolArray
) -> bool:
    """Say whether a craft may be of use at a pickup: for a load there, or for a call before another pickup."""
    num_p = stands.after_call.shape[1]
    if prices.has_empty or loads_here[pickup]:
        return True
    for q in range(num_p):
        v = stands.after_call[craft, q]
        if v >= 0 and prices.offers[v]:
            link = craft * num_p + q
            for n in range(tables.call_first[link], tables.call_first[link + 1]):
                if tables.call_from[n] == pickup:
                    return True
    return False


@njit(cache=True, nogil=True)
def best_trips(
    tables: SearchTables,
    stands: Stands,
    kinds: LoadKinds,
    craft: int,
    prices: TripPrices,
    last_min: Int32Array,
    until_min: int,
    trips: Int32Array,
    work: TripWork,
) -> tuple[int, int]:
    """Return the most a craft's trips are worth less its minutes, and how many trips that takes; fills ``trips``.

    ``trips[k]`` becomes (link, arrival minute, pickup called at before or -1), the last trip first. Any number of
    trips, one earlier call in each, waiting at pickups and closed spans are kept; berths are free and a group may be
    priced in two trips.
    """
    num_p, num_l = tables.position.shape[1], tables.last_mile.shape[0]
    at_pickup, pickup_from, after_call, call_from, at_landing, landing_from = work
    at_pickup[:, : until_min + 1] = NEVER
    after_call[:, : until_min + 1] = NEVER
    at_landing[:, : until_min + 1] = NEVER
    load, unload, width = tables.load[craft], tables.unload[craft], until_min + 1
    calls = stands.after_call[craft]
    has_calls = False
    is_worth = np.zeros(num_p, dtype=np.bool_)
    for p in range(num_p):
        has_calls = has_calls or calls[p] >= 0
        is_worth[p] = _is_worth_going(tables, stands, prices, craft, p, prices.offers)
        if not is_worth[p]:
            continue
        at = open_from(tables.ready[craft], tables.position_spans, craft * num_p + p) + tables.position[craft, p]
        if at <= until_min:
            at_pickup[p, at] = -prices.minute * tables.position[craft, p]
            pickup_from[p, at] = _START
    top, top_landing, top_at = 0, -1, -1
    for t in range(width):
        # A trip of no minutes may lead to a pickup already looked at; no more of them help than there are groups.
        for _ in range(tables.strength.shape[0] + 1):
            for landing in range(num_l):
                value = at_landing[landing, t]
                if value <= NEVER // 2:
                    continue
                for p in range(num_p):
                    if not is_worth[p]:
                        continue
                    off = open_from(t, tables.back_spans, (craft * num_l + landing) * num_p + p)
                    at = off + tables.back[craft, landing, p]
                    if at <= until_min and value - prices.minute * tables.back[craft, landing, p] > at_pickup[p, at]:
                        at_pickup[p, at] = value - prices.minute * tables.back[craft, landing, p]
                        pickup_from[p, at] = landing * width + t
            for p in range(num_p):
                if t > 0 and at_pickup[p, t - 1] > NEVER // 2 and at_pickup[p, t - 1] >= at_pickup[p, t]:
                    at_pickup[p, t] = at_pickup[p, t - 1]
                    pickup_from[p, t] = _WAITED
            if has_calls:
                for p in range(num_p):
                    if calls[p] < 0 or not (prices.has_empty or prices.offers[calls[p]]):
                        continue
                    link = craft * num_p + p
                    for n in range(tables.call_first[link], tables.call_first[link + 1]):
                        q = tables.call_from[n]
                        # Whoever has waited before calling does no better than by waiting after it.
                        if at_pickup[q, t] <= NEVER // 2 or pickup_from[q, t] == _WAITED:
                            continue
                        at = open_from(t + load, tables.shift_spans, (craft * num_p + q) * num_p + p)
                        at += tables.shift[craft, q, p]
                        value = at_pickup[q, t] - prices.minute * (load + tables.shift[craft, q, p])
                        if at <= until_min and value > after_call[p, at]:
                            after_call[p, at] = value
                            call_from[p, at] = q * width + t
                    if t > 0 and after_call[p, t - 1] > NEVER // 2 and after_call[p, t - 1] >= after_call[p, t]:
                        after_call[p, t] = after_call[p, t - 1]
                        call_from[p, t] = _WAITED
            again = False
            for p in range(num_p):
                straight, by_call = at_pickup[p, t] > NEVER // 2, has_calls and after_call[p, t] > NEVER // 2
                if not straight and not by_call:
                    continue
                for n in range(kinds.link_from[craft * num_p + p], kinds.link_from[craft * num_p + p + 1]):
                    landing, i = tables.links[n, 2], tables.links[n, 3]
                    crossing = load + tables.haul[craft, p, landing] + unload
                    ashore = t + crossing
                    if ashore > until_min:
                        continue
                    arrive = ashore + tables.last_mile[landing, i]
                    value, how = NEVER, 0
                    if arrive <= last_min[i]:
                        if straight and (prices.has_empty or prices.loads[kinds.of_link[n, 0], arrive] > 0):
                            value = at_pickup[p, t] + prices.loads[kinds.of_link[n, 0], arrive]
                        if by_call and after_call[p, t] + prices.loads[kinds.of_link[n, 1], arrive] > value:
                            value, how = after_call[p, t] + prices.loads[kinds.of_link[n, 1], arrive], 1
                        value -= prices.trip[craft, i]
                    elif prices.has_empty:
                        if straight:
                            value = at_pickup[p, t]
                        if by_call and after_call[p, t] > value:
                            value, how = after_call[p, t], 1
                    value -= prices.minute * crossing
                    if value <= at_landing[landing, ashore] or value <= NEVER // 2:
                        continue
                    if open_from(t + load, tables.haul_spans, (craft * num_p + p) * num_l + landing) != t + load:
                        continue
                    at_landing[landing, ashore] = value
                    landing_from[landing, ashore] = 2 * n + how
                    again = again or crossing == 0
                    if value > top:
                        top, top_landing, top_at = value, landing, ashore
            if not again:
                break
    if top <= prices.craft:
        return 0, 0
    count = 0
    landing, ashore = top_landing, top_at
    while count < trips.shape[0]:
        n, how = landing_from[landing, ashore] // 2, landing_from[landing, ashore] % 2
        p, i = tables.links[n, 1], tables.links[n, 3]
        at = ashore - unload - tables.haul[craft, p, landing] - load
        trips[count, 0], trips[count, 1], trips[count, 2] = n, ashore + tables.last_mile[landing, i], -1
        if how == 1:
            while call_from[p, at] == _WAITED:
                at -= 1
            came = call_from[p, at]
            p, at = came // width, came % width
            trips[count, 2] = p
        count += 1
        while pickup_from[p, at] == _WAITED:
            at -= 1
        if pickup_from[p, at] == _START:
            break
        came = pickup_from[p, at]
        landing, ashore = came // width, came % width
    return top - prices.craft, count


@njit(cache=True, nogil=True)
def trips_of_all(
    tables: SearchTables,
    stands: Stands,
    kinds: LoadKinds,
    craft: Int32Array,
    prices: TripPrices,
    last_min: Int32Array,
    until_min: int,
    trips: Int32Array,
    gains: Int64Array,
    counts: Int32Array,
    work: TripWork,
) -> None:
    """Fill ``gains``, ``counts`` and ``trips`` for each of some craft by ``best_trips``: one call for all of them."""
    for n in range(craft.shape[0]):
        gains[n], counts[n] = best_trips(tables, stands, kinds, craft[n], prices, last_min, until_min, trips[n], work)
