"""Give a first plan in milliseconds: tasks of most value a minute of work first, each as early as a crew is free."""

from __future__ import annotations

import numpy as np

from routing.hold.search_moves import rebuild
from routing.hold.search_tables import DURATION, PERSONS, UNDONE, VALUE, HoldState, HoldTables, Room

# Scarce skills, way, gap, spare work, lot and changes in the price of a person: see search_kernel.fill.
TASTE = (0.2, 1.0, 0.2, 0.1, 0.0, 0.01)


def add_greedily(tables: HoldTables, state: HoldState, room: Room) -> None:
    """Enter every task that is not done and for which a crew can be had, in place."""
    tasks = np.flatnonzero(state.start == UNDONE)
    rows = tables.tasks[tasks]
    room.todo[: len(tasks)] = tasks
    room.key[tasks] = -rows[:, VALUE] / (rows[:, PERSONS] * rows[:, DURATION])
    room.taste[:] = TASTE
    rebuild(tables, state, room, len(tasks), 1.0)
