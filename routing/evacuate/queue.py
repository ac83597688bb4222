"""Call people to the pier as their craft load: who is called when, and how long the queue is, within its limit.

People walk in portions. Each is called to stand at the pier some minutes before it boards, fewer where the queue would
be longer than the pier holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.evacuate.problem import EvacuationProblem, Trip

# Assumed: at the pier ten minutes before boarding, called in portions of a coach's worth.
AHEAD_MIN = 10
PORTION = 50


@dataclass(frozen=True)
class Portion:
    """So many of one group: when they are called, stand at the pier, and go aboard; ``trip`` counts trips."""

    trip: int
    group: int
    persons: int
    call_min: int
    arrive_min: int
    board_min: int


def call_people(problem: EvacuationProblem, trips: Sequence[Trip], walk_min: Sequence[int]) -> tuple[Portion, ...]:
    """Return the portions of every trip in order of boarding; the queue stays within each location's capacity."""
    size = problem.horizon_min + 2
    queue = np.zeros((problem.num_locations, size), np.int64)
    found: list[Portion] = []
    order = sorted(range(len(trips)), key=lambda n: (trips[n].load_from_min, n))
    for n in order:
        trip = trips[n]
        place = int(problem.dock_location[trip.dock])
        gangway_min = trip.load_to_min - trip.load_from_min
        before, aboard = 0, max(1, trip.persons)
        for load in trip.loads:
            left = load.persons
            while left:
                persons = min(PORTION, left)
                board = trip.load_from_min + gangway_min * before // aboard
                soonest = int(problem.ready_min[load.group])
                arrive = board
                for minute in range(board - 1, max(soonest, board - AHEAD_MIN) - 1, -1):
                    if queue[place, minute] + persons > problem.queue_capacity[place]:
                        break
                    arrive = minute
                queue[place, arrive:board] += persons
                walk = walk_min[load.group]
                found.append(Portion(n, load.group, persons, arrive - walk, arrive, board))
                before += persons
                left -= persons
    return tuple(sorted(found, key=lambda one: (one.board_min, one.trip, one.group)))


def queue_steps(portions: Sequence[Portion]) -> list[tuple[int, int]]:
    """Return (minute, persons at the pier) wherever the queue changes."""
    changes: dict[int, int] = defaultdict(int)
    for one in portions:
        if one.arrive_min < one.board_min:
            changes[one.arrive_min] += one.persons
            changes[one.board_min] -= one.persons
    return running(changes)


def running(changes: dict[int, int], start: int = 0) -> list[tuple[int, int]]:
    """Return (minute, total) after each minute's change."""
    total, found = start, []
    for minute in sorted(changes):
        if changes[minute]:
            total += changes[minute]
            found.append((minute, total))
    return found
