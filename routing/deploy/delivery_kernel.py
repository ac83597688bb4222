"""Work out in compiled code the most persons one craft can have delivered by each minute."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.search_tables import Int32Array, SearchTables
from routing.deploy.search_timing import open_from

BoolArray = npt.NDArray[np.bool_]


@njit(cache=True, nogil=True)
def delivery_curve(tables: SearchTables, craft: int, echelon: int, until_min: int) -> Int32Array:
    """Return the most persons counting for an echelon that a craft can have brought by each minute, [until + 1].

    Any number of trips, waiting at pickups, closed spans and whole groups are kept; berths and vehicles are free, one
    load may come from several earlier calls, and a group may be taken twice, so the curve is never below the truth.
    """
    num_p, num_l = tables.position.shape[1], tables.last_mile.shape[0]
    incident, asked = tables.need_incident[echelon], tables.need_persons[echelon]
    has_calls = tables.call_from.shape[0] > 0
    # Layer 0: at a pickup straight away; layer 1: after an earlier call, whose groups are aboard.
    num_layers = 2 if has_calls else 1
    load_of = np.zeros((num_layers, num_p, until_min + 1), dtype=np.int32)
    load_of[0] = _largest_loads(tables, tables.at_pickup, tables.pickup_order, craft, echelon, until_min)
    if has_calls:
        aboard_by = _aboard_by(tables, craft)
        order = np.empty_like(tables.pickup_order)
        for p in range(num_p):
            order[p] = np.argsort(aboard_by[:, p]).astype(np.int32)
        load_of[1] = _largest_loads(tables, aboard_by, order, craft, echelon, until_min)
    curve = np.zeros(until_min + 1, dtype=np.int32)
    alongside = np.full((num_layers, num_p, until_min + 1), -1, dtype=np.int32)
    handling = tables.load[craft]
    for p in range(num_p):
        off = open_from(tables.ready[craft], tables.position_spans, craft * num_p + p)
        at = off + tables.position[craft, p]
        if at <= until_min:
            alongside[0, p, at] = 0
    for t in range(until_min + 1):
        changed = True
        while changed:  # a trip of no minutes may lead to a pickup already looked at
            changed = False
            for p in range(num_p):
                for layer in range(num_layers):
                    if t > 0:
                        alongside[layer, p, t] = max(alongside[layer, p, t], alongside[layer, p, t - 1])
                here = alongside[0, p, t]
                if has_calls and here >= 0:
                    for after in range(num_p):
                        off = open_from(t + handling, tables.shift_spans, (craft * num_p + p) * num_p + after)
                        at = off + tables.shift[craft, p, after]
                        if at <= until_min and alongside[1, after, at] < here:
                            alongside[1, after, at] = here
                            changed = changed or (at == t and after <= p)
                brought = -1
                for layer in range(num_layers):
                    if alongside[layer, p, t] >= 0:
                        here = max(here, alongside[layer, p, t])
                        brought = max(brought, min(asked, alongside[layer, p, t] + load_of[layer, p, t]))
                if here < 0:
                    continue
                for landing in range(num_l):
                    link = (craft * num_p + p) * num_l + landing
                    if tables.haul[craft, p, landing] > until_min:
                        continue
                    if open_from(t + handling, tables.haul_spans, link) != t + handling:
                        continue
                    ashore = t + handling + tables.haul[craft, p, landing] + tables.unload[craft]
                    arrive = ashore + tables.last_mile[landing, incident]
                    if ashore > until_min:
                        continue
                    # A trip for another incident brings nobody here, yet may move the craft.
                    carried = here
                    if arrive <= until_min:
                        carried = brought
                        curve[arrive] = max(curve[arrive], brought)
                    for back in range(num_p):
                        off = open_from(ashore, tables.back_spans, (craft * num_l + landing) * num_p + back)
                        at = off + tables.back[craft, landing, back]
                        if at <= until_min and alongside[0, back, at] < carried:
                            alongside[0, back, at] = carried
                            changed = changed or (at == t and back <= p)
    for t in range(1, until_min + 1):
        curve[t] = max(curve[t], curve[t - 1])
    return curve


@njit(cache=True, nogil=True)
def _largest_loads(
    tables: SearchTables,
    at_pickup: Int32Array,
    pickup_order: Int32Array,
    craft: int,
    echelon: int,
    until_min: int,
) -> Int32Array:
    """Return the most counting persons of whole groups that fit the seats at each pickup and minute, [P, until + 1]."""
    num_g, num_p = at_pickup.shape
    seats = tables.seats[craft]
    load_of = np.zeros((num_p, until_min + 1), dtype=np.int32)
    for p in range(num_p):
        can_load = np.zeros(seats + 1, dtype=np.bool_)
        can_load[0] = True
        most = 0
        # Each group, in the order they reach the pickup, adds the loads that it makes possible.
        order = pickup_order[p]
        k = 0
        for t in range(until_min + 1):
            while k < num_g and at_pickup[order[k], p] <= t:
                g = order[k]
                k += 1
                persons = tables.counts[g, echelon]
                if persons == 0 or persons > seats or tables.slots[g] > tables.deck[craft]:
                    continue
                for load in range(seats, persons - 1, -1):
                    if can_load[load - persons] and not can_load[load]:
                        can_load[load] = True
                        most = max(most, load)
            load_of[p, t] = most
    return load_of


@njit(cache=True, nogil=True)
def _aboard_by(tables: SearchTables, craft: int) -> Int32Array:
    """Return when each group can be aboard a craft at a pickup after an earlier call, [G, P]: there or from a call."""
    at_pickup = tables.at_pickup.copy()
    num_g, num_p = at_pickup.shape
    for p in range(num_p):
        link = craft * num_p + p
        for n in range(tables.call_first[link], tables.call_first[link + 1]):
            earlier = tables.call_from[n]
            way = tables.load[craft] + tables.shift[craft, earlier, p]
            for g in range(num_g):
                at_pickup[g, p] = min(at_pickup[g, p], tables.at_pickup[g, earlier] + way)
    return at_pickup


@njit(cache=True, nogil=True)
def persons_by(tables: SearchTables, echelon: int, until_min: int) -> npt.NDArray[np.int64]:
    """Return the most persons all craft and all groups by road can have brought for an echelon by each minute."""
    total = np.zeros(until_min + 1, dtype=np.int64)
    for c in range(tables.seats.shape[0]):
        total += delivery_curve(tables, c, echelon, until_min)
    incident = tables.need_incident[echelon]
    for g in range(tables.direct.shape[0]):
        at = tables.direct[g, incident]
        if at <= until_min:
            total[at:] += tables.counts[g, echelon]
    return total
