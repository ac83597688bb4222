"""Put tasks into a plan and take them out in compiled code: every start minute of a window is looked at in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit

from routing.hold.search_tables import (
    ABLE,
    AFTER,
    BEFORE,
    BUSY,
    COUNT,
    DURATION,
    EARLIEST,
    FIXED,
    HEIRS,
    KEY_COUNT,
    KEY_NEED,
    LATEST,
    LONGEST,
    MODE,
    NEEDS,
    PERSONS,
    PLACE,
    READY,
    REST,
    SITE,
    UNDONE,
    UNTIL,
    WORKED,
    HoldState,
    HoldTables,
    IntArray,
    Room,
)

# Whoever needs a rest is looked at in steps of so many minutes where more than so many starts come into question.
_COARSE_MIN, _FINE_SPAN_MIN = 5, 16


@njit(cache=True, nogil=True)
def window(tables: HoldTables, state: HoldState, task: int) -> tuple[int, int]:
    """Return the first and last start that window and precedence allow beside the plan; first > last where none."""
    first, last = tables.tasks[task, EARLIEST], tables.tasks[task, LATEST]
    for k in range(tables.tasks[task, BEFORE], tables.tasks[task, BEFORE + 1]):
        other = tables.links[k, 0]
        if state.start[other] == UNDONE:
            return 1, 0
        first = max(first, state.start[other] + tables.tasks[other, DURATION] + tables.links[k, 1])
    for k in range(tables.tasks[task, AFTER], tables.tasks[task, AFTER + 1]):
        other = tables.links[k, 0]
        if state.start[other] != UNDONE and tables.tasks[other, FIXED] == 0:
            last = min(last, state.start[other] - tables.tasks[task, DURATION] - tables.links[k, 1])
    return first, last


@njit(cache=True, nogil=True)
def works(tables: HoldTables, state: HoldState, person: int, task: int, at: int, start: int) -> bool:
    """Say whether a person's rests suffice with a task put at a place of their route."""
    rest, longest = tables.people[person, REST], tables.people[person, LONGEST]
    mode, here, free = tables.people[person, MODE], tables.people[person, PLACE], tables.people[person, READY]
    worked = tables.people[person, WORKED]
    count = state.load[person, COUNT]
    for k in range(count + 1):
        one = task if k == at else state.route[person, k if k < at else k - 1]
        begin = start if k == at else state.start[one]
        if begin - tables.travel[mode, here, tables.tasks[one, SITE]] - free >= rest:
            worked = 0
        worked += tables.tasks[one, DURATION]
        if worked > longest:
            return False
        here, free = tables.tasks[one, SITE], begin + tables.tasks[one, DURATION]
    return True


@njit(cache=True, nogil=True)
def gap_before(tables: HoldTables, state: HoldState, person: int, at: int, task: int) -> int:
    """Return the earliest start of a task put at a place of a person's route, by the one before it alone."""
    site = tables.tasks[task, SITE]
    mode = tables.people[person, MODE]
    if at == 0:
        return int(tables.people[person, READY] + tables.travel[mode, tables.people[person, PLACE], site])
    one = state.route[person, at - 1]
    return int(state.start[one] + tables.tasks[one, DURATION] + tables.travel[mode, tables.tasks[one, SITE], site])


@njit(cache=True, nogil=True)
def gap_after(tables: HoldTables, state: HoldState, person: int, at: int, task: int) -> int:
    """Return the latest start of a task put at a place of a person's route, by the one after it alone."""
    if at == state.load[person, COUNT]:
        return int(tables.people[person, UNTIL] - tables.tasks[task, DURATION])
    one = state.route[person, at]
    way = tables.travel[tables.people[person, MODE], tables.tasks[task, SITE], tables.tasks[one, SITE]]
    return int(min(tables.people[person, UNTIL], state.start[one] - way) - tables.tasks[task, DURATION])


