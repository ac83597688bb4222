"""Price the trips of craft in compiled whole numbers: the best loads at each pier, then the best trips of a craft."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.columns.load_kinds import LoadKinds
from routing.deploy.search_tables import Int32Array, SearchTables
from routing.deploy.search_timing import open_from

Int64Array = npt.NDArray[np.int64]
_NEVER = -(1 << 60)


@njit(cache=True, nogil=True)
def _worth_of_persons(tables: SearchTables, worth: Int64Array, incident: int, minute: int, persons: int) -> int:
    """Return what so many persons of a load are worth to the echelons that ask for anybody."""
    value: int = 0
    for e in range(tables.need_incident.shape[0]):
        if tables.need_incident[e] == incident and tables.need_skilled[e] == 0:
            value += int(worth[e, minute]) * min(persons, tables.need_persons[e])
    return value


@njit(cache=True, nogil=True)
def _gain_of_group(
    tables: SearchTables, worth: Int64Array, price: Int64Array, incident: int, minute: int, group: int
) -> int:
    """Return what a group is worth to the echelons that ask for a skill, less what taking it costs."""
    gain: int = -price[group]
    for e in range(tables.need_incident.shape[0]):
        if tables.need_incident[e] == incident and tables.need_skilled[e] != 0:
            gain += worth[e, minute] * min(tables.counts[group, e], tables.need_persons[e])
    return gain


@njit(cache=True, nogil=True)
def load_values(
    tables: SearchTables,
    kinds: LoadKinds,
    worth: Int64Array,
    price: Int64Array,
    last_min: Int32Array,
    out: Int64Array,
    offers: npt.NDArray[np.bool_],
) -> None:
    """Fill ``out[kind, minute]`` with the most that a load arriving at the scene in a minute is worth.

    ``worth[E, T + 1]`` is what one person counting for an echelon is worth who arrives in a minute, ``price[G]`` what
    taking a group costs, ``last_min[I]`` the last minute at which an arrival counts. A load is of whole groups that
    are at the pickup when loading starts. Persons of an echelon that asks for anybody count up to what it asks in a
    load; those of a skill up to that in each group. An empty load is worth nothing. ``offers[P]`` says from which
    pickups some load is worth anything.
    """
    offers[:] = False
    num_g = tables.strength.shape[0]
    num_e = tables.need_incident.shape[0]
    most_seats = 0
    for c in range(tables.seats.shape[0]):
        most_seats = max(most_seats, tables.seats[c])
    best = np.empty(most_seats + 1, dtype=np.int64)
    by_persons = np.empty(most_seats + 1, dtype=np.int64)
    for block in range(kinds.first.shape[0] - 1):
        low, high = kinds.first[block], kinds.first[block + 1]
        p, i, deck = kinds.pickup[low], kinds.incident[low], kinds.deck[low]
        seats = 0
        shortest = kinds.minutes[low]
        for k in range(low, high):
            seats = max(seats, kinds.seats[k])
            shortest = min(shortest, kinds.minutes[k])
        order = tables.pickup_order[p]
        # From this minute on a load finds the same groups as one a minute earlier.
        longest, settled = kinds.minutes[low], 0
        for n in range(num_g - 1, -1, -1):
            if tables.at_pickup[order[n], p] <= last_min[i]:
                settled = tables.at_pickup[order[n], p]
                break
        for k in range(low, high):
            settled = max(settled, min(kinds.first_board[k], last_min[i]))
        settled += longest + 1
        for t in range(last_min[i] + 1):
            if t >= settled:
                is_same = True
                for e in range(num_e):
                    if tables.need_incident[e] == i and worth[e, t] != worth[e, t - 1]:
                        is_same = False
                if is_same:
                    for k in range(low, high):
                        out[k, t] = out[k, t - 1]
                    continue
            slope = 0
            for e in range(num_e):
                if tables.need_incident[e] == i and worth[e, t] > 0:
                    slope += 1
            if slope == 0 or t - shortest < 0 or tables.at_pickup[order[0], p] > t - shortest:
                for k in range(low, high):
                    out[k, t] = 0
                continue
            # What the persons aboard are worth to the echelons that ask for anybody.
            for n in range(seats + 1):
                by_persons[n] = _worth_of_persons(tables, worth, i, t, n)
                best[n] = _NEVER
            slope = by_persons[1]
            best[0] = 0
            filled = 0
            g_next = 0
            for k in range(low, high):
                board = t - kinds.minutes[k]
                if board < kinds.first_board[k]:
                    out[k, t] = 0
                    continue
                while g_next < num_g and tables.at_pickup[order[g_next], p] <= board:
                    g = order[g_next]
                    g_next += 1
                    persons = tables.strength[g]
                    if persons > seats or tables.slots[g] > deck:
                        continue
                    gain = _gain_of_group(tables, worth, price, i, t, g)
                    if gain + slope * persons <= 0:
                        continue
                    for n in range(min(seats, filled + persons), persons - 1, -1):
                        other = best[n - persons] + gain
                        if other > best[n]:
                            best[n] = other
                    filled = min(seats, filled + persons)
                top = 0
                for n in range(min(kinds.seats[k], filled) + 1):
                    if best[n] > _NEVER // 2 and best[n] + by_persons[n] > top:
                        top = best[n] + by_persons[n]
                out[k, t] = top
                if top > 0:
                    offers[p] = True


@njit(cache=True, nogil=True)
def load_of(
    tables: SearchTables,
    kinds: LoadKinds,
    kind: int,
    minute: int,
    worth: Int64Array,
    price: Int64Array,
    taken: npt.NDArray[np.bool_],
) -> int:
    """Mark in ``taken[G]`` the groups of the best load of a kind arriving in a minute; return what it is worth."""
    num_g = tables.strength.shape[0]
    p, i, deck, seats = kinds.pickup[kind], kinds.incident[kind], kinds.deck[kind], kinds.seats[kind]
    board = minute - kinds.minutes[kind]
    best = np.full(seats + 1, _NEVER, dtype=np.int64)
    best[0] = 0
    chosen = np.zeros((num_g, seats + 1), dtype=np.bool_)
    slope = _worth_of_persons(tables, worth, i, minute, 1)
    taken[:] = False
    for g in range(num_g):
        persons = tables.strength[g]
        if tables.at_pickup[g, p] > board or persons > seats or tables.slots[g] > deck:
            continue
        gain = _gain_of_group(tables, worth, price, i, minute, g)
        if gain + slope * persons <= 0:
            continue
        for n in range(seats, persons - 1, -1):
            if best[n - persons] > _NEVER // 2 and best[n - persons] + gain > best[n]:
                best[n] = best[n - persons] + gain
                chosen[g, n] = True
    top, at = 0, 0
    for n in range(seats + 1):
        if best[n] > _NEVER // 2:
            value = best[n] + _worth_of_persons(tables, worth, i, minute, n)
            if value > top:
                top, at = value, n
    for g in range(num_g - 1, -1, -1):
        if chosen[g, at]:
            taken[g] = True
            at -= tables.strength[g]
    return top


@njit(cache=True, nogil=True)
def best_trips(
    tables: SearchTables,
    kinds: LoadKinds,
    craft: int,
    prices: tuple[Int64Array, int, Int64Array, npt.NDArray[np.bool_]],
    last_min: Int32Array,
    until_min: int,
    trips: Int32Array,
    work: tuple[Int64Array, Int32Array, Int64Array, Int32Array],
) -> tuple[int, int]:
    """Return the most a craft's trips are worth less its minutes, and how many trips that takes; fills ``trips``.

    ``prices`` are the values of loads, of a craft-minute, [C, I] of a trip that arrives while it still counts, and [P]
    which pickups are worth going to.
    ``trips[k]`` becomes (link, arrival minute), the last trip first. Any number of trips, waiting at pickups and closed
    spans are kept; berths are free and a group may be priced in two trips.
    """
    num_p, num_l = tables.position.shape[1], tables.last_mile.shape[0]
    at_pickup, from_landing, at_landing, from_pickup = work
    values, minute_price, trip_price, is_worth_it = prices
    at_pickup[:, : until_min + 1] = _NEVER
    at_landing[:, : until_min + 1] = _NEVER
    from_landing[:, : until_min + 1] = -1
    load, unload = tables.load[craft], tables.unload[craft]
    for p in range(num_p):
        if not is_worth_it[p]:
            continue
        off = open_from(tables.ready[craft], tables.position_spans, craft * num_p + p)
        at = off + tables.position[craft, p]
        if at <= until_min:
            at_pickup[p, at] = -minute_price * tables.position[craft, p]
    first, end = tables.link_first[craft], tables.link_first[craft + 1]
    top, top_landing, top_at = 0, -1, -1
    for t in range(until_min + 1):
        if t > 0:
            for p in range(num_p):
                if at_pickup[p, t - 1] > at_pickup[p, t]:
                    at_pickup[p, t] = at_pickup[p, t - 1]
                    from_landing[p, t] = -2  # waited
        again, rounds = True, 0
        # A trip of no minutes may lead to a pickup already looked at; no more of them help than there are groups.
        while again and rounds <= tables.strength.shape[0]:
            again = False
            rounds += 1
            for n in range(first, end):
                p, landing, i = tables.links[n, 1], tables.links[n, 2], tables.links[n, 3]
                if at_pickup[p, t] <= _NEVER // 2:
                    continue
                crossing = load + tables.haul[craft, p, landing] + unload
                ashore = t + crossing
                if ashore > until_min:
                    continue
                if open_from(t + load, tables.haul_spans, (craft * num_p + p) * num_l + landing) != t + load:
                    continue
                arrive = ashore + tables.last_mile[landing, i]
                value = at_pickup[p, t] - minute_price * crossing
                if arrive <= last_min[i]:
                    value += values[kinds.of_link[n], arrive] - trip_price[craft, i]
                if value <= at_landing[landing, ashore]:
                    continue
                at_landing[landing, ashore] = value
                from_pickup[landing, ashore] = n
                if value > top:
                    top, top_landing, top_at = value, landing, ashore
                for back in range(num_p):
                    if not is_worth_it[back]:
                        continue
                    off = open_from(ashore, tables.back_spans, (craft * num_l + landing) * num_p + back)
                    at = off + tables.back[craft, landing, back]
                    if at > until_min:
                        continue
                    worth_there = value - minute_price * tables.back[craft, landing, back]
                    if worth_there > at_pickup[back, at]:
                        at_pickup[back, at] = worth_there
                        from_landing[back, at] = landing * (until_min + 1) + ashore
                        if at == t:
                            again = True
    count = 0
    landing, ashore = top_landing, top_at
    while landing >= 0:
        n = from_pickup[landing, ashore]
        p, i = tables.links[n, 1], tables.links[n, 3]
        trips[count, 0], trips[count, 1] = n, ashore + tables.last_mile[landing, i]
        count += 1
        at = ashore - unload - tables.haul[craft, p, landing] - load
        while from_landing[p, at] == -2:
            at -= 1
        came = from_landing[p, at]
        if came < 0:
            break
        landing, ashore = came // (until_min + 1), came % (until_min + 1)
    return top, count


@njit(cache=True, nogil=True)
def trips_of_all(
    tables: SearchTables,
    kinds: LoadKinds,
    craft: Int32Array,
    prices: tuple[Int64Array, int, Int64Array, npt.NDArray[np.bool_]],
    last_min: Int32Array,
    until_min: int,
    trips: Int32Array,
    gains: Int64Array,
    counts: Int32Array,
    work: tuple[Int64Array, Int32Array, Int64Array, Int32Array],
) -> None:
    """Fill ``gains``, ``counts`` and ``trips`` for each of some craft by ``best_trips``: one call for all of them."""
    for n in range(craft.shape[0]):
        gains[n], counts[n] = best_trips(tables, kinds, craft[n], prices, last_min, until_min, trips[n], work)
