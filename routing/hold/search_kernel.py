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
def works(
    people: IntArray,
    tasks: IntArray,
    travel: IntArray,
    start: IntArray,
    route: IntArray,
    load: IntArray,
    person: int,
    task: int,
    at: int,
    minute: int,
) -> bool:
    """Say whether a person's rests suffice with a task put at a place of their route.

    It takes the few arrays it needs: each array of a tuple handed over is counted, which costs more than all of this.
    """
    rest, longest = people[person, REST], people[person, LONGEST]
    mode, here, free = people[person, MODE], people[person, PLACE], people[person, READY]
    worked = people[person, WORKED]
    for k in range(load[person, COUNT] + 1):
        one = task if k == at else route[person, k if k < at else k - 1]
        begin = minute if k == at else start[one]
        if begin - travel[mode, here, tasks[one, SITE]] - free >= rest:
            worked = 0
        worked += tasks[one, DURATION]
        if worked > longest:
            return False
        here, free = tasks[one, SITE], begin + tasks[one, DURATION]
    return True


@njit(cache=True, nogil=True)
def count_free(
    tables: HoldTables, state: HoldState, task: int, first: int, last: int, free: IntArray, is_brief: bool
) -> bool:
    """Count for every start in a window who is free, ``free[need, start - first]`` and in all in the last row used.

    If brief it says no as soon as too few are free for the scarcest need, whoever else is.
    """
    people, tasks, travel, able, can = tables.people, tables.tasks, tables.travel, tables.able, tables.can
    start, route, load = state.start, state.route, state.load
    needs, key_need = tasks[task, NEEDS], tasks[task, KEY_NEED]
    span = last - first + 1
    for n in range(needs + 1):
        for t in range(span + 1):
            free[n, t] = 0
    site, duration = tasks[task, SITE], tasks[task, DURATION]
    begin = tasks[task, ABLE]
    for j in range(begin, tasks[task, ABLE + 1]):
        if is_brief and j == begin + tasks[task, KEY_COUNT]:
            here_free, most = 0, 0
            for t in range(span):
                here_free += free[key_need, t]
                most = max(most, here_free)
            if most < tables.needs[task, key_need]:
                return False
        person = able[j]
        is_light = load[person, BUSY] + people[person, WORKED] + duration <= people[person, LONGEST]
        if not is_light and people[person, REST] >= people[person, UNTIL]:
            continue
        bits = can[task, person]
        mode, until, count = people[person, MODE], people[person, UNTIL], load[person, COUNT]
        here, left_at = people[person, PLACE], people[person, READY]
        for at in range(count + 1):
            arrives = left_at + travel[mode, here, site]
            low, high = max(first, arrives), until
            if at < count:
                one = route[person, at]
                here = tasks[one, SITE]
                high = min(until, start[one] - travel[mode, site, here])
                left_at = start[one] + tasks[one, DURATION]
            high = min(last, high - duration)
            if low <= high and is_light:
                for n in range(needs):
                    if bits >> n & 1:
                        free[n, low - first] += 1
                        free[n, high + 1 - first] -= 1
                free[needs, low - first] += 1
                free[needs, high + 1 - first] -= 1
            elif low <= high:
                rested = arrives + people[person, REST]
                step = _COARSE_MIN if is_brief and high - low > _FINE_SPAN_MIN else 1
                minute = low
                while minute <= high:
                    if works(people, tasks, travel, start, route, load, person, task, at, minute):
                        for n in range(needs):
                            if bits >> n & 1:
                                free[n, minute - first] += 1
                                free[n, minute + 1 - first] -= 1
                        free[needs, minute - first] += 1
                        free[needs, minute + 1 - first] -= 1
                    minute = rested if minute < rested < minute + step else minute + step
            if at < count and left_at > last:
                break
    for n in range(needs + 1):
        for t in range(1, span):
            free[n, t] += free[n, t - 1]
    return True