@njit(cache=True, nogil=True)
def count_free(
    tables: HoldTables, state: HoldState, task: int, first: int, last: int, free: IntArray, is_brief: bool
) -> bool:
    """Count for every start in a window who is free, ``free[need, start - first]`` and in all in the last row used.

    If brief it says no as soon as too few are free for the scarcest need, whoever else is.
    """
    needs = tables.tasks[task, NEEDS]
    span = last - first + 1
    free[: needs + 1, : span + 1] = 0
    duration = tables.tasks[task, DURATION]
    begin = tables.tasks[task, ABLE]
    key_need = tables.tasks[task, KEY_NEED]
    for j in range(begin, tables.tasks[task, ABLE + 1]):
        if is_brief and j == begin + tables.tasks[task, KEY_COUNT]:
            here, most = 0, 0
            for t in range(span):
                here += free[key_need, t]
                most = max(most, here)
            if most < tables.needs[task, key_need]:
                return False
        person = tables.able[j]
        is_light = state.load[person, BUSY] + tables.people[person, WORKED] + duration <= tables.people[person, LONGEST]
        if not is_light and tables.people[person, REST] >= tables.people[person, UNTIL]:
            continue
        bits = tables.can[task, person]
        for at in range(state.load[person, COUNT] + 1):
            # Ways may be shorter by way of another place, so a late arrival here says nothing of later gaps.
            if at > 0 and state.start[state.route[person, at - 1]] >= last:
                break
            low = max(first, gap_before(tables, state, person, at, task))
            high = min(last, gap_after(tables, state, person, at, task))
            if low > high:
                continue
            if is_light:
                for n in range(needs):
                    if bits >> n & 1:
                        free[n, low - first] += 1
                        free[n, high + 1 - first] -= 1
                free[needs, low - first] += 1
                free[needs, high + 1 - first] -= 1
            else:
                rested = gap_before(tables, state, person, at, task) + tables.people[person, REST]
                step = _COARSE_MIN if is_brief and high - low > _FINE_SPAN_MIN else 1
                start = low
                while start <= high:
                    if works(tables, state, person, task, at, start):
                        for n in range(needs):
                            if bits >> n & 1:
                                free[n, start - first] += 1
                                free[n, start + 1 - first] -= 1
                        free[needs, start - first] += 1
                        free[needs, start + 1 - first] -= 1
                    start = rested if start < rested < start + step else start + step
    for n in range(needs + 1):
        for t in range(1, span):
            free[n, t] += free[n, t - 1]
    return True


@njit(cache=True, nogil=True)
def place_in(tables: HoldTables, state: HoldState, person: int, task: int, start: int) -> int:
    """Return the place of a person's route where a task fits at a start, -1 where it does not."""
    count = state.load[person, COUNT]
    at = int(count)
    while at > 0 and state.start[state.route[person, at - 1]] >= start:
        at -= 1
    if gap_before(tables, state, person, at, task) > start or gap_after(tables, state, person, at, task) < start:
        return -1
    worked = state.load[person, BUSY] + tables.people[person, WORKED] + tables.tasks[task, DURATION]
    if worked <= tables.people[person, LONGEST]:
        return at
    if tables.people[person, REST] < tables.people[person, UNTIL] and works(tables, state, person, task, at, start):
        return at
    return -1


@njit(cache=True, nogil=True)
def seat(
    tables: HoldTables,
    task: int,
    person: int,
    held: int,
    people: IntArray,
    roles: IntArray,
    left: IntArray,
    trail: IntArray,
) -> bool:
    """Give a person a need of a crew still being formed, others moving to other needs of theirs if it must be so."""
    needs = tables.tasks[task, NEEDS]
    bits = tables.can[task, person]
    for n in range(needs):
        if bits >> n & 1 and left[n] > 0:
            left[n] -= 1
            people[held], roles[held] = person, n
            return True
    # Breadth first over needs: trail[n] is the crew member who would move out of need n, trail[32 + n] where to.
    reached = bits
    frontier = bits
    for n in range(needs):
        trail[n] = -1
    while frontier != 0:
        following = 0
        for n in range(needs):
            if not frontier >> n & 1:
                continue
            for k in range(held):
                if roles[k] != n:
                    continue
                others = tables.can[task, people[k]] & ~reached
                if others == 0:
                    continue
                for m in range(needs):
                    if others >> m & 1:
                        trail[m], trail[32 + m] = k, n
                        reached |= 1 << m
                        following |= 1 << m
                        if left[m] > 0:
                            left[m] -= 1
                            while trail[m] >= 0:
                                mover, out_of = trail[m], trail[32 + m]
                                roles[mover] = m
                                m = out_of
                            people[held], roles[held] = person, m
                            return True
        frontier = following
    return False


