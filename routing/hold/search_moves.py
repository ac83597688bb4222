"""Ruin a plan and build it up again, thousands of times a second (Schrimpf et al. 2000), cooling as it goes."""

from __future__ import annotations

import numpy as np
from numba import njit

from routing.hold.search_kernel import count_free, fill, take_out, window
from routing.hold.search_tables import (
    BEFORE,
    COUNT,
    DURATION,
    EARLIEST,
    FIXED,
    LATEST,
    NEEDS,
    PERSONS,
    UNDONE,
    VALUE,
    Float64Array,
    HoldState,
    HoldTables,
    IntArray,
    Room,
)

POINTS = 100_000
# Tasks not done are tried again if their window lies no further than this from what was taken out.
_BESIDE_MIN = 30


@njit(cache=True, nogil=True)
def score(tables: HoldTables, state: HoldState) -> tuple[int, int, int]:
    """Return value, value x minutes late, and the points of changes of a plan."""
    value, late, changed = 0, 0, 0
    for task in range(tables.tasks.shape[0]):
        if state.start[task] == UNDONE:
            continue
        value += tables.tasks[task, VALUE]
        late += tables.tasks[task, VALUE] * max(0, state.start[task] - tables.tasks[task, EARLIEST])
        if tables.change.shape[1] > 0:
            for k in range(tables.tasks[task, PERSONS]):
                changed += tables.change[task, state.crew[task, k]]
    return value, late, changed


@njit(cache=True, nogil=True)
def insert(tables: HoldTables, state: HoldState, room: Room, task: int, how: int) -> bool:
    """Enter a task where a crew is free: at the earliest start (0), by lot (1), the latest (2), or if most are (3)."""
    first, last = window(tables, state, task)
    if first > last:
        return False
    free = room.free
    if not count_free(tables, state, task, first, last, free, True):
        return False
    needs = tables.tasks[task, NEEDS]
    span = last - first + 1
    good = 0
    roomy, roomiest = 0, -1
    for t in range(span):
        is_good = free[needs, t] >= tables.tasks[task, PERSONS]
        for n in range(needs):
            if free[n, t] < tables.needs[task, n]:
                is_good = False
                break
        if is_good:
            if free[needs, t] > roomiest:
                roomy, roomiest = good, free[needs, t]
            free[0, good] = t  # the row is read up to t already
            good += 1
    tries = min(good, 4)
    for k in range(tries):
        if how == 0:
            pick = k
        elif how == 3 and k == 0:
            pick = roomy
        elif how == 1 or how == 3:
            pick = np.random.randint(good)
        else:
            pick = good - 1 - k
        if fill(tables, state, room, task, first + free[0, pick]):
            return True
    return False


@njit(cache=True, nogil=True)
def copy_plan(source: HoldState, target: HoldState) -> None:
    """Copy a plan over another."""
    for k in range(source.whole.shape[0]):
        target.whole[k] = source.whole[k]


@njit(cache=True, nogil=True)
def take_tastes(taste: Float64Array) -> None:
    """Draw what makes a person the right one for a crew: few scarce skills, little way, small gaps, little spare."""
    taste[0] = np.random.random() * 0.4
    taste[1] = np.random.random() * 1.5
    taste[2] = np.random.random() * 0.5 if np.random.random() < 0.5 else 0.0
    taste[3] = np.random.random() * 0.3 if np.random.random() < 0.5 else 0.0
    taste[4] = 20.0 * np.random.random() ** 2
    taste[5] = 0.01