@njit(cache=True, nogil=True)
def seat(
    can: IntArray,
    needs: int,
    task: int,
    person: int,
    held: int,
    people: IntArray,
    roles: IntArray,
    left: IntArray,
    trail: IntArray,
) -> bool:
    """Give a person a need of a crew still being formed, others moving to other needs of theirs if it must be so."""
    bits = can[task, person]
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
                others = can[task, people[k]] & ~reached
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
def fill(tables: HoldTables, state: HoldState, room: Room, task: int, minute: int) -> bool:
    """Enter a task at a start with the cheapest crew that is free, by taste; says whether there is one.

    Taking people in the order of their cost as long as the crew can still be seated gives the cheapest crew, for crews
    that can be seated are a matroid (Edmonds and Fulkerson 1965).
    """
    people, tasks, travel, able = tables.people, tables.tasks, tables.travel, tables.able
    start, route, load = state.start, state.route, state.load
    taste, cost, found = room.taste, room.cost, room.found
    site, duration = tasks[task, SITE], tasks[task, DURATION]
    many = 0
    for j in range(tasks[task, ABLE], tasks[task, ABLE + 1]):
        person = able[j]
        mode, count = people[person, MODE], load[person, COUNT]
        here, left_at, at = people[person, PLACE], people[person, READY], 0
        while at < count and start[route[person, at]] < minute:
            one = route[person, at]
            here, left_at = tasks[one, SITE], start[one] + tasks[one, DURATION]
            at += 1
        way, end = travel[mode, here, site], people[person, UNTIL]
        before = minute - left_at - way
        if at < count:
            one = route[person, at]
            onward = travel[mode, site, tasks[one, SITE]]
            end = min(end, start[one] - onward)
            way += onward - travel[mode, here, tasks[one, SITE]]
        after = end - duration - minute
        if before < 0 or after < 0:
            continue
        spare = people[person, LONGEST] - load[person, BUSY] - people[person, WORKED] - duration
        if spare < 0 and (
            people[person, REST] >= people[person, UNTIL]
            or not works(people, tasks, travel, start, route, load, person, task, at, minute)
        ):
            continue
        price = taste[0] * tables.scarce[person] + taste[1] * way + taste[2] * min(before, after)
        price += taste[3] * spare + taste[4] * np.random.random()
        if tables.change.shape[1] > 0:
            price += taste[5] * tables.change[task, person]
        cost[many] = price
        found[many] = person
        many += 1
    persons = tasks[task, PERSONS]
    if many < persons:
        return False
    width = state.crew.shape[1]
    crew, roles = room.crew[:width], room.crew[width : 2 * width]
    left, trail = room.crew[2 * width : 2 * width + 32], room.crew[2 * width + 32 :]
    for n in range(tasks[task, NEEDS]):
        left[n] = tables.needs[task, n]
    held = 0
    while many > 0:
        k = 0
        for j in range(1, many):
            if cost[j] < cost[k]:
                k = j
        if seat(tables.can, tasks[task, NEEDS], task, found[k], held, crew, roles, left, trail):
            held += 1
            if held == persons:
                enter(tables, state, task, minute, crew, roles)
                return True
        many -= 1
        cost[k], found[k] = cost[many], found[many]
    return False


@njit(cache=True, nogil=True)
def fits(tables: HoldTables, state: HoldState, person: int, task: int, minute: int) -> bool:
    """Say whether a task can be put into a person's route at a start."""
    people, tasks, travel = tables.people, tables.tasks, tables.travel
    start, route, load = state.start, state.route, state.load
    mode, count, site = people[person, MODE], load[person, COUNT], tasks[task, SITE]
    here, left_at, at = people[person, PLACE], people[person, READY], 0
    while at < count and start[route[person, at]] < minute:
        one = route[person, at]
        here, left_at = tasks[one, SITE], start[one] + tasks[one, DURATION]
        at += 1
    end = people[person, UNTIL]
    if at < count:
        one = route[person, at]
        end = min(end, start[one] - travel[mode, site, tasks[one, SITE]])
    if left_at + travel[mode, here, site] > minute or minute + tasks[task, DURATION] > end:
        return False
    return works(people, tasks, travel, start, route, load, person, task, at, minute)