@njit(cache=True, nogil=True)
def enter(tables: HoldTables, state: HoldState, task: int, start: int, people: IntArray, roles: IntArray) -> None:
    """Enter a task with its crew into the plan."""
    state.start[task] = start
    for k in range(tables.tasks[task, PERSONS]):
        person = people[k]
        state.crew[task, k], state.role[task, k] = person, roles[k]
        at = state.load[person, COUNT]
        while at > 0 and state.start[state.route[person, at - 1]] >= start:
            state.route[person, at] = state.route[person, at - 1]
            at -= 1
        state.route[person, at] = task
        state.load[person, COUNT] += 1
        state.load[person, BUSY] += tables.tasks[task, DURATION]


@njit(cache=True, nogil=True)
def _take_one(tables: HoldTables, state: HoldState, task: int) -> None:
    for k in range(tables.tasks[task, PERSONS]):
        person = state.crew[task, k]
        at = 0
        while state.route[person, at] != task:
            at += 1
        state.load[person, COUNT] -= 1
        for j in range(at, state.load[person, COUNT]):
            state.route[person, j] = state.route[person, j + 1]
        state.load[person, BUSY] -= tables.tasks[task, DURATION]
    state.start[task] = UNDONE


@njit(cache=True, nogil=True)
def take_out(tables: HoldTables, state: HoldState, task: int, todo: IntArray, taken: int) -> int:
    """Take a task out of the plan with all that wait for it, and list them; returns how many are listed now."""
    _take_one(tables, state, task)
    todo[taken] = task
    taken += 1
    for k in range(tables.tasks[task, HEIRS], tables.tasks[task, HEIRS + 1]):
        other = tables.links[k, 0]
        if state.start[other] != UNDONE:
            _take_one(tables, state, other)
            todo[taken] = other
            taken += 1
    return taken


@njit(cache=True, nogil=True)
def fill(tables: HoldTables, state: HoldState, room: Room, task: int, start: int) -> bool:
    """Enter a task at a start with the cheapest crew that is free, by taste; says whether there is one.

    Taking people in the order of their cost as long as the crew can still be seated gives the cheapest crew, for crews
    that can be seated are a matroid (Edmonds and Fulkerson 1965).
    """
    taste, cost, found = room.taste, room.cost, room.found
    many = 0
    for j in range(tables.tasks[task, ABLE], tables.tasks[task, ABLE + 1]):
        person = tables.able[j]
        at = place_in(tables, state, person, task, start)
        if at < 0:
            continue
        before = start - gap_before(tables, state, person, at, task)
        after = gap_after(tables, state, person, at, task) - start
        spare = (
            tables.people[person, LONGEST]
            - state.load[person, BUSY]
            - tables.people[person, WORKED]
            - tables.tasks[task, DURATION]
        )
        mode = tables.people[person, MODE]
        come_from = tables.people[person, PLACE] if at == 0 else tables.tasks[state.route[person, at - 1], SITE]
        way = tables.travel[mode, come_from, tables.tasks[task, SITE]]
        if at < state.load[person, COUNT]:
            to = tables.tasks[state.route[person, at], SITE]
            way += tables.travel[mode, tables.tasks[task, SITE], to] - tables.travel[mode, come_from, to]
        price = taste[0] * tables.scarce[person] + taste[1] * way + taste[2] * min(before, after)
        price += taste[3] * spare + taste[4] * np.random.random()
        if tables.change.shape[1] > 0:
            price += taste[5] * tables.change[task, person]
        cost[many] = price
        found[many] = person
        many += 1
    persons = tables.tasks[task, PERSONS]
    if many < persons:
        return False
    width = state.crew.shape[1]
    people, roles = room.crew[:width], room.crew[width : 2 * width]
    left, trail = room.crew[2 * width : 2 * width + 32], room.crew[2 * width + 32 :]
    for n in range(tables.tasks[task, NEEDS]):
        left[n] = tables.needs[task, n]
    held = 0
    while many > 0:
        k = 0
        for j in range(1, many):
            if cost[j] < cost[k]:
                k = j
        if seat(tables, task, found[k], held, people, roles, left, trail):
            held += 1
            if held == persons:
                enter(tables, state, task, start, people, roles)
                return True
        many -= 1
        cost[k], found[k] = cost[many], found[many]
    return False