@njit(cache=True, nogil=True)
def ruin(tables: HoldTables, state: HoldState, most: int, todo: IntArray) -> int:
    """Take tasks out of a plan by one of several ways, those taken first in ``todo``; returns how many."""
    num_t, num_n = tables.tasks.shape[0], tables.people.shape[0]
    how = np.random.random()
    count = 1 + np.random.randint(most)
    taken = 0
    if how < 0.25:  # those that want the same people at the same time
        seed = np.random.randint(num_t)
        for j in range(-1, num_t - 1):
            task = seed if j < 0 else tables.near[seed, j]
            if state.start[task] == UNDONE or tables.tasks[task, FIXED] == 1 or np.random.random() < 0.15:
                continue
            taken = take_out(tables, state, task, todo, taken)
            if taken >= count:
                break
    elif how < 0.45:  # all that some people do
        for _ in range(count):
            person = np.random.randint(num_n)
            for j in range(state.load[person, COUNT] - 1, -1, -1):
                if j >= state.load[person, COUNT]:  # one that waited for another went with it
                    continue
                task = state.route[person, j]
                if tables.tasks[task, FIXED] == 0:
                    taken = take_out(tables, state, task, todo, taken)
            if taken >= count:
                break
    elif how < 0.9:  # those in the way of a task that is not done
        undone = -1
        seen = 0
        for task in range(num_t):
            if state.start[task] == UNDONE and tables.tasks[task, LATEST] >= tables.tasks[task, EARLIEST]:
                seen += 1
                if np.random.randint(seen) == 0:
                    undone = task
        if undone < 0:
            undone = np.random.randint(num_t)
        low, high = tables.tasks[undone, EARLIEST], max(tables.tasks[undone, EARLIEST], tables.tasks[undone, LATEST])
        begin = low + np.random.randint(high - low + 1)
        end = begin + tables.tasks[undone, DURATION] + np.random.randint(20)
        begin -= np.random.randint(20)
        offset = np.random.randint(num_t)
        for j in range(num_t):
            task = (j + offset) % num_t
            if state.start[task] == UNDONE or tables.tasks[task, FIXED] == 1:
                continue
            if state.start[task] < end and state.start[task] + tables.tasks[task, DURATION] > begin:
                if np.random.random() < 0.6:
                    taken = take_out(tables, state, task, todo, taken)
                if taken >= count:
                    break
    else:  # by lot
        for _ in range(count):
            task = np.random.randint(num_t)
            if state.start[task] != UNDONE and tables.tasks[task, FIXED] == 0:
                taken = take_out(tables, state, task, todo, taken)
    return taken


@njit(cache=True, nogil=True)
def rebuild(tables: HoldTables, state: HoldState, room: Room, many: int, early: float) -> None:
    """Enter the tasks listed, those of the lowest key first; one whose predecessor came later is tried again."""
    todo, key = room.todo, room.key
    for i in range(1, many):
        task, at = todo[i], i
        while at > 0 and key[todo[at - 1]] > key[task]:
            todo[at] = todo[at - 1]
            at -= 1
        todo[at] = task
    for _ in range(2):
        waiting = 0
        for i in range(many):
            task = todo[i]
            if state.start[task] != UNDONE:
                continue
            how = 0 if np.random.random() < early else 1 + np.random.randint(3)
            waits = tables.tasks[task, BEFORE + 1] > tables.tasks[task, BEFORE]
            if not insert(tables, state, room, task, how) and waits:
                todo[waiting] = task
                waiting += 1
        if waiting == 0:
            break
        many = waiting


@njit(cache=True, nogil=True)
def anneal(
    tables: HoldTables,
    state: HoldState,
    trial: HoldState,
    best: HoldState,
    room: Room,
    points: IntArray,
    seed: int,
    iterations: int,
    hot: float,
    cold: float,
    most: int,
) -> None:
    """Ruin and rebuild so many times, cooling from ``hot`` to ``cold`` points; ``points[0]`` are those of the best."""
    np.random.seed(seed)
    num_t = tables.tasks.shape[0]
    todo, key = room.todo, room.key
    value, late, changed = score(tables, state)
    here = float(POINTS * value - late - changed)
    if here > points[0]:
        points[0] = POINTS * value - late - changed
        copy_plan(state, best)
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    heat = hot
    for _ in range(iterations):
        heat *= cooling
        copy_plan(state, trial)
        taken = ruin(tables, trial, most, todo)
        if taken == 0:
            continue
        begin, end = 1 << 29, -(1 << 29)
        for i in range(taken):
            begin = min(begin, state.start[todo[i]])
            end = max(end, state.start[todo[i]] + tables.tasks[todo[i], DURATION])
        many = taken
        for task in range(num_t):
            if state.start[task] != UNDONE or tables.tasks[task, EARLIEST] >= end + _BESIDE_MIN:
                continue
            if tables.tasks[task, LATEST] + tables.tasks[task, DURATION] > begin - _BESIDE_MIN:
                todo[many] = task
                many += 1
        order = np.random.randint(5)
        for i in range(many):
            task = todo[i]
            size = tables.tasks[task, PERSONS] * tables.tasks[task, DURATION]
            if order == 0:
                key[task] = -tables.tasks[task, VALUE] / size
            elif order == 1:
                key[task] = -float(tables.tasks[task, VALUE])
            elif order == 2:
                key[task] = -1.0
            elif order == 3:
                key[task] = -float(size)
            else:
                key[task] = -float(tables.tasks[task, VALUE]) if i >= taken else -0.5
            key[task] *= 0.3 + np.random.random()
        take_tastes(room.taste)
        rebuild(tables, trial, room, many, 0.6)
        value, late, changed = score(tables, trial)
        there = float(POINTS * value - late - changed)
        if there >= here or np.random.random() < np.exp((there - here) / heat):
            copy_plan(trial, state)
            here = there
            points[1] += 1
            if there > points[0]:
                points[0] = POINTS * value - late - changed
                copy_plan(state, best)
