"""Sail an evacuation in compiled code: vessels follow their lists, then take the best trip there is.

A list entry (a gene) is ``((dock * Q + drop) * 2 + waits) * 4 + fill``: ``waits`` lies off until it can fill up,
``fill`` takes (4 - fill) quarters of the seats. Berths go to whoever asks first. Nobody starts a trip that ends after
the deadline, so the people who remain say how far lists are from it; STOPS ends a vessel's work. ``t``, ``w``: the flat
table and room of ``tables.py``.
"""

from __future__ import annotations

from numba import njit

from routing.evacuate.tables import (
    BERTHS,
    CAPACITY,
    DOCK_AT,
    DOCK_COLUMNS,
    DOCK_FREE_AT,
    DOCKS,
    DROP_AT,
    DROP_BERTHS,
    DROP_COLUMNS,
    DROP_FREE_AT,
    DROPS,
    FIRST_AT,
    GROUP_AT,
    GROUP_COLUMNS,
    LEFT_AT,
    LOAD,
    LOAD_COLUMNS,
    LOAD_S,
    LOADS_AT,
    LOG_AT,
    LOG_COLUMNS,
    PATIENCE,
    PERSONS,
    PLACE,
    PLACE_AT,
    PLACES,
    READY,
    SEATS,
    SIZES_AT,
    SPACE_AT,
    START,
    STATE_AT,
    STATE_COLUMNS,
    TO_DOCK_AT,
    TOGETHER,
    UNCLAIMED_AT,
    UNLOAD,
    UNLOAD_S,
    VESSEL_AT,
    VESSEL_COLUMNS,
    VESSELS,
    WEIGHT,
    Int32Array,
)
from routing.evacuate.ways import (
    FAR,
    Words,
    draw,
    landing,
    leave_for,
    links_of,
    next_ready,
    open_for,
    ride,
    shuts_at,
    soonest,
    stands,
    when_loads,
)

STOPS = 1 << 24
IDLE, TO_DOCK, TO_DROP, FREE = 0, 1, 2, 3
# What a vessel carries that has ended its work by its list.
STOPPED = -1
# Columns of a vessel's state.
STAGE, WHEN, LEAVE, NEXT, DOCK, DROP, CAP, CLAIM, CARRY, WAITS, ROW, FILL = range(STATE_COLUMNS)


@njit("i8(i4[::1], i4[::1], i8, i8, i8, i8, f8, u8[::1])", cache=True, nogil=True, error_model="numpy")
def choose(t: Int32Array, w: Int32Array, v: int, now: int, at: int, deadline: int, blur: float, words: Words) -> int:
    """Return ``dock * Q + drop`` of the trip that takes most people a minute and ends in time; -1 if none does."""
    num_v, num_p, num_q = t[VESSELS], t[DOCKS], t[DROPS]
    me, links = t[VESSEL_AT] + v * VESSEL_COLUMNS, links_of(t, v)
    best, code = -1.0, -1
    spare_s = t[me + LOAD_S] + t[me + UNLOAD_S]
    for p in range(num_p):
        dock = t[DOCK_AT] + p * DOCK_COLUMNS
        place = t[dock + PLACE]
        if w[t[UNCLAIMED_AT] + place] <= 0 or t[dock + BERTHS] == 0:
            continue
        start = leave_for(t, v, now, at, p)[1]
        if start > deadline:
            continue
        start = max(start, w[soonest(w, t[DOCK_FREE_AT] + p * num_v, t[dock + BERTHS])])
        if stands(t, w, place, start, FAR) == 0:
            start = max(start, next_ready(t, w, place, start))
        take = min(t[me + SEATS], w[t[UNCLAIMED_AT] + place])
        for q in range(num_q):
            space = w[t[SPACE_AT] + q]
            loads = when_loads(t, v, p, q, start, take)
            if loads > deadline:
                continue
            loaded = loads + ride(t[me + LOAD], t[me + LOAD_S], take)
            there = landing(t, v, p, q, loaded)[1]
            if there > deadline + spare_s * take // 60 or space <= 0:
                continue
            taken = min(take, space)
            berths = t[t[DROP_AT] + q * DROP_COLUMNS + DROP_BERTHS]
            there = max(there, w[soonest(w, t[DROP_FREE_AT] + q * num_v, berths)])
            there = open_for(t, links + num_p + q, there, t[me + UNLOAD])
            done = there + ride(t[me + UNLOAD], t[me + UNLOAD_S], taken)
            if done > deadline:
                # Fewer people load faster: the last trips before a deadline go part full.
                if spare_s == 0:
                    continue
                taken -= ((done - deadline) * 60 + spare_s - 1) // spare_s
                if taken <= 0:
                    continue
                done = deadline
            back = t[t[TO_DOCK_AT] + (v * (num_q + 1) + q) * num_p + p]
            if back >= FAR:
                back = there - loaded
            worth = taken / (done - now + back + 1.0)
            if blur > 0.0:
                worth *= 1.0 - blur * draw(words)
            if worth > best:
                best, code = worth, p * num_q + q
    return code


