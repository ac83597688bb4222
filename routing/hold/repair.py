"""Carry a plan over to a problem that has changed: people or tasks came or went; and tell what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.hold.crews import fill_crew
from routing.hold.greedy import TASTE
from routing.hold.plan import Change, HoldResult
from routing.hold.problem import Fixed, HoldProblem
from routing.hold.search_kernel import fill, fits, window
from routing.hold.search_tables import UNDONE, HoldState, HoldTables, Room, empty_state, put

# Enough points of taste that whoever was in the crew before comes first.
_KNOWN = 1_000.0


def orders_of(result: HoldResult) -> tuple[Fixed, ...]:
    """Return a plan as orders: each task with its start and crew, by task."""
    crews = result.crews()
    return tuple(Fixed(task, start, tuple(sorted(crews[task]))) for task, start in sorted(result.starts().items()))


def carry_over(problem: HoldProblem, tables: HoldTables, room: Room, orders: Sequence[Fixed]) -> HoldState:
    """Return the plan that keeps every order that can still be kept, at its minute.

    Where some of a crew cannot come any more others take their places; where nobody can, the task is left undone.
    Tasks and people of the orders are numbered as in the problem; those it does not hold are left out.
    """
    state = empty_state(problem)
    waiting = [one for one in orders if 0 <= one.task < problem.num_tasks and state.start[one.task] == UNDONE]
    waiting.sort(key=lambda one: (one.start_min, one.task))
    broken = []
    for one in waiting:
        crew = tuple(p for p in dict.fromkeys(one.people) if 0 <= p < problem.num_people)
        first, last = window(tables, state, one.task)
        can_begin = first <= one.start_min <= last
        is_whole = len(crew) == problem.tasks[one.task].persons and fill_crew(problem, one.task, crew) is not None
        if can_begin and is_whole and all(_can_come(tables, state, p, one) for p in crew):
            put(problem, state, one.task, one.start_min, crew)
        else:
            broken.append(one)
    for one in broken:
        first, last = window(tables, state, one.task)
        if first <= one.start_min <= last:
            room.taste[:] = TASTE
            fill(_preferring(tables, one), state, room, one.task, one.start_min)
    return state


def _can_come(tables: HoldTables, state: HoldState, person: int, one: Fixed) -> bool:
    return bool(tables.can[one.task, person] and fits(tables, state, person, one.task, one.start_min))


def _preferring(tables: HoldTables, one: Fixed) -> HoldTables:
    """Return tables in which the crew of an order is cheaper than anybody else."""
    scarce = tables.scarce + _KNOWN
    known = [p for p in one.people if 0 <= p < len(scarce)]
    scarce[known] -= _KNOWN
    return tables._replace(scarce=np.ascontiguousarray(scarce))


def differences(before: Sequence[Fixed], after: Sequence[Fixed]) -> tuple[Change, ...]:
    """Return every task that begins at another minute, has another crew, or is done in one of two plans alone."""
    old, new = {one.task: one for one in before}, {one.task: one for one in after}
    found = []
    for task in sorted(old.keys() | new.keys()):
        was, now = old.get(task), new.get(task)
        crew_was = set(was.people) if was is not None else set()
        crew_now = set(now.people) if now is not None else set()
        start_was = was.start_min if was is not None else None
        start_now = now.start_min if now is not None else None
        if start_was != start_now or crew_was != crew_now:
            left, joined = tuple(sorted(crew_was - crew_now)), tuple(sorted(crew_now - crew_was))
            found.append(Change(task, start_was, start_now, left, joined))
    return tuple(found)
