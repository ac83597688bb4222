"""Price the loads of craft in compiled whole numbers: the best that is to be had at each stand for each arrival."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.deploy.columns.load_kinds import LoadKinds, Stands
from routing.deploy.search_tables import Int32Array, SearchTables

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
NEVER = -(1 << 60)


@njit(cache=True, nogil=True)
def _needs_of(tables: SearchTables, worth: Int64Array, incident: int) -> tuple[Int32Array, int, Int32Array, int]:
    """Return which echelons of an incident pay for anybody and how many, then which for a skill."""
    num_e = tables.need_incident.shape[0]
    anybody, skilled = np.empty(num_e, dtype=np.int32), np.empty(num_e, dtype=np.int32)
    num_anybody, num_skilled = 0, 0
    for e in range(num_e):
        if tables.need_incident[e] == incident and worth[e].max() > 0:
            if tables.need_skilled[e] != 0:
                skilled[num_skilled] = e
                num_skilled += 1
            else:
                anybody[num_anybody] = e
                num_anybody += 1
    return anybody, num_anybody, skilled, num_skilled


@njit(cache=True, nogil=True)
def _worth_of_persons(
    tables: SearchTables, worth: Int64Array, anybody: Int32Array, count: int, minute: int, persons: int
) -> int:
    """Return what so many persons of a load are worth to the echelons that ask for anybody."""
    value: int = 0
    for k in range(count):
        value += worth[anybody[k], minute] * min(persons, tables.need_persons[anybody[k]])
    return value


@njit(cache=True, nogil=True)
def _gain_of_group(
    tables: SearchTables,
    worth: Int64Array,
    price: Int64Array,
    skilled: Int32Array,
    count: int,
    minute: int,
    group: int,
) -> int:
    """Return what a group is worth to the echelons that ask for a skill, less what taking it costs."""
    gain: int = -price[group]
    for k in range(count):
        e = skilled[k]
        gain += worth[e, minute] * min(tables.counts[group, e], tables.need_persons[e])
    return gain


@njit(cache=True, nogil=True)
def load_values(
    tables: SearchTables,
    stands: Stands,
    kinds: LoadKinds,
    worth: Int64Array,
    price: Int64Array,
    last_min: Int32Array,
    out: Int64Array,
    offers: BoolArray,
) -> None:
    """Fill ``out[kind, minute]`` with the most that a load arriving at the scene in a minute is worth.

    ``worth[E, T + 1]`` is what one person counting for an echelon is worth who arrives in a minute, ``price[G]`` what
    taking a group costs, ``last_min[I]`` the last minute at which an arrival counts. A load is of whole groups that
    are to be had at the stand when loading starts. Persons of an echelon that asks for anybody count up to what it asks
    in a load; those of a skill up to that in each group. An empty load is worth nothing. ``offers[V]`` says at which
    stands some load is worth anything.
    """
    offers[:] = False
    num_g = tables.strength.shape[0]
    most_seats, most_persons = 0, 0
    for c in range(tables.seats.shape[0]):
        most_seats = max(most_seats, tables.seats[c])
    for g in range(num_g):
        most_persons = max(most_persons, tables.strength[g])
    best = np.empty(most_seats + 1, dtype=np.int64)
    by_persons = np.empty(most_seats + 1, dtype=np.int64)
    # How many groups of a strength at no charge and of no skill were taken in: more than fit are never of use.
    plain = np.empty(most_persons + 1, dtype=np.int32)
    for block in range(kinds.first.shape[0] - 1):
        low, high = kinds.first[block], kinds.first[block + 1]
        v, i, deck = kinds.stand[low], kinds.incident[low], kinds.deck[low]
        anybody, num_anybody, skilled, num_skilled = _needs_of(tables, worth, i)
        seats = 0
        shortest = kinds.minutes[low]
        for k in range(low, high):
            seats = max(seats, kinds.seats[k])
            shortest = min(shortest, kinds.minutes[k])
        order = stands.order[v]
        # No load is of more persons than there are.
        to_be_had = 0
        for g in range(num_g):
            if stands.at[g, v] <= last_min[i] - shortest and tables.slots[g] <= deck:
                to_be_had += tables.strength[g]
        seats = min(seats, to_be_had)
        # From this minute on a load finds the same groups as one a minute earlier.
        longest, settled = kinds.minutes[low], 0
        for n in range(num_g - 1, -1, -1):
            if stands.at[order[n], v] <= last_min[i]:
                settled = stands.at[order[n], v]
                break
        for k in range(low, high):
            settled = max(settled, min(kinds.first_board[k], last_min[i]))
        settled += longest + 1
        for t in range(last_min[i] + 1):
            is_same = t >= settled
            for k in range(num_anybody):
                is_same = is_same and worth[anybody[k], t] == worth[anybody[k], t - 1]
            for k in range(num_skilled):
                is_same = is_same and worth[skilled[k], t] == worth[skilled[k], t - 1]
            if is_same:
                for k in range(low, high):
                    out[k, t] = out[k, t - 1]
                continue
            is_wanted = False
            for k in range(num_anybody):
                is_wanted = is_wanted or worth[anybody[k], t] > 0
            for k in range(num_skilled):
                is_wanted = is_wanted or worth[skilled[k], t] > 0
            if not is_wanted or t - shortest < 0 or stands.at[order[0], v] > t - shortest:
                for k in range(low, high):
                    out[k, t] = 0
                continue
            # What the persons aboard are worth to the echelons that ask for anybody.
            for n in range(seats + 1):
                by_persons[n] = _worth_of_persons(tables, worth, anybody, num_anybody, t, n)
                best[n] = NEVER
            slope = by_persons[1] if seats > 0 else 0
            best[0] = 0
            plain[:] = 0
            filled = 0
            g_next = 0
            for k in range(low, high):
                board = t - kinds.minutes[k]
                if board < kinds.first_board[k]:
                    out[k, t] = 0
                    continue
                while g_next < num_g and stands.at[order[g_next], v] <= board:
                    g = order[g_next]
                    g_next += 1
                    persons = tables.strength[g]
                    if persons > seats or tables.slots[g] > deck:
                        continue
                    gain = _gain_of_group(tables, worth, price, skilled, num_skilled, t, g)
                    if gain + slope * persons <= 0:
                        continue
                    if gain <= 0:
                        if plain[persons] * persons > seats - persons:
                            continue
                        if gain == 0:
                            plain[persons] += 1
                    for n in range(min(seats, filled + persons), persons - 1, -1):
                        other = best[n - persons] + gain
                        if other > best[n]:
                            best[n] = other
                    filled = min(seats, filled + persons)
                top = 0
                for n in range(min(kinds.seats[k], filled) + 1):
                    if best[n] > NEVER // 2 and best[n] + by_persons[n] > top:
                        top = best[n] + by_persons[n]
                out[k, t] = top
                if top > 0:
                    offers[v] = True


@njit(cache=True, nogil=True)
def load_of(
    tables: SearchTables,
    stands: Stands,
    kinds: LoadKinds,
    kind: int,
    minute: int,
    worth: Int64Array,
    price: Int64Array,
    taken: BoolArray,
) -> int:
    """Mark in ``taken[G]`` the groups of the best load of a kind arriving in a minute; return what it is worth."""
    num_g = tables.strength.shape[0]
    v, i, deck, seats = kinds.stand[kind], kinds.incident[kind], kinds.deck[kind], kinds.seats[kind]
    anybody, num_anybody, skilled, num_skilled = _needs_of(tables, worth, i)
    board = minute - kinds.minutes[kind]
    best = np.full(seats + 1, NEVER, dtype=np.int64)
    best[0] = 0
    chosen = np.zeros((num_g, seats + 1), dtype=np.bool_)
    slope = _worth_of_persons(tables, worth, anybody, num_anybody, minute, 1)
    taken[:] = False
    for g in range(num_g):
        persons = tables.strength[g]
        if stands.at[g, v] > board or persons > seats or tables.slots[g] > deck:
            continue
        gain = _gain_of_group(tables, worth, price, skilled, num_skilled, minute, g)
        if gain + slope * persons <= 0:
            continue
        for n in range(seats, persons - 1, -1):
            if best[n - persons] > NEVER // 2 and best[n - persons] + gain > best[n]:
                best[n] = best[n - persons] + gain
                chosen[g, n] = True
    top, at = 0, 0
    for n in range(seats + 1):
        if best[n] > NEVER // 2:
            value = best[n] + _worth_of_persons(tables, worth, anybody, num_anybody, minute, n)
            if value > top:
                top, at = value, n
    for g in range(num_g - 1, -1, -1):
        if chosen[g, at]:
            taken[g] = True
            at -= tables.strength[g]
    return top