@njit(
    "void(i4[::1], i4[::1], i8, i8, i8, i8, i4[:, ::1], i8, i8, f8, u8[::1])",
    cache=True,
    nogil=True,
    error_model="numpy",
)
def dispatch(
    t: Int32Array, w: Int32Array, v: int, now: int, at: int, deadline: int, genes: Int32Array, count: int,
    made: int, blur: float, words: Words,
) -> None:  # fmt: skip
    """Send a vessel for its next people: its list first, then the best trip there is; ``blur`` below 0: no more."""
    num_q = t[DROPS]
    me, state = t[VESSEL_AT] + v * VESSEL_COLUMNS, t[STATE_AT] + v * STATE_COLUMNS
    w[state + STAGE], w[state + CARRY] = IDLE, 0
    while made < genes.shape[1]:
        low, is_listed = 0, w[state + NEXT] < count
        if is_listed:
            gene = genes[v, w[state + NEXT]]
            w[state + NEXT] += 1
            if gene == STOPS:
                w[state + CARRY] = STOPPED
                return
            code, low = gene // 8, gene % 8
        else:
            code = choose(t, w, v, now, at, deadline, blur, words) if blur >= 0.0 else -1
            if code < 0:
                return
        p, q = code // num_q, code % num_q
        place = t[t[DOCK_AT] + p * DOCK_COLUMNS + PLACE]
        unclaimed, space = w[t[UNCLAIMED_AT] + place], w[t[SPACE_AT] + q]
        leave, there = leave_for(t, v, now, at, p)
        least = landing(t, v, p, q, there + t[me + LOAD])[1] + t[me + UNLOAD]
        if unclaimed <= 0 or space <= 0 or least > deadline:
            if is_listed:
                continue
            return
        cap = max(1, t[me + SEATS] * (4 - low % 4) // 4)
        claim = min(cap, min(unclaimed, space))
        w[t[UNCLAIMED_AT] + place] -= claim
        w[t[SPACE_AT] + q] -= claim
        w[state + STAGE], w[state + WHEN], w[state + LEAVE] = TO_DOCK, there, leave
        w[state + DOCK], w[state + DROP], w[state + CAP], w[state + CLAIM] = p, q, cap, claim
        w[state + CARRY], w[state + WAITS], w[state + FILL] = 0, low // 4, low % 4
        return


@njit("UniTuple(i8, 2)(i4[::1], i4[::1], i8, i8, i8, b1)", cache=True, nogil=True, error_model="numpy")
def board(t: Int32Array, w: Int32Array, place: int, minute: int, most: int, logs: bool) -> tuple[int, int]:
    """Take people aboard in boarding order; return how many and their weights."""
    total, weights = 0, 0
    for g in range(w[t[FIRST_AT] + place], t[t[PLACE_AT] + place + 1]):
        left, group = w[t[LEFT_AT] + g], t[GROUP_AT] + g * GROUP_COLUMNS
        if left <= 0:
            if g == w[t[FIRST_AT] + place]:
                w[t[FIRST_AT] + place] += 1
            continue
        take = min(left, most - total)
        if take <= 0:
            break
        if t[group + READY] > minute or (t[group + TOGETHER] == 1 and take < left):
            continue
        w[t[LEFT_AT] + g] -= take
        total += take
        weights += take * t[group + WEIGHT]
        if logs:
            at = t[LOADS_AT] + w[t[SIZES_AT] + 1] * LOAD_COLUMNS
            w[at], w[at + 1], w[at + 2] = w[t[SIZES_AT]], g, take
            w[t[SIZES_AT] + 1] += 1
    return total, weights


@njit("i8(i4[::1], i8, i8, i8, i8, i8)", cache=True, nogil=True, error_model="numpy")
def done_with(t: Int32Array, v: int, p: int, q: int, start: int, persons: int) -> int:
    """Return when so many loaded from a minute are ashore, berths at the drop aside."""
    me = t[VESSEL_AT] + v * VESSEL_COLUMNS
    arrive = landing(t, v, p, q, start + ride(t[me + LOAD], t[me + LOAD_S], persons))[1]
    arrive = open_for(t, links_of(t, v) + t[DOCKS] + q, arrive, t[me + UNLOAD])
    return arrive + ride(t[me + UNLOAD], t[me + UNLOAD_S], persons)


@njit("i8(i4[::1], i4[::1], i8, i8, b1)", cache=True, nogil=True, error_model="numpy")
def load(t: Int32Array, w: Int32Array, v: int, deadline: int, logs: bool) -> int:
    """Load the vessel that asks first, or note when it asks again; returns the weighed waiting of its people."""
    num_v = t[VESSELS]
    me, state = t[VESSEL_AT] + v * VESSEL_COLUMNS, t[STATE_AT] + v * STATE_COLUMNS
    p, q, now = w[state + DOCK], w[state + DROP], w[state + WHEN]
    place = t[t[DOCK_AT] + p * DOCK_COLUMNS + PLACE]
    claim, here = w[state + CLAIM], 0
    most = min(w[state + CAP], claim + min(w[t[UNCLAIMED_AT] + place], w[t[SPACE_AT] + q]))
    here = stands(t, w, place, now, most)
    later = next_ready(t, w, place, now)
    if later < deadline and (here == 0 or (w[state + WAITS] == 1 and here < most)):
        w[state + WHEN] = later
        return 0
    berth = soonest(w, t[DOCK_FREE_AT] + p * num_v, t[t[DOCK_AT] + p * DOCK_COLUMNS + BERTHS])
    if here > 0:
        start = when_loads(t, v, p, q, max(now, w[berth]), here)
        if start > deadline:
            w[t[UNCLAIMED_AT] + place] += claim
            w[t[SPACE_AT] + q] += claim
            w[state + CLAIM], w[state + STAGE], w[state + CARRY] = 0, IDLE, 0
            return 0
        if start > now:
            w[state + WHEN] = start
            return 0
        if t[me + LOAD_S] > 0:
            open_min = shuts_at(t, links_of(t, v) + p, now) - now - t[me + LOAD]
            most = min(most, open_min * 60 // t[me + LOAD_S])
            here = stands(t, w, place, now, most) if most > 0 else 0
        late = done_with(t, v, p, q, now, here) - deadline
        if late > 0:
            # The last trip before the deadline goes with as many as still get ashore in time.
            spare_s = t[me + LOAD_S] + t[me + UNLOAD_S]
            most = here - (late * 60 + spare_s - 1) // spare_s if spare_s > 0 else 0
            here = stands(t, w, place, now, most) if most > 0 else 0
            if here > 0 and done_with(t, v, p, q, now, here) > deadline:
                here = 0
    w[t[UNCLAIMED_AT] + place] += claim
    w[t[SPACE_AT] + q] += claim
    w[state + CLAIM], w[state + STAGE] = 0, IDLE
    if here <= 0:
        return 0
    taken, weights = board(t, w, place, now, most, logs)
    w[t[UNCLAIMED_AT] + place] -= taken
    w[t[SPACE_AT] + q] -= taken
    loaded = now + ride(t[me + LOAD], t[me + LOAD_S], taken)
    depart, arrive = landing(t, v, p, q, loaded)
    if logs:
        row = t[LOG_AT] + w[t[SIZES_AT]] * LOG_COLUMNS
        w[row], w[row + 1], w[row + 2], w[row + 3] = v, p, q, w[state + LEAVE]
        w[row + 4], w[row + 5], w[row + 6], w[row + 7] = now, loaded, depart, arrive
        w[row + 8], w[row + 9] = -1, -1
        w[row + 10], w[row + 11] = berth - t[DOCK_FREE_AT] - p * num_v, -1
        w[state + ROW] = row
        w[t[SIZES_AT]] += 1
    w[berth] = loaded
    # From here on the claim column holds when the vessel reached the drop.
    w[state + STAGE], w[state + WHEN], w[state + CARRY], w[state + CLAIM] = TO_DROP, arrive, taken, arrive
    weighed: int = weights * loaded
    return weighed


@njit("i8(i4[::1], i4[::1], i8, i8, b1)", cache=True, nogil=True, error_model="numpy")
def land(t: Int32Array, w: Int32Array, v: int, deadline: int, logs: bool) -> int:
    """Unload the vessel that asks first; return when it is done, 0 while it waits, FAR if too late."""
    num_v = t[VESSELS]
    me, state = t[VESSEL_AT] + v * VESSEL_COLUMNS, t[STATE_AT] + v * STATE_COLUMNS
    q, now = w[state + DROP], w[state + WHEN]
    takes = ride(t[me + UNLOAD], t[me + UNLOAD_S], w[state + CARRY])
    berth = soonest(w, t[DROP_FREE_AT] + q * num_v, t[t[DROP_AT] + q * DROP_COLUMNS + DROP_BERTHS])
    start = open_for(t, links_of(t, v) + t[DOCKS] + q, max(now, w[berth]), takes)
    if start + takes > deadline or start - w[state + CLAIM] > t[PATIENCE]:
        w[state + STAGE] = IDLE
        return FAR
    if start > now:
        w[state + WHEN] = start
        return 0
    done: int = now + takes
    w[berth] = done
    if logs:
        row = w[state + ROW]
        w[row + 8], w[row + 9], w[row + 11] = now, done, berth - t[DROP_FREE_AT] - q * num_v
    return done


@njit("void(i4[::1], i4[::1], i8, i4[:, ::1], i4[::1])", cache=True, nogil=True, error_model="numpy")
def note_stop(t: Int32Array, w: Int32Array, v: int, out: Int32Array, out_counts: Int32Array) -> None:
    """Keep the end of a vessel's work in the list it sailed."""
    state = t[STATE_AT] + v * STATE_COLUMNS
    if w[state + STAGE] == IDLE and w[state + CARRY] == STOPPED and out_counts[v] < out.shape[1]:
        out[v, out_counts[v]] = STOPS
        out_counts[v] += 1


@njit(
    "UniTuple(i8, 3)(i4[::1], i4[::1], i8, i4[:, ::1], i4[::1], i4[:, ::1], i4[::1], f8, u8[::1], b1)",
    cache=True,
    nogil=True,
    error_model="numpy",
)
def sail(
    t: Int32Array, w: Int32Array, deadline: int, genes: Int32Array, counts: Int32Array, out: Int32Array,
    out_counts: Int32Array, blur: float, words: Words, logs: bool,
) -> tuple[int, int, int]:  # fmt: skip
    """Return (people who remain, completion, weighed waiting) of lists; ``out`` are the lists as they were sailed."""
    num_v, num_q = t[VESSELS], t[DROPS]
    remaining, complete, weighed = 0, 0, 0
    for place in range(t[PLACES]):
        w[t[FIRST_AT] + place] = t[t[PLACE_AT] + place]
        total = 0
        for g in range(t[t[PLACE_AT] + place], t[t[PLACE_AT] + place + 1]):
            w[t[LEFT_AT] + g] = t[t[GROUP_AT] + g * GROUP_COLUMNS + PERSONS]
            total += w[t[LEFT_AT] + g]
        w[t[UNCLAIMED_AT] + place] = total
        remaining += total
    for q in range(num_q):
        w[t[SPACE_AT] + q] = t[t[DROP_AT] + q * DROP_COLUMNS + CAPACITY]
    for at in range(t[DOCK_FREE_AT], t[STATE_AT]):
        w[at] = 0
    w[t[SIZES_AT]], w[t[SIZES_AT] + 1] = 0, 0
    for v in range(num_v):
        out_counts[v] = 0
    for v in range(num_v):
        state = t[STATE_AT] + v * STATE_COLUMNS
        w[state + NEXT], w[state + STAGE], w[state + DROP] = 0, FREE, num_q
        w[state + WHEN] = t[t[VESSEL_AT] + v * VESSEL_COLUMNS + START]
    while True:
        v, when = -1, FAR
        for u in range(num_v):
            state = t[STATE_AT] + u * STATE_COLUMNS
            if w[state + STAGE] != IDLE and w[state + WHEN] < when:
                v, when = u, w[state + WHEN]
        if v < 0:
            break
        state = t[STATE_AT] + v * STATE_COLUMNS
        if w[state + STAGE] == TO_DOCK:
            weighed += load(t, w, v, deadline, logs)
        elif w[state + STAGE] == TO_DROP:
            done = land(t, w, v, deadline, logs)
            if done == 0 or done >= FAR:
                continue
            remaining -= w[state + CARRY]
            complete = max(complete, done)
            code = w[state + DOCK] * num_q + w[state + DROP]
            out[v, out_counts[v]] = (code * 2 + w[state + WAITS]) * 4 + w[state + FILL]
            out_counts[v] += 1
            w[state + STAGE], w[state + WHEN] = FREE, done
        else:
            at = w[state + DROP]
            dispatch(t, w, v, when, at, deadline, genes, counts[v], out_counts[v], blur, words)
            note_stop(t, w, v, out, out_counts)
    return remaining, complete, weighed
